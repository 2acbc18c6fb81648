import CMariaDB
import MartletSQL
import Synchronization

extension MySQLSession {
  /// Starts a statement whose rows stay at the server until they are fetched.
  func openCursor(_ statement: SQLStatement, _ job: StatementJob) throws -> PreparedStatement {
    _ = try opened(sql: statement.text)
    guard !hasCursor else {
      throw DatabaseError(.transaction, "another cursor is open on this connection", hint: "close it first", sql: statement.text)
    }
    var opened: PreparedStatement?
    let prepared = try guarded(
      job, statement,
      ifKilled: { [self] in
        if let opened { finishRows(opened) }
        hasCursor = false
      }
    ) {
      let prepared = try start(statement)
      opened = prepared
      hasCursor = beginRows(prepared)
      return prepared
    }
    return prepared
  }
}

/// What a cursor knows. Confined to its connection's thread.
final class MySQLCursorState: @unchecked Sendable {
  private let prepared: PreparedStatement
  private let statement: SQLStatement
  private var isOpen: Bool

  init(_ prepared: PreparedStatement, _ statement: SQLStatement) {
    self.prepared = prepared
    self.statement = statement
    isOpen = mysql_stmt_field_count(prepared.handle) > 0
  }

  func cursor(on connection: MySQLConnection) -> MySQLCursor { MySQLCursor(connection, self) }

  func fetch(_ count: Int, _ session: MySQLSession, _ job: StatementJob, _ onRow: MySQLSession.RowHandler) throws -> Bool {
    guard isOpen else { return false }
    do {
      let more = try session.guarded(job, statement, ifKilled: { self.finish(session) }) {
        var left = count
        while left > 0 {
          guard try session.fetchRow(prepared, sql: statement.text, onRow) else { return false }
          left -= 1
        }
        return true
      }
      if !more { finish(session) }
      return more
    } catch {
      close(session)
      throw error
    }
  }

  func close(_ session: MySQLSession) {
    guard isOpen else { return }
    session.abandon(prepared)
    end(session)
  }

  /// Reads what is left, which is nothing or ends with the error of a kill.
  private func finish(_ session: MySQLSession) {
    guard isOpen else { return }
    session.finishRows(prepared)
    end(session)
  }

  private func end(_ session: MySQLSession) {
    isOpen = false
    session.hasCursor = false
    prepared.parameters.release()
    session.noteState()
  }
}

/// The rows of a running statement, read from the socket as they are asked for.
final class MySQLCursor: DatabaseCursor {
  private let connection: MySQLConnection
  private let state: MySQLCursorState

  init(_ connection: MySQLConnection, _ state: MySQLCursorState) {
    self.connection = connection
    self.state = state
  }
  deinit { connection.later { [state] session in state.close(session) } }

  func fetch(_ count: Int, onRow: @escaping @Sendable (inout Row) throws -> Void) async throws -> Bool {
    try await connection.cancellable { [state] session, job in try state.fetch(count, session, job, onRow) }
  }
  func close() async { try? await connection.perform { [state] session in state.close(session) } }
}
