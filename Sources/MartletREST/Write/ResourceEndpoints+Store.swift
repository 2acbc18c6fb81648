import MartletCore
import MartletHTTP
import MartletORM
import MartletSQL

extension ResourceEndpoints {
  /// Checks and inserts one row.
  func insert(_ draft: RowDraft<M>, _ context: ResourceContext) async throws -> M {
    var drafts = [draft]
    let parts = try await check(&drafts, context)
    if let failure = try await failure(drafts, context.db) { throw failure }
    return try await insert(drafts, parts, context)[0]
  }

  /// Checks and saves one row, which the viewer may change as it was.
  func save(_ draft: RowDraft<M>, _ context: ResourceContext) async throws -> M {
    var drafts = [draft]
    let parts = try await check(&drafts, context)
    if let failure = try await failure(drafts, context.db) { throw failure }
    return try await save(drafts, parts, context)[0]
  }

  /// Inserts valid rows by as few statements as they take, between their hooks.
  func insert(_ drafts: [RowDraft<M>], _ parts: [NestedPart<M>], _ context: ResourceContext) async throws -> [M] {
    var rows = drafts.compactMap(\.row)
    for part in parts { try await part.writeReferences(&rows) }
    for hook in writing.hooks.beforeCreate {
      for index in rows.indices { try await Self.located(drafts[index].prefix) { try await hook(&rows[index], context) } }
    }
    let created = try await insertPermitted(rows, drafts, context)
    for part in parts { try await part.write(created) }
    for hook in writing.hooks.afterCreate {
      for (row, draft) in zip(created, drafts) { try await Self.located(draft.prefix) { try await hook(row, context) } }
    }
    return created
  }

  /// A rule that needs other rows is asked after the write; a refusal undoes it.
  private func insertPermitted(_ rows: [M], _ drafts: [RowDraft<M>], _ context: ResourceContext) async throws -> [M] {
    var isAsked = false
    let answers = try rows.map { row in
      do { return try row.permits(.create, to: context.viewer) } catch let error as ORMError where error.kind == .needsDatabase {
        isAsked = true
        return true
      }
    }
    try refuse(answers, at: drafts.map(\.prefix))
    let created = try await TakenValues.explaining(self, drafts, rows) { try await M.insert(rows, context.db) }
    if isAsked { try await authorize(created, .create, at: drafts.map(\.prefix), context) }
    return created
  }

  /// Saves valid changes by as few statements as they take, between their hooks.
  func save(_ drafts: [RowDraft<M>], _ parts: [NestedPart<M>], _ context: ResourceContext) async throws -> [M] {
    var rows = drafts.compactMap(\.row)
    let originals = drafts.compactMap(\.original)
    for part in parts { try await part.writeReferences(&rows) }
    for hook in writing.hooks.beforeUpdate {
      for index in rows.indices {
        try await Self.located(drafts[index].prefix) { try await hook(&rows[index], originals[index], context) }
      }
    }
    let changed = rows
    let saved = try await TakenValues.explaining(self, drafts, changed) {
      try await M.save(changed, changedFrom: originals, context.db)
    }
    try await authorize(saved, .update, at: drafts.map(\.prefix), context)
    for part in parts { try await part.write(saved) }
    for hook in writing.hooks.afterUpdate {
      for (index, draft) in drafts.enumerated() {
        try await Self.located(draft.prefix) { try await hook(saved[index], originals[index], context) }
      }
    }
    return saved
  }

  /// The row inside of a transaction, locked until its end, so that of two writers the second sees what the first wrote.
  ///
  /// - Throws: ``HTTPError``: 404 where it is gone.
  func lockedRow(_ id: M.ID, isDeleted: Bool = false, _ tx: Database) async throws -> M {
    // What an UPDATE locks itself: others may go on to insert rows that refer to this one.
    let noKey = !isDeleted && tx.dialect.capabilities.contains(.noKeyLocks)
    guard let row = try await M.withID(id).forUpdate(noKey: noKey).first(tx) else {
      throw HTTPError.notFound("There is no such \(shape.schema.label).")
    }
    return row
  }

  /// Deletes rows if the viewer may, between their hooks.
  func remove(_ rows: [M], at prefixes: [String] = [""], _ context: ResourceContext) async throws {
    try await authorize(rows, .delete, at: prefixes, context)
    for hook in writing.hooks.beforeDelete {
      for (row, prefix) in zip(rows, prefixes) { try await Self.located(prefix) { try await hook(row, context) } }
    }
    do { try await delete(rows, context.db) } catch let error as DatabaseError {
      guard case .foreignKeyViolation = error.kind else { throw error }
      throw HTTPError.conflict("Other rows still refer to this \(shape.schema.label), so it cannot be deleted.")
    }
    for row in rows { await removeFiles(of: row, context) }
    for hook in writing.hooks.afterDelete {
      for (row, prefix) in zip(rows, prefixes) { try await Self.located(prefix) { try await hook(row, context) } }
    }
  }

  private func delete(_ rows: [M], _ db: Database) async throws {
    if rows.count == 1 { return try await rows[0].delete(db) }
    for part in rows.slices(of: 500) {
      let query = M.query
      try await query.filter(node: .inList(query.keyNode, part.map(\.id.sqlValue))).delete(db)
    }
  }
}
