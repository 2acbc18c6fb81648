import MartletCore
public import MartletHTTP
import MartletORM
import MartletSQL
import Synchronization

/// How sessions are kept.
public struct SessionOptions: Sendable, Hashable {
  /// What the cookie carries.
  public enum CookieForm: Sendable, Hashable {
    /// The session's key, as Django's cookie does: 165 random bits, which need no signature. The default, because a Django
    /// beside this app reads the same cookie.
    case key
    /// The key with a signature (``SignedCookies``), so that a made-up key never reaches the database. Django does not
    /// read it.
    case signedKey
  }
  /// The cookie's name.
  public var cookieName: String
  /// What the cookie carries.
  public var cookieForm: CookieForm
  /// How long a session lives after its last change: two weeks, as in Django.
  public var lifetime: Duration
  /// Whether the cookie is sent over HTTPS only: `true` in production. `nil` follows the request that sets it.
  public var secure: Bool?
  /// Which cross-site requests carry the cookie.
  public var sameSite: Cookie.SameSite
  /// The path the cookie is sent to.
  public var path: String
  /// The domain the cookie is sent to; `nil` for this host only.
  public var domain: String?
  /// Whether the session is saved, and its life prolonged, by every request that has one, and not only by those that change it.
  public var savesEveryRequest: Bool

  /// Options; Django's defaults unless given.
  public init(
    cookieName: String = "sessionid", cookieForm: CookieForm = .key, lifetime: Duration = .seconds(1_209_600),
    secure: Bool? = nil, sameSite: Cookie.SameSite = .lax, path: String = "/", domain: String? = nil,
    savesEveryRequest: Bool = false
  ) {
    self.cookieName = cookieName
    self.cookieForm = cookieForm
    self.lifetime = lifetime
    self.secure = secure
    self.sameSite = sameSite
    self.path = path
    self.domain = domain
    self.savesEveryRequest = savesEveryRequest
  }
}

/// Gives each request its ``Session``, and saves it afterwards if it was changed.
///
/// ```swift
/// Group("", middleware: SessionMiddleware(keys), AuthenticationMiddleware()) { … }
/// ```
/// A request without the cookie costs no query. The request needs a database (`request[DatabaseContext.self]`).
public struct SessionMiddleware: Middleware {
  private let options: SessionOptions
  private let store: SessionStore
  private let keys: SecretKeys

  /// Sessions signed under the secret keys.
  public init(_ keys: SecretKeys, options: SessionOptions = SessionOptions()) {
    self.keys = keys
    self.options = options
    store = SessionStore(keys: keys, lifetime: options.lifetime)
  }

  /// Loads the session, answers the request, saves the session.
  public func handle(_ request: Request, next: RequestHandler) async throws -> Response {
    let db = try request.requireDatabase()
    let cookie = request.cookies[options.cookieName]
    let session = try await store.load(key(cookie, db.timeSource), db)
    var request = request
    request[SessionSlot.self] = session
    var response: Response
    do { response = try await next(request) } catch {
      try await store.deleteFlushed(session, db)
      throw error
    }
    let state = session.state.withLock { $0 }
    if session.isEmpty {
      try await store.deleteFlushed(session, db)
      if cookie != nil {
        response.setCookie(.removal(of: options.cookieName, path: options.path, domain: options.domain))
        response.headers.addToken("Cookie", to: "Vary")
      }
    } else if state.isModified || options.savesEveryRequest, response.status.code < 500 {
      let key = try await store.save(session, db)
      let value =
        options.cookieForm == .key ? key : SignedCookies(keys, timeSource: db.timeSource).sign(key, name: options.cookieName)
      response.setCookie(
        Cookie(
          options.cookieName, value, maxAge: session.lifespan().maxAge, path: options.path, domain: options.domain,
          secure: options.secure, httpOnly: true, sameSite: options.sameSite))
      response.headers.addToken("Cookie", to: "Vary")
    } else {
      try await store.deleteFlushed(session, db)
    }
    if state.isAccessed { response.headers.addToken("Cookie", to: "Vary") }
    return response
  }

  private func key(_ cookie: String?, _ timeSource: TimeSource) -> String? {
    guard let cookie, options.cookieForm == .signedKey else { return cookie }
    return try? SignedCookies(keys, timeSource: timeSource).unsign(cookie, name: options.cookieName)
  }
}

/// Where ``SessionMiddleware`` puts the session.
enum SessionSlot: ContextKey { typealias Value = Session }

extension Request {
  /// The visitor's session.
  /// - Throws: ``AuthError`` of kind `misconfigured` where no ``SessionMiddleware`` stands before the handler.
  public var session: Session {
    get throws {
      if let session = self[SessionSlot.self] { return session }
      throw AuthError(
        .misconfigured,
        "this route has no session; put SessionMiddleware before it: Group(\"…\", middleware: SessionMiddleware(keys)) { … }")
    }
  }

  /// The database that the app put into the request.
  func requireDatabase() throws -> Database {
    if let database = self[DatabaseContext.self] { return database }
    throw AuthError(.misconfigured, "the request carries no database; set request[DatabaseContext.self] in an outer middleware")
  }
}
