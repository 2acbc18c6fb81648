import CSQLite3
import MartletSQL
import Synchronization

/// A statement in the middle of its rows. Confined to its connection's thread.
final class SQLiteCursorRun: @unchecked Sendable {
  let statement: SQLStatement
  /// `nil` once it has ended.
  var handle: OpaquePointer?
  init(_ statement: SQLStatement, _ handle: OpaquePointer) {
    self.statement = statement
    self.handle = handle
  }
}

/// The rows of a running statement, stepped as they are asked for, on the connection's thread.
///
/// Its reader sees one state of the database until it is closed.
final class SQLiteCursor: DatabaseCursor {
  private let connection: SQLiteConnection
  private let run: SQLiteCursorRun

  init(_ connection: SQLiteConnection, _ run: SQLiteCursorRun) {
    self.connection = connection
    self.run = run
  }
  deinit {
    let connection = connection, run = run
    Task { await connection.end(run) }
  }

  func fetch(_ count: Int, onRow: @escaping @Sendable (inout Row) throws -> Void) async throws -> Bool {
    try await connection.fetch(count, of: run, onRow: onRow)
  }
  func close() async { await connection.end(run) }
}

extension SQLiteSession {
  func openCursor(_ statement: SQLStatement, _ job: StatementJob, _ access: DatabaseAccess) throws -> SQLiteCursorRun {
    let database = try open()
    try refuseBesideCursor(statement)
    guard !job.isCancelled else { throw CancellationError() }
    // A statement of its own: the cached one of the same text stays free.
    let handle = try StatementCache.prepare(statement.text, database, persistent: false)
    do {
      try refuseWrite(statement, handle, access)
      try bind(statement, handle, database)
    } catch {
      sqlite3_finalize(handle)
      throw error
    }
    let run = SQLiteCursorRun(statement, handle)
    cursor = run
    needsCleaning.store(true, ordering: .releasing)
    return run
  }

  /// Steps over at most `count` rows; whether there may be more.
  func fetch(
    _ count: Int, of run: SQLiteCursorRun, _ job: StatementJob, _ onRow: (inout Row) throws -> Void
  ) throws -> Bool {
    guard let handle = run.handle else { return false }
    let database = try open()
    do {
      return try interruptible(job, database, run.statement) {
        for _ in 0..<max(0, count) {
          let code = sqlite3_step(handle)
          guard code == SQLITE_ROW else {
            guard code == SQLITE_DONE else { throw SQLiteResult.error(code, database, sql: run.statement.text) }
            end(run)
            return false
          }
          try withRow(of: handle, onRow)
        }
        return true
      }
    } catch {
      end(run)
      throw error
    }
  }

  /// Ends the statement, wherever it is; twice does nothing.
  func end(_ run: SQLiteCursorRun) {
    sqlite3_finalize(run.handle)
    run.handle = nil
    if cursor === run { cursor = nil }
  }

  /// The end of a transaction ends its cursor; anything else has to wait, as on every database.
  func refuseBesideCursor(_ statement: SQLStatement) throws {
    guard let cursor else { return }
    let first = statement.text.prefix(8).uppercased()
    if first.hasPrefix("ROLLBACK") || first.hasPrefix("COMMIT") { return end(cursor) }
    throw DatabaseError(
      .transaction, "a statement was run while a cursor is open on the same connection",
      hint: "close the cursor first, or collect its rows; outside of a transaction other statements have other connections",
      sql: statement.text)
  }
}
