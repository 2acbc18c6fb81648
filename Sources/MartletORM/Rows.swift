public import MartletSQL

/// Rows of values, from wherever they come: a query, a join, a set operation.
///
/// ```swift
/// let names = Author.query.select { $0.name }.union(Tag.query.select { $0.name }).order { $0.columns.asc }
/// let table = names.table()      // to join with, or to read from
/// ```
public struct Rows<each V: ColumnValue>: Sendable {
  package var plan: SelectPlan
  package init(plan: SelectPlan) { self.plan = plan }

  /// The selected values as expressions.
  var columns: (repeat Expr<each V>) {
    var index = -1
    func next<W>(_ type: W.Type) -> Expr<W> {
      index += 1
      return Expr(plan.select[index])
    }
    return (repeat next((each V).self))
  }
  private func with(_ change: (inout SelectPlan) -> Void) -> Self {
    var copy = self
    change(&copy.plan)
    return copy
  }

  /// In this order; the closure gets the selected values as `$0.columns.0`, or as `$0.columns` where there is one.
  public func order(_ keys: ((TableColumns<repeat each V>) -> Ordering)...) -> Self {
    // A struct, not the pack: closures over packs in an array crash the compiler (Swift 6.3).
    let selected = TableColumns(columns: (repeat each columns))
    var copy = self
    for key in keys { copy.plan.orders.append(key(selected)) }
    return copy
  }
  /// At most so many rows.
  public func limit(_ count: Int, offset: Int? = nil) -> Self {
    with {
      $0.limit = max(0, count)
      if let offset { $0.offset = max(0, offset) }
    }
  }
  /// Without equal rows.
  public func distinct() -> Self { with { $0.isDistinct = true } }
  /// With the subtotals of the groups, in whose rows the keys are NULL: select them as `.optional`. Not on SQLite (capability
  /// `rollup`).
  public func rollup() -> Self { with { $0.isRollup = true } }

  /// The statement that ``all(_:fileID:line:)`` runs.
  public func statement(_ dialect: any SQLDialect) throws -> SQLStatement { try plan.statement(dialect) }

  /// All rows.
  /// - Throws: ``DatabaseError``; ``ORMError``; `CancellationError`.
  public func all(_ db: Database, fileID: String = #fileID, line: UInt = #line) async throws -> [(repeat each V)] {
    try await db.query(plan.statement(db.dialect), source: SourcePlace(fileID: fileID, line: line)) { row in
      (repeat try (each V).read(&row))
    }
  }
  /// The first row, or `nil`.
  /// - Throws: ``DatabaseError``; ``ORMError``; `CancellationError`.
  public func first(_ db: Database, fileID: String = #fileID, line: UInt = #line) async throws -> (repeat each V)? {
    try await limit(1).all(db, fileID: fileID, line: line).first
  }
  /// How many rows there are.
  /// - Throws: ``DatabaseError``; ``ORMError``; `CancellationError`.
  public func count(_ db: Database, fileID: String = #fileID, line: UInt = #line) async throws -> Int {
    var counted = SelectPlan(
      root: table().path(), select: [.aggregate(.count, [], distinct: false, filter: nil)])
    counted.orders = []
    let source = SourcePlace(fileID: fileID, line: line)
    return try await db.query(counted.statement(db.dialect), source: source) { try Int.read(&$0) }.first ?? 0
  }

  /// The rows as a table that a query can read from and join.
  public func table() -> QueryTable<repeat each V> {
    QueryTable(source: SubquerySource(plan: named), columns: QueryTable<repeat each V>.columns(plan))
  }
  /// The rows as a table with a name, in the statement's WITH clause: computed once where it is used twice.
  ///
  /// - Parameters:
  ///   - name: Any text that the database takes as a name; it is quoted.
  ///   - materialized: Whether the database is to compute it apart (true) or inside of the query (false). A hint to
  ///     PostgreSQL and SQLite.
  public func cte(_ name: String, materialized: Bool? = nil) -> QueryTable<repeat each V> {
    let columns = QueryTable<repeat each V>.columns(plan)
    return QueryTable(
      source: CommonTable(name, columns: columns.map(\.name), .plan(plan), isMaterialized: materialized), columns: columns)
  }
  /// The plan with the names by which a query around it reads the columns.
  var named: SelectPlan {
    var plan = plan
    plan.names = plan.select.indices.map { "c\($0)" }
    return plan
  }
}

/// A row of values that are in no table: `SELECT 1, 'a'`.
public func row<each V: ColumnValue>(_ values: repeat Expr<each V>) -> Rows<repeat each V> {
  var nodes: [Node] = []
  for value in repeat each values { nodes.append(value.node) }
  return Rows(plan: SelectPlan(root: Path(QueryTable<repeat each V>.schema([]), source: NoSource()), select: nodes))
}

extension Selection {
  /// The rows, apart from the model that they come from.
  public var rows: Rows<repeat each V> { Rows(plan: plan) }
  /// The rows as a table that a query can read from and join.
  public func table() -> QueryTable<repeat each V> { rows.table() }
  /// The rows as a table with a name, in the statement's WITH clause. See ``Rows/cte(_:materialized:)``.
  public func cte(_ name: String, materialized: Bool? = nil) -> QueryTable<repeat each V> {
    rows.cte(name, materialized: materialized)
  }
  /// With the subtotals of the groups, in whose rows the keys are NULL: select them as `.optional`. Not on SQLite (capability
  /// `rollup`).
  public func rollup() -> Rows<repeat each V> { rows.rollup() }
}
