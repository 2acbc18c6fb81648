import Foundation
public import MartletCore

/// Signed JSON for URLs, cookies and mails: Django's `signing.dumps` and `signing.loads`.
///
/// ```swift
/// let link = try Signing.dumps(["user": 7], keys: keys, salt: "invite")
/// let invite = try Signing.loads(link, as: [String: Int].self, keys: keys, salt: "invite", maxAge: .seconds(86_400))
/// ```
public enum Signing {
  /// Django's salt where none is named.
  public static let defaultSalt = "django.core.signing"

  /// The value as compact JSON, in URL-safe base64, with time and signature. Object keys are sorted.
  /// - Parameter compress: Deflate it where that makes it shorter.
  /// - Throws: ``AuthError`` of kind `malformedPayload` where the value has no JSON.
  public static func dumps(
    _ value: some Encodable, keys: SecretKeys, salt: String = defaultSalt, compress: Bool = false,
    timeSource: TimeSource = .system
  ) throws -> String {
    try dumps(json: PayloadValue(encoding: value), keys: keys, salt: salt, compress: compress, timeSource: timeSource)
  }

  /// The value behind the text, if the signature is right and not older than `maxAge`.
  /// - Throws: ``AuthError`` of kind `badSignature`, `signatureExpired` or `malformedPayload`.
  public static func loads<Value: Decodable>(
    _ text: String, as type: Value.Type, keys: SecretKeys, salt: String = defaultSalt, maxAge: Duration? = nil,
    timeSource: TimeSource = .system
  ) throws -> Value {
    try loads(text, keys: keys, salt: salt, maxAge: maxAge, timeSource: timeSource).decode(type)
  }

  static func dumps(json: PayloadValue, keys: SecretKeys, salt: String, compress: Bool, timeSource: TimeSource) throws -> String {
    let plain = Array(json.text.utf8)
    var body = base64URL(plain)
    if compress {
      let deflated = try ZlibStream.deflate(plain)
      if deflated.count < plain.count - 1 { body = "." + base64URL(deflated) }
    }
    return TimestampSigner(keys, salt: salt, timeSource: timeSource).sign(body)
  }

  static func loads(_ text: String, keys: SecretKeys, salt: String, maxAge: Duration?, timeSource: TimeSource) throws
    -> PayloadValue
  {
    let body = try TimestampSigner(keys, salt: salt, timeSource: timeSource).unsign(text, maxAge: maxAge)
    let isDeflated = body.hasPrefix(".")
    guard var plain = bytes(base64URL: isDeflated ? body.dropFirst() : body[...]) else {
      throw AuthError(.malformedPayload, "the signed text is not URL-safe base64")
    }
    if isDeflated { plain = try ZlibStream.inflate(plain) }
    guard let value = PayloadValue(json: plain) else {
      throw AuthError(.malformedPayload, "the signed text does not hold JSON")
    }
    return value
  }
}
