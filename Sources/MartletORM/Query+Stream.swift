public import MartletSQL

extension Query {
  /// The rows one after the other as a loop asks for them, in constant memory: Django's `iterator()`.
  ///
  /// ```swift
  /// for try await post in Post.filter { $0.views > 10 }.with { $0.author }.stream(db) { … }
  /// ```
  /// Rows of to-many relations are loaded a batch at a time, by a statement on another connection, as this one is busy: so
  /// not inside of a transaction, nor where there is one connection alone. Use ``inBatches(of:_:fileID:line:_:)`` there.
  /// - Parameter batchSize: How many rows are fetched and decoded at once.
  public func stream(
    _ db: Database, batchSize: Int = 500, fileID: String = #fileID, line: UInt = #line
  ) -> RowStream<M> {
    let source = SourcePlace(fileID: fileID, line: line), db = db.from(source), query = self
    let decoder = Result { try query.decoder() }, prefetches = prefetches
    var complete: (@Sendable ([M]) async throws -> [M])?
    if !prefetches.isEmpty { complete = { try await query.prefetched($0, db) } }
    return RowStream(db, batchSize: batchSize, decode: { try decoder.get()(&$0) }, complete: complete) {
      try query.checkLock(db)
      if !prefetches.isEmpty, db.isInTransaction || db.driver.poolMetrics?.maximum == 1 {
        throw ORMError(
          .invalidExpression, "a stream cannot load to-many relations over its own connection, which is busy with the stream",
          hint: "use inBatches(of:), or stream outside of the transaction")
      }
      return try query.statement(db.dialect)
    }
  }

  /// All rows, a batch after the other in the order of the primary key, each by a short statement of its own.
  ///
  /// ```swift
  /// try await Post.filter { $0.isIndexed == false }.inBatches(of: 500, db) { posts in … }
  /// ```
  /// Rows may be changed, inserted and deleted meanwhile: each row that is there all the time is seen once. Between batches
  /// nothing is held, neither a connection nor a lock.
  /// - Throws: ``ORMError`` of kind `invalidExpression` for a query with an order, a limit or an offset of its own; what the
  ///   closure throws; ``DatabaseError``.
  public func inBatches(
    of size: Int = 1000, _ db: Database, fileID: String = #fileID, line: UInt = #line, _ body: ([M]) async throws -> Void
  ) async throws {
    guard orders.isEmpty, limit == nil, offset == nil else {
      throw ORMError(
        .invalidExpression, "batches are taken in the order of the primary key: the query can have no order, limit or offset",
        hint: "drop the order with unordered(), or use stream(db)")
    }
    let size = max(1, size), key = keyNode
    let batch = order(by: [Ordering(node: key, isDescending: false)]).limit(size)
    var rows = try await batch.all(db, fileID: fileID, line: line)
    while let last = rows.last {
      try await body(rows)
      guard rows.count == size else { return }
      try Task.checkCancellation()
      rows = try await batch.filter(node: .binary(.greater, key, .constant(last.id))).all(db, fileID: fileID, line: line)
    }
  }
}

extension Selection {
  /// The rows one after the other as a loop asks for them, in constant memory.
  /// - Parameter batchSize: How many rows are fetched and decoded at once.
  public func stream(
    _ db: Database, batchSize: Int = 500, fileID: String = #fileID, line: UInt = #line
  ) -> RowStream<(repeat each V)> {
    let plan = plan, db = db.from(SourcePlace(fileID: fileID, line: line))
    return RowStream(db, batchSize: batchSize, decode: { row in (repeat try (each V).read(&row)) }) {
      if plan.lock != nil { try RowLock.check(db) }
      return try plan.statement(db.dialect)
    }
  }
}

extension Annotated {
  /// The rows one after the other as a loop asks for them, in constant memory.
  ///
  /// - Parameter batchSize: How many rows are fetched and decoded at once.
  /// - Note: Rows of to-many relations are not loaded: a query that asks for them fails with ``ORMError``.
  public func stream(
    _ db: Database, batchSize: Int = 500, fileID: String = #fileID, line: UInt = #line
  ) -> RowStream<(M, repeat each V)> {
    let annotated = self, db = db.from(SourcePlace(fileID: fileID, line: line)), decoder = Result { try query.decoder() }
    return RowStream(
      db, batchSize: batchSize, decode: { row in (try decoder.get()(&row), repeat try (each V).read(&row)) }
    ) {
      guard annotated.query.prefetches.isEmpty else {
        throw ORMError(
          .invalidExpression, "a stream of annotated rows cannot load to-many relations", hint: "stream the query without them")
      }
      try annotated.query.checkLock(db)
      return try annotated.statement(db.dialect)
    }
  }
}
