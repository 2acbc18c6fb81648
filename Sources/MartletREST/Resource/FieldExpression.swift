public import MartletORM

/// A field of a model or of a row it refers to, as ``Resource``'s modifiers list them.
public struct FieldExpression: Sendable {
  package let node: Node
  /// The to-many relation on the way, of whose rows the node speaks; only filters and search go through one.
  package var related: RelatedHop?
  /// Whether the relation itself was named, and not a field of its rows.
  package var isWholeRelation = false

  package init(node: Node) { self.node = node }
}

/// Lists fields, one a line: `.filters { $0.status; $0.author; $0.author.name }`.
@resultBuilder
public enum FieldListBuilder {
  /// A column.
  public static func buildExpression<V>(_ column: Expr<V>) -> [FieldExpression] { [FieldExpression(node: column.node)] }
  /// A foreign key, by its relation.
  public static func buildExpression<F: ModelFields>(_ relation: F) -> [FieldExpression] { [key(relation.joinPath)] }
  /// A nullable foreign key, by its relation.
  public static func buildExpression<F: ModelFields>(_ relation: Maybe<F>) -> [FieldExpression] {
    [key(relation.base.joinPath)]
  }
  /// A to-many relation, by the keys of its rows.
  public static func buildExpression<O, T>(_ relation: Related<O, T>) -> [FieldExpression] {
    var field = key(relation.inner.root)
    field.related = RelatedHop(relation)
    field.isWholeRelation = true
    return [field]
  }
  /// Fields of the rows of a to-many relation: `$0.comments.each { $0.author }`.
  public static func buildExpression(_ fields: [FieldExpression]) -> [FieldExpression] { fields }
  /// All fields of the block.
  public static func buildBlock(_ parts: [FieldExpression]...) -> [FieldExpression] { parts.flatMap { $0 } }
  /// An `if` without `else`.
  public static func buildOptional(_ part: [FieldExpression]?) -> [FieldExpression] { part ?? [] }
  /// The first branch.
  public static func buildEither(first part: [FieldExpression]) -> [FieldExpression] { part }
  /// The second branch.
  public static func buildEither(second part: [FieldExpression]) -> [FieldExpression] { part }

  private static func key(_ path: Path) -> FieldExpression {
    FieldExpression(node: .column(ColumnReference(path: path, index: path.schema.primaryKeyIndex)))
  }
}
