public import MartletSQL

extension Model {
  /// Inserts each row, or changes the one that is there already.
  ///
  /// ```swift
  /// try await Post.upsert([post], db, on: { $0.slug }) { row, new in
  ///   row.views.set(to: row.views + new.views)
  /// }
  /// ```
  /// - Parameters:
  ///   - on: The columns of a unique constraint, which decide whether a row is there.
  ///   - assignments: What to change; `row` is the row in the table, `new` the one that was to be inserted.
  ///     Without assignments the row stays as it is.
  /// - Returns: The keys of the rows, in the order of the argument.
  /// - Throws: ``ValidationError``; ``DatabaseError``; ``ORMError``.
  @discardableResult
  public static func upsert<each K>(
    _ rows: [Self], _ db: Database, on columns: (Fields) -> (repeat Expr<each K>), fileID: String = #fileID, line: UInt = #line,
    @AssignmentBuilder set assignments: (Fields, Fields) -> [Assignment]
  ) async throws -> [ID] {
    let table = Path(Self.self), new = Path(Self.self)
    var target: [Node] = []
    for column in repeat each columns(Fields(table)) { target += column.node.parts }
    let clause = ConflictClause(
      table: table, new: new, target: try target.map { try columnName(of: $0) },
      assignments: try assignments(Fields(table), Fields(new)).map {
        let column = try $0.columnSchema(of: Self.self)
        try column.requireWritable()
        if case .value(let value) = $0.value { try ValueRules.check(value, of: column, db.dialect) }
        return ColumnAssignment(column: column, value: $0.value)
      })
    try checkTarget(clause, db.dialect)
    let prepared = try rows.map { try $0.preparedForInsert(db) }
    // One statement a row: RETURNING cannot tell which of several rows an answer belongs to.
    let source = SourcePlace(fileID: fileID, line: line)
    if prepared.count == 1 { return try await upsert(prepared, db, clause, source) }
    return try await db.transaction { tx in try await upsert(prepared, tx, clause, source) }
  }

  private static func upsert(_ rows: [Self], _ db: Database, _ clause: ConflictClause, _ source: SourcePlace) async throws -> [ID]
  {
    var keys: [ID] = []
    for row in rows {
      for batch in batches([row], db.dialect) {
        keys += try await run(batch, [row], db, clause, source).map(\.1.id)
      }
    }
    return keys
  }

  /// MySQL goes by any unique constraint; that there is one over these columns is checked here, and is the other databases'
  /// own demand.
  private static func checkTarget(_ clause: ConflictClause, _ dialect: any SQLDialect) throws {
    guard dialect.family == .mysql else { return }
    let target = Set(clause.target)
    var isUnique = target.count == 1 && schema.columns.contains { $0.isUnique && target.contains($0.name) }
    if Set(schema.primaryKeyColumns.map(\.name)) == target { isUnique = true }
    for constraint in constraints {
      if case .unique(_, condition: nil) = constraint.kind, Set(try constraint.columns().map(\.name)) == target {
        isUnique = true
      }
    }
    guard isUnique else {
      throw ORMError(
        .invalidExpression, "\(Self.self) has no unique constraint over \(clause.target.joined(separator: ", "))",
        hint: "name the columns of a unique field or of a unique(…) constraint in on:")
    }
  }

  private static func columnName(of node: Node) throws -> String {
    if case .column(let column) = node,
      let schema = try? Assignment(column: column, value: .value(.null)).columnSchema(of: Self.self)
    {
      return schema.name
    }
    throw ORMError(.invalidExpression, "upsert's 'on:' takes columns of \(Self.self)", hint: "write on: { $0.slug }")
  }
}
