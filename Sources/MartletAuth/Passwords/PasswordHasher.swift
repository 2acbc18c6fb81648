/// One way to turn a password into what the `password` column stores.
///
/// The formats are Django's (`django.contrib.auth.hashers`), so that both can share a table of users.
/// The calls block for as long as hashing takes: ``PasswordHashers`` runs them on threads of their own.
public protocol PasswordHasher: Sendable {
  /// The text before the first `$` of what it writes: `argon2`.
  var algorithm: String { get }
  /// The text to store.
  /// - Parameter salt: Characters without `$`.
  /// - Throws: ``AuthError`` where the parameters are out of range or memory is short.
  func encode(_ password: String, salt: String) throws -> String
  /// Whether the password is the one behind the stored text.
  /// - Throws: ``AuthError`` of kind `malformedPasswordHash` where the text cannot be read.
  func verify(_ password: String, against encoded: String) throws -> Bool
  /// Whether the stored text was written with other parameters, or a shorter salt, than this hasher uses now.
  func mustUpdate(_ encoded: String) -> Bool
  /// Does the work that a hash with weaker parameters left out, so that a wrong password takes as long for an
  /// outdated hash as for a new one. Does nothing where an algorithm cannot do that.
  func hardenRuntime(_ password: String, against encoded: String)
}

extension PasswordHasher {
  /// Nothing.
  public func hardenRuntime(_ password: String, against encoded: String) {}
  /// A new salt of 22 alphanumerics: at least 128 bits.
  package func salt() -> String { RandomText.alphanumeric(22) }
}

/// Whether a salt has less than 128 bits, at log2(62) bits a character.
func isWeakSalt(_ salt: some StringProtocol) -> Bool { salt.unicodeScalars.count < 22 }

/// Refuses a salt that the format cannot hold.
func checkSalt(_ salt: String) throws {
  guard !salt.isEmpty, !salt.utf8.contains(UInt8(ascii: "$")) else {
    throw AuthError(.hashingFailed, "a salt must not be empty and must not contain '$'; leave it out to get a random one")
  }
}
