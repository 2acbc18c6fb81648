public import MartletSQL

extension Query {
  /// All rows of the query.
  ///
  /// - Throws: ``DatabaseError``; ``ORMError`` where an expression cannot be compiled; `CancellationError`.
  public func all(_ db: Database, fileID: String = #fileID, line: UInt = #line) async throws -> [M] {
    try checkLock(db)
    let source = SourcePlace(fileID: fileID, line: line)
    let rows = try await db.query(statement(db.dialect), source: source, decode: decoder())
    return prefetches.isEmpty ? rows : try await prefetched(rows, db.from(source))
  }
  /// The rows with the relations that the query loads by statements of their own.
  func prefetched(_ rows: [M], _ db: Database) async throws -> [M] {
    guard !rows.isEmpty else { return rows }
    var rows = rows
    for prefetch in prefetches { try await prefetch.run(&rows, db) }
    return rows
  }

  /// The first row, or `nil`.
  ///
  /// ```swift
  /// try await Post.filter { $0.slug == slug }.first(db)   // … WHERE t0."slug" = ? LIMIT 1
  /// ```
  /// - Throws: ``DatabaseError``; ``ORMError``; `CancellationError`.
  /// - Note: Adds no ordering, unlike Django's `QuerySet.first()`.
  public func first(_ db: Database, fileID: String = #fileID, line: UInt = #line) async throws -> M? {
    try await limit(1).all(db, fileID: fileID, line: line).first
  }

  /// The one row of the query. Django's `get()`.
  ///
  /// - Throws: ``ORMError`` of kind `notFound` or `multipleFound`; ``DatabaseError``.
  public func one(_ db: Database, fileID: String = #fileID, line: UInt = #line) async throws -> M {
    try Self.only(await limit(2).all(db, fileID: fileID, line: line))
  }
  /// The one row of a query that asked for two.
  static func only(_ rows: [M]) throws -> M {
    guard let row = rows.first else {
      throw ORMError(.notFound, "no \(M.self) matches the query", hint: "use first(db) where it may be missing")
    }
    guard rows.count == 1 else {
      throw ORMError(.multipleFound, "several rows of \(M.self) match the query", hint: "narrow the filter, or use first(db)")
    }
    return row
  }

  /// How many rows the query has.
  public func count(_ db: Database, fileID: String = #fileID, line: UInt = #line) async throws -> Int {
    let source = SourcePlace(fileID: fileID, line: line)
    return try await db.query(countStatement(db.dialect), source: source) { try Int.read(&$0) }.first ?? 0
  }
  /// Its one row is the number of rows.
  var countPlan: SelectPlan {
    var counted = plan([.aggregate(.count, [], distinct: false, filter: nil)])
    // Which rows a limit leaves out makes no difference to their number.
    counted.orders = []
    counted.lock = nil
    return counted
  }
  func countStatement(_ dialect: any SQLDialect) throws -> SQLStatement {
    let builder = SQLBuilder(dialect)
    var counted = countPlan
    if limit != nil || offset != nil || isDistinct {
      // Rows with different keys are different rows.
      counted.select = [keyNode]
      builder.write("SELECT COUNT(*) FROM (")
      try builder.write(counted)
      builder.write(") AS counted")
    } else {
      try builder.write(counted)
    }
    return try builder.statement(.read)
  }

  /// Whether the query has a row.
  public func exists(_ db: Database, fileID: String = #fileID, line: UInt = #line) async throws -> Bool {
    let source = SourcePlace(fileID: fileID, line: line)
    return try await !db.query(existsStatement(db.dialect), source: source) { row in row.count }.isEmpty
  }
  func existsStatement(_ dialect: any SQLDialect) throws -> SQLStatement {
    var plan = plan([.raw([.sql("1")], .int)])
    plan.limit = limit == 0 ? 0 : 1
    plan.orders = []
    plan.lock = nil
    plan.isDistinct = false
    return try plan.statement(dialect)
  }

  /// How the database would run the query, as it says itself, a line a step.
  public func explain(_ db: Database) async throws -> String {
    var statement = try statement(db.dialect)
    switch db.dialect.family {
    case .sqlite: return try await explainBySQLite(&statement, db)
    case .postgres: statement.text = "EXPLAIN " + statement.text
    case .mysql: statement.text = (db.dialect.name == "mysql" ? "EXPLAIN FORMAT=TREE " : "EXPLAIN ") + statement.text
    }
    // PostgreSQL and MySQL 8 answer with lines; MariaDB with a row of columns for each table.
    return try await db.query(statement) { row in
      var cells: [String] = []
      for _ in 0..<row.count {
        switch try RowCells.copy(row.next()) {
        case .text(let text): cells.append(text)
        case .int(let number): cells.append(String(number))
        case .double(let number): cells.append(number.description)
        case .blob(let bytes): cells.append(String(decoding: bytes, as: UTF8.self))
        default: cells.append("-")
        }
      }
      return cells.joined(separator: " | ")
    }.joined(separator: "\n")
  }

  private func explainBySQLite(_ statement: inout SQLStatement, _ db: Database) async throws -> String {
    statement.text = "EXPLAIN QUERY PLAN " + statement.text
    let steps = try await db.query(statement) { row in
      let id = try row.int(), parent = try row.int()
      row.skip(1)
      return (id: id, parent: parent, text: try row.text())
    }
    var depth: [Int64: Int] = [:]
    return steps.map { step in
      let level = (depth[step.parent] ?? -1) + 1
      depth[step.id] = level
      return String(repeating: "  ", count: level) + step.text
    }.joined(separator: "\n")
  }
}

extension Model {
  /// All rows, as the start of a query.
  public static var query: Query<Self> { Query() }
  /// The rows for which the condition holds.
  public static func filter(_ condition: (Fields) -> Expr<Bool>) -> Query<Self> { Query().filter(condition) }
  /// The row with this key, or `nil`.
  /// - Throws: ``ORMError`` of kind `unsavedKey`; ``DatabaseError``.
  public static func find(_ id: ID, _ db: Database, fileID: String = #fileID, line: UInt = #line) async throws -> Self? {
    let statement = try KeyLookup.statement(self, id, db.dialect), source = SourcePlace(fileID: fileID, line: line)
    return try await db.query(statement, source: source) { row in try Self(row: &row) }.first
  }
  /// The row with this key.
  /// - Throws: ``ORMError`` of kind `notFound` or `unsavedKey`; ``DatabaseError``.
  public static func get(_ id: ID, _ db: Database, fileID: String = #fileID, line: UInt = #line) async throws -> Self {
    if let row = try await find(id, db, fileID: fileID, line: line) { return row }
    throw notFound(id)
  }
  static func notFound(_ id: ID) -> ORMError {
    ORMError(.notFound, "there is no \(Self.self) with id \(id)", hint: "use find(id, db) where it may be missing")
  }
  package static func withID(_ id: ID) -> Query<Self> {
    let query = Query<Self>()
    return query.filter(node: .binary(.equal, query.keyNode, .constant(id)))
  }
  /// All column values, in the order of the schema.
  package var columnValues: [SQLValue] { Self.schema.columns.indices.map { columnValue(at: $0) } }
}
