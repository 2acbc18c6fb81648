import MartletCore
public import MartletHTTP
import Synchronization

/// Refuses requests that another site makes a viewer's browser send, in Django's way and with Django's names.
///
/// A check is due for an unsafe method when a browser could have been made to send the request with the
/// viewer's credentials: it carries the session's cookie, or it is an HTML form (so that a login form is covered
/// too: nobody shall be logged in as somebody else). A request with an `Authorization` field of a token scheme is
/// exempt: another site cannot set that field.
///
/// The check: the `Origin`, or on HTTPS the `Referer`, is this site or a trusted one; and the token of the header
/// `X-CSRFToken` or of the form field `csrfmiddlewaretoken` belongs to the cookie `csrftoken`.
///
/// ```swift
/// Group("admin", middleware: SessionMiddleware(keys), AuthenticationMiddleware(), CSRFProtection()) { … }
/// let form: HTML = "<form method=post>\(request.csrfField) …</form>"
/// ```
public struct CSRFProtection: Middleware {
  /// The cookie that holds the secret; Django's `CSRF_COOKIE_NAME`.
  public var cookieName = "csrftoken"
  /// The cookie of the session.
  public var sessionCookieName = "sessionid"
  /// Other origins whose requests are taken, such as `https://example.com` or `https://*.example.com`; Django's
  /// `CSRF_TRUSTED_ORIGINS`.
  public var trustedOrigins: [String] = []
  /// How long the cookie lives: Django's 52 weeks.
  public var cookieMaxAge: Duration = .seconds(31_449_600)
  /// Requests that need no check though they look like it, for instance signed calls of another service.
  public var exempt: @Sendable (Request) -> Bool = { _ in false }

  /// Protection with the defaults.
  public init() {}

  /// Checks the request and sets the cookie where a token was used.
  public func handle(_ request: Request, next: RequestHandler) async throws -> Response {
    let state = CSRFState(secret: request.cookies[cookieName].flatMap(CSRFToken.secret(of:)))
    if isDue(request), !exempt(request) { try await check(request, state) }
    var request = request
    request[CSRFSlot.self] = state
    request[CSRFRotation.self] = { state.rotate() }
    var response = try await next(request)
    if let secret = state.cookie {
      response.setCookie(Cookie(cookieName, secret, maxAge: cookieMaxAge, httpOnly: false))
    }
    if state.wasRead { response.headers.addToken("Cookie", to: "Vary") }
    return response
  }

  private func isDue(_ request: Request) -> Bool {
    guard !request.method.isSafe else { return false }
    if let field = request.headers["authorization"] {
      // The browser itself answers only these challenges.
      let scheme = field.prefix { $0 != " " }.lowercased()
      if !["basic", "digest", "negotiate", "ntlm"].contains(scheme) { return false }
      return true
    }
    if request.cookies[sessionCookieName] != nil { return true }
    let type = request.headers["content-type"]?.lowercased() ?? ""
    return ["application/x-www-form-urlencoded", "multipart/form-data", "text/plain"].contains { type.hasPrefix($0) }
  }

  private func check(_ request: Request, _ state: CSRFState) async throws {
    if let origin = request.headers["origin"] {
      guard isTrusted(origin, request) else { throw failure("The origin “\(origin.prefix(200))” is not trusted.") }
    } else if request.isSecure {
      guard let referer = request.headers["referer"] else { throw failure("A Referer is required on HTTPS.") }
      guard let origin = CSRFProtection.origin(of: referer), origin.hasPrefix("https://"), isTrusted(origin, request) else {
        throw failure("The Referer “\(referer.prefix(200))” is not trusted.")
      }
    }
    guard let secret = state.secret else { throw failure("The cookie “\(cookieName)” is missing.") }
    guard let token = try await token(of: request) else {
      throw failure("The token is missing. Send it as the header X-CSRFToken or as the form field csrfmiddlewaretoken.")
    }
    guard let sent = CSRFToken.secret(of: token), CSRFToken.equal(sent, secret) else { throw failure("The token is not valid.") }
  }

  private func token(of request: Request) async throws -> String? {
    if let header = request.headers["x-csrftoken"] { return header }
    let type = request.headers["content-type"]?.lowercased() ?? ""
    guard type.hasPrefix("application/x-www-form-urlencoded") || type.hasPrefix("multipart/form-data") else { return nil }
    return try await request.form()["csrfmiddlewaretoken"]
  }

  private func isTrusted(_ origin: String, _ request: Request) -> Bool {
    let origin = origin.lowercased()
    if let host = request.host?.lowercased(), origin == "\(request.scheme)://\(host)" { return true }
    return trustedOrigins.contains { pattern in
      let pattern = pattern.lowercased()
      guard let star = pattern.firstRange(of: "://*.") else { return origin == pattern }
      let scheme = pattern[..<star.lowerBound] + "://", domain = pattern[star.upperBound...]
      return origin.hasPrefix(scheme) && origin.hasSuffix("." + domain)
    }
  }

  /// Scheme, host and port of a URL; `nil` where it has none.
  static func origin(of url: String) -> String? {
    guard let mark = url.firstRange(of: "://") else { return nil }
    let rest = url[mark.upperBound...]
    let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    guard !authority.isEmpty, !authority.contains("@") else { return nil }
    return String(url[..<authority.endIndex])
  }

  private func failure(_ reason: String) -> HTTPError { HTTPError(.csrfFailed, reason) }
}

/// The secret of one request and what became of it.
final class CSRFState: Sendable {
  private struct State {
    var secret: String?
    var isNew = false
    var wasRead = false
  }
  private let state: Mutex<State>

  init(secret: String?) { state = Mutex(State(secret: secret)) }

  var secret: String? { state.withLock { $0.secret } }
  /// The secret to set as a cookie, where it is new.
  var cookie: String? { state.withLock { $0.isNew ? $0.secret : nil } }
  var wasRead: Bool { state.withLock { $0.wasRead } }

  func token() -> String {
    state.withLock { state in
      state.wasRead = true
      if let secret = state.secret { return CSRFToken.mask(secret) }
      let secret = CSRFToken.newSecret()
      state.secret = secret
      state.isNew = true
      return CSRFToken.mask(secret)
    }
  }
  func rotate() {
    state.withLock { state in
      state.secret = CSRFToken.newSecret()
      state.isNew = true
    }
  }
}

/// Where ``CSRFProtection`` puts the state.
enum CSRFSlot: ContextKey { typealias Value = CSRFState }

extension Request {
  /// The token to send along with an unsafe request, another text each time; `nil` where no
  /// ``CSRFProtection`` stands before the handler. Reading it sets the cookie.
  public var csrfToken: String? { self[CSRFSlot.self]?.token() }
  /// The hidden field of a form that carries the token; empty where there is no protection.
  public var csrfField: HTML {
    guard let csrfToken else { return .empty }
    return "<input type=\"hidden\" name=\"csrfmiddlewaretoken\" value=\"\(csrfToken)\">"
  }
}
