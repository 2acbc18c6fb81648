import CSQLite3
import Synchronization

/// One statement on its way, and how to stop it.
///
/// The lock is held while SQLite is interrupted, and the connection's thread needs it to leave the statement: so the
/// interrupt cannot hit the next statement of the connection.
final class StatementJob: Sendable {
  private struct State {
    var isCancelled = false
    /// The address of the `sqlite3` that runs the statement.
    var running: UInt?
  }
  private let state = Mutex(State())

  var isCancelled: Bool { state.withLock { $0.isCancelled } }

  /// Marks the statement as running; `false` where it was cancelled while queued.
  func start(_ database: OpaquePointer) -> Bool {
    state.withLock {
      guard !$0.isCancelled else { return false }
      $0.running = UInt(bitPattern: database)
      return true
    }
  }
  func finish() { state.withLock { $0.running = nil } }

  func cancel() {
    state.withLock {
      $0.isCancelled = true
      if let address = $0.running { sqlite3_interrupt(OpaquePointer(bitPattern: address)) }
    }
  }
}
