import MartletCore
package import MartletHTTP
import MartletORM
import MartletSQL

/// What a route of a resource does beyond the six actions: the `operation` of its ``RouteDescription``.
package struct ResourceCall: Sendable {
  package enum Kind: Sendable {
    case action(ActionShape)
    case bulkUpdate
    case bulkDelete
  }
  package var kind: Kind
  package var shape: ResourceShape
  package var directory: ResourceDirectory
  /// Who may call it, by the model's policy.
  package var access: RouteAccess

  /// Whether it is about the collection: nothing is looked up before the policy refuses.
  var isCollection: Bool { if case .action(let action) = kind { action.isCollection } else { true } }
  /// Whether it is always refused, for no condition can name the states of many rows.
  var isUnconditional: Bool {
    if case .action = kind { false } else { shape.exchange.isMatchRequired }
  }
  /// Whether the request must say which state of the row it is about.
  var needsCondition: Bool {
    if case .action(let action) = kind { shape.exchange.isMatchRequired && action.needsCondition } else { false }
  }
}

extension Resource {
  /// The routes of custom actions and of bulk writes.
  func furtherRoutes(_ shape: ResourceShape, _ endpoints: ResourceEndpoints<M>) -> [RouteDescription] {
    func route(
      _ method: HTTPMethod, _ path: String, _ name: String, _ kind: ResourceCall.Kind, _ access: RouteAccess,
      hasKey: Bool = false, _ handler: @escaping RequestHandler
    ) -> RouteDescription {
      RouteDescription(
        method, path, name: name,
        operation: ResourceCall(kind: kind, shape: shape, directory: endpoints.directory, access: access),
        parameterTypes: hasKey ? [shape.schema.primaryKey.type.parameterType] : [], source: shape.source, handler: handler)
    }
    var routes = writing.actions.map { action in
      let isCollection = action.shape.isCollection, allowed = access(action.shape.needs)
      return route(
        action.shape.method, isCollection ? "\(path)/\(action.shape.name)" : "\(path)/{id}/\(action.shape.name)",
        "\(path)-\(action.shape.name)", .action(action.shape),
        isCollection ? allowed : allowed.intersection(access(PolicyAction.read)), hasKey: !isCollection
      ) { try await endpoints.respond(to: $0, action) }
    }
    guard writing.bulkLimit != nil else { return routes }
    if actions.contains(.update) {
      routes.append(
        route(.patch, path, path + "-list", .bulkUpdate, access(ResourceAction.update)) { try await endpoints.updateMany($0) })
    }
    if actions.contains(.delete) {
      routes.append(
        route(.delete, path, path + "-list", .bulkDelete, access(ResourceAction.delete)) { try await endpoints.deleteMany($0) })
    }
    return routes
  }
}
