public import MartletSQL

extension Expr where V: ColumnValue {
  /// NULL where the value is `other`, else the value.
  public func nullIf(_ other: V) -> Expr<V?> {
    .init(SQLTemplate([node, .constant(other)], V.columnType, .always, all: "NULLIF({1}, {2})"))
  }
  /// NULL where the value is the other expression's, else the value.
  public func nullIf(_ other: Expr<V>) -> Expr<V?> {
    .init(SQLTemplate([node, other.node], V.columnType, .always, all: "NULLIF({1}, {2})"))
  }
}

/// The largest of several expressions. NULLs are passed over, on every database; NULL where all are.
public func greatest<V: ColumnValue>(_ first: Expr<V>, _ second: Expr<V>, _ more: Expr<V>...) -> Expr<V> {
  .init(.custom(ExtremeNode(children: [first.node, second.node] + more.map(\.node), type: V.columnType, isLargest: true)))
}
/// The smallest of several expressions. NULLs are passed over, on every database; NULL where all are.
public func least<V: ColumnValue>(_ first: Expr<V>, _ second: Expr<V>, _ more: Expr<V>...) -> Expr<V> {
  .init(.custom(ExtremeNode(children: [first.node, second.node] + more.map(\.node), type: V.columnType, isLargest: false)))
}

/// PostgreSQL passes NULLs over by itself. The others answer NULL to any; there each argument falls back to the others.
struct ExtremeNode: ExpressionNode {
  let children: [Node]
  let type: ColumnType?
  let isLargest: Bool
  func with(children: [Node]) -> any ExpressionNode { ExtremeNode(children: children, type: type, isLargest: isLargest) }
  var isNullable: Bool { children.allSatisfy { Scope.isNullable($0) } }

  func write(in scope: Scope) throws {
    let family = scope.builder.dialect.family
    scope.builder.write((family == .sqlite ? (isLargest ? "max" : "min") : isLargest ? "GREATEST" : "LEAST") + "(")
    try scope.builder.list(children.indices) { index in
      guard family != .postgres, Scope.isNullable(children[index]) else { return try scope.writeExpression(children[index]) }
      try scope.writeCall("COALESCE", Array(children[index...] + children[..<index]))
    }
    scope.builder.write(")")
  }
}

extension Expr where V: ColumnValue {
  /// A function of the database by its name – one of its own, of an extension, or made by `CREATE FUNCTION`. The type of
  /// the result is what you say it is.
  ///
  /// ```swift
  /// Post.query.select { Expr<String?>.custom("unaccent", $0.title) }
  /// ```
  public static func custom<each A>(_ name: String, _ arguments: repeat Expr<each A>) -> Expr<V> {
    do { try SQLName.function(name) } catch { return .init(.invalid(error as? ORMError ?? AnyRelation.mismatch)) }
    var nodes: [Node] = []
    for argument in repeat each arguments { nodes.append(argument.node) }
    return .init(.custom(CustomFunction(name: name, children: nodes, type: V.columnType, isNullable: V.isNullable)))
  }
}

/// A function by its name, which was checked.
struct CustomFunction: ExpressionNode {
  let name: String
  let children: [Node]
  let type: ColumnType?
  let isNullable: Bool
  func with(children: [Node]) -> any ExpressionNode {
    CustomFunction(name: name, children: children, type: type, isNullable: isNullable)
  }
  func write(in scope: Scope) throws { try scope.writeCall(name, children) }
}
