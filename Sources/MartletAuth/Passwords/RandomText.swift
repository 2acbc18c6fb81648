/// Random texts from the system's cryptographic generator, by Django's alphabets (`django.utils.crypto.get_random_string`).
package enum RandomText {
  private static let alphabet = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789".utf8)
  private static let lowercase = Array("abcdefghijklmnopqrstuvwxyz0123456789".utf8)

  /// Letters of both cases and digits.
  package static func alphanumeric(_ count: Int) -> String { make(count, alphabet) }
  /// Lower-case letters and digits: session keys, which stay apart where case is ignored.
  package static func sessionKey() -> String { make(32, lowercase) }

  private static func make(_ count: Int, _ alphabet: [UInt8]) -> String {
    // getrandom on Linux, arc4random on Apple's systems.
    var generator = SystemRandomNumberGenerator()
    let bytes = (0..<count).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &generator)] }
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// Whether two texts are equal, in a time that depends on their lengths alone.
package func constantTimeEqual(_ l: some StringProtocol, _ r: some StringProtocol) -> Bool {
  constantTimeEqual(Array(l.utf8), Array(r.utf8))
}

/// Whether two byte strings are equal, in a time that depends on their lengths alone.
package func constantTimeEqual(_ l: [UInt8], _ r: [UInt8]) -> Bool {
  guard l.count == r.count else { return false }
  var difference: UInt8 = 0
  for i in l.indices { difference |= l[i] ^ r[i] }
  return difference == 0
}
