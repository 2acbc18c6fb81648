import Foundation
import MartletCore
public import MartletSQL

extension Model {
  /// Inserts the row.
  ///
  /// - Returns: The row with its key and whatever the database filled in.
  /// - Throws: ``ValidationError``; ``DatabaseError`` (`uniqueViolation` …); ``ORMError``.
  @discardableResult
  public func insert(_ db: Database, fileID: String = #fileID, line: UInt = #line) async throws -> Self {
    guard let row = try await Self.insert([self], db, fileID: fileID, line: line).first else {
      throw ORMError(.unexpectedResult, "the database returned no row for an insert into \(Self.table)")
    }
    return row
  }

  /// Inserts all rows by one statement, or as few as the number of bindings allows, all or none.
  ///
  /// - Returns: The rows in the same order, each with its key.
  /// - Throws: ``ValidationError``; ``DatabaseError``; ``ORMError``.
  @discardableResult
  public static func insert(_ rows: [Self], _ db: Database, fileID: String = #fileID, line: UInt = #line) async throws -> [Self] {
    guard !rows.isEmpty else { return [] }
    let source = SourcePlace(fileID: fileID, line: line)
    let prepared = try rows.map { try $0.preparedForInsert(db) }
    let batches = Self.batches(prepared, db.dialect)
    if batches.count == 1 { return try await run(batches[0], prepared, db, nil, source).map(\.1) }
    return try await db.transaction { tx in
      var result = prepared
      for batch in batches {
        for (index, row) in try await run(batch, prepared, tx, nil, source) { result[index] = row }
      }
      return result
    }
  }

  /// With its key, if Martlet gives it, and its times.
  func preparedForInsert(_ db: Database) throws -> Self {
    var row = self
    let schema = Self.schema
    // The parts of a composite key are references and values of the app's own, which are looked at below.
    if id.isUnsavedKey, !schema.hasCompositeKey {
      switch schema.primaryKey.keyGeneration {
      case .database: break
      case .uuidV4: try row.setColumn(schema.primaryKeyIndex, .uuid(UUID()))
      case .uuidV7: try row.setColumn(schema.primaryKeyIndex, .uuid(.version7(at: db.timeSource.now())))
      case .none:
        throw ORMError(
          .unsavedKey, "\(Self.self) has a key that the app gives, and it is missing", hint: "pass id: to the initialiser")
      }
    }
    for (index, column) in schema.columns.enumerated() where column.options.autoNow || column.options.autoNowAdd {
      try row.setColumn(index, Self.now(db, column))
    }
    for (index, column) in schema.columns.enumerated() where column.foreignKey != nil && !column.isNullable {
      if columnValue(at: index).isNull {
        throw ORMError(
          .unsavedKey, "\(Self.self).\(column.property) refers to a row that is not saved yet",
          hint: "insert that row first, and refer to what insert returned")
      }
    }
    try ValueRules.check(row, db.dialect)
    return row
  }

  /// The current time as a column of that type holds it.
  static func now(_ db: Database, _ column: ColumnSchema) -> SQLValue {
    let microseconds = db.timeSource.now().microsecondsSince1970
    guard column.type == .date else { return .timestamp(microseconds) }
    let day = microseconds >= 0 ? microseconds / 86_400_000_000 : (microseconds - 86_399_999_999) / 86_400_000_000
    return .date(CalendarDate(daysSince1970: Int(day)))
  }

  /// Sets a column as if the value had come from a row.
  package mutating func setColumn(_ index: Int, _ value: SQLValue) throws {
    try RowCells.withRow([value]) { try readColumn(at: index, from: &$0) }
  }

