import MartletSQL

/// Where in a query's joins an expression stands: the root table, or a relation reached from it.
///
/// Two expressions of the same query with the same hops share a join.
public final class Path: Sendable {
  package let parent: Path?
  package let relation: AnyRelation?
  /// What stands in the FROM clause in place of the model's table.
  package let source: (any TableSource)?
  /// Whether an outer join may leave the whole root out.
  private let isOptional: Bool
  private let schemaOf: @Sendable () -> ModelSchema

  /// A root: one row of the model's table.
  public init<M: Model>(_ model: M.Type) {
    parent = nil
    relation = nil
    source = nil
    isOptional = false
    schemaOf = { M.schema }
  }
  /// A root that reads the model's columns from something else than its table, or that an outer join may leave out.
  package init<M: Model>(_ model: M.Type, source: (any TableSource)?, isOptional: Bool = false) {
    parent = nil
    relation = nil
    self.source = source
    self.isOptional = isOptional
    schemaOf = { M.schema }
  }
  /// A root without a model: the columns of a subquery.
  package init(_ schema: ModelSchema, source: any TableSource, isOptional: Bool = false) {
    parent = nil
    relation = nil
    self.source = source
    self.isOptional = isOptional
    schemaOf = { schema }
  }
  private init(_ parent: Path, _ relation: AnyRelation) {
    self.parent = parent
    self.relation = relation
    source = nil
    isOptional = false
    schemaOf = relation.target
  }
  /// The row on the other side of a to-one relation.
  public func to(_ relation: AnyRelation) -> Path { Path(self, relation) }

  package var schema: ModelSchema { schemaOf() }
  package var root: Path { parent?.root ?? self }
  /// Whether the row can be absent.
  package var isNullable: Bool { isOptional || (relation?.isNullable ?? false) || (parent?.isNullable ?? false) }
  package var hops: [AnyRelation] { (parent?.hops ?? []) + (relation.map { [$0] } ?? []) }
}

/// A column of a row in a query.
package struct ColumnReference: Sendable {
  package var path: Path
  /// The column's name.
  package var name: String
  /// Its place in the model's columns.
  package var index: Int
  package var isNullable: Bool
  package var isKey: Bool

  package init(path: Path, name: String, index: Int, isNullable: Bool, isKey: Bool) {
    self.path = path
    self.name = name
    self.index = index
    self.isNullable = isNullable
    self.isKey = isKey
  }
  /// The column at a place in the columns of the path's model.
  package init(path: Path, index: Int) { self.init(path: path, index: index, in: path.schema) }
  /// The same, where the path's schema is at hand.
  init(path: Path, index: Int, in schema: ModelSchema) {
    // Member by member: to copy a column's description is to retain all that it holds.
    self.init(
      path: path, name: schema.columns[index].name, index: index, isNullable: schema.columns[index].isNullable,
      isKey: schema.columns[index].isPrimaryKey && schema.columns[index].keyPlace == nil)
  }
  package var schema: ColumnSchema { path.schema.columns[index] }
}
