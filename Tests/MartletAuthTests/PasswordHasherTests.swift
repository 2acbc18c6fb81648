import MartletCore
import Testing

@testable import MartletAuth

/// Hashes written by Django 5.2.19.
private enum DjangoHashes {
  static let phrase = "correct horse battery staple"
  static let foreign = "pässwörd-漢字"
}

@Suite("Password hashes")
struct PasswordHasherTests {
  @Test(
    "every hash that Django wrote is recognised",
    arguments: [
      "argon2$argon2id$v=19$m=102400,t=2,p=8$Y1FQb1FKb3RjZDlKSzRtVVlLekNYVQ$yJjWfKWANCfdWI8hiBsPtu+kUhO+UC3nPSAMcri7T/k",
      "pbkdf2_sha256$1000000$94LSOmDbNtHs64wBI4gptG$QwndZRUL/JWZzFFQ8RdT7IGhsFN29BmLtqsf5MDtbA0=",
      "pbkdf2_sha1$1000000$JlwjJOLE94D48hlNcw39LR$gCU7EZwRbz75eJGlurnbOXQWdEU=",
      "scrypt$16384$ouQOdJw7sNk6Iu3Ov6OKzZ$8$5$j2atWa3rNAu+C8j6ILeQz1yHlU2JS9b8GJlZ3/rIvs2BpuNGt0T2axFOdXr/b+XwpdOXHasHF6Xye679A5PHTg==",
      "scrypt$16384$saltsaltsaltsaltsaltsa$8$1$Cy0F+3eJAE7qg8BvXG71b/2rxF3fMZf2We6Hg450wC4BtH6Vj9mAxL/9YaXg1gtOanLUdZjtc+GHgZTdnKdT3g==",
    ])
  func readsDjango(_ encoded: String) async throws {
    #expect(try await PasswordHashers.standard.verify(DjangoHashes.phrase, encoded).isCorrect)
    #expect(try await PasswordHashers.standard.verify(DjangoHashes.phrase + "!", encoded).isCorrect == false)
  }

  @Test(
    "a password beyond ASCII is hashed as UTF-8, as Django does",
    arguments: [
      "argon2$argon2id$v=19$m=102400,t=2,p=8$SnpHVExrV0cxRnh5eUdGcUJ1cnhUcw$wofLZPbENXDUKKEB2kNpWv7nyzfHyJlEXJccJHyd/2w",
      "pbkdf2_sha256$1000000$l0ceZucAP1JgRcbJtdRQas$YJfFjnOoizqM8mU1Bd9VTBekbDWsOswhpzEguICmlWs=",
      "scrypt$16384$L7d665BDCGQfgJWNwflI3j$8$5$MXItJ9jClsSSENJwkgpgUrz7kzcCvEIybvli5FjNscljLrOOWbPT5j0pTbm/vPro2HjLv2XQONUWaYr+8whUXg==",
    ])
  func readsDjangoUnicode(_ encoded: String) async throws {
    #expect(try await PasswordHashers.standard.verify(DjangoHashes.foreign, encoded).isCorrect)
    #expect(try await PasswordHashers.standard.verify("passwort", encoded).isCorrect == false)
  }

