import Martlet

// The answer about oneself: with the address, and with a token for the next request.

/// A user as they see themselves.
struct UserView: Sendable {
  var user: User
  var profile: Profile?
  var token: String

  /// The user with a fresh token.
  static func make(_ user: User, _ request: Request, in db: Database) async throws -> UserView {
    UserView(
      user: user, profile: try await Profile.filter { $0.user.id == user.id }.first(db),
      token: try await request.tokens.issue(for: user.id.description))
  }

  /// `{"user": {…}}`
  func response(status: HTTPStatus = .ok) -> Response {
    .json(status: status) { json in
      json.key("user")
      json.object {
        $0.key("email")
        $0.string(user.email)
        $0.key("token")
        $0.string(token)
        $0.key("username")
        $0.string(user.username)
        $0.key("bio")
        $0.text(profile?.bio)
        $0.key("image")
        $0.text(profile?.image)
      }
    }
  }
}
