/// What became of checking a password.
public struct PasswordVerdict: Sendable, Hashable {
  /// Whether the password is right.
  public var isCorrect: Bool
  /// Whether the stored hash is of another algorithm, or of other parameters, than the preferred hasher's; if the password is
  /// right too, store a new hash.
  public var mustUpdate: Bool
}

/// The hashers a project knows: the first one writes, all of them read. Django's `PASSWORD_HASHERS`.
///
/// ```swift
/// let hashers = PasswordHashers.standard
/// let stored = try await hashers.encode("correct horse")        // argon2$argon2id$v=19$…
/// let verdict = try await hashers.verify("correct horse", stored)
/// if verdict.isCorrect && verdict.mustUpdate { /* store hashers.encode(…) */ }
/// ```
/// Hashing runs on threads of its own.
public struct PasswordHashers: Sendable {
  /// Writes new hashes.
  public let preferred: any PasswordHasher
  private let others: [any PasswordHasher]
  private let pool: HashingPool

  /// The preferred hasher and those that only read.
  public init(
    _ preferred: any PasswordHasher, reading others: [any PasswordHasher] = [PBKDF2Hasher(), PBKDF2Hasher(.sha1), ScryptHasher()]
  ) {
    self.init(preferred, reading: others, pool: .shared)
  }
  init(_ preferred: any PasswordHasher, reading others: [any PasswordHasher], pool: HashingPool) {
    self.preferred = preferred
    self.others = others.filter { $0.algorithm != preferred.algorithm }
    self.pool = pool
  }

  /// Argon2id with Django's parameters; reads PBKDF2 (SHA-256, SHA-1) and scrypt.
  public static let standard = PasswordHashers(Argon2idHasher())
  /// Django's default order: PBKDF2-SHA256 writes; reads Argon2 too. For a table shared with a Django of default settings.
  public static func django(iterations: Int = 1_000_000) -> PasswordHashers {
    PasswordHashers(PBKDF2Hasher(iterations: iterations), reading: [PBKDF2Hasher(.sha1), Argon2idHasher(), ScryptHasher()])
  }
  /// Hashes in under a millisecond. For tests alone: such hashes are quickly guessed.
  public static let insecureForTests = PasswordHashers(Argon2idHasher(memory: 64, passes: 1, lanes: 1))

  /// The text to store for a password, with a new salt.
  /// - Throws: ``AuthError`` of kind `hashingFailed` or `hashingOverloaded`.
  public func encode(_ password: String) async throws -> String {
    let hasher = preferred
    return try await pool.run { try hasher.encode(password, salt: hasher.salt()) }
  }

  /// Whether a password is the one behind a stored hash, in constant time.
  ///
  /// An unusable hash (``unusable()``), and one of no known algorithm's form, costs one hash too, so that the time tells nothing.
  /// - Throws: ``AuthError`` of kind `unsupportedPasswordHash` for a known but unreadable algorithm (bcrypt), of kind
  ///   `malformedPasswordHash` for one that is damaged.
  public func verify(_ password: String, _ encoded: String) async throws -> PasswordVerdict {
    guard Self.isUsable(encoded), let hasher = try hasher(of: encoded) else {
      try await simulate()
      return PasswordVerdict(isCorrect: false, mustUpdate: false)
    }
    let preferred = preferred
    return try await pool.run {
      let changed = hasher.algorithm != preferred.algorithm
      let mustUpdate = changed || preferred.mustUpdate(encoded)
      let isCorrect = try hasher.verify(password, against: encoded)
      if !isCorrect, !changed, mustUpdate { preferred.hardenRuntime(password, against: encoded) }
      return PasswordVerdict(isCorrect: isCorrect, mustUpdate: mustUpdate)
    }
  }

  /// Costs as much as checking a password: run for users who do not exist, so that the time does not tell that they do not.
  /// - Throws: ``AuthError`` of kind `hashingOverloaded`.
  public func simulate() async throws { _ = try await encode(RandomText.alphanumeric(40)) }

  /// A text no password leads to: `!` and 40 random characters, for users who log in by other means.
  public static func unusable() -> String { "!" + RandomText.alphanumeric(40) }
  /// Whether a stored text can be matched by any password.
  public static func isUsable(_ encoded: String) -> Bool { !encoded.isEmpty && !encoded.hasPrefix("!") }

  private func hasher(of encoded: String) throws -> (any PasswordHasher)? {
    guard let end = encoded.firstIndex(of: "$") else { return nil }
    let algorithm = encoded[..<end]
    if preferred.algorithm == algorithm { return preferred }
    if let other = others.first(where: { $0.algorithm == algorithm }) { return other }
    guard Self.unreadable.contains(String(algorithm)) else { return nil }
    throw AuthError(
      .unsupportedPasswordHash,
      "a stored password is hashed with '\(algorithm)', which no hasher here reads; let the user reset the password, or add a PasswordHasher for it to PasswordHashers(_:reading:)"
    )
  }
  /// Algorithms of Django that no library at hand implements, or that are no longer safe to accept.
  private static let unreadable: Set<String> = [
    "bcrypt_sha256", "bcrypt", "md5", "sha1", "unsalted_md5", "unsalted_sha1", "crypt",
  ]
}
