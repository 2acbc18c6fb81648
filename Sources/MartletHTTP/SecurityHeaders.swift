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

  func apply(to headers: inout HeaderFields, isSecure: Bool) {
    if noSniff { headers.setDefault("X-Content-Type-Options", "nosniff") }
    if let frameOptions { headers.setDefault("X-Frame-Options", frameOptions) }
    if let referrerPolicy { headers.setDefault("Referrer-Policy", referrerPolicy) }
    if let crossOriginOpenerPolicy { headers.setDefault("Cross-Origin-Opener-Policy", crossOriginOpenerPolicy) }
    if let contentSecurityPolicy { headers.setDefault("Content-Security-Policy", contentSecurityPolicy) }
    if isSecure, let strictTransport {
      let value = "max-age=\(strictTransport.components.seconds)" + (strictTransportSubdomains ? "; includeSubDomains" : "")
      headers.setDefault("Strict-Transport-Security", value)
    }
  }
}
