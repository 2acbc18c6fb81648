import Martlet

// `User` is the framework's model, on the columns of Django's `auth_user`. Queries may still start from it and go to
// the app's models: a relation is a value, and here are the three that Conduit adds.

extension User.Fields {
  /// The user's profile, where there is one.
  var profile: Maybe<Profile.Fields> { Maybe(Profile.Fields(joinPath.to(UserRelations.profile))) }
  /// Those who follow the user.
  var followers: Related<User, Follow> { Related(joinPath, UserRelations.followers) }

  /// Whether the viewer follows the user; nobody follows anyone who is not logged in.
  func isFollowed(by viewer: User.ID?) -> Expr<Bool> {
    guard let viewer else { return .never }
    return followers.any { $0.follower.id == viewer }
  }
}

/// The relations themselves. They are for filters and computed values: a `User` has no property to load them into.
private enum UserRelations {
  static let profile = ToOne<User, Profile>("profile", inverse: { $0.user }, get: { _ in .notLoaded }, set: { _, _ in })
  static let followers = ToMany<User, Follow>("followers", foreignKey: { $0.followed }, set: { _, _ in })
}
