public import MartletCore
public import MartletSQL

extension Query {
  /// Only the rows on which the viewer may act.
  ///
  /// ```swift
  /// let posts = try await Post.query.permitted(.read, to: request.viewer).all(db)
  /// ```
  public func permitted(_ action: PolicyAction, to viewer: Viewer) -> Self {
    let condition = M.policy.condition(action, fields, viewer)
    if case .value(.bool(true)) = condition { return self }
    return filter(node: condition)
  }
  /// Whether the condition of the query holds for a value in memory.
  /// - Throws: ``ORMError`` of kind `needsDatabase` where the answer depends on rows that are not loaded.
  public func matches(_ row: M) throws -> Bool { try filter?.holds(for: EvaluatedRow(row)) ?? true }
}

extension Model {
  /// Whether the viewer may act on this value, by what is in memory.
  ///
  /// - Throws: ``ORMError`` of kind `needsDatabase` where the answer depends on rows that are not loaded.
  public func permits(_ action: PolicyAction, to viewer: Viewer) throws -> Bool {
    try Self.policy.condition(action, Fields(Path(Self.self)), viewer).holds(for: EvaluatedRow(self))
  }

  /// Whether the viewer may act on this row: by what is in memory where that decides, else by asking the database.
  ///
  /// For a row that is not saved yet, a policy that needs other rows is asked after the write, inside the same
  /// transaction: see ``insert(_:as:fileID:line:)``.
  public func permits(_ action: PolicyAction, to viewer: Viewer, in db: Database) async throws -> Bool {
    do { return try permits(action, to: viewer) } catch let error as ORMError where error.kind == .needsDatabase {
      return try await Self.withID(id).permitted(action, to: viewer).exists(db)
    }
  }

  /// - Throws: ``ORMError`` of kind `forbidden` where the viewer may not act on this row.
  public func authorize(_ action: PolicyAction, to viewer: Viewer, in db: Database) async throws {
    guard try await permits(action, to: viewer, in: db) else { throw Self.forbidden(action) }
  }

  /// Inserts the row if the viewer may create it. A rule that needs other rows is asked after the write, as
  /// PostgreSQL's `WITH CHECK`; a refusal undoes the write.
  /// - Throws: ``ORMError`` of kind `forbidden`; as ``insert(_:fileID:line:)``.
  public func insert(_ db: Database, as viewer: Viewer, fileID: String = #fileID, line: UInt = #line) async throws -> Self {
    do {
      guard try permits(.create, to: viewer) else { throw Self.forbidden(.create) }
      return try await insert(db, fileID: fileID, line: line)
    } catch let error as ORMError where error.kind == .needsDatabase {
      return try await db.transaction { tx in
        let row = try await insert(tx, fileID: fileID, line: line)
        try await row.authorize(.create, to: viewer, in: tx)
        return row
      }
    }
  }

  /// Saves the changed columns if the viewer may change the row as it was and as it becomes.
  /// - Throws: ``ORMError`` of kind `forbidden`; as ``save(_:changedFrom:fileID:line:)``.
  @discardableResult
  public mutating func save(
    _ db: Database, changedFrom original: Self, as viewer: Viewer, fileID: String = #fileID, line: UInt = #line
  ) async throws -> Bool {
    let changed = self
    let (saved, wasWritten) = try await db.transaction { tx in
      try await original.authorize(.update, to: viewer, in: tx)
      var row = changed
      let wasWritten = try await row.save(tx, changedFrom: original, fileID: fileID, line: line)
      try await row.authorize(.update, to: viewer, in: tx)
      return (row, wasWritten)
    }
    self = saved
    return wasWritten
  }

  /// Deletes the row if the viewer may.
  /// - Throws: ``ORMError`` of kind `forbidden`; as ``delete(_:fileID:line:)``.
  public func delete(_ db: Database, as viewer: Viewer, fileID: String = #fileID, line: UInt = #line) async throws {
    try await db.transaction { tx in
      try await authorize(.delete, to: viewer, in: tx)
      try await delete(tx, fileID: fileID, line: line)
    }
  }

  private static func forbidden(_ action: PolicyAction) -> ORMError {
    ORMError(.forbidden, "the policy of \(Self.self) does not allow this viewer to \(action.rawValue) the row")
  }
}
