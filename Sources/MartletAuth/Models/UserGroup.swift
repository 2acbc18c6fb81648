public import MartletORM
// Public for the code that @Model writes.
public import MartletSQL

/// Users with the same permissions: Django's `auth_group`.
@Model(app: "auth", table: "auth_group", label: "group")
public struct UserGroup {
  /// The primary key.
  public var id: ID
  /// What people call it.
  @Field(maxLength: 150, unique: true) public var name: String
  /// What the members may do.
  @ManyToMany(through: GroupPermission.self, from: "group", to: "permission") public var permissions: Many<Permission>
  /// The members.
  @ManyToMany(inverse: "groups") public var users: Many<User>
}

/// That a user is in a group: Django's `auth_user_groups`.
@Model(app: "auth", table: "auth_user_groups")
public struct GroupMembership {
  /// The primary key.
  public var id: ID
  /// The member.
  public var user: Ref<User>
  /// The group.
  public var group: Ref<UserGroup>

  /// Once at most.
  public static let constraints = MartletORM.constraints(GroupMembership.self) { unique($0.user.id, $0.group.id) }
}

/// That a group has a permission: Django's `auth_group_permissions`.
@Model(app: "auth", table: "auth_group_permissions")
public struct GroupPermission {
  /// The primary key.
  public var id: ID
  /// The group.
  public var group: Ref<UserGroup>
  /// What its members may do.
  public var permission: Ref<Permission>

  /// Once at most.
  public static let constraints = MartletORM.constraints(GroupPermission.self) { unique($0.group.id, $0.permission.id) }
}
