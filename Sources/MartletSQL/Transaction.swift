import Synchronization

/// The state of one open transaction.
final class TransactionSession: Sendable {
  struct State {
    var depth = 0
    var isOpen = true
    var onCommit: [@Sendable () async -> Void] = []
  }
  let connection: any DatabaseConnection
  let state = Mutex(State())
  init(_ connection: any DatabaseConnection) { self.connection = connection }

  func run(_ statement: SQLStatement, onRow: @escaping @Sendable (inout Row) throws -> Void) async throws -> StatementResult {
    guard state.withLock({ $0.isOpen }) else {
      throw DatabaseError(
        .transaction, "the transaction has ended",
        hint: "use 'tx' only inside the closure of db.transaction { tx in … }", sql: statement.text)
    }
    return try await connection.run(statement, onRow: onRow)
  }
  func execute(_ text: String) async throws {
    try await connection.run(SQLStatement(text, effect: .definition)) { _ in }
  }
}

extension Database {
  /// Runs the closure in a transaction: committed when it returns, rolled back when it throws.
  ///
  /// Inside another transaction it becomes a savepoint, so that a failure undoes the inner part alone.
  ///
  /// ```swift
  /// try await db.transaction { tx in
  ///   try await account.withdraw(100, tx)
  ///   try? await tx.transaction { inner in try await bonus(inner) }   // may fail alone
  /// }
  /// ```
  /// - Parameters:
  ///   - isolation: The level to ask for; `nil` for the database's default. A savepoint cannot ask for one.
  ///   - readOnly: Refuse writes.
  /// - Throws: What the closure throws; ``DatabaseError`` where the transaction cannot begin or commit.
  public func transaction<Result: Sendable>(
    isolation: IsolationLevel? = nil, readOnly: Bool = false, fileID: String = #fileID, line: UInt = #line,
    _ body: @Sendable (Database) async throws -> Result
  ) async throws -> Result {
    if let session {
      guard isolation == nil else {
        throw DatabaseError(
          .transaction, "a nested transaction cannot set an isolation level",
          hint: "set it on the outermost db.transaction(isolation:)")
      }
      return try await savepoint(session, body)
    }
    let options = TransactionOptions(isolation: isolation, readOnly: readOnly)
    let (result, hooks) = try await driver.withConnection(
      readOnly ? .read : .write, source: SourcePlace(fileID: fileID, line: line)
    ) { connection in
      try await Self.runTransaction(self, TransactionSession(connection), options, body)
    }
    for hook in hooks { await hook() }
    return result
  }

  /// Runs the closure after the outermost transaction has committed; at once where there is none.
  /// A rollback drops it. Django's `transaction.on_commit`.
  public func onCommit(_ hook: @escaping @Sendable () async -> Void) async {
    guard let session else { return await hook() }
    session.state.withLock { $0.onCommit.append(hook) }
  }

  private static func runTransaction<Result: Sendable>(
    _ database: Database, _ session: TransactionSession, _ options: TransactionOptions,
    _ body: @Sendable (Database) async throws -> Result
  ) async throws -> (Result, [@Sendable () async -> Void]) {
    for statement in database.dialect.begin(options) { try await session.execute(statement) }
    do {
      let result = try await body(Database(database, session: session))
      try Task.checkCancellation()
      session.state.withLock { $0.isOpen = false }
      try await session.execute("COMMIT")
      return (result, session.state.withLock { $0.onCommit })
    } catch {
      session.state.withLock { $0.isOpen = false }
      // The first error is the one to report; a connection that cannot roll back is closed by its driver.
      // The rollback must run although the task may be cancelled: hence a task of its own, awaited here.
      await Task { try? await session.execute("ROLLBACK") }.value
      throw error
    }
  }

  private func savepoint<Result: Sendable>(
    _ session: TransactionSession, _ body: @Sendable (Database) async throws -> Result
  ) async throws -> Result {
    let (depth, hooksBefore) = session.state.withLock {
      $0.depth += 1
      return ($0.depth, $0.onCommit.count)
    }
    defer { session.state.withLock { $0.depth -= 1 } }
    let name = dialect.quote("martlet_\(depth)")
    try await session.execute("SAVEPOINT \(name)")
    do {
      let result = try await body(self)
      try await session.execute("RELEASE SAVEPOINT \(name)")
      return result
    } catch {
      session.state.withLock { $0.onCommit.removeSubrange(hooksBefore...) }
      await Task {
        try? await session.execute("ROLLBACK TO SAVEPOINT \(name)")
        try? await session.execute("RELEASE SAVEPOINT \(name)")
      }.value
      throw error
    }
  }
}
