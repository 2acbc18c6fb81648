import Crypto
import CryptoExtras
import Foundation

/// PBKDF2 (RFC 8018), Django's default: `pbkdf2_sha256$1000000$salt$hash`.
///
/// Martlet writes Argon2id; this reads what Django wrote, and upgrades it on the next login. A project that shares its
/// users with a Django that keeps PBKDF2 puts this hasher first, with that Django's iterations: 600,000 in 4.2,
/// 720,000 in 5.0, 870,000 in 5.1, 1,000,000 in 5.2, 1,200,000 in 6.0. Otherwise the two rehash each other's work at
/// every login, and each rehash ends the user's other sessions.
public struct PBKDF2Hasher: PasswordHasher {
  /// The hash inside.
  public enum Digest: String, Sendable, Hashable {
    case sha256, sha1
  }
  /// The hash inside.
  public var digest: Digest
  /// How often it is applied.
  public var iterations: Int
  /// `pbkdf2_sha256` or `pbkdf2_sha1`
  public var algorithm: String { "pbkdf2_" + digest.rawValue }

  /// A hasher; the iterations of Django 5.2 unless given.
  public init(_ digest: Digest = .sha256, iterations: Int = 1_000_000) {
    self.digest = digest
    self.iterations = iterations
  }

  /// The text to store.
  /// - Throws: ``AuthError`` of kind `hashingFailed`.
  public func encode(_ password: String, salt: String) throws -> String {
    try checkSalt(salt)
    return try encode(password, salt: salt, iterations: iterations)
  }

  /// Whether the password is the one behind the stored text, under the parameters stored with it.
  /// - Throws: ``AuthError`` of kind `malformedPasswordHash` or `hashingFailed`.
  public func verify(_ password: String, against encoded: String) throws -> Bool {
    let parts = try Self.parts(encoded, algorithm)
    return constantTimeEqual(try encode(password, salt: parts.salt, iterations: parts.iterations), encoded)
  }

  /// Whether the stored text has other parameters than these, or a salt under 128 bits.
  public func mustUpdate(_ encoded: String) -> Bool {
    guard let parts = try? Self.parts(encoded, algorithm) else { return true }
    return parts.iterations != iterations || isWeakSalt(parts.salt)
  }

  /// Runs the iterations that the stored text lacks.
  public func hardenRuntime(_ password: String, against encoded: String) {
    guard let parts = try? Self.parts(encoded, algorithm), parts.iterations < iterations else { return }
    _ = try? encode(password, salt: parts.salt, iterations: iterations - parts.iterations)
  }

  private func encode(_ password: String, salt: String, iterations: Int) throws -> String {
    guard (1...100_000_000).contains(iterations) else {
      throw AuthError(.hashingFailed, "PBKDF2 takes 1 to 100,000,000 iterations, not \(iterations)")
    }
    do {
      let key = try KDF.Insecure.PBKDF2.deriveKey(
        from: Array(password.utf8), salt: Array(salt.utf8), using: digest == .sha256 ? .sha256 : .insecureSHA1,
        outputByteCount: digest == .sha256 ? 32 : 20, unsafeUncheckedRounds: iterations)
      let hash = key.withUnsafeBytes { Data($0).base64EncodedString() }
      return "\(algorithm)$\(iterations)$\(salt)$\(hash)"
    } catch { throw AuthError(.hashingFailed, "PBKDF2 failed: \(error)") }
  }

  private static func parts(_ encoded: String, _ algorithm: String) throws -> (iterations: Int, salt: String) {
    let parts = encoded.split(separator: "$", maxSplits: 3, omittingEmptySubsequences: false)
    guard parts.count == 4, parts[0] == algorithm, let iterations = Int(parts[1]), !parts[2].isEmpty else {
      throw AuthError(.malformedPasswordHash, "a stored PBKDF2 hash does not have the form \(algorithm)$iterations$salt$hash")
    }
    return (iterations, String(parts[2]))
  }
}
