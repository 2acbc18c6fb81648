import MartletCore
public import MartletHTTP

/// Lets only some viewers through: 401 for those who did not log in, 403 for those who did.
///
/// ```swift
/// Group("reports", middleware: RequireViewer(.permission("sales.view_report"))) { … }
/// Get("me") { request in … }.authenticated()
/// ```
public struct RequireViewer: Middleware {
  /// Who may pass.
  public enum Rule: Sendable, Hashable {
    /// Anyone who logged in.
    case authenticated
    /// Staff, and superusers.
    case staff
    /// Superusers.
    case superuser
    /// Who has the permission: `app_label.codename`.
    case permission(String)
  }
  private let rule: Rule

  /// A guard.
  public init(_ rule: Rule) { self.rule = rule }

  /// Goes on, or refuses.
  /// - Throws: ``AuthError`` of kind `notAuthenticated` or `forbidden`.
  public func handle(_ request: Request, next: RequestHandler) async throws -> Response {
    guard request.viewer.isAuthenticated else { throw request.notAuthenticated() }
    guard allows(request.viewer) else { throw AuthError(.forbidden, "Your account may not do this.") }
    return try await next(request)
  }

  private func allows(_ viewer: Viewer) -> Bool {
    switch rule {
    case .authenticated: true
    case .staff: viewer.isStaff || viewer.isSuperuser
    case .superuser: viewer.isSuperuser
    case .permission(let code): viewer.has(code)
    }
  }
}

extension RequireViewer: AccessGuard {
  package var access: RouteAccess {
    switch rule {
    case .authenticated: .authenticated
    case .staff: RouteAccess(anonymous: .never, authenticated: .never, staff: .always)
    case .superuser: RouteAccess(anonymous: .never, authenticated: .never, staff: .some)
    case .permission: RouteAccess(anonymous: .never, authenticated: .some, staff: .some)
    }
  }
}

extension RouteComponent {
  /// Only for those who logged in.
  public func authenticated() -> RouteList { middleware(RequireViewer(.authenticated)) }
  /// Only for staff.
  public func staff() -> RouteList { middleware(RequireViewer(.staff)) }
  /// Only for those who have the permission: `app_label.codename`.
  public func requiring(permission code: String) -> RouteList { middleware(RequireViewer(.permission(code))) }
}
