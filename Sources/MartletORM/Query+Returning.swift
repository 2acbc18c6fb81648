public import MartletSQL

/// What an update or a delete gives back.
public enum ReturnedRows: Sendable, Hashable {
  /// The rows: after an update as it left them, after a delete as they were. In no order, and without relations.
  case rows
}

extension Query {
  /// Changes all rows of the query and gives them back, as they are now.
  ///
  /// ```swift
  /// let posts = try await Post.filter { $0.views > 9 }.update(db, returning: .rows) { $0.status.set(to: .archived) }
  /// ```
  /// By `RETURNING` on PostgreSQL and SQLite; on MySQL and MariaDB the rows are locked, changed and read again, in a
  /// transaction.
  /// - Throws: ``ValidationError``; ``DatabaseError``; ``ORMError``.
  public func update(
    _ db: Database, returning: ReturnedRows, fileID: String = #fileID, line: UInt = #line,
    @AssignmentBuilder _ assignments: (M.Fields) -> [Assignment]
  ) async throws -> [M] {
    let columns = try columnAssignments(assignments(fields), db.dialect), source = SourcePlace(fileID: fileID, line: line)
    guard !columns.isEmpty else { return [] }
    if db.dialect.capabilities.contains(.updateReturning) {
      let builder = SQLBuilder(db.dialect), scope = Scope(root, builder)
      try builder.writeUpdate(columns, scope)
      try builder.writeKeyFilter(plan([keyNode]), scope)
      builder.writeReturning(M.schema)
      return try await db.query(builder.statement(.write), source: source) { try M(row: &$0) }
    }
    let query = self
    return try await db.transaction(fileID: fileID, line: line) { tx in
      let tx = tx.from(source)
      let keys = try await query.lockedRows(tx).map(\.id)
      var rows: [M] = []
      for chunk in keys.chunks(of: tx.dialect.maxBindings / 2 / M.schema.primaryKeyIndexes.count) {
        let chosen = Query(root: query.root).filter(node: .isKey(query.keyNode, in: chunk))
        let builder = SQLBuilder(tx.dialect), scope = Scope(query.root, builder)
        try builder.writeUpdate(columns, scope)
        try builder.writeKeyFilter(chosen.plan([query.keyNode]), scope)
        try await tx.run(builder.statement(.write))
        rows += try await chosen.all(tx, fileID: fileID, line: line)
      }
      return rows
    }
  }

  /// Deletes all rows of the query and gives them back, as they were; the database cascades.
  ///
  /// - Throws: ``DatabaseError`` of kind `foreignKeyViolation` where a row is still referred to; ``ORMError``.
  public func delete(_ db: Database, returning: ReturnedRows, fileID: String = #fileID, line: UInt = #line) async throws -> [M] {
    let source = SourcePlace(fileID: fileID, line: line), query = self
    if db.dialect.family != .mysql {
      let builder = SQLBuilder(db.dialect), scope = Scope(root, builder)
      builder.writeDelete(scope)
      try builder.writeKeyFilter(plan([keyNode]), scope)
      builder.writeReturning(M.schema)
      return try await db.query(builder.statement(.write), source: source) { try M(row: &$0) }
    }
    // MariaDB's RETURNING knows neither an alias nor a subquery over the same table.
    return try await db.transaction(fileID: fileID, line: line) { tx in
      let rows = try await query.lockedRows(tx.from(source))
      for chunk in rows.chunks(of: tx.dialect.maxBindings / 2 / M.schema.primaryKeyIndexes.count) {
        try await Query(root: query.root).filter(node: .isKey(query.keyNode, in: chunk.map(\.id))).delete(
          tx, fileID: fileID, line: line)
      }
      return rows
    }
  }

  func columnAssignments(_ list: [Assignment], _ dialect: any SQLDialect) throws -> [ColumnAssignment] {
    try list.map { assignment in
      let column = try assignment.columnSchema(of: M.self)
      try column.requireWritable()
      if case .value(let value) = assignment.value { try ValueRules.check(value, of: column, dialect) }
      return ColumnAssignment(column: column, value: assignment.value)
    }
  }

  /// The rows without their relations, locked until the transaction ends.
  private func lockedRows(_ tx: Database) async throws -> [M] {
    var query = forUpdate()
    query.joins = []
    query.prefetches = []
    // DISTINCT and FOR UPDATE exclude each other; of whole rows with their keys none are equal.
    query.isDistinct = false
    return try await query.all(tx)
  }
}

extension SQLBuilder {
  /// All columns of the table that was written, in the order of the schema.
  func writeReturning(_ schema: ModelSchema) {
    write(" RETURNING " + schema.columns.map { dialect.quote($0.name) }.joined(separator: ", "))
  }
}
