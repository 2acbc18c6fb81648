import MartletSQL
import Synchronization

/// One connection with its thread.
final class SQLiteConnection: Sendable {
  private let thread: JobThread
  private let session: SQLiteSession

  init(_ configuration: SQLiteConfiguration, role: SQLiteSession.Role) {
    thread = JobThread(name: "sqlite \(role.rawValue)")
    session = SQLiteSession(configuration, role: role)
  }
  deinit {
    // The session closes its database on the thread it is confined to; without a thread it has none.
    if thread.hasStarted { thread.submit { [session] in session.close() } }
  }

  /// Opens the database now instead of at the first statement.
  func open() async throws { try await perform { try $0.open() } }
  /// Closes the database; the next statement would open it again.
  func close() async {
    guard thread.hasStarted else { return }
    try? await perform { $0.close() }
  }
  /// Undoes what the borrower left behind: an open transaction, changed settings.
  func cleanUp() async {
    guard session.needsCleaning.load(ordering: .acquiring) else { return }
    try? await perform { $0.cleanUp() }
  }

  /// Runs a statement; `finally` runs on the connection's thread right after it, before the caller goes on.
  func run(
    _ statement: SQLStatement, _ access: DatabaseAccess, onRow: @escaping @Sendable (inout Row) throws -> Void,
    finally: (@Sendable () -> Void)? = nil
  ) async throws -> StatementResult {
    let job = StatementJob()
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        thread.submit { [session] in
          let result = Result { try session.run(statement, job, access, onRow) }
          finally?()
          continuation.resume(with: result)
        }
      }
    } onCancel: {
      job.cancel()
    }
  }

  /// Runs work on the connection's thread; not stopped by cancellation.
  private func perform(_ work: @escaping @Sendable (SQLiteSession) throws -> Void) async throws {
    try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
      thread.submit { [session] in continuation.resume(with: Result { try work(session) }) }
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
    guard !isOver.load(ordering: .acquiring) else {
      throw DatabaseError(
        .transaction, "the connection has been given back", hint: "use it only inside the closure of withConnection",
        sql: statement.text)
    }
    return try await connection.run(statement, access, onRow: onRow)
  }

  func openCursor(_ statement: SQLStatement) async throws -> any DatabaseCursor {
    throw DatabaseError(.unsupported(capability: "cursors"), "SQLite cursors come with the pool", sql: statement.text)
  }
}
