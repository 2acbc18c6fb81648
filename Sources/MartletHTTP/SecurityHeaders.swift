/// The headers that switch on a browser's protections. A header that a handler set itself stays.
public struct SecurityHeaders: Sendable, Hashable {
  /// `Content-Security-Policy`; `nil` for none. The default allows a page its own scripts, styles and images.
  public var contentSecurityPolicy: String? =
    "default-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'; img-src 'self' data:; object-src 'none'"
  /// `X-Frame-Options`; `nil` for none. Django's default since 3.0.
  public var frameOptions: String? = "DENY"
  /// `Referrer-Policy`; `nil` for none. Django's default since 3.0.
  public var referrerPolicy: String? = "same-origin"
  /// `Cross-Origin-Opener-Policy`; `nil` for none. Django's default since 4.0.
  public var crossOriginOpenerPolicy: String? = "same-origin"
  /// Whether `X-Content-Type-Options: nosniff` is sent.
  public var noSniff = true
  /// How long browsers shall insist on HTTPS, sent on HTTPS only; `nil` for no
  /// `Strict-Transport-Security`.
  public var strictTransport: Duration?
  /// Whether that holds for subdomains too.
  public var strictTransportSubdomains = false

  /// The defaults.
  public init() {}

  /// The fields themselves, made once.
  ///
  /// - Parameter isSecure: Whether they are for answers over HTTPS.
  func fields(isSecure: Bool) -> HeaderFields {
    var fields = HeaderFields()
    func add(_ name: String, _ value: String?) {
      if let value { fields.append(name, value) }
    }
    add("X-Content-Type-Options", noSniff ? "nosniff" : nil)
    add("X-Frame-Options", frameOptions)
    add("Referrer-Policy", referrerPolicy)
    add("Cross-Origin-Opener-Policy", crossOriginOpenerPolicy)
    add("Content-Security-Policy", contentSecurityPolicy)
    if isSecure, let strictTransport {
      let value = "max-age=\(strictTransport.components.seconds)" + (strictTransportSubdomains ? "; includeSubDomains" : "")
      add("Strict-Transport-Security", value)
    }
    return fields
  }
}
