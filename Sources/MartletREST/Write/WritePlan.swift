import MartletCore
import MartletORM
import MartletSQL

/// What a resource was told about writes, with every field resolved to its column.
struct WritePlan<M: Model>: Sendable {
  var fills: [(index: Int, value: @Sendable (ResourceContext) async throws -> SQLValue)] = []
  var hooks: WriteHooks<M>
  var rules: [(columns: Set<Int>?, rule: RowRule<M>)] = []
  var nested: [BoundNested<M>] = []
  /// Sets of columns that no two rows share, but for those with a condition.
  var uniqueSets: [[Int]]
  var bulkLimit: Int?

  init(_ resource: Resource<M>, _ shape: ResourceShape, _ settings: RESTSettings) {
    let members = M.Fields(Path(M.self)), schema = M.schema
    fills = resource.writing.fills.compactMap { fill in
      schema.ownColumn(of: fill.column(members)).map { ($0, fill.value) }
    }
    hooks = resource.writing.hooks
    rules = resource.writing.rules.map { rule in
      (rule.fields.map { Set($0(members).compactMap { schema.ownColumn(of: $0.node) }) }, rule)
    }
    bulkLimit = resource.writing.bulkLimit
    nested = shape.writing.nested.map { resource.writing.nested[$0.place].bind($0, settings) }
    uniqueSets = Self.uniqueSets
  }

  private static var uniqueSets: [[Int]] {
    let schema = M.schema
    var sets = schema.columns.enumerated().filter { index, column in
      column.isUnique || column.isPrimaryKey && column.keyGeneration == .none && !schema.hasCompositeKey
    }.map { [$0.offset] }
    for constraint in M.constraints {
      guard case .unique(let nodes, nil) = constraint.kind else { continue }
      let columns = nodes.compactMap { schema.ownColumn(of: $0) }
      if columns.count == nodes.count, !sets.contains(columns) { sets.append(columns) }
    }
    return sets
  }
}

/// The same for OpenAPI and for checks, without types.
package struct WritingShape: Sendable {
  /// The places of the columns that the server fills on create.
  package var filled: Set<Int> = []
  package var nested: [NestedShape] = []
  package var bulkLimit: Int?
  package var actions: [ActionShape] = []

  package init() {}
  /// The names that are no fields of the model itself.
  package var nestedNames: [String] { nested.filter { $0.kind != .reference }.map(\.name) }
}

extension Resource {
  /// The untyped view of what was declared about writes.
  func writingShape(naming: FieldNaming, directory: ResourceDirectory, filled: Set<Int>) -> WritingShape {
    var shape = WritingShape()
    shape.filled = filled
    for (place, relation) in writing.nested.enumerated() {
      guard var nested = relation.shape(naming, directory) else { continue }
      nested.place = place
      shape.nested.append(nested)
    }
    shape.bulkLimit = writing.bulkLimit
    shape.actions = writing.actions.map(\.shape)
    return shape
  }
}
