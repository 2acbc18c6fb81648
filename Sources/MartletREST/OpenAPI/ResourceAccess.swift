import MartletCore
package import MartletHTTP
import MartletORM
import MartletSQL

extension Resource {
  /// Who may use an action, by the model's policy, asked for an anonymous viewer, for one who logged in, and for staff.
  ///
  /// A condition that is the same for every row is `never` or `always`; one that looks at the row is `some`.
  package func access(_ action: ResourceAction) -> RouteAccess {
    var access = access(action.policyAction)
    // What is changed or deleted is looked for among the rows that the viewer may read.
    if [.replace, .update, .delete].contains(action) { access = access.intersection(self.access(.read)) }
    return access
  }

  func access(_ action: PolicyAction) -> RouteAccess {
    // A key that no table has: it stands in conditions on the row, which are not evaluated.
    let id = ViewerID.int(-1)
    return RouteAccess(
      anonymous: extent(action, .anonymous), authenticated: extent(action, Viewer(id: id)),
      staff: extent(action, Viewer(id: id, isStaff: true)))
  }
  private func extent(_ action: PolicyAction, _ viewer: Viewer) -> RouteAccess.Extent {
    switch M.policy.condition(action, M.query.fields, viewer) {
    case .value(.bool(false)): .never
    case .value(.bool(true)): .always
    default: .some
    }
  }
}

extension RouteDescription {
  /// Who may call the route, by its guards, its resource's policy, and its notes.
  var access: RouteAccess {
    var access =
      (operation as? ResourceOperation)?.access ?? (operation as? ResourceCall)?.access ?? (operation as? FileOperation)?.access
      ?? .everyone
    for case let layer as any AccessGuard in middleware { access = access.intersection(layer.access) }
    let notes = metadata[RouteNotes.key] as? RouteNotes
    return notes?.needsAuthentication == true ? access.intersection(.authenticated) : access
  }
}

extension RouteAccess {
  /// The document's member `x-martlet-access`.
  var tree: JSONTree {
    [
      "anonymous": .string(anonymous.rawValue), "authenticated": .string(authenticated.rawValue),
      "staff": .string(staff.rawValue),
    ]
  }
}
