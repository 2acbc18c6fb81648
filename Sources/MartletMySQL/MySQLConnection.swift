import MartletSQL
import Synchronization

/// One connection with its thread.
final class MySQLConnection: PoolableConnection {
  private let thread: JobThread
  private let session: MySQLSession

  /// An open connection.
  init(_ configuration: MySQLConfiguration) async throws {
    thread = JobThread(name: "mysql", start: LibraryThread.start)
    session = MySQLSession(configuration)
    try await perform { try $0.open() }
  }
  // The session closes on the thread it is confined to, after what runs there.
  deinit { thread.submit { [session] in session.close() } }

  var isUsable: Bool { session.isUsable.load(ordering: .acquiring) }
  var needsReset: Bool { session.needsReset.load(ordering: .acquiring) }
  func dialect() async throws -> MySQLDialect { try await perform { $0.dialect } }
  func reset() async throws { try await perform { try $0.reset() } }
  func ping() async throws { try await perform { try $0.ping() } }
  /// Waits for nothing that may never come: what runs gets an error.
  func close() async {
    if session.isBusy.load(ordering: .acquiring) { session.cut() }
    try? await perform { $0.close() }
  }

  @discardableResult
  func run(_ statement: SQLStatement, onRow: @escaping @Sendable (inout Row) throws -> Void) async throws -> StatementResult {
    try await cancellable { session, job in try session.run(statement, job, onRow) }
  }

  /// Runs statements one after the other, without a way to the connection's thread and back between them.
  @discardableResult
  func run(batch: [SQLStatement], onRow: @escaping @Sendable (Int, inout Row) throws -> Void) async throws -> [StatementResult] {
    try await cancellable { session, job in
      var results: [StatementResult] = []
      for (place, statement) in batch.enumerated() {
        results.append(try session.run(statement, job) { try onRow(place, &$0) })
      }
      return results
    }
  }

  /// The rows of a `SHOW` statement by the names of their columns, without what is NULL.
  func listing(_ text: String) async throws -> [[String: String]] {
    try await cancellable { session, job in try session.listing(text, job) }
  }

  func openCursor(_ statement: SQLStatement) async throws -> any DatabaseCursor {
    try await cancellable { session, job in MySQLCursorState(try session.openCursor(statement, job), statement) }
      .cursor(on: self)
  }

  /// Runs work on the connection's thread; stopped there when the task is cancelled.
  func cancellable<T: Sendable>(_ work: @escaping @Sendable (MySQLSession, StatementJob) throws -> T) async throws -> T {
    // Not retained by the kill: the session outlives it, for its thread waits for the job.
    let job = StatementJob { [session] in session.interrupt() }
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        thread.submit { [session] in
          session.isBusy.store(true, ordering: .releasing)
          let result = Result { try work(session, job) }
          session.isBusy.store(false, ordering: .releasing)
          continuation.resume(with: result)
        }
      }
    } onCancel: {
      job.cancel()
    }
  }

  /// Runs work on the connection's thread; not stopped by cancellation.
  func perform<T: Sendable>(_ work: @escaping @Sendable (MySQLSession) throws -> T) async throws -> T {
    try await withCheckedThrowingContinuation { continuation in
      thread.submit { [session] in
        session.isBusy.store(true, ordering: .releasing)
        let result = Result { try work(session) }
        session.isBusy.store(false, ordering: .releasing)
        continuation.resume(with: result)
      }
    }
  }
  /// The same without waiting.
  func later(_ work: @escaping @Sendable (MySQLSession) -> Void) { thread.submit { [session] in work(session) } }
}

/// A borrowed connection: refuses statements once it has been given back.
final class MySQLLease: DatabaseConnection {
  private let connection: MySQLConnection
  private let isOver = Atomic(false)

  init(_ connection: MySQLConnection) { self.connection = connection }
  func end() { isOver.store(true, ordering: .releasing) }

  @discardableResult
  func run(_ statement: SQLStatement, onRow: @escaping @Sendable (inout Row) throws -> Void) async throws -> StatementResult {
    try check(statement)
    return try await connection.run(statement, onRow: onRow)
  }
  @discardableResult
  func run(batch: [SQLStatement], onRow: @escaping @Sendable (Int, inout Row) throws -> Void) async throws -> [StatementResult] {
    guard let first = batch.first else { return [] }
    try check(first)
    return try await connection.run(batch: batch, onRow: onRow)
  }
  func openCursor(_ statement: SQLStatement) async throws -> any DatabaseCursor {
    try check(statement)
    return try await connection.openCursor(statement)
  }

  private func check(_ statement: SQLStatement) throws {
    guard !isOver.load(ordering: .acquiring) else {
      throw DatabaseError(
        .transaction, "the connection has been given back", hint: "use it only inside the closure of withConnection",
        sql: statement.text)
    }
  }
}
