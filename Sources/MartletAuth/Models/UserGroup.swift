public import MartletORM
public import MartletSQL

/// Users with the same permissions: Django's `auth_group`.
@Model(app: "auth", table: "auth_group", label: "group")
public struct UserGroup {
  public var id: ID
  @Field(maxLength: 150, unique: true) public var name: String
  /// What the members may do.
  @ManyToMany(through: GroupPermission.self, from: "group", to: "permission") public var permissions: Many<Permission>
  /// The members.
  @ManyToMany(inverse: "groups") public var users: Many<User>
}

/// That a user is in a group: Django's `auth_user_groups`.
@Model(app: "auth", table: "auth_user_groups")
public struct GroupMembership {
  public var id: ID
  public var user: Ref<User>
  public var group: Ref<UserGroup>

  /// Once at most.
  public static let constraints = MartletORM.constraints(GroupMembership.self) { unique($0.user.id, $0.group.id) }
}

/// That a group has a permission: Django's `auth_group_permissions`.
@Model(app: "auth", table: "auth_group_permissions")
public struct GroupPermission {
  public var id: ID
  public var group: Ref<UserGroup>
  public var permission: Ref<Permission>

  /// Once at most.
  public static let constraints = MartletORM.constraints(GroupPermission.self) { unique($0.group.id, $0.permission.id) }
}
