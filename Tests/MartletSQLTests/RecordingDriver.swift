import MartletSQL
import Synchronization

/// A driver without a database: notes each statement, and fails those it is told to.
final class RecordingDriver: DatabaseDriver, DatabaseConnection {
  private let state = Mutex([String]())
  private let failing: Set<String>
  private let cells: @Sendable () -> [RowCell]

  /// - Parameter rows: The cells of the one row that each SELECT returns.
  init(failing: Set<String> = [], row cells: @escaping @Sendable () -> [RowCell] = { [] }) {
    self.failing = failing
    self.cells = cells
  }

  var log: [String] { state.withLock { $0 } }
  var dialect: any SQLDialect { SQLiteDialect() }
  var displayName: String { "recording" }

  func run(_ statement: SQLStatement, onRow: @escaping @Sendable (inout Row) throws -> Void) async throws -> StatementResult {
    state.withLock { $0.append(statement.text) }
    if failing.contains(statement.text) { throw DatabaseError(.busy, "told to fail") }
    try Task.checkCancellation()
    if statement.effect == .read {
      try cells().withUnsafeBufferPointer { buffer in
        guard let start = buffer.baseAddress else { return }
        var row = Row(cells: start, count: buffer.count)
        try onRow(&row)
      }
    }
    return StatementResult(rowsAffected: 0)
  }
  func lease(_ access: DatabaseAccess, source: SourcePlace?) async throws -> ConnectionLease {
    state.withLock { $0.append(access == .read ? "lease a reader" : "lease the writer") }
    return ConnectionLease(self) { [self] in state.withLock { $0.append("give back") } }
  }
  func openCursor(_ statement: SQLStatement) async throws -> any DatabaseCursor {
    throw DatabaseError(.unsupported(capability: "cursors"), "the recording driver has no rows to fetch")
  }
  func shutdown() async {}
}
