import Synchronization

/// How far an attempt at a transaction has come.
private final class TransactionProgress: Sendable {
  let isCommitting = Atomic(false)

  /// Whether the transaction is known not to have been carried out, and may succeed the next time. Who got no connection
  /// in time does not ask again: others wait too.
  func mayRunAgain(after error: DatabaseError) -> Bool {
    guard error.isRetryable, error.kind != .poolTimeout else { return false }
    return error.kind != .connection || !isCommitting.load(ordering: .acquiring)
  }
}

/// The state of one open transaction.
final class TransactionSession: Sendable {
  struct State {
    var depth = 0
    var isOpen = true
    var onCommit: [@Sendable () async -> Void] = []
    /// A statement that failed since the last savepoint: PostgreSQL answers COMMIT with a rollback then.
    var failure: String?
    /// The cursor that is open on the connection.
    var stream: OpenStream?
  }
  let connection: any DatabaseConnection
  let state = Mutex(State())
  init(_ connection: any DatabaseConnection) { self.connection = connection }

  func run(_ statement: SQLStatement, onRow: @escaping @Sendable (inout Row) throws -> Void) async throws -> StatementResult {
    try await prepare(for: statement.text)
    do { return try await connection.run(statement, onRow: onRow) } catch {
      noteFailure("\(error)")
      throw error
    }
  }
  func noteFailure(_ text: String) { state.withLock { $0.failure = $0.failure ?? text } }
  /// The connection is the caller's, or this throws.
  func prepare(for sql: String) async throws {
    guard state.withLock({ $0.isOpen }) else {
      throw DatabaseError(
        .transaction, "the transaction has ended",
        hint: "use 'tx' only inside the closure of db.transaction { tx in … }", sql: sql)
    }
    try await settleStream(for: sql)
  }
  func execute(_ text: String) async throws {
    // The end of a transaction ends what a loop has left open, or has carried out of it.
    await state.withLock({ $0.stream })?.close(nil)
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
  /// With `retries`, the whole closure runs again after an error that another try may avoid
  /// (``DatabaseError/isRetryable``): a deadlock, a serialization failure, a lock not had in time, a connection that was
  /// lost before COMMIT was sent. The pauses between double and vary at random. So the closure must do nothing outside of
  /// the database that may not happen twice: that goes into ``onCommit(_:)``, which runs once. A connection that is lost
  /// while COMMIT is on its way leaves open whether it was carried out, and is never retried.
  ///
  /// - Parameters:
  ///   - isolation: The level to ask for; `nil` for the database's default. A savepoint cannot ask for one.
  ///   - readOnly: Refuse writes. May run on a reader or on a replica.
  ///   - retries: How many times the closure may run again. A nested transaction cannot have any.
  /// - Throws: What the closure throws; ``DatabaseError`` where the transaction cannot begin or commit.
  public func transaction<Result: Sendable>(
    isolation: IsolationLevel? = nil, readOnly: Bool = false, retries: Int = 0, fileID: String = #fileID, line: UInt = #line,
    _ body: @Sendable (Database) async throws -> Result
  ) async throws -> Result {
    if let session {
      guard isolation == nil else {
        throw DatabaseError(
          .transaction, "a nested transaction cannot set an isolation level",
          hint: "set it on the outermost db.transaction(isolation:)")
      }
      guard retries == 0 else {
        throw DatabaseError(
          .transaction, "a nested transaction cannot be retried alone", hint: "set it on the outermost db.transaction(retries:)")
      }
      return try await savepoint(session, body)
    }
    let options = TransactionOptions(isolation: isolation, readOnly: readOnly)
    // A replica cannot take part in the checks that make transactions serializable.
    let access: DatabaseAccess =
      readOnly && (isolation != .serializable || dialect.family == .sqlite) ? .read : .write
    var attempt = 0
    while true {
      let progress = TransactionProgress()
      do {
        let (result, hooks) = try await driver.withConnection(access, source: SourcePlace(fileID: fileID, line: line)) {
          try await Self.runTransaction(self, TransactionSession($0), options, progress, body)
        }
        for hook in hooks { await hook() }
        return result
      } catch let error as DatabaseError {
        guard attempt < retries, progress.mayRunAgain(after: error) else { throw error }
        attempt += 1
        try await Task.sleep(for: Self.pause(before: attempt))
      }
    }
  }

  /// At least 5 and at most 10 ms before the first retry, then twice as long each time, up to a second.
  private static func pause(before attempt: Int) -> Duration {
    .milliseconds(10 * (1 << min(attempt - 1, 7))) * Double.random(in: 0.5...1)
  }

  /// Runs the closure after the outermost transaction has committed; at once where there is none.
  /// A rollback drops it. Django's `transaction.on_commit`.
  public func onCommit(_ hook: @escaping @Sendable () async -> Void) async {
    guard let session else { return await hook() }
    session.state.withLock { $0.onCommit.append(hook) }
  }

  private static func runTransaction<Result: Sendable>(
    _ database: Database, _ session: TransactionSession, _ options: TransactionOptions, _ progress: TransactionProgress,
    _ body: @Sendable (Database) async throws -> Result
  ) async throws -> (Result, [@Sendable () async -> Void]) {
    try await session.connection.begin(database.dialect.begin(options).map { SQLStatement($0, effect: .definition) })
    do {
      let result = try await body(Database(database, session: session))
      try Task.checkCancellation()
      let failure = session.state.withLock { state in
        state.isOpen = false
        return state.failure
      }
      if let failure, database.dialect.family == .postgres {
        throw DatabaseError(
          .transaction, "the transaction has been rolled back, because a statement in it failed: \(failure)",
          hint: "let the error pass through the closure, or run what may fail in tx.transaction { inner in … }")
      }
      try await Self.commit(session, progress)
      return (result, session.state.withLock { $0.onCommit })
    } catch {
      session.state.withLock { $0.isOpen = false }
      // The first error is the one to report; a connection that cannot roll back is closed by its driver.
      // The rollback must run although the task may be cancelled: hence a task of its own, awaited here.
      await Task { try? await session.execute("ROLLBACK") }.value
      throw error
    }
  }

  private static func commit(_ session: TransactionSession, _ progress: TransactionProgress) async throws {
    progress.isCommitting.store(true, ordering: .releasing)
    do { try await session.execute("COMMIT") } catch var error as DatabaseError where error.kind == .connection {
      error.hint =
        "the connection was lost during COMMIT, so the transaction may or may not have been carried out: "
        + "look before you run it again"
      throw error
    }
  }

  private func savepoint<Result: Sendable>(
    _ session: TransactionSession, _ body: @Sendable (Database) async throws -> Result
  ) async throws -> Result {
    let (depth, hooksBefore, failureBefore) = session.state.withLock {
      $0.depth += 1
      return ($0.depth, $0.onCommit.count, $0.failure)
    }
    defer { session.state.withLock { $0.depth -= 1 } }
    let name = dialect.quote("martlet_\(depth)")
    try await session.settleStream(for: "SAVEPOINT")
    try await session.execute("SAVEPOINT \(name)")
    do {
      let result = try await body(self)
      try await session.execute("RELEASE SAVEPOINT \(name)")
      return result
    } catch {
      session.state.withLock {
        $0.onCommit.removeSubrange(hooksBefore...)
        $0.failure = failureBefore
      }
      await Task {
        try? await session.execute("ROLLBACK TO SAVEPOINT \(name)")
        try? await session.execute("RELEASE SAVEPOINT \(name)")
      }.value
      throw error
    }
  }
}