  /// Rows that leave out the same columns, in statements of at most as many bindings as the database takes.
  static func batches(_ rows: [Self], _ dialect: any SQLDialect) -> [InsertBatch] {
    var groups: [(omitted: Set<Int>, rows: [Int])] = []
    for (index, row) in rows.enumerated() {
      let omitted = Set(
        schema.columns.indices.filter { column in
          let options = schema.columns[column].options
          if options.generated != nil { return true }
          guard schema.columns[column].isPrimaryKey && !schema.hasCompositeKey || options.dbDefault != nil else { return false }
          return row.columnValue(at: column).isNull
        })
      if let found = groups.firstIndex(where: { $0.omitted == omitted }) {
        groups[found].rows.append(index)
      } else {
        groups.append((omitted, [index]))
      }
    }
    return groups.flatMap { group in
      let columns = schema.columns.indices.filter { !group.omitted.contains($0) }
      // DEFAULT VALUES makes one row.
      let size = columns.isEmpty ? 1 : max(1, dialect.maxBindings / columns.count)
      return stride(from: 0, to: group.rows.count, by: size).map { start in
        InsertBatch(
          rows: Array(group.rows[start..<min(start + size, group.rows.count)]), columns: columns, omitted: group.omitted.sorted())
      }
    }
  }

  /// Runs one INSERT and gives back each row's place and the row with what the database filled in.
  static func run(
    _ batch: InsertBatch, _ rows: [Self], _ db: Database, _ conflict: ConflictClause?, _ source: SourcePlace
  ) async throws -> [(Int, Self)] {
    let filled = batch.omitted.filter { !schema.columns[$0].isPrimaryKey }
    let plan = InsertPlan(
      table: table, columns: batch.columns.map { schema.columns[$0] },
      rows: batch.rows.map { row in batch.columns.map { rows[row].columnValue(at: $0) } }, conflict: conflict)
    let answers =
      db.dialect.capabilities.contains(.insertReturning)
      ? try await returning(plan, filled, batch, rows, db, source)
      : try await selectingAfterwards(plan, filled, batch, rows, db, source)
    return try zip(batch.rows, answers).map { index, answer in
      var row = rows[index]
      if let key = answer.key { row.id = key }
      for (column, value) in zip(filled, answer.values) { try row.setColumn(column, value) }
      return (index, row)
    }
  }

  private static func returning(
    _ plan: InsertPlan, _ filled: [Int], _ batch: InsertBatch, _ rows: [Self], _ db: Database, _ source: SourcePlace
  ) async throws -> [Filled<Self>] {
    var plan = plan
    plan.returning = (schema.primaryKeyIndexes + filled).map { schema.columns[$0] }
    let builder = SQLBuilder(db.dialect)
    try builder.write(plan)
    let answers = try await db.query(builder.statement(.write), source: source) { try Filled<Self>(&$0, filled.count) }
    guard answers.count == batch.rows.count else {
      throw ORMError(.unexpectedResult, "\(batch.rows.count) rows were inserted into \(table), and \(answers.count) came back")
    }
    return try matched(answers, batch, rows)
  }

  /// The answers in the order of the rows. SQL promises no order for RETURNING, so: by key, where the rows have
  /// theirs; else by ascending key, since the database numbers the rows of one VALUES list one after the other.
  static func matched(_ answers: [Filled<Self>], _ batch: InsertBatch, _ rows: [Self]) throws -> [Filled<Self>] {
    if batch.rows.count == 1 { return answers }
    if !batch.omitted.contains(schema.primaryKeyIndex) {
      var byKey: [ID: Filled<Self>] = [:]
      for answer in answers { if let key = answer.key { byKey[key] = answer } }
      return try batch.rows.map { index in
        guard let answer = byKey[rows[index].id] else {
          throw ORMError(.unexpectedResult, "the row with id \(rows[index].id) did not come back from the insert into \(table)")
        }
        return answer
      }
    }
    return answers.sorted { l, r in
      guard let l = l.key?.sqlValue, let r = r.key?.sqlValue, let order = SQLValue.compare(l, r) else { return false }
      return order < 0
    }
  }
}

/// Rows that one INSERT writes.
struct InsertBatch {
  /// Places in the caller's list.
  var rows: [Int]
  /// Places of the columns that are written.
  var columns: [Int]
  /// Places of the columns that the database fills in.
  var omitted: [Int]
}

/// What the database filled in for one row.
struct Filled<M: Model>: Sendable {
  var key: M.ID?
  var values: [SQLValue] = []
  init(key: M.ID) { self.key = key }
  /// From a row of the key and so many further columns.
  init(_ row: inout Row, _ count: Int) throws {
    key = try M.ID.read(&row)
    for _ in 0..<count { values.append(try RowCells.copy(row.next())) }
  }
}
