public import MartletSQL

extension Model {
  /// Changes the row in memory and in the database; only the columns that changed are written.
  ///
  /// ```swift
  /// try await post.save(db) { $0.title = "New title" }   // UPDATE … SET "title" = ? WHERE "id" = ?
  /// ```
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
    var changed = schema.columns.indices.filter { !SQLValue.equal(columnValue(at: $0), original.columnValue(at: $0)) }
    guard !changed.isEmpty else { return false }
    var row = self
    for (index, column) in schema.columns.enumerated() where column.options.autoNow && !changed.contains(index) {
      try row.setColumn(index, Self.now(db, column))
      changed.append(index)
    }
    try ValueRules.check(row)
    let query = Self.withID(id), builder = SQLBuilder(db.dialect), scope = Scope(query.root, builder)
    try builder.writeUpdate(
      changed.sorted().map { ColumnAssignment(column: schema.columns[$0], value: .value(row.columnValue(at: $0))) }, scope)
    builder.write(" WHERE ")
    try scope.writePredicate(query.filter ?? .alwaysFalse)
    let result = try await db.run(builder.statement(.write), source: SourcePlace(fileID: fileID, line: line))
    guard result.rowsAffected > 0 else { throw Self.gone(id) }
    self = row
    return true
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

  private static func gone(_ id: ID) -> ORMError {
    ORMError(.notFound, "there is no \(Self.self) with id \(id)", hint: "it may have been deleted meanwhile")
  }
}
