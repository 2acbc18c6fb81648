import MartletSQL
import Synchronization

/// A driver without a database that fails with the errors it was given, one for each run of a text.
final class ScriptedDriver: DatabaseDriver, DatabaseConnection {
  private struct State {
    var log: [String] = []
    var errors: [String: [DatabaseError]]
    var lag: Result<Duration?, DatabaseError> = .success(.zero)
    var isAway = false
  }
  private let state: Mutex<State>
  let displayName: String
  let dialect: any SQLDialect

  init(_ name: String = "scripted", _ errors: [String: [DatabaseError]] = [:], dialect: any SQLDialect = SQLiteDialect()) {
    state = Mutex(State(errors: errors))
    displayName = name
    self.dialect = dialect
  }

  var log: [String] { state.withLock { $0.log } }
  func set(lag: Result<Duration?, DatabaseError>) { state.withLock { $0.lag = lag } }
  func set(isAway: Bool) { state.withLock { $0.isAway = isAway } }

  func run(_ statement: SQLStatement, onRow: @escaping @Sendable (inout Row) throws -> Void) async throws -> StatementResult {
    try state.withLock { state in
      state.log.append(statement.text)
      if state.isAway { throw DatabaseError(.connection, "away") }
      if var errors = state.errors[statement.text], !errors.isEmpty {
        let error = errors.removeFirst()
        state.errors[statement.text] = errors
        throw error
      }
    }
    return StatementResult(rowsAffected: 0)
  }
  func lease(_ access: DatabaseAccess, source: SourcePlace?) async throws -> ConnectionLease {
    if state.withLock({ $0.isAway }) { throw DatabaseError(.connection, "away") }
    return ConnectionLease(self) {}
  }
  func openCursor(_ statement: SQLStatement) async throws -> any DatabaseCursor {
    throw DatabaseError(.unsupported(capability: "cursors"), "the scripted driver has no rows to fetch")
  }
  func replicationLag() async throws -> Duration? {
    try state.withLock { try $0.isAway ? .failure(DatabaseError(.connection, "away")) : $0.lag }.get()
  }
  func shutdown() async {}
}
