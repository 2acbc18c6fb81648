import Foundation
import MartletCore
public import MartletHTTP
import MartletORM
import MartletSQL

/// Finds out by the session who sends the request, and puts the answer into `request.viewer`.
///
/// Stands after ``SessionMiddleware``. A request without a login in its session costs no query; one with a login costs one for the
/// user, and one for permissions unless the user is a superuser.
public struct AuthenticationMiddleware: Middleware {
  private let users: Users
  private let loadsPermissions: Bool

  /// - Parameter loadsPermissions: Whether `viewer.permissions` is filled. `false` saves a query for apps that use none.
  public init(users: Users = Users(), loadsPermissions: Bool = true) {
    self.users = users
    self.loadsPermissions = loadsPermissions
  }

  /// Sets the viewer and goes on.
  public func handle(_ request: Request, next: RequestHandler) async throws -> Response {
    guard let user = try await LoginSession(request.session).user(in: request.requireDatabase()) else {
      return try await next(request)
    }
    return try await next(request.seen(by: user, users, loadsPermissions))
  }
}

extension Request {
  /// The same request, sent by a user.
  func seen(by user: User, _ users: Users, _ loadsPermissions: Bool) async throws -> Request {
    var request = self
    request.viewer = user.viewer(
      permissions: loadsPermissions ? try await users.permissions(of: user, in: requireDatabase()) : [])
    request[UserSlot.self] = user
    return request
  }
}

/// Where middleware puts the user whom it loaded for the viewer.
enum UserSlot: ContextKey { typealias Value = User }

/// The login inside a session.
struct LoginSession {
  let session: Session
  init(_ session: Session) { self.session = session }

  /// The active user who logged in, if the password is still the same; else the login is dropped from the session.
  func user(in db: Database) async throws -> User? {
    guard let text: String = session.get(LoginKeys.userID), let id = Int64(text),
      session.get(LoginKeys.backend) == LoginKeys.modelBackend
    else { return nil }
    guard let user = try await User.find(User.ID(id), db), user.isActive else { return nil }
    guard let hash: String = session.get(LoginKeys.hash) else {
      session.flush()
      return nil
    }
    if constantTimeEqual(hash, user.sessionHash(session.keys)) { return user }
    for secret in session.keys.fallbacks
    where constantTimeEqual(hash, LoginKeys.sessionHash(password: user.password, secret: secret)) {
      session.cycleKey()
      try session.set(LoginKeys.hash, user.sessionHash(session.keys))
      return user
    }
    session.flush()
    return nil
  }

  func begin(_ user: User) throws {
    guard let id = user.id.raw else {
      throw AuthError(.misconfigured, "a user who is not saved yet cannot log in; insert the user first")
    }
    let hash = user.sessionHash(session.keys)
    if let present: String = session.get(LoginKeys.userID) {
      // The values of another user's session are not for this one.
      if present != String(id) || !constantTimeEqual(session.get(LoginKeys.hash) ?? "", hash) {
        session.flush()
      } else {
        session.cycleKey()
      }
    } else {
      session.cycleKey()
    }
    try session.set(LoginKeys.userID, String(id))
    try session.set(LoginKeys.backend, LoginKeys.modelBackend)
    try session.set(LoginKeys.hash, hash)
  }
}
