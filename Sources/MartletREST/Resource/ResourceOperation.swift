import Foundation
import MartletCore
package import MartletHTTP
import MartletORM
import MartletSQL

/// What one route of a resource does: the `operation` of its ``RouteDescription``.
package struct ResourceOperation: Sendable {
  package var action: ResourceAction
  package var shape: ResourceShape
  package var directory: ResourceDirectory
  /// Who may use it.
  package var access: RouteAccess
}

extension Resource: ErasedResource {
  package func routes(_ settings: RESTSettings) -> [RouteDescription] {
    let shape = shape(naming: settings.naming, directory: settings.directory)
    let endpoints = ResourceEndpoints(self, shape, settings)
    let own = ResourceAction.allCases.filter(actions.contains).map { action in
      let isCollection = action == .list || action == .create
      var route = RouteDescription(
        action.method, isCollection ? path : path + "/{id}", name: path + (isCollection ? "-list" : "-detail"),
        operation: ResourceOperation(
          action: action, shape: shape, directory: settings.directory, access: access(action)),
        parameterTypes: isCollection ? [] : [shape.schema.primaryKey.type.parameterType], source: shape.source
      ) { request in try await endpoints.respond(to: request, action) }
      // RFC 5789 §3.1.
      if action == .update { route.optionsHeaders["Accept-Patch"] = MergePatch.mediaTypes.joined(separator: ", ") }
      return route
    }
    return own + furtherRoutes(shape, endpoints) + fileRoutes(endpoints)
  }
}

extension ResourceAction {
  var method: HTTPMethod {
    switch self {
    case .list, .retrieve: .get
    case .create: .post
    case .replace: .put
    case .update: .patch
    case .delete: .delete
    }
  }
  /// What the policy is asked for.
  var policyAction: PolicyAction {
    switch self {
    case .list, .retrieve: .read
    case .create: .create
    case .replace, .update: .update
    case .delete: .delete
    }
  }
}

extension ColumnType {
  /// What a key of the type is in a path.
  var parameterType: any PathParameter.Type {
    switch self {
    case .smallInt, .int, .bigInt: Int64.self
    case .uuid: UUID.self
    default: String.self
    }
  }
}
