public import MartletSQL

extension Model {
  /// Changes the row in memory and in the database; only the columns that changed are written.
  ///
  /// ```swift
  /// try await post.save(db) { $0.title = "New title" }   // UPDATE … SET "title" = ? WHERE "id" = ?
  /// ```
  /// Columns that the database computes are never written, and have their new values afterwards.
  /// - Returns: Whether anything changed.
  /// - Throws: ``ORMError`` of kind `notFound` where the row is gone, `unsavedKey` where it was never inserted;
  ///   ``ValidationError``; ``DatabaseError``. The value in memory stays as it was.
  @discardableResult
  public mutating func save(
    _ db: Database, fileID: String = #fileID, line: UInt = #line, changing change: (inout Self) throws -> Void
  ) async throws -> Bool {
    var changed = self
    try change(&changed)
    let wasWritten = try await changed.save(db, changedFrom: self, fileID: fileID, line: line)
    self = changed
    return wasWritten
  }

  /// Writes the columns in which this row differs from `original`, and sets `autoNow` fields.
  ///
  /// - Returns: Whether anything differed.
  /// - Throws: As ``save(_:fileID:line:changing:)``.
  @discardableResult
  public mutating func save(
    _ db: Database, changedFrom original: Self, fileID: String = #fileID, line: UInt = #line
  ) async throws -> Bool {
    let schema = Self.schema
    guard original.id == id else {
      throw ORMError(.invalidExpression, "the key of a saved \(Self.self) cannot change", hint: "insert a new row instead")
    }
    var changed = schema.columns.indices.filter {
      schema.columns[$0].options.generated == nil && !SQLValue.unchanged(columnValue(at: $0), original.columnValue(at: $0))
    }
    guard !changed.isEmpty else { return false }
    var row = self
    for (index, column) in schema.columns.enumerated() where column.options.autoNow && !changed.contains(index) {
      try row.setColumn(index, Self.now(db, column))
      changed.append(index)
    }
    try ValueRules.check(row, changed: changed, db.dialect)
    let query = Self.withID(id), builder = SQLBuilder(db.dialect), scope = Scope(query.root, builder)
    try builder.writeUpdate(
      changed.sorted().map { ColumnAssignment(column: schema.columns[$0], value: .value(row.columnValue(at: $0))) }, scope)
    builder.write(" WHERE ")
    try scope.writePredicate(query.filter ?? .alwaysFalse)
    self = try await Self.runSave(of: row, builder, db, SourcePlace(fileID: fileID, line: line))
    return true
  }

  /// Runs the UPDATE of one row, and reads what the database computes anew.
  private static func runSave(of row: Self, _ builder: SQLBuilder, _ db: Database, _ source: SourcePlace) async throws -> Self {
    let computed = schema.generatedIndexes
    if computed.isEmpty {
      guard try await db.run(builder.statement(.write), source: source).rowsAffected > 0 else { throw gone(row.id) }
      return row
    }
    if db.dialect.capabilities.contains(.updateReturning) {
      builder.write(" RETURNING " + computed.map { db.dialect.quote(schema.columns[$0].name) }.joined(separator: ", "))
      return try await filling(row, computed, builder.statement(.write), db, source)
    }
    let query = withID(row.id)
    let selected = query.plan(computed.map { .column(ColumnReference(path: query.root, index: $0)) })
    let update = try builder.statement(.write), select = try selected.statement(db.dialect)
    return try await db.transaction { tx in
      guard try await tx.run(update, source: source).rowsAffected > 0 else { throw gone(row.id) }
      return try await filling(row, computed, select, tx, source)
    }
  }

  /// The row with these columns as the statement gives them.
  private static func filling(
    _ row: Self, _ columns: [Int], _ statement: SQLStatement, _ db: Database, _ source: SourcePlace
  ) async throws -> Self {
    let found = try await db.query(statement, source: source) { cells in
      var filled = row
      for column in columns { try filled.readColumn(at: column, from: &cells) }
      return filled
    }
    guard let filled = found.first else { throw gone(row.id) }
    return filled
  }

  /// Reads the row again. Relations that were loaded are not any more.
  /// - Throws: ``ORMError`` of kind `notFound` where the row is gone.
  public mutating func refresh(_ db: Database, fileID: String = #fileID, line: UInt = #line) async throws {
    self = try await Self.get(id, db, fileID: fileID, line: line)
  }

  /// Deletes the row.
  /// - Throws: ``ORMError`` of kind `notFound` where it is gone already; ``DatabaseError`` of kind
  ///   `foreignKeyViolation` where it is still referred to.
  public func delete(_ db: Database, fileID: String = #fileID, line: UInt = #line) async throws {
    guard try await Self.withID(id).delete(db, fileID: fileID, line: line) > 0 else { throw Self.gone(id) }
  }

  static func gone(_ id: ID) -> ORMError {
    ORMError(.notFound, "there is no \(Self.self) with id \(id)", hint: "it may have been deleted meanwhile")
  }
}
