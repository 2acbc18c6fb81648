package import MartletCore
import MartletORM

/// The resources of one ``REST`` by their tables, with their shapes: what an expanded row shows, and what a nested one takes.
package struct ResourceDirectory: Sendable {
  private var resources: [String: any ErasedResource] = [:]
  private var entries: [String: (resource: any ErasedResource, shape: ResourceShape)] = [:]

  package init(_ resources: [any ErasedResource] = [], naming: FieldNaming = .snakeCase) {
    for resource in resources where resources.count(where: { $0.schema.table == resource.schema.table }) > 1 {
      severalTimes.insert(resource.schema.table)
    }
    // Models that the API has no resource for are shown by what relations bring along.
    for resource in resources + resources.flatMap({ $0.relations.map(\.fallback) })
    where self.resources[resource.schema.table] == nil { self.resources[resource.schema.table] = resource }
    // The shape of a resource depends on those of others.
    entries = self.resources.mapValues { ($0, $0.shape(naming: naming, directory: self)) }
  }
  /// The tables that several resources show.
  private var severalTimes: Set<String> = []

  /// How rows of a model are written together with others: as the API's resource of the model says, but one level deep.
  func nestedResource<T: Model>(of model: T.Type) -> Resource<T> {
    var resource = resources[T.schema.table] as? Resource<T> ?? Resource(T.self)
    // Which routes the resource has says nothing of rows that another one writes.
    resource.actions = Set(ResourceAction.allCases)
    resource.writing.nested = []
    return resource
  }

  /// What can be expanded: `author`, `comments`, `comments.author`, as deep as it goes.
  func expansionPaths(of shape: ResourceShape, depth: Int = FieldSelection.depthLimit) -> [String] {
    guard depth > 0 else { return [] }
    return shape.expansions.flatMap { expansion in
      let inner = entry(for: expansion.relation).map { expansionPaths(of: $0.shape, depth: depth - 1) } ?? []
      return [expansion.name] + inner.map { "\(expansion.name).\($0)" }
    }
  }

  /// Relations whose rows several resources of the API could show: the first one does.
  func ambiguous(_ shape: ResourceShape) -> [(name: String, model: String)] {
    shape.expansions.filter { severalTimes.contains($0.relation.target.table) }.map { ($0.name, $0.relation.target.name) }
  }

  /// The resource of a relation's rows, and its shape.
  package func entry(for relation: RelationExpression) -> (resource: any ErasedResource, shape: ResourceShape)? {
    entries[relation.target.table]
  }
}

/// What building the shape of one answer needs to know.
package struct ShapeContext: Sendable {
  package var viewer: Viewer
  package var directory: ResourceDirectory
  /// Whether the row is decoded in any case, so that its columns are written from it.
  package var isDecoded = false
  /// The path under which the API's resources stand.
  package var prefix: @Sendable () -> String

  package init(
    viewer: Viewer, directory: ResourceDirectory, prefix: @escaping @Sendable () -> String = { "" }, isDecoded: Bool = false
  ) {
    self.viewer = viewer
    self.directory = directory
    self.prefix = prefix
    self.isDecoded = isDecoded
  }
}
