import Crypto
import Foundation

/// The secret that signs sessions, tokens and everything else, and those it replaced.
///
/// Django's `SECRET_KEY` and `SECRET_KEY_FALLBACKS`: the first one signs, all of them verify. To rotate, put the old key
/// into the fallbacks, and take it out once what it signed has expired.
public struct SecretKeys: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// Signs and verifies.
  public var current: String
  /// Verify only.
  public var fallbacks: [String]

  /// Keys.
  public init(_ current: String, fallbacks: [String] = []) {
    self.current = current
    self.fallbacks = fallbacks
  }

  var all: [String] { [current] + fallbacks }

  /// Never the keys.
  public var description: String { "SecretKeys(•••, \(fallbacks.count) fallbacks)" }
  /// Never the keys.
  public var debugDescription: String { description }
  /// Never the keys.
  public var customMirror: Mirror { Mirror(self, children: ["fallbacks": fallbacks.count]) }
}

/// Django's `salted_hmac` with SHA-256: HMAC under the key SHA-256(salt ‖ secret).
func saltedHMAC(salt: String, _ value: String, secret: String) -> [UInt8] {
  var hash = SHA256()
  hash.update(data: Data(salt.utf8))
  hash.update(data: Data(secret.utf8))
  let key = SymmetricKey(data: Data(hash.finalize()))
  return Array(HMAC<SHA256>.authenticationCode(for: Data(value.utf8), using: key))
}

/// URL-safe base64 (RFC 4648, section 5) without padding.
func base64URL(_ bytes: [UInt8]) -> String {
  String(
    decoding: Data(bytes).base64EncodedData().lazy.filter { $0 != UInt8(ascii: "=") }.map {
      $0 == UInt8(ascii: "+") ? UInt8(ascii: "-") : $0 == UInt8(ascii: "/") ? UInt8(ascii: "_") : $0
    }, as: UTF8.self)
}

/// The bytes behind URL-safe base64 without padding; `nil` where it is none.
func bytes(base64URL text: some StringProtocol) -> [UInt8]? {
  var standard = text.utf8.map { $0 == UInt8(ascii: "-") ? UInt8(ascii: "+") : $0 == UInt8(ascii: "_") ? UInt8(ascii: "/") : $0 }
  standard += [UInt8](repeating: UInt8(ascii: "="), count: (4 - standard.count % 4) % 4)
  return Data(base64Encoded: Data(standard)).map(Array.init)
}

/// Lower-case hexadecimal digits.
func hex(_ bytes: [UInt8]) -> String {
  let digits = Array("0123456789abcdef".utf8)
  return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
}