  @Test("Argon2id writes the very text that Django writes")
  func writesArgon2() throws {
    let hasher = Argon2idHasher(memory: 1024, passes: 1, lanes: 2)
    #expect(
      try hasher.encode(DjangoHashes.phrase, salt: "abcdefghijklmnopqrstuv")
        == "argon2$argon2id$v=19$m=1024,t=1,p=2$YWJjZGVmZ2hpamtsbW5vcHFyc3R1dg$JSnQCrqz+LqGAnzYK/NkO+ATIALmV6M4noTgT+ERQpw")
  }

  @Test("PBKDF2 writes the very text that Django writes")
  func writesPBKDF2() throws {
    #expect(
      try PBKDF2Hasher(iterations: 1000).encode("x", salt: "saltsaltsalt")
        == "pbkdf2_sha256$1000$saltsaltsalt$u44k8Tlv9TAj5ByofqMywOMMJuUZv2mh9fDBQSPKqmg=")
  }

  @Test("scrypt writes the very text that Django writes")
  func writesScrypt() throws {
    #expect(
      try ScryptHasher(parallelism: 1).encode(DjangoHashes.phrase, salt: "saltsaltsaltsaltsaltsa")
        == "scrypt$16384$saltsaltsaltsaltsaltsa$8$1$Cy0F+3eJAE7qg8BvXG71b/2rxF3fMZf2We6Hg450wC4BtH6Vj9mAxL/9YaXg1gtOanLUdZjtc+GHgZTdnKdT3g=="
    )
  }

  @Test("a new hash has Django's parameters, 22 characters of salt, and fits the column")
  func defaultFormat() async throws {
    let encoded = try await PasswordHashers.standard.encode("p")
    #expect(encoded.hasPrefix("argon2$argon2id$v=19$m=102400,t=2,p=8$"))
    let parsed = try #require(Argon2Encoding(encoded))
    #expect(parsed.salt.count == 22 && parsed.hash.count == 32)
    #expect(encoded.count <= 128)
    #expect(!Argon2idHasher().mustUpdate(encoded))
    #expect(try await PasswordHashers.standard.encode("p") != encoded)
  }

  @Test("an outdated algorithm, parameter or salt asks for a new hash")
  func mustUpdate() async throws {
    let hashers = PasswordHashers.insecureForTests
    let old = try PBKDF2Hasher(iterations: 10).encode("p", salt: RandomText.alphanumeric(22))
    #expect(try await hashers.verify("p", old) == PasswordVerdict(isCorrect: true, mustUpdate: true))
    #expect(try await hashers.verify("p", hashers.encode("p")) == PasswordVerdict(isCorrect: true, mustUpdate: false))

    let argon = Argon2idHasher(memory: 64, passes: 1, lanes: 1)
    #expect(argon.mustUpdate(try Argon2idHasher(memory: 128, passes: 1, lanes: 1).encode("p", salt: "abcdefghijklmnopqrstuv")))
    #expect(argon.mustUpdate(try argon.encode("p", salt: "tooshort1234")))
    let pbkdf2 = PBKDF2Hasher(iterations: 10)
    #expect(pbkdf2.mustUpdate(try pbkdf2.encode("p", salt: "saltsaltsalt")))
    #expect(!pbkdf2.mustUpdate(old))
    #expect(PBKDF2Hasher(iterations: 9).mustUpdate(old))
    let scrypt = ScryptHasher(cost: 16)
    #expect(!scrypt.mustUpdate(try scrypt.encode("p", salt: RandomText.alphanumeric(22))))
    #expect(ScryptHasher(cost: 32).mustUpdate(try scrypt.encode("p", salt: RandomText.alphanumeric(22))))
  }

  @Test("an unusable password matches nothing and looks like Django's")
  func unusable() async throws {
    let unusable = PasswordHashers.unusable()
    #expect(unusable.count == 41 && unusable.hasPrefix("!"))
    #expect(!PasswordHashers.isUsable(unusable) && !PasswordHashers.isUsable(""))
    #expect(try await PasswordHashers.insecureForTests.verify(String(unusable.dropFirst()), unusable).isCorrect == false)
    #expect(try await PasswordHashers.insecureForTests.verify("", "").isCorrect == false)
  }

  @Test("a bcrypt hash is refused with an error that says what to do")
  func bcrypt() async throws {
    let encoded = "bcrypt_sha256$$2b$12$Z4faELIY1Oozh0Hx7DIsIeLzm5L1JdCsNOSNsKkrYZKaKQtYy/ECG"
    let error = await #expect(throws: AuthError.self) {
      _ = try await PasswordHashers.standard.verify(DjangoHashes.phrase, encoded)
    }
    #expect(error?.kind == .unsupportedPasswordHash)
    #expect(error?.message.contains("bcrypt_sha256") == true)
  }

  @Test(
    "a damaged hash is an error of its own, never a crash",
    arguments: [
      "argon2$", "argon2$argon2id$v=19$m=64,t=1,p=1$c2FsdA", "argon2$argon2x$v=19$m=64,t=1,p=1$c2FsdHNhbHQ$AAAAAAAAAAAAAAAAAAAA",
      "argon2$argon2id$v=19$m=64,t=1,p=1$*$*", "pbkdf2_sha256$x$salt$hash", "pbkdf2_sha256$10$salt", "scrypt$16384$salt$8$5",
      "scrypt$a$salt$8$5$hash",
    ])
  func damaged(_ encoded: String) async {
    let error = await #expect(throws: AuthError.self) { _ = try await PasswordHashers.insecureForTests.verify("p", encoded) }
    #expect(error?.kind == .malformedPasswordHash)
  }

  @Test(
    "parameters that would take the machine down are refused",
    arguments: [
      "argon2$argon2id$v=19$m=4294967295,t=1,p=1$c2FsdHNhbHRzYWx0$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
      "argon2$argon2id$v=19$m=64,t=99999999,p=1$c2FsdHNhbHRzYWx0$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
      "argon2$argon2id$v=19$m=-1,t=1,p=1$c2FsdHNhbHRzYWx0$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
      "pbkdf2_sha256$9999999999999$salt$hash", "pbkdf2_sha256$-1$salt$hash", "scrypt$3$salt$8$5$hash",
      "scrypt$1099511627776$salt$8$5$hash",
    ])
  func outOfRange(_ encoded: String) async {
    let error = await #expect(throws: AuthError.self) { _ = try await PasswordHashers.insecureForTests.verify("p", encoded) }
    #expect(error?.kind == .hashingFailed)
  }

  @Test("an empty password and one with a zero byte are hashed whole")
  func oddPasswords() async throws {
    let hashers = PasswordHashers.insecureForTests
    #expect(try await hashers.verify("", hashers.encode("")).isCorrect)
    #expect(try await hashers.verify("a\0b", hashers.encode("a\0c")).isCorrect == false)
  }

  @Test("past its bound the hashing pool refuses work with a 503")
  func overload() async throws {
    let pool = HashingPool(threads: 1, waiting: 1)
    let hashers = PasswordHashers(Argon2idHasher(memory: 65_536, passes: 2, lanes: 1), reading: [], pool: pool)
    let outcomes = await withTaskGroup(of: AuthError.Kind?.self) { group in
      for _ in 0..<8 {
        group.addTask {
          do {
            _ = try await hashers.encode("p")
            return nil
          } catch let error as AuthError { return error.kind } catch { return .misconfigured }
        }
      }
      return await group.reduce(into: [AuthError.Kind?]()) { $0.append($1) }
    }
    try await pool.shutdown()
    #expect(outcomes.contains(nil) && outcomes.contains(.hashingOverloaded))
    #expect(Set(outcomes) == [nil, .hashingOverloaded])
    #expect(AuthError(.hashingOverloaded, "", retryAfter: 2).problem.status == 503)
  }
}
