public import MartletCore

/// Cookies that cannot be changed: Django's `set_signed_cookie` and `get_signed_cookie`, in the form of 5.2.15 and later.
///
/// ```swift
/// let signed = SignedCookies(keys)
/// response.setCookie(Cookie("flavour", signed.sign("oat", name: "flavour")))
/// let flavour = try signed.unsign(request.cookies["flavour"] ?? "", name: "flavour")
/// ```
public struct SignedCookies: Sendable {
  private let keys: SecretKeys
  private let timeSource: TimeSource

  /// A signer of cookies.
  public init(_ keys: SecretKeys, timeSource: TimeSource = .system) {
    self.keys = SecretKeys("django.http.cookies" + keys.current, fallbacks: keys.fallbacks.map { "django.http.cookies" + $0 })
    self.timeSource = timeSource
  }

  /// The cookie's value with time and signature, valid for a cookie of that name alone.
  public func sign(_ value: String, name: String, salt: String = "") -> String { signer(name, salt).sign(value) }

  /// The value of a signed cookie.
  /// - Throws: ``AuthError`` of kind `badSignature` or `signatureExpired`.
  public func unsign(_ signed: String, name: String, salt: String = "", maxAge: Duration? = nil) throws -> String {
    try signer(name, salt).unsign(signed, maxAge: maxAge)
  }

  private func signer(_ name: String, _ salt: String) -> TimestampSigner {
    // The length keeps pairs of salt and name apart (CVE-2026-6873). Python's len counts scalars.
    TimestampSigner(
      keys, salt: "django.http.cookies.v2:\(salt.unicodeScalars.count):\(salt)\(name)", timeSource: timeSource)
  }
}
