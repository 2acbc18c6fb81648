public import MartletSQL

/// A primary key of several columns: Django's `CompositePrimaryKey`. `@Model` writes one for a model with several properties
/// marked `@Field(primaryKey: true)`.
///
/// ```swift
/// @Model struct Order {
///   @Field(primaryKey: true) var shop: Ref<Shop>
///   @Field(primaryKey: true) var number: Int
/// }
/// let order = try await Order.get(Order.ID(shop: 1, number: 42), db)
/// let some = try await Order.filter { $0.id.in(keys) }.all(db)
/// ```
public protocol CompositeKey: PrimaryKey {}

extension CompositeKey {
  /// The app gives every part.
  public static var unsaved: Self? { nil }
  /// No single column holds the key: this is what a list of its parts would be.
  public static var columnType: ColumnType { .array(.text) }
  /// The parts as a list, for what wants one value. Queries compare the columns.
  public var sqlValue: SQLValue { .array(keyValues, of: .text) }
  /// Whether a part is missing: a reference to a row that is not saved yet.
  public var isUnsavedKey: Bool { keyValues.contains(where: \.isNull) }
}

extension Expr where V: CompositeKey {
  /// The key of the row at a place; called by the code that `@Model` writes.
  public static func key(_ path: Path) -> Expr<V> { Expr(Node.key(of: path)) }
}

/// Several expressions side by side: `(t0."shop_id", t0."number")`.
struct RowValue: ExpressionNode {
  var children: [Node]
  func with(children: [Node]) -> any ExpressionNode { RowValue(children: children) }
  /// Comparisons, lists, orders and selections write the parts: see below. Anything else would need one value.
  func write(in scope: Scope) throws {
    throw ORMError(
      .invalidExpression, "a key of several columns is no single value", hint: "use its columns: count($0.number), for one")
  }
}

/// Whether a row of expressions is one of a list: `(a, b) IN ((1, 2), (3, 4))`.
struct RowInList: ExpressionNode {
  var children: [Node]
  var rows: [[SQLValue]]
  var type: ColumnType? { .bool }

  func with(children: [Node]) -> any ExpressionNode { RowInList(children: children, rows: rows) }

  func write(in scope: Scope) throws {
    let builder = scope.builder
    if rows.isEmpty { return builder.write("FALSE") }
    let columns = try children.map { node in try builder.capture { try scope.writeExpression(node) } }
    builder.writeMembership(of: columns, rows)
  }
}

extension SQLBuilder {
  /// ` IN (…)` of keys: as rows where there are several columns.
  func writeMembership(of columns: [String], _ keys: [[SQLValue]]) {
    if columns.count == 1 {
      write(columns[0])
      return writeMembership(keys.map { $0[0] }, negated: false)
    }
    // SQLite compares rows with those of a table alone.
    write("(\(columns.joined(separator: ", "))) IN (" + (dialect.family == .sqlite ? "VALUES " : ""))
    list(keys) { key in
      write("(")
      list(key) { bind($0) }
      write(")")
    }
    write(")")
  }
}

extension Node {
  /// The parts of a row of expressions.
  var rowParts: [Node]? {
    if case .custom(let node) = self { (node as? RowValue)?.children } else { nil }
  }
  /// The parts of a row of expressions, or the expression itself.
  var parts: [Node] { rowParts ?? [self] }

  /// The key's columns at a place.
  static func keyColumns(of path: Path) -> [Node] {
    let schema = path.schema
    return schema.primaryKeyIndexes.map { .column(ColumnReference(path: path, index: $0, in: schema)) }
  }
  /// The key at a place: its column, or its columns as a row.
  package static func key(of path: Path) -> Node {
    let columns = keyColumns(of: path)
    return columns.count == 1 ? columns[0] : .custom(RowValue(children: columns))
  }
  /// Whether a key is one of a list.
  static func isKey(_ key: Node, in keys: some Sequence<some PrimaryKey>) -> Node {
    if let parts = key.rowParts { return .custom(RowInList(children: parts, rows: keys.map(\.keyValues))) }
    return .inList(key, keys.map(\.sqlValue))
  }

  /// A comparison of two rows as one of their parts; `nil` where there are none.
  static func comparison(_ op: BinaryOperator, ofRows l: Node, _ r: Node) -> Node? {
    guard let l = l.rowParts, let r = r.rowParts, l.count == r.count else { return nil }
    let equal = zip(l, r).reduce(alwaysTrue) { and($0, .binary(.equal, $1.0, $1.1)) }
    switch op {
    case .equal: return equal
    case .notEqual: return .not(equal)
    default:
      // The first part that differs decides.
      let strict: BinaryOperator = op == .less || op == .lessOrEqual ? .less : .greater
      var result = op == strict ? alwaysFalse : equal
      for place in l.indices.reversed() {
        let before = zip(l[..<place], r[..<place]).reduce(alwaysTrue) { and($0, .binary(.equal, $1.0, $1.1)) }
        result = or(and(before, .binary(strict, l[place], r[place])), result)
      }
      return result
    }
  }
}

extension Scope {
  /// `(a, b) > (1, 2)`, which an index serves; by the parts where one may be NULL, and for equality.
  /// - Returns: Whether both sides are rows.
  func writeRowComparison(_ op: BinaryOperator, _ l: Node, _ r: Node, _ negated: Bool) throws -> Bool {
    guard let parts = Node.comparison(op, ofRows: l, r) else { return false }
    let isOrder = op != .equal && op != .notEqual
    guard isOrder, !(l.parts + r.parts).contains(where: { Scope.isNullable($0) }) else {
      try writePredicate(parts, negated: negated)
      return true
    }
    for (place, side) in [l, r].enumerated() {
      builder.write(place == 0 ? "(" : " \((negated ? op.negated : op).rawValue) (")
      try builder.list(side.parts) { try writeExpression($0) }
      builder.write(")")
    }
    return true
  }
}

extension SelectPlan {
  /// With the columns of composite keys in their place.
  func spreadingKeys() throws -> SelectPlan {
    func isKey(_ node: Node) -> Bool { node.rowParts != nil }
    guard
      select.contains(where: isKey) || groupBy.contains(where: isKey) || distinctOn.contains(where: isKey)
        || orders.contains(where: { isKey($0.node) })
    else { return self }
    guard names == nil || !select.contains(where: { $0.rowParts != nil }) else {
      throw ORMError(
        .invalidExpression, "a key of several columns is no column of a subquery", hint: "select its columns one by one")
    }
    var plan = self
    plan.select = select.flatMap(\.parts)
    plan.groupBy = groupBy.flatMap(\.parts)
    plan.distinctOn = distinctOn.flatMap(\.parts)
    plan.orders = orders.flatMap(\.parts)
    return plan
  }
}

extension Ordering {
  /// The same direction by each part of a key of several columns.
  var parts: [Ordering] { node.rowParts.map { $0.map(on) } ?? [self] }
}
