public import Foundation
public import MartletCore

/// Signs texts as Django's `Signer` does: `value:signature`.
///
/// ```swift
/// let signer = Signer(keys, salt: "newsletter")
/// let signed = signer.sign("ada@example.org")     // ada@example.org:3x…
/// let address = try signer.unsign(signed)
/// ```
/// The value stays readable; it only cannot be changed.
public struct Signer: Sendable {
  private let keys: SecretKeys
  private let salt: String

  /// A signer. Use a salt of its own for each purpose, so that a signature for one is worth nothing for another.
  public init(_ keys: SecretKeys, salt: String = "django.core.signing.Signer") {
    self.keys = keys
    self.salt = salt
  }

  /// The value with its signature.
  public func sign(_ value: String) -> String { value + ":" + signature(of: value, keys.current) }

  /// The value, if its signature is right under any of the keys.
  /// - Throws: ``AuthError`` of kind `badSignature`.
  public func unsign(_ signed: String) throws -> String {
    guard let colon = signed.lastIndex(of: ":") else {
      throw AuthError(.badSignature, "the signed value has no ':' before a signature")
    }
    let value = String(signed[..<colon]), signature = signed[signed.index(after: colon)...]
    for key in keys.all where constantTimeEqual(signature, self.signature(of: value, key)) { return value }
    throw AuthError(.badSignature, "the signature does not match: the value was changed, or signed with another key or salt")
  }

  private func signature(of value: String, _ key: String) -> String {
    base64URL(saltedHMAC(salt: salt + "signer", value, secret: key))
  }
}

/// Signs texts with the time, as Django's `TimestampSigner` does: `value:time:signature`, the time in base 62.
public struct TimestampSigner: Sendable {
  private let signer: Signer
  private let timeSource: TimeSource

  /// A signer with a clock.
  public init(_ keys: SecretKeys, salt: String = "django.core.signing.TimestampSigner", timeSource: TimeSource = .system) {
    signer = Signer(keys, salt: salt)
    self.timeSource = timeSource
  }

  /// The value with the current second and its signature.
  public func sign(_ value: String) -> String {
    signer.sign(value + ":" + Base62.encode(Int64(timeSource.now().timeIntervalSince1970.rounded(.down))))
  }

  /// The value, if its signature is right and not older than `maxAge`.
  /// - Throws: ``AuthError`` of kind `badSignature` or `signatureExpired`.
  public func unsign(_ signed: String, maxAge: Duration? = nil) throws -> String {
    try unsignWithTime(signed, maxAge: maxAge).value
  }

  /// The value and the second at which it was signed.
  /// - Throws: ``AuthError`` of kind `badSignature` or `signatureExpired`.
  public func unsignWithTime(_ signed: String, maxAge: Duration? = nil) throws -> (value: String, signedAt: Date) {
    let text = try signer.unsign(signed)
    guard let colon = text.lastIndex(of: ":"), let seconds = Base62.decode(text[text.index(after: colon)...]) else {
      throw AuthError(.badSignature, "the signed value has no time; it was signed without one")
    }
    if let maxAge, timeSource.now().timeIntervalSince1970 - Double(seconds) > maxAge / .seconds(1) {
      throw AuthError(.signatureExpired, "the signed value is older than \(maxAge)")
    }
    return (String(text[..<colon]), Date(timeIntervalSince1970: Double(seconds)))
  }
}

/// Integers in Django's base 62: digits, upper case, lower case.
enum Base62 {
  private static let alphabet = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)

  static func encode(_ value: Int64) -> String {
    var rest = value.magnitude, digits: [UInt8] = []
    repeat {
      digits.append(alphabet[Int(rest % 62)])
      rest /= 62
    } while rest > 0
    return (value < 0 ? "-" : "") + String(decoding: digits.reversed(), as: UTF8.self)
  }

  static func decode(_ text: some StringProtocol) -> Int64? {
    var digits = Array(text.utf8)[...]
    let isNegative = digits.first == UInt8(ascii: "-")
    if isNegative { digits.removeFirst() }
    guard !digits.isEmpty else { return nil }
    var value: Int64 = 0
    for digit in digits {
      guard let place = alphabet.firstIndex(of: digit) else { return nil }
      let (product, overflow) = value.multipliedReportingOverflow(by: 62)
      let (sum, carry) = product.addingReportingOverflow(Int64(place))
      if overflow || carry { return nil }
      value = sum
    }
    return isNegative ? -value : value
  }
}
