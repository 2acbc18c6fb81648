public import Foundation

/// Who looks: the facts about a caller that policies and permission checks ask for.
///
/// A value, not a user: the module that authenticates (``MartletAuth`` or an app's own) fills it,
/// and every surface (queries, REST, admin) reads it without knowing where users are kept.
public struct Viewer: Sendable, Hashable {
  /// The caller's key in the table of users; `nil` for an anonymous caller.
  public var id: ViewerID?
  /// What to call the caller in logs; `nil` for an anonymous caller.
  public var name: String?
  /// May use the admin site and resources that have no policy of their own.
  public var isStaff: Bool
  /// Passes every check of ``permissions``.
  public var isSuperuser: Bool
  /// Permission codes in Django's form, `app_label.codename`.
  public var permissions: Set<String>

  /// A caller with these facts.
  public init(
    id: ViewerID?, name: String? = nil, isStaff: Bool = false, isSuperuser: Bool = false,
    permissions: Set<String> = []
  ) {
    self.id = id
    self.name = name
    self.isStaff = isStaff
    self.isSuperuser = isSuperuser
    self.permissions = permissions
  }

  /// Nobody: what a request without credentials has.
  public static let anonymous = Viewer(id: nil)

  /// Whether the caller proved who they are.
  public var isAuthenticated: Bool { id != nil }

  /// Whether the caller has a permission, by its Django code (`blog.add_post`).
  public func has(_ permission: String) -> Bool { isSuperuser || permissions.contains(permission) }
}

/// A user's primary key, of whichever type that is.
public enum ViewerID: Sendable, Hashable, CustomStringConvertible {
  /// A 64-bit integer key, Django's default.
  case int(Int64)
  /// A UUID key.
  case uuid(UUID)
  /// A text key.
  case text(String)

  /// The key as text, as sessions and tokens store it.
  public var description: String {
    switch self {
    case .int(let value): String(value)
    case .uuid(let value): value.uuidString.lowercased()
    case .text(let value): value
    }
  }
}
