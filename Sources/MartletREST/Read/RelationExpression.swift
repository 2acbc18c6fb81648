package import MartletCore
public import MartletORM

/// A relation of a model, as ``Resource/expand(_:)`` lists them.
public struct RelationExpression: Sendable {
  /// The relation's name in Swift.
  package let name: String
  /// Whether it leads from the model itself, and not from a row that it refers to.
  package let isOwn: Bool
  /// The resource that says what its rows show, where the API has none for their model.
  package let fallback: any ErasedResource
  package let kind: Kind

  package enum Kind: Sendable {
    /// A row that is joined.
    case one(Path)
    /// Rows of their own statement: those that the viewer may read.
    case many(parent: Path, @Sendable (Viewer) -> ChildRows)
  }

  /// The schema of the rows.
  package var target: ModelSchema { fallback.schema }
}

/// Lists relations, one a line: `.expand { $0.author; $0.comments.order { $0.id.desc }.limit(20) }`.
@resultBuilder
public enum RelationListBuilder {
  /// A foreign key, or a one-to-one relation.
  public static func buildExpression<F: ModelFields>(_ relation: F) -> [RelationExpression] { [one(relation)] }
  /// A nullable foreign key, or the far side of a one-to-one relation.
  public static func buildExpression<F: ModelFields>(_ relation: Maybe<F>) -> [RelationExpression] { [one(relation.base)] }
  /// A to-many relation with its own filter, order and limit.
  public static func buildExpression<O: Model, T: Model>(_ relation: Related<O, T>) -> [RelationExpression] {
    [
      RelationExpression(
        name: relation.relation.name, isOwn: relation.parent.parent == nil, fallback: Resource<T>.shown,
        kind: .many(parent: relation.parent) { relation.permitted(.read, to: $0).childRows })
    ]
  }
  /// All relations of the block.
  public static func buildBlock(_ parts: [RelationExpression]...) -> [RelationExpression] { parts.flatMap { $0 } }
  /// An `if` without `else`.
  public static func buildOptional(_ part: [RelationExpression]?) -> [RelationExpression] { part ?? [] }
  /// The first branch.
  public static func buildEither(first part: [RelationExpression]) -> [RelationExpression] { part }
  /// The second branch.
  public static func buildEither(second part: [RelationExpression]) -> [RelationExpression] { part }

  private static func one<F: ModelFields>(_ relation: F) -> RelationExpression {
    let path = relation.joinPath
    return RelationExpression(
      name: path.relation?.name ?? "", isOwn: path.parent?.parent == nil, fallback: Resource<F.M>.shown, kind: .one(path))
  }
}

extension Resource {
  /// What rows of the model show inside of others where the API has no resource for them.
  static var shown: Resource { Resource(M.self).readOnly() }
}
