public import MartletORM

/// The models of this module, for an app's list of models: users, groups, permissions, content types and sessions.
///
/// `makemigrations` covers them like the app's own.
public enum AuthModels {
  /// In an order in which each comes after those it refers to.
  public static let all: [any Model.Type] = [
    ContentType.self, Permission.self, UserGroup.self, GroupPermission.self, User.self, GroupMembership.self, SessionRecord.self,
  ]
}
