import MartletCore
import MartletHTTP
import MartletORM

/// What one route of a file does: the `operation` of its ``RouteDescription``.
package struct FileOperation: Sendable {
  package enum Action: String, Sendable, CaseIterable { case read, write, delete }
  package var action: Action
  package var field: FileField
  package var shape: ResourceShape
  /// Who may call it, by the model's policy.
  var access: RouteAccess

  var method: HTTPMethod {
    switch action {
    case .read: .get
    case .write: .put
    case .delete: .delete
    }
  }

  /// File fields of an app that has no folder for files.
  static func mistakes(_ routes: [RouteDescription], _ hasFileStorage: Bool?) -> [CheckMessage] {
    guard hasFileStorage == false else { return [] }
    return routes.compactMap { route in
      guard let file = route.operation as? FileOperation, file.action == .write else { return nil }
      return CheckMessage(
        "rest.W024", .warning, "PUT \(route.path) stores files, and there is no folder for them.",
        hint: "Set MEDIA_ROOT, or put a FileStorage into request[FileStorageContext.self] by middleware.",
        object: route.source.description)
    }
  }
}

extension Resource {
  /// The routes of the resource's files: reading them wherever rows can be read, writing them wherever rows can be changed.
  func fileRoutes(_ endpoints: ResourceEndpoints<M>) -> [RouteDescription] {
    let shape = endpoints.shape, isWritable = actions.contains(.update) || actions.contains(.replace)
    let isReadable = actions.contains(.retrieve) || actions.contains(.list)
    return shape.exchange.files.flatMap { field in
      FileOperation.Action.allCases.filter { $0 == .read ? isReadable : isWritable }.map { action in
        let access = action == .read ? self.access(PolicyAction.read) : self.access(ResourceAction.update)
        let operation = FileOperation(action: action, field: field, shape: shape, access: access)
        return RouteDescription(
          operation.method, "\(path)/{id}/\(field.segment)", name: "\(path)-\(field.segment)", operation: operation,
          parameterTypes: [shape.schema.primaryKey.type.parameterType], source: shape.source
        ) { request in try await endpoints.respond(to: request, operation) }
      }
    }
  }
}
