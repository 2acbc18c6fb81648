import MartletCore
public import MartletSQL

extension Model {
  /// Writes some columns of many rows, each row its own values, found by their keys: Django's `bulk_update`.
  ///
  /// ```swift
  /// try await Post.update(posts, db) { ($0.title, $0.views) }
  /// ```
  /// One statement for as many rows as the number of bindings allows, all or none. Does not touch `autoNow` fields.
  /// - Returns: How many rows were changed; fewer than were given where some are gone.
  /// - Throws: ``ValidationError``; ``ORMError`` of kind `unsavedKey`, or `invalidExpression` for two rows with one key or a
  ///   column that cannot be written; ``DatabaseError``.
  @discardableResult
  public static func update<each V>(
    _ rows: [Self], _ db: Database, fileID: String = #fileID, line: UInt = #line, columns: (Fields) -> (repeat Expr<each V>)
  ) async throws -> Int {
    var places: [Int] = []
    for column in repeat each columns(Fields(Path(Self.self))) {
      let place = try writableColumn(column.node)
      if !places.contains(place) { places.append(place) }
    }
    guard !rows.isEmpty, !places.isEmpty else { return 0 }
    try checkForBulkUpdate(rows, places, db.dialect)
    let source = SourcePlace(fileID: fileID, line: line)
    let size = max(1, min(1000, db.dialect.maxBindings / (places.count + schema.primaryKeyIndexes.count)))
    let chunks = stride(from: 0, to: rows.count, by: size).map { Array(rows[$0..<min($0 + size, rows.count)]) }
    if chunks.count == 1 { return try await bulkUpdate(rows, places, db, source) }
    let columns = places
    return try await db.transaction(fileID: fileID, line: line) { tx in
      var changed = 0
      for chunk in chunks { changed += try await bulkUpdate(chunk, columns, tx, source) }
      return changed
    }
  }

  private static func writableColumn(_ node: Node) throws -> Int {
    if case .column(let column) = node,
      let schema = try? Assignment(column: column, value: .value(.null)).columnSchema(of: Self.self),
      let place = Self.schema.columns.firstIndex(where: { $0.name == schema.name }), !schema.isPrimaryKey
    {
      try schema.requireWritable()
      return place
    }
    throw ORMError(
      .invalidExpression, "'columns:' takes columns of \(Self.self), the primary key excepted",
      hint: "write columns: { ($0.title, $0.views) }")
  }

  private static func checkForBulkUpdate(_ rows: [Self], _ places: [Int], _ dialect: any SQLDialect) throws {
    var seen: Set<ID> = [], errors: [FieldError] = []
    for row in rows {
      guard !row.id.isUnsavedKey else {
        throw ORMError(.unsavedKey, "a row of \(Self.self) is not saved yet", hint: "insert it first")
      }
      guard seen.insert(row.id).inserted else {
        throw ORMError(.invalidExpression, "two rows of the update have the id \(row.id)", hint: "pass each row once")
      }
      for place in places {
        let value = row.columnValue(at: place)
        errors += ValueRules.violations(value, of: schema.columns[place], dialect)
      }
    }
    if !errors.isEmpty { throw ValidationError(errors) }
  }

  static func bulkUpdate(_ rows: [Self], _ places: [Int], _ db: Database, _ source: SourcePlace) async throws -> Int {
    let builder = SQLBuilder(db.dialect), keys = schema.primaryKeyColumns
    let values = rows.map { row in row.id.keyValues + places.map { row.columnValue(at: $0) } }
    builder.writeUpdate(table: table, keys: keys, columns: places.map { schema.columns[$0] }, values: values)
    return try await db.run(builder.statement(.write), source: source).rowsAffected
  }
}

extension SQLBuilder {
  /// Writes an UPDATE that takes its values from a table made of them: of each row the key, then the columns.
  func writeUpdate(table: String, keys: [ColumnSchema], columns: [ColumnSchema], values: [[SQLValue]]) {
    let keyNames = keys.count == 1 ? ["k"] : keys.indices.map { "k\($0)" }
    let names = keyNames + columns.indices.map { "c\($0)" }, table = dialect.quote(table)
    let condition = zip(keys, keyNames).map { "t0.\(dialect.quote($0.name)) = v.\($1)" }.joined(separator: " AND ")
    func assignments(_ prefix: String) -> String {
      columns.enumerated().map { "\(prefix)\(dialect.quote($1.name)) = v.c\($0)" }.joined(separator: ", ")
    }
    switch dialect.family {
    case .postgres:
      write("UPDATE \(table) AS t0 SET \(assignments("")) FROM ")
      writeSource(values, keys + columns)
      write(" AS v(\(names.joined(separator: ", "))) WHERE \(condition)")
    case .sqlite:
      write("WITH v(\(names.joined(separator: ", "))) AS (VALUES ")
      writeRows(values, keys + columns) { _ in "" }
      write(") UPDATE \(table) AS t0 SET \(assignments("")) FROM v WHERE \(condition)")
    case .mysql:
      write("UPDATE \(table) AS t0 JOIN (")
      for (place, row) in values.enumerated() {
        write(place == 0 ? "SELECT " : " UNION ALL SELECT ")
        list(zip(row, zip(keys + columns, names))) { value, column in
          bindPlain(value, secret: column.0.options.secret)
          if place == 0 { write(" AS \(column.1)") }
        }
      }
      write(") AS v ON \(condition) SET \(assignments("t0."))")
    }
  }

  /// PostgreSQL's table of the values. Of arrays where it can be: their text is the same for any number of rows, so one
  /// prepared statement serves all, and is planned once.
  private func writeSource(_ values: [[SQLValue]], _ columns: [ColumnSchema]) {
    let types = columns.compactMap(\.arrayElement)
    guard types.count == columns.count else {
      write("(VALUES ")
      writeRows(values, columns) { "::" + self.dialect.typeName($0.type) }
      return write(")")
    }
    write("unnest(")
    list(zip(columns.indices, types)) { place, type in
      bindPlain(.array(values.map { $0[place] }, of: type), secret: columns[place].options.secret)
      write("::" + dialect.typeName(.array(type)))
    }
    write(")")
  }

  /// `(?, ?), (?, ?)`, each value with what its column's type adds.
  private func writeRows(_ rows: [[SQLValue]], _ columns: [ColumnSchema], cast: (ColumnSchema) -> String) {
    let casts = columns.map(cast)
    list(rows) { row in
      write("(")
      list(zip(row, zip(columns, casts))) { value, column in
        bindPlain(value, secret: column.0.options.secret)
        write(column.1)
      }
      write(")")
    }
  }
}

extension ColumnSchema {
  /// The type of the elements of an array of the column's values; `nil` where PostgreSQL has no such arrays, or where their
  /// text is not the values' own. Without limits, which the column checks when it is written.
  fileprivate var arrayElement: ColumnType? {
    switch type {
    case .smallInt, .int, .bigInt, .bool, .double, .text, .uuid, .timestamp, .date: type
    case .varchar: .text
    default: nil
    }
  }
}
