public import MartletORM
// Public for the code that @Model writes.
public import MartletSQL

/// The leave to do something, by a code such as `blog.add_post`: Django's `auth_permission`.
@Model(app: "auth", table: "auth_permission")
public struct Permission {
  /// The primary key.
  public var id: ID
  /// What people call it: `Can add post`.
  @Field(maxLength: 255) public var name: String
  /// The model it is about.
  public var contentType: Ref<ContentType>
  /// The code without the app's label: `add_post`.
  @Field(maxLength: 100) public var codename: String
  /// The groups that have it.
  @ManyToMany(inverse: "permissions") public var groups: Many<UserGroup>
  /// The users who have it without a group.
  @ManyToMany(inverse: "userPermissions") public var users: Many<User>

  /// One permission of a code for each model.
  public static let constraints = MartletORM.constraints(Permission.self) { unique($0.contentType.id, $0.codename) }
}

/// A model, by app and name: Django's `django_content_type`.
@Model(app: "contenttypes", table: "django_content_type")
public struct ContentType {
  /// The primary key.
  public var id: ID
  /// The app's label: `blog`.
  @Field(maxLength: 100) public var appLabel: String
  /// The model's name in lower case: `post`.
  @Field(maxLength: 100) public var model: String

  /// One row for each model.
  public static let constraints = MartletORM.constraints(ContentType.self) { unique($0.appLabel, $0.model) }
}
