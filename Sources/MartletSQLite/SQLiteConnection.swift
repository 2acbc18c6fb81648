import MartletSQL
import Synchronization

/// One connection with its thread.
final class SQLiteConnection: PoolableConnection {
  let role: SQLiteSession.Role
  private let thread: JobThread
  private let session: SQLiteSession
  private let isClosed = Atomic(false)

  init(_ configuration: SQLiteConfiguration, role: SQLiteSession.Role, functions: [SQLiteFunction] = []) {
    self.role = role
    thread = JobThread(name: "sqlite \(role.rawValue)")
    session = SQLiteSession(configuration, role: role, functions: functions)
  }
  deinit {
    // The session closes its database on the thread it is confined to; without a thread it has none.
    if thread.hasStarted { thread.submit { [session] in session.close() } }
  }

  /// Opens the database now instead of at the first statement.
  func open() async throws { try await perform { _ = try $0.open() } }

  // MARK: What the pool asks for

  var isUsable: Bool { !isClosed.load(ordering: .acquiring) && !session.isBroken.load(ordering: .acquiring) }
  var needsReset: Bool { session.needsCleaning.load(ordering: .acquiring) }
  /// Undoes what the borrower left behind: an open transaction, changed settings.
  func reset() async throws { try await perform { try $0.cleanUp() } }
  func ping() async throws { try await open() }
  /// Closes the database, for good.
  func close() async {
    isClosed.store(true, ordering: .releasing)
    guard thread.hasStarted else { return }
    try? await perform { $0.close() }
  }

  // MARK: Statements

  @discardableResult
  func run(_ statement: SQLStatement, onRow: @escaping @Sendable (inout Row) throws -> Void) async throws -> StatementResult {
    try await run(statement, .write, onRow: onRow)
  }
  func openCursor(_ statement: SQLStatement) async throws -> any DatabaseCursor { try await openCursor(statement, .write) }

  /// Runs a statement; `finally` runs on the connection's thread right after it, before the caller goes on.
  func run(
    _ statement: SQLStatement, _ access: DatabaseAccess, onRow: @escaping @Sendable (inout Row) throws -> Void,
    finally: (@Sendable () -> Void)? = nil
  ) async throws -> StatementResult {
    try await interruptibly({ session, job in try session.run(statement, job, access, onRow) }, finally: finally)
  }

  /// Runs statements one after the other, without a way to the connection's thread and back between them.
  func run(
    batch: [SQLStatement], _ access: DatabaseAccess, onRow: @escaping @Sendable (Int, inout Row) throws -> Void,
    finally: (@Sendable () -> Void)? = nil
  ) async throws -> [StatementResult] {
    try await interruptibly(
      { session, job in
        var results: [StatementResult] = []
        for (place, statement) in batch.enumerated() {
          results.append(try session.run(statement, job, access) { try onRow(place, &$0) })
        }
        return results
      }, finally: finally)
  }

  /// Starts a statement whose rows are fetched later.
  func openCursor(_ statement: SQLStatement, _ access: DatabaseAccess) async throws -> SQLiteCursor {
    let run = try await interruptibly { session, job in try session.openCursor(statement, job, access) }
    return SQLiteCursor(self, run)
  }
  func fetch(
    _ count: Int, of run: SQLiteCursorRun, onRow: @escaping @Sendable (inout Row) throws -> Void
  ) async throws -> Bool {
    try await interruptibly { session, job in try session.fetch(count, of: run, job, onRow) }
  }
  func end(_ run: SQLiteCursorRun) async { try? await perform { $0.end(run) } }

  /// Runs work on the connection's thread that the task's cancellation stops.
  private func interruptibly<Result: Sendable>(
    _ work: @escaping @Sendable (SQLiteSession, StatementJob) throws -> Result, finally: (@Sendable () -> Void)? = nil
  ) async throws -> Result {
    let job = StatementJob()
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        thread.submit { [session] in
          let result = Swift.Result { try work(session, job) }
          finally?()
          continuation.resume(with: result)
        }
      }
    } onCancel: {
      job.cancel()
    }
  }

  /// Runs work on the connection's thread; not stopped by cancellation.
  func perform<Result: Sendable>(_ work: @escaping @Sendable (SQLiteSession) throws -> Result) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
      thread.submit { [session] in continuation.resume(with: Swift.Result { try work(session) }) }
    }
  }
}

/// A borrowed connection: refuses statements once it has been given back.
final class SQLiteLease: DatabaseConnection {
  private let connection: SQLiteConnection
  private let access: DatabaseAccess
  private let isOver = Atomic(false)

  init(_ connection: SQLiteConnection, _ access: DatabaseAccess) {
    self.connection = connection
    self.access = access
  }
  func end() { isOver.store(true, ordering: .releasing) }

  @discardableResult
  func run(_ statement: SQLStatement, onRow: @escaping @Sendable (inout Row) throws -> Void) async throws -> StatementResult {
    try refuseIfOver(statement)
    return try await connection.run(statement, access, onRow: onRow)
  }
  @discardableResult
  func run(batch: [SQLStatement], onRow: @escaping @Sendable (Int, inout Row) throws -> Void) async throws -> [StatementResult] {
    guard let first = batch.first else { return [] }
    try refuseIfOver(first)
    return try await connection.run(batch: batch, access, onRow: onRow)
  }
  func openCursor(_ statement: SQLStatement) async throws -> any DatabaseCursor {
    try refuseIfOver(statement)
    return try await connection.openCursor(statement, access)
  }

  private func refuseIfOver(_ statement: SQLStatement) throws {
    guard isOver.load(ordering: .acquiring) else { return }
    throw DatabaseError(
      .transaction, "the connection has been given back", hint: "use it only inside the closure of withConnection",
      sql: statement.text)
  }
}
