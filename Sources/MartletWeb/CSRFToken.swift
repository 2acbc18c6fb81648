/// Django's CSRF secrets and their masked forms.
///
/// A secret is 32 letters and digits; the masked form is a random mask of the same length and the secret
/// shifted by it. Every page shows another form of the same secret, so its compressed size tells nothing (BREACH).
enum CSRFToken {
  static let secretLength = 32
  private static let alphabet = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789".utf8)
  private static let index: [UInt8: Int] = Dictionary(uniqueKeysWithValues: alphabet.enumerated().map { ($1, $0) })

  static func newSecret() -> String {
    var generator = SystemRandomNumberGenerator()
    let bytes = (0..<secretLength).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &generator)] }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// A fresh form of a valid secret: 64 characters.
  static func mask(_ secret: String) -> String {
    let mask = newSecret()
    return mask + shifted(secret, by: mask) { $0 + $1 }
  }

  /// The secret of a plain (32) or masked (64) form; `nil` for anything else.
  static func secret(of token: String) -> String? {
    guard token.utf8.allSatisfy({ index[$0] != nil }) else { return nil }
    switch token.utf8.count {
    case secretLength: return token
    case 2 * secretLength:
      return shifted(String(token.suffix(secretLength)), by: String(token.prefix(secretLength))) { $0 - $1 + alphabet.count }
    default: return nil
    }
  }

  private static func shifted(_ text: String, by mask: String, _ combine: (Int, Int) -> Int) -> String {
    String(
      decoding: zip(text.utf8, mask.utf8).map { alphabet[combine(index[$0] ?? 0, index[$1] ?? 0) % alphabet.count] },
      as: UTF8.self)
  }

  /// Equality in a time that does not depend on where the texts differ.
  static func equal(_ a: String, _ b: String) -> Bool {
    guard a.utf8.count == b.utf8.count else { return false }
    return zip(a.utf8, b.utf8).reduce(into: UInt8(0)) { $0 |= $1.0 ^ $1.1 } == 0
  }
}
