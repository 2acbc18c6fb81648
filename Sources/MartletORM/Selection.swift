public import MartletSQL

/// Columns and computed values of a query's rows, as tuples. With an aggregate among them, the others are the groups.
///
/// ```swift
/// for (name, n) in try await Post.query.select({ ($0.author.name, count()) }).all(db) { … }
/// ```
public struct Selection<M: Model, each V: ColumnValue>: Sendable {
  package var plan: SelectPlan
  let fields: M.Fields

  private func with(_ change: (inout SelectPlan) -> Void) -> Self {
    var copy = self
    change(&copy.plan)
    return copy
  }
  /// In this order; may use aggregates.
  public func order(_ keys: ((M.Fields) -> Ordering)...) -> Self { with { $0.orders += keys.map { $0(fields) } } }
  /// Only the groups for which the condition holds.
  public func having(_ condition: (M.Fields) -> Expr<Bool>) -> Self {
    let node = condition(fields).node
    return with { $0.having = $0.having.map { .and($0, node) } ?? node }
  }
  /// Grouped by these, whatever is selected.
  public func group<each K>(by keys: (M.Fields) -> (repeat Expr<each K>)) -> Self {
    var nodes: [Node] = []
    for key in repeat each keys(fields) { nodes.append(key.node) }
    return with { $0.groupBy = nodes }
  }
  /// Without equal rows.
  public func distinct() -> Self { with { $0.isDistinct = true } }
  /// At most so many rows.
  public func limit(_ count: Int, offset: Int? = nil) -> Self {
    with {
      $0.limit = max(0, count)
      if let offset { $0.offset = max(0, offset) }
    }
  }

  /// The statement that ``all(_:fileID:line:)`` runs.
  public func statement(_ dialect: any SQLDialect) throws -> SQLStatement { try plan.statement(dialect) }

  /// All rows.
  /// - Throws: ``DatabaseError``; ``ORMError``; `CancellationError`.
  public func all(_ db: Database, fileID: String = #fileID, line: UInt = #line) async throws -> [(repeat each V)] {
    if plan.lock != nil { try RowLock.check(db) }
    return try await db.query(plan.statement(db.dialect), source: SourcePlace(fileID: fileID, line: line)) { row in
      (repeat try (each V).read(&row))
    }
  }
  /// The first row, or `nil`.
  /// - Throws: ``DatabaseError``; ``ORMError``; `CancellationError`.
  public func first(_ db: Database, fileID: String = #fileID, line: UInt = #line) async throws -> (repeat each V)? {
    try await limit(1).all(db, fileID: fileID, line: line).first
  }
}

/// Rows with computed values beside them: `[(Post, Int)]`.
public struct Annotated<M: Model, each V: ColumnValue>: Sendable {
  let query: Query<M>
  let extra: [Node]

  /// The statement that ``all(_:fileID:line:)`` runs first.
  public func statement(_ dialect: any SQLDialect) throws -> SQLStatement {
    try query.rowPlan(extra).statement(dialect)
  }
  /// All rows.
  /// - Throws: ``DatabaseError``; ``ORMError``; `CancellationError`.
  public func all(_ db: Database, fileID: String = #fileID, line: UInt = #line) async throws -> [(M, repeat each V)] {
    try query.checkLock(db)
    let source = SourcePlace(fileID: fileID, line: line)
    let decode = try query.decoder(), models = Confined<[M]>([])
    // Models aside from values: swift 6.3's runtime aborts on the metadata of a tuple that nests a pack ((M, (repeat each V))).
    let values: [(repeat each V)] = try await db.query(statement(db.dialect), source: source) { row in
      models.value.append(try decode(&row))
      return (repeat try (each V).read(&row))
    }
    let rows = try await query.prefetched(models.value, db.from(source))
    var result: [(M, repeat each V)] = []
    result.reserveCapacity(rows.count)
    for (index, value) in values.enumerated() { result.append((rows[index], repeat each value)) }
    return result
  }
  /// The first row, or `nil`.
  /// - Throws: ``DatabaseError``; ``ORMError``; `CancellationError`.
  public func first(_ db: Database, fileID: String = #fileID, line: UInt = #line) async throws -> (M, repeat each V)? {
    try await Annotated(query: query.limit(1), extra: extra).all(db, fileID: fileID, line: line).first
  }
}

extension Query {
  /// Only these values of each row, as tuples.
  public func select<each V: ColumnValue>(_ values: (M.Fields) -> (repeat Expr<each V>)) -> Selection<M, repeat each V> {
    var nodes: [Node] = []
    for value in repeat each values(fields) { nodes.append(value.node) }
    return Selection(plan: plan(nodes), fields: fields)
  }
  /// Each row with computed values beside it.
  ///
  /// ```swift
  /// for (post, n) in try await Post.query.annotate({ $0.comments.count }).all(db) { … }
  /// ```
  public func annotate<each V: ColumnValue>(_ values: (M.Fields) -> (repeat Expr<each V>)) -> Annotated<M, repeat each V> {
    var nodes: [Node] = []
    for value in repeat each values(fields) { nodes.append(value.node) }
    return Annotated(query: self, extra: nodes)
  }
}
