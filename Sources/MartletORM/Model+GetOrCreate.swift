public import MartletSQL

extension Model {
  /// The row with these values in a unique constraint's columns; inserts it where there is none. Safe against others that do
  /// the same at the same time, as the constraint lets one of them through. Django's `get_or_create`.
  ///
  /// ```swift
  /// let (tag, isNew) = try await Tag.getOrCreate(Tag(name: "swift"), db, on: { $0.name })
  /// ```
  /// - Parameters:
  ///   - row: What to insert; its values in the columns of `on:` are those looked for.
  ///   - on: The columns of a unique constraint.
  /// - Returns: The row, and whether it was inserted.
  /// - Throws: ``ORMError`` of kind `multipleFound` where `on:` is not unique; ``ValidationError``; ``DatabaseError``.
  @discardableResult
  public static func getOrCreate<each K>(
    _ row: Self, _ db: Database, on columns: (Fields) -> (repeat Expr<each K>), fileID: String = #fileID, line: UInt = #line
  ) async throws -> (row: Self, isNew: Bool) {
    let query = try matching(row, columns)
    if let found = try await query.oneOrNone(db, fileID, line) { return (found, false) }
    do {
      // In a savepoint where there is a transaction: PostgreSQL's would be lost with the failed insert.
      let inserted = try await db.transaction(fileID: fileID, line: line) { try await row.insert($0, fileID: fileID, line: line) }
      return (inserted, true)
    } catch let error as DatabaseError {
      guard case .uniqueViolation = error.kind else { throw error }
      // A plain read in MySQL's transaction sees what was there when it began; one that locks sees what is there now.
      let latest = db.isInTransaction && db.dialect.family == .mysql ? query.forShare() : query
      if let found = try await latest.oneOrNone(db, fileID, line) { return (found, false) }
      // Another constraint than the one of 'on:'.
      throw error
    }
  }

  /// Changes the row with these values in a unique constraint's columns; inserts `row` where there is none. Django's
  /// `update_or_create`: unlike ``upsert(_:_:on:fileID:line:set:)`` it gives the whole row, and the change may depend on it.
  ///
  /// ```swift
  /// let (tag, isNew) = try await Tag.updateOrCreate(Tag(name: "swift", uses: 1), db, on: { $0.name }) { $0.uses += 1 }
  /// ```
  /// - Parameters:
  ///   - row: What to insert; its values in the columns of `on:` are those looked for.
  ///   - on: The columns of a unique constraint.
  ///   - change: What to change in the row that is there. It is locked meanwhile.
  /// - Returns: The row, and whether it was inserted.
  /// - Throws: As ``getOrCreate(_:_:on:fileID:line:)``; what the closure throws.
  @discardableResult
  public static func updateOrCreate<each K>(
    _ row: Self, _ db: Database, on columns: (Fields) -> (repeat Expr<each K>), fileID: String = #fileID, line: UInt = #line,
    changing change: @Sendable (inout Self) throws -> Void
  ) async throws -> (row: Self, isNew: Bool) {
    let query = try matching(row, columns)
    return try await db.transaction(fileID: fileID, line: line) { tx in
      func changed() async throws -> (row: Self, isNew: Bool)? {
        guard var found = try await query.forUpdate().oneOrNone(tx, fileID, line) else { return nil }
        try await found.save(tx, fileID: fileID, line: line, changing: change)
        return (found, false)
      }
      if let done = try await changed() { return done }
      do {
        return (try await tx.transaction { try await row.insert($0, fileID: fileID, line: line) }, true)
      } catch let error as DatabaseError {
        guard case .uniqueViolation = error.kind, let done = try await changed() else { throw error }
        return done
      }
    }
  }

  private static func matching<each K>(_ row: Self, _ columns: (Fields) -> (repeat Expr<each K>)) throws -> Query<Self> {
    var query = Query<Self>()
    var nodes: [Node] = []
    for column in repeat each columns(query.fields) { nodes += column.node.parts }
    for node in nodes {
      guard case .column(let reference) = node,
        let schema = try? Assignment(column: reference, value: .value(.null)).columnSchema(of: Self.self),
        let place = Self.schema.columns.firstIndex(where: { $0.name == schema.name })
      else {
        throw ORMError(.invalidExpression, "'on:' takes columns of \(Self.self)", hint: "write on: { $0.slug }")
      }
      guard schema.options.generated == nil else {
        throw ORMError(
          .invalidExpression, "'\(schema.property)' is computed by the database, and has no value before the insert",
          hint: "name the columns that it is computed from in 'on:'")
      }
      let value = row.columnValue(at: place)
      guard !value.isNull else {
        throw ORMError(
          .invalidExpression, "'\(schema.property)' of the \(Self.self) is not set, and no constraint keeps NULLs unique",
          hint: "set it, or leave it out of 'on:'")
      }
      query = query.filter(node: .binary(.equal, node, .value(value)))
    }
    return query
  }
}

extension Query {
  func oneOrNone(_ db: Database, _ fileID: String, _ line: UInt) async throws -> M? {
    let rows = try await limit(2).all(db, fileID: fileID, line: line)
    guard rows.count < 2 else {
      throw ORMError(.multipleFound, "several rows of \(M.self) match", hint: "name the columns of a unique constraint")
    }
    return rows.first
  }
}
