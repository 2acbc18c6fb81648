package import MartletCore
package import MartletORM

/// The resources of one ``REST`` by their tables, with their shapes: what an expanded row shows.
package struct ResourceDirectory: Sendable {
  private var entries: [String: (resource: any ErasedResource, shape: ResourceShape)] = [:]

  package init(_ resources: [any ErasedResource] = [], naming: FieldNaming = .snakeCase) {
    for resource in resources { add(resource, naming) }
    // Models that the API has no resource for are shown by what relations bring along.
    for resource in resources { for relation in resource.relations { add(relation.fallback, naming) } }
  }
  private mutating func add(_ resource: any ErasedResource, _ naming: FieldNaming) {
    if entries[resource.schema.table] == nil { entries[resource.schema.table] = (resource, resource.shape(naming: naming)) }
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
