package import MartletCore
package import MartletORM

/// The resources of one ``REST`` by their tables, with their shapes: what an expanded row shows.
package struct ResourceDirectory: Sendable {
  private var entries: [String: (resource: any ErasedResource, shape: ResourceShape)] = [:]

  package init(_ resources: [any ErasedResource] = [], naming: FieldNaming = .snakeCase) {
    for resource in resources {
      if entries[resource.schema.table] != nil { severalTimes.insert(resource.schema.table) }
      add(resource, naming)
    }
    // Models that the API has no resource for are shown by what relations bring along.
    for resource in resources { for relation in resource.relations { add(relation.fallback, naming) } }
  }
  /// The tables that several resources show.
  private var severalTimes: Set<String> = []

  private mutating func add(_ resource: any ErasedResource, _ naming: FieldNaming) {
    if entries[resource.schema.table] == nil { entries[resource.schema.table] = (resource, resource.shape(naming: naming)) }
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
  package var prefix: String

  package init(viewer: Viewer, directory: ResourceDirectory, prefix: String = "", isDecoded: Bool = false) {
    self.viewer = viewer
    self.directory = directory
    self.prefix = prefix
    self.isDecoded = isDecoded
  }
}
