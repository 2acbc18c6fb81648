import Foundation
import MartletCore
public import MartletHTTP
public import MartletORM
import MartletSQL

extension Request {
  /// The user who sends the request, or `nil`. Costs no query where a middleware of this module loaded the user already.
  /// - Throws: ``AuthError`` of kind `misconfigured` where the request carries no database; ``DatabaseError``.
  public func user() async throws -> User? {
    guard let id = viewer.userID else { return nil }
    if let user = self[UserSlot.self], user.id == id { return user }
    return try await User.find(id, requireDatabase())
  }

  /// The user who sends the request.
  /// - Throws: ``AuthError`` of kind `notAuthenticated` (401) for an anonymous one; as ``user()``.
  public func requireUser() async throws -> User {
    if let user = try await user() { return user }
    throw notAuthenticated()
  }

  /// The key of the user who sends the request, without a query.
  /// - Throws: ``AuthError`` of kind `notAuthenticated` (401) for an anonymous one.
  public func requireUserID() throws -> User.ID {
    if let id = viewer.userID { return id }
    throw notAuthenticated()
  }

  /// Logs a user in: the session belongs to that user from now on, under a new key.
  ///
  /// ```swift
  /// Post("login") { request in
  ///   let input = try await request.json(Credentials.self)
  ///   guard let user = try await users.authenticate(username: input.username, password: input.password, in: db)
  ///   else { throw AuthError(.invalidCredentials, "The name or the password is wrong.") }
  ///   try await request.login(user)
  /// }
  /// ```
  /// Values of an anonymous session are kept, those of another user's are dropped. Rotates the CSRF token where CSRF protection stands
  /// before the handler. `request.viewer` of this request stays as it is. Sets `last_login` unless
  /// ``Users/authenticate(username:password:in:)`` has just done so.
  /// - Throws: ``AuthError`` of kind `misconfigured` without ``SessionMiddleware``; ``DatabaseError``.
  public func login(_ user: User) async throws {
    try LoginSession(session).begin(user)
    let db = try requireDatabase(), now = db.timeSource.now()
    if now.timeIntervalSince(user.lastLogin ?? .distantPast) > 60 {
      let id = user.id
      try await User.filter { $0.id == id }.update(db) { $0.lastLogin.set(to: now) }
    }
    self[CSRFRotation.self]?()
  }

  /// Logs the user out: the session and all its values are gone.
  /// - Throws: ``AuthError`` of kind `misconfigured` without ``SessionMiddleware``.
  public func logout() throws {
    try session.flush()
    self[CSRFRotation.self]?()
  }

  /// Keeps the current session logged in after its user's password changed; all others of the user end. Django's
  /// `update_session_auth_hash`.
  /// - Parameter user: The user with the new password.
  /// - Throws: ``AuthError`` of kind `misconfigured` without ``SessionMiddleware``.
  public func keepLogin(for user: User) throws {
    let session = try session
    guard session.get(LoginKeys.userID) == user.id.description else { return }
    session.cycleKey()
    try session.set(LoginKeys.hash, user.sessionHash(session.keys))
  }

  func notAuthenticated() -> AuthError {
    AuthError(.notAuthenticated, "Log in, or send a token.", scheme: self[SchemeSlot.self])
  }
}
