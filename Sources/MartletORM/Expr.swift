public import MartletSQL

/// An expression of type `V` in a query: a column, a value, or something computed from them.
///
/// One generic struct with two overloads for each operator, `(Expr, V)` and `(Expr, Expr)`: measured, that keeps
/// eight-term predicates at 10 to 20 ms of type checking, where protocol-heavy designs take seconds or give up.
public struct Expr<V>: Sendable {
  package let node: Node
  package init(_ node: Node) { self.node = node }

  /// A column; called by the code that `@Model` writes.
  public static func column(_ path: Path, _ name: String, _ index: Int, nullable: Bool = false, key: Bool = false) -> Expr<V> {
    Expr(.column(ColumnReference(path: path, name: name, index: index, isNullable: nullable, isKey: key)))
  }
}

extension Expr where V: ColumnValue {
  /// A constant.
  public init(value: V) { self.init(.constant(value)) }
}

extension Node {
  /// A bound value; comparing with an unsaved key is a mistake, not a test for NULL.
  package static func constant<V: ColumnValue>(_ value: V) -> Node {
    if value.isUnsavedKey {
      return .invalid(
        ORMError(
          .unsavedKey, "the key of an unsaved row was used in a query (\(V.self))",
          hint: "insert the row first, and use what insert returns"))
    }
    let sql = value.sqlValue
    if case .array = sql, let key = value as? any CompositeKey {
      return .custom(RowValue(children: key.keyValues.map { .value($0) }))
    }
    return .value(sql)
  }
}

/// The members of a nullable to-one relation: the same as the model's, each optional.
@dynamicMemberLookup
public struct Maybe<F: ModelFields>: Sendable {
  /// The members as they are where the row is there.
  package let base: F
  /// Wraps the members of the other side; called by the code that `@Model` writes.
  public init(_ base: F) { self.base = base }

  /// A column of a row that may be absent.
  public subscript<V>(dynamicMember member: KeyPath<F, Expr<V>>) -> Expr<V?> { Expr<V?>(base[keyPath: member].node) }
  /// A nullable column.
  public subscript<V>(dynamicMember member: KeyPath<F, Expr<V?>>) -> Expr<V?> { base[keyPath: member] }
  /// A further relation.
  public subscript<G: ModelFields>(dynamicMember member: KeyPath<F, G>) -> Maybe<G> { Maybe<G>(base[keyPath: member]) }
  /// A further nullable relation.
  public subscript<G: ModelFields>(dynamicMember member: KeyPath<F, Maybe<G>>) -> Maybe<G> { base[keyPath: member] }
  /// The rows that point there.
  public subscript<O, T>(dynamicMember member: KeyPath<F, Related<O, T>>) -> Related<O, T> { base[keyPath: member] }
  /// Whether there is no row.
  public var isNull: Expr<Bool> {
    .init(.isNull(.column(ColumnReference(path: base.joinPath, index: base.joinPath.schema.primaryKeyIndex))))
  }
  /// Whether there is a row.
  public var isNotNull: Expr<Bool> { .init(.not(isNull.node)) }
}
