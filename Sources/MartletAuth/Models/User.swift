public import Foundation
public import MartletCore
public import MartletORM
// Public for the code that @Model writes.
public import MartletSQL

/// A person or a program that logs in: Django's `auth_user`, column by column.
///
/// What an app knows of its users beyond this belongs into a model of its own:
///
/// ```swift
/// @Model
/// struct Profile {
///   var id: ID
///   @OneToOne var user: Ref<User>
///   var bio: String = ""
/// }
/// let profile = try await Profile.filter { $0.user.username == name }.with { $0.user }.first(db)
/// ```
/// Create users with ``Users/create(username:email:password:firstName:lastName:isStaff:in:)``, which hashes the password;
/// ``password`` holds the hash. Nobody but staff reads the table through generated APIs.
@Model(app: "auth", table: "auth_user")
public struct User {
  /// The primary key.
  public var id: ID
  /// The password's hash.
  @Field(maxLength: 128, secret: true) public var password: String
  /// When credentials were last accepted.
  public var lastLogin: Date?
  /// Passes every permission check.
  public var isSuperuser: Bool = false
  /// The name to log in with.
  @Field(maxLength: 150, unique: true) public var username: String
  /// The given name.
  @Field(maxLength: 150) public var firstName: String = ""
  /// The family name.
  @Field(maxLength: 150) public var lastName: String = ""
  /// The address for mails; not unique, as in Django.
  @Field(maxLength: 254) public var email: String = ""
  /// May use the admin site.
  public var isStaff: Bool = false
  /// Whether the user may log in; deactivate users instead of deleting them.
  public var isActive: Bool = true
  /// When the row was inserted.
  @Field(autoNowAdd: true) public var dateJoined: Date
  /// The groups whose permissions the user has.
  @ManyToMany(through: GroupMembership.self, from: "user", to: "group") public var groups: Many<UserGroup>
  /// Permissions that the user has without any group.
  @ManyToMany public var userPermissions: Many<Permission>
}

extension User {
  /// Whether any password leads to this user.
  public var hasUsablePassword: Bool { PasswordHashers.isUsable(password) }
  /// First and last name.
  public var fullName: String { [firstName, lastName].filter { !$0.isEmpty }.joined(separator: " ") }

  /// The facts that policies and guards ask for.
  ///
  /// - Parameter permissions: Codes of permissions, see ``Users/permissions(of:in:)``.
  public func viewer(permissions: Set<String> = []) -> Viewer {
    Viewer(id: id.raw.map { .int($0) }, name: username, isStaff: isStaff, isSuperuser: isSuperuser, permissions: permissions)
  }

  /// Ends with the password: what a session must hold to be this user's.
  func sessionHash(_ keys: SecretKeys) -> String { LoginKeys.sessionHash(password: password, secret: keys.current) }
}

extension Viewer {
  /// The key in `auth_user` of an authenticated viewer.
  ///
  /// ```swift
  /// guard let id = request.viewer.userID else { throw … }
  /// ```
  public var userID: User.ID? {
    if case .int(let value) = id { return User.ID(value) }
    return nil
  }
}
