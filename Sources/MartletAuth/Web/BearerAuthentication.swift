import Foundation
import MartletCore
public import MartletHTTP
import MartletORM
import MartletSQL

/// Finds out by a token who sends the request: `Authorization: Bearer <token>`.
///
/// ```swift
/// Group("api", middleware: BearerAuthentication(tokens, scheme: "Token")) {
///   Get("user") { request in try await request.requireUser() }
/// }
/// ```
/// A request without the header goes on as it came; one with a token that is not valid is answered with 401, also where no
/// login is needed. A valid token counts for nothing once its user is gone or inactive.
public struct BearerAuthentication: Middleware {
  private let tokens: TokenIssuer
  private let scheme: String
  private let users: Users
  private let loadsPermissions: Bool

  /// - Parameters:
  ///   - scheme: The word before the token, compared without regard to case.
  ///   - loadsPermissions: Whether `viewer.permissions` is filled. `false` saves a query for apps that use none.
  public init(_ tokens: TokenIssuer, scheme: String = "Bearer", users: Users = Users(), loadsPermissions: Bool = true) {
    self.tokens = tokens
    self.scheme = scheme
    self.users = users
    self.loadsPermissions = loadsPermissions
  }

  /// Sets the viewer and goes on.
  /// - Throws: ``AuthError`` of kind `invalidToken` or `expiredToken`.
  public func handle(_ request: Request, next: RequestHandler) async throws -> Response {
    var request = request
    request[SchemeSlot.self] = scheme
    guard let token = token(of: request) else { return try await next(request) }
    do {
      guard !token.isEmpty else { throw AuthError(.invalidToken, "the header Authorization has no token after '\(scheme)'") }
      guard let id = Int64(try await tokens.verify(token).subject),
        let user = try await User.find(User.ID(id), request.requireDatabase()), user.isActive
      else { throw AuthError(.invalidToken, "the token is of a user who may not log in") }
      request = try await request.seen(by: user, users, loadsPermissions)
    } catch var error as AuthError where error.kind == .invalidToken || error.kind == .expiredToken {
      error.scheme = scheme
      throw error
    }
    return try await next(request)
  }

  /// What follows the scheme; `nil` where the header is absent or of another scheme.
  private func token(of request: Request) -> String? {
    guard let header = request.headers["authorization"] else { return nil }
    let parts = header.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
    guard let first = parts.first, first.lowercased() == scheme.lowercased() else { return nil }
    return parts.count == 2 ? parts[1].trimmingCharacters(in: .whitespaces) : ""
  }
}

/// The scheme that a 401 of this route names.
enum SchemeSlot: ContextKey { typealias Value = String }
