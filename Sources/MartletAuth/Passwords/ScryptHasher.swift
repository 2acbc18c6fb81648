import Crypto
import CryptoExtras
import Foundation

/// scrypt (RFC 7914) in Django's format: `scrypt$16384$salt$8$5$hash`, 64 bytes of hash.
public struct ScryptHasher: PasswordHasher {
  /// CPU and memory cost, a power of two: Django's `work_factor`.
  public var cost: Int
  /// Block size.
  public var blockSize: Int
  /// Parallelism: 5 since Django 5.1, 1 before.
  public var parallelism: Int
  /// `scrypt`
  public var algorithm: String { "scrypt" }

  /// A hasher; the parameters of Django 5.2 unless given.
  public init(cost: Int = 16_384, blockSize: Int = 8, parallelism: Int = 5) {
    self.cost = cost
    self.blockSize = blockSize
    self.parallelism = parallelism
  }

  /// The text to store.
  /// - Throws: ``AuthError`` of kind `hashingFailed`.
  public func encode(_ password: String, salt: String) throws -> String {
    try checkSalt(salt)
    return try Self.encode(password, Parts(cost: cost, salt: salt, blockSize: blockSize, parallelism: parallelism))
  }

  /// Whether the password is the one behind the stored text, under the parameters stored with it.
  /// - Throws: ``AuthError`` of kind `malformedPasswordHash` or `hashingFailed`.
  public func verify(_ password: String, against encoded: String) throws -> Bool {
    constantTimeEqual(try Self.encode(password, try Parts(encoded)), encoded)
  }

  /// Whether the stored text has other parameters than these, or a salt under 128 bits.
  public func mustUpdate(_ encoded: String) -> Bool {
    guard let parts = try? Parts(encoded) else { return true }
    return parts.cost != cost || parts.blockSize != blockSize || parts.parallelism != parallelism || isWeakSalt(parts.salt)
  }

  private struct Parts {
    var cost: Int, salt: String, blockSize: Int, parallelism: Int
    init(cost: Int, salt: String, blockSize: Int, parallelism: Int) {
      self.cost = cost
      self.salt = salt
      self.blockSize = blockSize
      self.parallelism = parallelism
    }
    init(_ encoded: String) throws {
      let parts = encoded.split(separator: "$", maxSplits: 5, omittingEmptySubsequences: false)
      guard parts.count == 6, parts[0] == "scrypt", let cost = Int(parts[1]), let block = Int(parts[3]),
        let parallel = Int(parts[4]),
        !parts[2].isEmpty
      else {
        throw AuthError(.malformedPasswordHash, "a stored scrypt hash does not have the form scrypt$16384$salt$8$5$hash")
      }
      self.init(cost: cost, salt: String(parts[2]), blockSize: block, parallelism: parallel)
    }
  }

  private static func encode(_ password: String, _ parts: Parts) throws -> String {
    guard (2...1_048_576).contains(parts.cost), parts.cost & (parts.cost - 1) == 0, (1...64).contains(parts.blockSize),
      (1...64).contains(parts.parallelism)
    else {
      throw AuthError(
        .hashingFailed,
        "scrypt parameters n=\(parts.cost), r=\(parts.blockSize), p=\(parts.parallelism) are out of range: n is a power of two up to 2^20, r and p 1 to 64"
      )
    }
    do {
      let key = try KDF.Scrypt.deriveKey(
        from: Array(password.utf8), salt: Array(parts.salt.utf8), outputByteCount: 64, rounds: parts.cost,
        blockSize: parts.blockSize, parallelism: parts.parallelism,
        // What the algorithm needs (RFC 7914: 128·r·(n + p)) and a page more; the library's own limit is lower.
        maxMemory: 128 * parts.blockSize * (parts.cost + parts.parallelism + 32))
      let hash = key.withUnsafeBytes { Data($0).base64EncodedString() }
      return "scrypt$\(parts.cost)$\(parts.salt)$\(parts.blockSize)$\(parts.parallelism)$\(hash)"
    } catch { throw AuthError(.hashingFailed, "scrypt failed: \(error)") }
  }
}
