import Martlet

// Profiles, and following: writes that may be repeated, because the database knows which row is there already.

extension Conduit {
  /// `GET /profiles/{username}`, `POST` and `DELETE /profiles/{username}/follow`
  @RoutesBuilder static var profileRoutes: RouteList {
    Get("profiles/{username}") { (request, username: String) in
      try await profile(username, for: request.viewer.userID, in: request.db).view.response
    }
    .operationID("getProfile").summary("A user's profile").returns(ProfileAnswer.self).fails(.notFound)

    Post("profiles/{username}/follow") { (request, username: String) in
      let me = try request.requireUserID()
      let found = try await profile(username, for: me, in: request.db)
      guard found.user.id != me else {
        throw ValidationError("username", code: "invalid", "is your own: nobody follows themselves")
      }
      let follow = Follow(follower: .id(me), followed: Ref(found.user))
      try await follow.authorize(.create, to: request.viewer, in: request.db)
      try await Follow.upsert([follow], request.db, on: { ($0.follower.id, $0.followed.id) }) { _, _ in }
      var view = found.view
      view.following = true
      return view.response
    }
    .operationID("followUser").summary("Follow a user").needsAuthentication().returns(ProfileAnswer.self).fails(.notFound)

    Delete("profiles/{username}/follow") { (request, username: String) in
      let me = try request.requireUserID()
      let found = try await profile(username, for: me, in: request.db)
      try await Follow.filter { $0.follower.id == me && $0.followed.id == found.user.id }
        .permitted(.delete, to: request.viewer).delete(request.db)
      var view = found.view
      view.following = false
      return view.response
    }
    .operationID("unfollowUser").summary("Follow a user no more").needsAuthentication()
    .returns(ProfileAnswer.self).fails(.notFound)
  }

  private static func profile(
    _ username: String, for viewer: User.ID?, in db: Database
  ) async throws -> (user: User, view: ProfileView) {
    guard let found = try await ProfileView.find(username, for: viewer, in: db) else { throw RealWorldError.notFound("profile") }
    return found
  }
}
