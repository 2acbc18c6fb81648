import MartletCore
import MartletSQL

/// What stands in for RETURNING on MySQL: the first key that the server counted, and a SELECT for what else it filled in.
extension Model {
  static func selectingAfterwards(
    _ plan: InsertPlan, _ filled: [Int], _ batch: InsertBatch, _ rows: [Self], _ db: Database, _ source: SourcePlace
  ) async throws -> [Filled<Self>] {
    let isCounted = batch.omitted.contains(schema.primaryKeyIndex)
    let isOneStatement = filled.isEmpty && (isCounted ? batch.rows.count == 1 : plan.conflict == nil)
    // What is selected afterwards must be what this insert wrote, and on its connection.
    guard isOneStatement || db.isInTransaction else {
      return try await db.transaction { tx in try await selectingAfterwards(plan, filled, batch, rows, tx, source) }
    }
    var plan = plan
    if isCounted { plan.conflict?.countedKey = schema.primaryKey.name }
    let builder = SQLBuilder(db.dialect)
    try builder.write(plan)
    let result = try await db.run(builder.statement(.write), source: source)
    var keys = batch.rows.map { rows[$0].id }
    if isCounted {
      keys = try await countedKeys(result, batch.rows.count, db, source)
    } else if let conflict = plan.conflict, let row = batch.rows.first {
      keys = [try await keyInTable(rows[row], conflict.target, db, source)]
    }
    if filled.isEmpty { return keys.map { Filled(key: $0) } }
    return try await selected(keys, filled, db, source)
  }

  /// A statement that inserts a list of rows takes its keys in one go, whatever `innodb_autoinc_lock_mode` is, the first of
  /// which the server reports.
  private static func countedKeys(_ result: StatementResult, _ count: Int, _ db: Database, _ source: SourcePlace) async throws
    -> [ID]
  {
    guard let first = result.lastInsertID, first > 0 else {
      throw ORMError(.unexpectedResult, "the database gave no key for an insert into \(table)")
    }
    var step: Int64 = 1
    if count > 1 {
      let statement = SQLStatement("SELECT @@SESSION.auto_increment_increment", effect: .read)
      step = try await db.query(statement, source: source) { try Int64.read(&$0) }.first ?? 1
    }
    return try (0..<count).map { place in
      try RowCells.withRow([.int(first + Int64(place) * step)]) { try ID.read(&$0) }
    }
  }

  /// The key of the row that an upsert inserted or found.
  private static func keyInTable(_ row: Self, _ target: [String], _ db: Database, _ source: SourcePlace) async throws -> ID {
    let root = Path(Self.self)
    var condition = Node.alwaysTrue
    for (index, column) in schema.columns.enumerated() where target.contains(column.name) {
      // No unique constraint holds NULLs together: the row was inserted, with its own key.
      if row.columnValue(at: index).isNull { return row.id }
      condition = .and(
        condition, .binary(.equal, .column(ColumnReference(path: root, index: index)), .value(row.columnValue(at: index))))
    }
    let plan = SelectPlan(
      root: root, select: [.key(of: root)], filter: condition)
    guard let key = try await db.query(plan.statement(db.dialect), source: source, decode: { try ID.read(&$0) }).first else {
      throw ORMError(
        .unexpectedResult, "the row of an upsert into \(table) is not found by \(target.joined(separator: ", "))",
        hint: "do not assign to the columns of on: on this database")
    }
    return key
  }

  private static func selected(_ keys: [ID], _ filled: [Int], _ db: Database, _ source: SourcePlace) async throws
    -> [Filled<Self>]
  {
    let root = Path(Self.self)
    func column(_ index: Int) -> Node { .column(ColumnReference(path: root, index: index)) }
    let plan = SelectPlan(
      root: root, select: [.key(of: root)] + filled.map(column), filter: .isKey(.key(of: root), in: keys))
    var byKey: [ID: Filled<Self>] = [:]
    for row in try await db.query(plan.statement(db.dialect), source: source, decode: { try Filled<Self>(&$0, filled.count) }) {
      if let key = row.key { byKey[key] = row }
    }
    return try keys.map { key in
      if let row = byKey[key] { return row }
      throw ORMError(.unexpectedResult, "the row with id \(key) is not there after the insert into \(table)")
    }
  }
}
