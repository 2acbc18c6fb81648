public import MartletSQL

extension Database {
  /// Runs the closure while holding an advisory lock of the session, on a connection that does nothing else: one holder at a
  /// time among all processes that use the database.
  ///
  /// ```swift
  /// try await db.withAdvisoryLock(42) { try await rebuildTheIndex() }
  /// ```
  /// - Parameters:
  ///   - key: Which lock; what the numbers mean is up to the application.
  ///   - waits: Where `false`, a lock that another holds is not waited for: ``DatabaseError/Kind/busy``.
  /// - Throws: ``DatabaseError``, of kind `unsupported` on other databases than PostgreSQL; what the closure throws.
  public func withAdvisoryLock<Result: Sendable>(
    _ key: Int64, waits: Bool = true, fileID: String = #fileID, line: UInt = #line, _ body: @Sendable () async throws -> Result
  ) async throws -> Result {
    try requirePostgres("advisory locks")
    return try await driver.withConnection(.write, source: SourcePlace(fileID: fileID, line: line)) { connection in
      try await Self.lock(waits ? "pg_advisory_lock" : "pg_try_advisory_lock", key) { try await connection.run($0, onRow: $1) }
      let outcome: Swift.Result<Result, any Error>
      do { outcome = .success(try await body()) } catch { outcome = .failure(error) }
      // In a task of its own: the lock must go also where this task is cancelled.
      await Task { _ = try? await connection.run(SQLStatement("SELECT pg_advisory_unlock($1)", [.int(key)])) { _ in } }.value
      return try outcome.get()
    }
  }

  /// Takes an advisory lock that the transaction holds to its end.
  ///
  /// - Throws: ``DatabaseError``: of kind `transaction` outside of one, `busy` where another holds the lock and `waits` is
  ///   `false`, `unsupported` on other databases than PostgreSQL.
  public func advisoryLock(_ key: Int64, waits: Bool = true) async throws {
    try requirePostgres("advisory locks")
    guard isInTransaction else {
      throw DatabaseError(
        .transaction, "an advisory lock of a transaction was asked for outside of one",
        hint: "call it on the 'tx' of db.transaction, or use withAdvisoryLock")
    }
    try await Self.lock(waits ? "pg_advisory_xact_lock" : "pg_try_advisory_xact_lock", key) { try await run($0, onRow: $1) }
  }

  private static func lock(
    _ function: String, _ key: Int64,
    _ run: (SQLStatement, @escaping @Sendable (inout Row) throws -> Void) async throws -> StatementResult
  ) async throws {
    let refusal = DatabaseError(.busy, "another session holds the advisory lock \(key)")
    _ = try await run(SQLStatement("SELECT \(function)($1)", [.int(key)])) { row in
      // The waiting functions return nothing at all, the others whether the lock was had.
      if case .int(0) = try row.next() { throw refusal }
    }
  }
}
