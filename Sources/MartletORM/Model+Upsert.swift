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
    for column in repeat each columns(Fields(table)) { target.append(column.node) }
    let clause = ConflictClause(
      table: table, new: new, target: try target.map { try columnName(of: $0) },
      assignments: try assignments(Fields(table), Fields(new)).map { (try $0.columnSchema(of: Self.self).name, $0.value) })
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

  private static func columnName(of node: Node) throws -> String {
    if case .column(let column) = node,
      let schema = try? Assignment(column: column, value: .value(.null)).columnSchema(of: Self.self)
    {
      return schema.name
    }
    throw ORMError(.invalidExpression, "upsert's 'on:' takes columns of \(Self.self)", hint: "write on: { $0.slug }")
  }
}

/// `ON CONFLICT … DO UPDATE`.
struct ConflictClause: Sendable {
  /// The row in the table.
  var table: Path
  /// The row that was to be inserted.
  var new: Path
  var target: [String]
  var assignments: [(column: String, value: Node)]

  func write(_ builder: SQLBuilder) throws {
    let dialect = builder.dialect
    builder.write(" ON CONFLICT (" + target.map(dialect.quote).joined(separator: ", ") + ") DO UPDATE SET ")
    if assignments.isEmpty, let first = target.first {
      // DO NOTHING would return no row, and so no key.
      return builder.write("\(dialect.quote(first)) = excluded.\(dialect.quote(first))")
    }
    let scope = Scope(table, builder)
    try builder.list(assignments) { assignment in
      builder.writeName(assignment.column)
      builder.write(" = ")
      try scope.writeExpression(rewritten(assignment.value, dialect))
    }
  }

  /// Columns of `row` become the table's, those of `new` become `excluded`'s.
  private func rewritten(_ node: Node, _ dialect: any SQLDialect) throws -> Node {
    func rewrite(_ node: Node) throws -> Node { try rewritten(node, dialect) }
    switch node {
    case .column(let column):
      guard column.path === table || column.path === new else {
        throw ORMError(.invalidExpression, "upsert can use only the columns of its own table")
      }
      let source = column.path === new ? "excluded" : dialect.quote(table.schema.table)
      return .raw([.sql(source + "." + dialect.quote(column.name))], column.schema.type)
    case .binary(let op, let l, let r): return .binary(op, try rewrite(l), try rewrite(r))
    case .function(let name, let arguments): return .function(name, try arguments.map(rewrite))
    case .not(let inner): return .not(try rewrite(inner))
    case .isNull(let inner): return .isNull(try rewrite(inner))
    case .cast(let inner, let type): return .cast(try rewrite(inner), type)
    case .cases(let branches, let otherwise):
      return .cases(try branches.map { (try rewrite($0.when), try rewrite($0.then)) }, otherwise: try otherwise.map(rewrite))
    case .raw(let pieces, let type):
      return .raw(
        try pieces.map { piece in
          if case .node(let inner) = piece { return .node(try rewrite(inner)) }
          return piece
        }, type)
    case .value, .invalid: return node
    default: throw ORMError(.invalidExpression, "upsert cannot use a subquery", hint: "compute the value before")
    }
  }
}
