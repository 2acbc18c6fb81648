import MartletSQL
import Synchronization

/// Lends connections to one borrower each, in the order in which they asked.
final class LeaseQueue: Sendable {
  private struct Waiter {
    var ticket: UInt64
    var continuation: CheckedContinuation<SQLiteConnection, any Error>?
  }
  private struct State {
    var idle: [SQLiteConnection]
    var waiters: [Waiter] = []
    /// Lent to a waiter that has not begun to wait yet.
    var granted: [UInt64: SQLiteConnection] = [:]
    /// Why a waiter that has not begun to wait yet will not get one.
    var refused: [UInt64: any Error] = [:]
    var nextTicket: UInt64 = 0
    var isShutDown = false
    var lent = 0
    var whenAllReturned: [CheckedContinuation<Void, Never>] = []
  }
  private enum Reply { case connection(SQLiteConnection), failure(any Error), wait }

  private let state: Mutex<State>
  private let label: String
  private let timeout: Duration

  init(_ connections: [SQLiteConnection], label: String, timeout: Duration) {
    state = Mutex(State(idle: connections))
    self.label = label
    self.timeout = timeout
  }

  /// A connection for the caller alone; give it back with ``giveBack(_:)``.
  /// - Throws: ``DatabaseError`` of kind `poolTimeout` or `connection`; `CancellationError`.
  func borrow() async throws -> SQLiteConnection {
    let (free, ticket) = try state.withLock { state -> (SQLiteConnection?, UInt64) in
      guard !state.isShutDown else { throw Self.shutDownError }
      if state.waiters.isEmpty, let connection = state.idle.popLast() {
        state.lent += 1
        return (connection, 0)
      }
      state.nextTicket += 1
      state.waiters.append(Waiter(ticket: state.nextTicket, continuation: nil))
      return (nil, state.nextTicket)
    }
    if let free { return free }
    return try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { [self] in
        try? await Task.sleep(for: timeout)
        if !Task.isCancelled { refuse(ticket, timeoutError) }
      }
      defer { group.cancelAll() }
      return try await wait(ticket)
    }
  }

  /// Returns a borrowed connection and hands it to the one who has waited longest.
  func giveBack(_ connection: SQLiteConnection) {
    typealias Woken = (waiter: CheckedContinuation<SQLiteConnection, any Error>?, idlers: [CheckedContinuation<Void, Never>])
    let woken = state.withLock { state -> Woken in
      if !state.waiters.isEmpty {
        let waiter = state.waiters.removeFirst()
        if waiter.continuation == nil { state.granted[waiter.ticket] = connection }
        return (waiter.continuation, [])
      }
      state.lent -= 1
      state.idle.append(connection)
      guard state.lent == 0 else { return (nil, []) }
      defer { state.whenAllReturned = [] }
      return (nil, state.whenAllReturned)
    }
    woken.waiter?.resume(returning: connection)
    for idler in woken.idlers { idler.resume() }
  }

  /// Refuses new borrowers and those that wait, and returns when every connection is back.
  func shutdown() async {
    let waiting = state.withLock { state in
      state.isShutDown = true
      defer { state.waiters = [] }
      for waiter in state.waiters where waiter.continuation == nil { state.refused[waiter.ticket] = Self.shutDownError }
      return state.waiters.compactMap(\.continuation)
    }
    for continuation in waiting { continuation.resume(throwing: Self.shutDownError) }
    await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
      let isDone = state.withLock { state in
        if state.lent > 0 { state.whenAllReturned.append(continuation) }
        return state.lent == 0
      }
      if isDone { continuation.resume() }
    }
  }

  private func wait(_ ticket: UInt64) async throws -> SQLiteConnection {
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let reply = state.withLock { state -> Reply in
          if let connection = state.granted.removeValue(forKey: ticket) { return .connection(connection) }
          if let error = state.refused.removeValue(forKey: ticket) { return .failure(error) }
          guard let place = state.waiters.firstIndex(where: { $0.ticket == ticket }) else {
            return .failure(CancellationError())
          }
          state.waiters[place].continuation = continuation
          return .wait
        }
        switch reply {
        case .connection(let connection): continuation.resume(returning: connection)
        case .failure(let error): continuation.resume(throwing: error)
        case .wait: break
        }
      }
    } onCancel: {
      refuse(ticket, CancellationError())
    }
  }

  /// Takes a waiter out of the queue; nothing where it has its connection already.
  private func refuse(_ ticket: UInt64, _ error: any Error) {
    let continuation = state.withLock { state -> CheckedContinuation<SQLiteConnection, any Error>? in
      guard let place = state.waiters.firstIndex(where: { $0.ticket == ticket }) else { return nil }
      let waiter = state.waiters.remove(at: place)
      if waiter.continuation == nil { state.refused[ticket] = error }
      return waiter.continuation
    }
    continuation?.resume(throwing: error)
  }

  private var timeoutError: DatabaseError {
    DatabaseError(
      .poolTimeout, "no \(label) connection became free within \(timeout)",
      hint: "inside db.transaction { tx in … } use 'tx', not 'db'; keep transactions short")
  }
  private static var shutDownError: DatabaseError { DatabaseError(.connection, "the database has been shut down") }
}
