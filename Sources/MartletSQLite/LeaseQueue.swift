import Foundation
import MartletSQL
import Synchronization

/// Lends connections to one borrower each, in the order in which they asked.
final class LeaseQueue: Sendable {
  private struct Waiter {
    var ticket: UInt64
    var deadline: ContinuousClock.Instant
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
    /// Whether the watchdog looks at the deadlines.
    var isWatched = false
    var lent = 0
    var whenAllReturned: [CheckedContinuation<Void, Never>] = []
  }
  private enum Reply { case connection(SQLiteConnection), failure(any Error), wait }

  private let state: Mutex<State>
  private let label: String
  private let timeout: Duration
  /// One thread for all deadlines: a timer for each waiter would cost more than most statements do.
  private let watchdog: JobThread

  init(_ connections: [SQLiteConnection], label: String, timeout: Duration) {
    state = Mutex(State(idle: connections))
    self.label = label
    self.timeout = timeout
    watchdog = JobThread(name: "sqlite deadlines")
  }

  /// A connection for the caller alone; give it back with ``giveBack(_:)``.
  /// - Throws: ``DatabaseError`` of kind `poolTimeout` or `connection`; `CancellationError`.
  func borrow() async throws -> SQLiteConnection {
    let (free, ticket, isUnwatched) = try state.withLock { state -> (SQLiteConnection?, UInt64, Bool) in
      guard !state.isShutDown else { throw Self.shutDownError }
      if state.waiters.isEmpty, let connection = state.idle.popLast() {
        state.lent += 1
        return (connection, 0, false)
      }
      state.nextTicket += 1
      state.waiters.append(Waiter(ticket: state.nextTicket, deadline: .now + timeout, continuation: nil))
      defer { state.isWatched = true }
      return (nil, state.nextTicket, !state.isWatched)
    }
    if let free { return free }
    if isUnwatched { watch() }
    return try await wait(ticket)
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

  /// Lets the watchdog sleep from deadline to deadline until nobody waits.
  private func watch() {
    watchdog.submit { [weak self] in
      while let pause = self?.refuseExpired() { Thread.sleep(forTimeInterval: pause / .seconds(1)) }
    }
  }

  /// Refuses those whose time is up; says how long the next one still has.
  private func refuseExpired() -> Duration? {
    let now = ContinuousClock.now
    let (expired, pause) = state.withLock { state -> ([CheckedContinuation<SQLiteConnection, any Error>], Duration?) in
      // All wait equally long: who asked first expires first.
      let expired = state.waiters.prefix { $0.deadline <= now }
      state.waiters.removeFirst(expired.count)
      for waiter in expired where waiter.continuation == nil { state.refused[waiter.ticket] = timeoutError }
      state.isWatched = !state.waiters.isEmpty
      return (expired.compactMap(\.continuation), state.waiters.first.map { $0.deadline - now })
    }
    for continuation in expired { continuation.resume(throwing: timeoutError) }
    return pause
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
