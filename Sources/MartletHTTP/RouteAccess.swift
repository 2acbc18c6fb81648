/// Who may call a route: for documents that tell it, and for tools that notice when it changes.
package struct RouteAccess: Sendable, Hashable {
  /// What a kind of viewer may do.
  package enum Extent: String, Sendable, Hashable, CaseIterable {
    /// Nothing.
    case never
    /// Something: it depends on the row, or on a permission.
    case some
    /// Everything.
    case always
  }
  package var anonymous: Extent
  package var authenticated: Extent
  package var staff: Extent

  package init(anonymous: Extent, authenticated: Extent, staff: Extent) {
    self.anonymous = anonymous
    self.authenticated = authenticated
    self.staff = staff
  }
  /// Open to everyone.
  package static let everyone = RouteAccess(anonymous: .always, authenticated: .always, staff: .always)
  /// For those who proved who they are.
  package static let authenticated = RouteAccess(anonymous: .never, authenticated: .always, staff: .always)

  /// What passes both.
  package func intersection(_ other: RouteAccess) -> RouteAccess {
    RouteAccess(
      anonymous: min(anonymous, other.anonymous), authenticated: min(authenticated, other.authenticated),
      staff: min(staff, other.staff))
  }
}

extension RouteAccess.Extent: Comparable {
  package static func < (l: Self, r: Self) -> Bool { l.rank < r.rank }
  private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

/// A middleware that lets only some viewers through, and says which.
package protocol AccessGuard: Middleware {
  /// Who passes.
  var access: RouteAccess { get }
}
