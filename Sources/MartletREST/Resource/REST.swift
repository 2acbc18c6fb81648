public import MartletCore
public import MartletHTTP
public import MartletORM

/// REST resources under a common path.
///
/// ```swift
/// REST("api/v1") {
///   Resource(Post.self)
///   Resource(Comment.self).readOnly()
/// }
/// ```
/// Lists are `{"count", "next", "previous", "results"}` as in Django REST framework, failures are problem documents
/// (RFC 9457). See ``Resource`` for what each resource can be told.
public struct REST: RouteComponent {
  private let path: String
  private let resources: ResourceList
  private var naming = FieldNaming.snakeCase
  private var challenge = "Bearer"

  /// Resources under a path.
  public init(_ path: String = "", @ResourcesBuilder resources: () -> ResourceList) {
    self.path = path
    self.resources = resources()
  }

  /// How fields are named in JSON and in query strings; snake_case without this.
  public func naming(_ naming: FieldNaming) -> REST { with { $0.naming = naming } }
  /// What `WWW-Authenticate` says where an anonymous caller may not act (RFC 9110, section 11.6.1); `Bearer` without this.
  public func challenge(_ challenge: String) -> REST { with { $0.challenge = challenge } }

  /// The routes of all resources.
  public var descriptions: [RouteDescription] {
    let settings = RESTSettings(
      naming: naming, challenge: challenge, directory: ResourceDirectory(resources.items, naming: naming))
    return Group(path) { RouteList(resources.items.flatMap { $0.routes(settings) }) }.descriptions
  }

  /// What is wrong with the resources among the routes, for the app's system checks: models without a policy (`rest.W001`), fields
  /// that are no columns (`rest.E001`), columns that nothing can fill (`rest.E002`), and whatever else has an id from `rest.E003` to
  /// `rest.E033` or from `rest.W002` to `rest.W024`. Some need the app's models: idempotent routes without the model that keeps
  /// their answers (`rest.E021`).
  ///
  /// - Parameters:
  ///   - models: The app's models.
  ///   - hasFileStorage: Whether the app has a folder for users' files: without one, file fields are reported (`rest.W024`).
  public static func check(
    _ routes: some RouteComponent, models: [any Model.Type]? = nil, hasFileStorage: Bool? = nil
  ) -> [CheckMessage] {
    var seen: Set<CheckMessage> = []
    let all = routes.descriptions, routes = all.flatMap(\.everyVersion)
    let operations = routes.compactMap { $0.operation as? ResourceOperation }
    var found = operations.flatMap(\.shape.mistakes) + operations.flatMap(\.ambiguousExpansions)
    found += routes.flatMap { ($0.metadata[RouteNotes.key] as? RouteNotes)?.inputs ?? [] }.flatMap(\.mistakes)
    found += Idempotency.mistakes(routes, models) + Deprecation.mistakes(routes)
    found += FileOperation.mistakes(routes, hasFileStorage) + APIDocs.mistakes(all)
    return found.filter { seen.insert($0).inserted }
  }

  private func with(_ change: (inout REST) -> Void) -> REST {
    var copy = self
    change(&copy)
    return copy
  }
}

/// What all resources of one ``REST`` share.
package struct RESTSettings: Sendable {
  package var naming: FieldNaming
  package var challenge: String
  package var directory: ResourceDirectory
}

/// A resource without its model's type.
package protocol ErasedResource: Sendable {
  func routes(_ settings: RESTSettings) -> [RouteDescription]
  /// The model's schema.
  var schema: ModelSchema { get }
  /// Whether the model declares a policy.
  var isPolicyDeclared: Bool { get }
  /// The relations that can be expanded.
  var relations: [RelationExpression] { get }
  /// What the resource shows and takes.
  func shape(naming: FieldNaming, directory: ResourceDirectory) -> ResourceShape
  /// The shape of a row at a place of a query.
  /// - Throws: ``InputFault`` for a field or a relation that there is not.
  func rowShape(
    at path: Path, _ shape: ResourceShape, _ selection: FieldSelection, _ context: ShapeContext
  ) throws(InputFault) -> RowShape
  /// Under which condition the viewer may read the row at a place.
  func readCondition(at path: Path, for viewer: Viewer) -> Node
}

/// Resources in order.
public struct ResourceList: Sendable {
  package var items: [any ErasedResource]
}

/// Collects the resources of a ``REST`` block.
@resultBuilder
public enum ResourcesBuilder {
  /// A resource.
  public static func buildExpression<M: Model>(_ resource: Resource<M>) -> ResourceList { ResourceList(items: [resource]) }
  /// Resources of another block.
  public static func buildExpression(_ resources: ResourceList) -> ResourceList { resources }
  /// All resources of the block.
  public static func buildBlock(_ parts: ResourceList...) -> ResourceList { ResourceList(items: parts.flatMap(\.items)) }
  /// An `if` without `else`.
  public static func buildOptional(_ part: ResourceList?) -> ResourceList { part ?? ResourceList(items: []) }
  /// The first branch.
  public static func buildEither(first part: ResourceList) -> ResourceList { part }
  /// The second branch.
  public static func buildEither(second part: ResourceList) -> ResourceList { part }
  /// A `for` loop.
  public static func buildArray(_ parts: [ResourceList]) -> ResourceList { ResourceList(items: parts.flatMap(\.items)) }
}
