import MartletSQL
import Synchronization

/// A connection to nothing, which breaks, stalls and complains on demand.
final class FakeConnection: PoolableConnection {
  struct State {
    var isUsable = true, needsReset = false, isClosed = false, isBatchOpen = true
    var holders = 0, resets = 0, pings = 0
    var resetFails = false, resetHangs = false, pingFails = false
  }
  let state = Mutex(State())
  let number: Int
  let loop: (any AnyObject & Sendable)?
  init(_ number: Int, loop: (any AnyObject & Sendable)? = nil) {
    self.number = number
    self.loop = loop
  }

  var affinity: AnyObject? { loop }
  var isUsable: Bool { state.withLock { $0.isUsable && !$0.isClosed } }
  var needsReset: Bool { state.withLock { $0.needsReset } }
  var isBatchOpen: Bool { state.withLock { $0.isBatchOpen } }
  var isClosed: Bool { state.withLock { $0.isClosed } }
  func set(_ change: @Sendable (inout State) -> Void) { state.withLock { change(&$0) } }

  func reset() async throws {
    let (fails, hangs) = state.withLock { state in
      state.resets += 1
      return (state.resetFails, state.resetHangs)
    }
    if hangs { try await Task.sleep(for: .seconds(3600)) }
    if fails { throw DatabaseError(.connection, "told to fail") }
    state.withLock { $0.needsReset = false }
  }
  func ping() async throws {
    let fails = state.withLock { state in
      state.pings += 1
      return state.pingFails
    }
    await Task.yield()
    if fails { throw DatabaseError(.connection, "told to fail") }
  }
  func close() async { state.withLock { $0.isClosed = true } }

  func run(_ statement: SQLStatement, onRow: @escaping @Sendable (inout Row) throws -> Void) async throws -> StatementResult {
    StatementResult(rowsAffected: 0)
  }
  func openCursor(_ statement: SQLStatement) async throws -> any DatabaseCursor {
    throw DatabaseError(.unsupported(capability: "cursors"), "a fake connection has no rows")
  }
}

/// The server of fake connections: counts them, and can be away.
final class FakeServer: Sendable {
  struct State {
    var connections: [FakeConnection] = []
    var attempts = 0, running = 0, mostRunning = 0, mostOpen = 0
    var failure: DatabaseError?
    var delay: Duration = .zero
    var loops: [any AnyObject & Sendable] = []
  }
  let state = Mutex(State())

  var connections: [FakeConnection] { state.withLock { $0.connections } }
  var attempts: Int { state.withLock { $0.attempts } }
  var open: Int { connections.count { !$0.isClosed } }
  func set(_ change: @Sendable (inout State) -> Void) { state.withLock { change(&$0) } }

  func connect() async throws -> FakeConnection {
    let delay = state.withLock { state in
      state.attempts += 1
      state.running += 1
      state.mostRunning = max(state.mostRunning, state.running)
      return state.delay
    }
    defer { state.withLock { $0.running -= 1 } }
    if delay > .zero { try await Task.sleep(for: delay) } else { await Task.yield() }
    return try state.withLock { state in
      if let failure = state.failure { throw failure }
      let number = state.connections.count
      let connection = FakeConnection(number, loop: state.loops.isEmpty ? nil : state.loops[number % state.loops.count])
      state.connections.append(connection)
      state.mostOpen = max(state.mostOpen, state.connections.count { !$0.isClosed })
      return connection
    }
  }

  /// A pool of its connections.
  func pool(
    _ maximum: Int, _ change: (inout PoolConfiguration) -> Void = { _ in }, observer: (@Sendable (PoolEvent) -> Void)? = nil
  ) -> ConnectionPool<FakeConnection> {
    var configuration = PoolConfiguration()
    configuration.maximumConnections = maximum
    change(&configuration)
    return ConnectionPool(configuration, label: "fake", observer: observer) { [self] in try await connect() }
  }
}

/// Waits until `condition` holds, for ten seconds at most.
func eventually(_ condition: () async throws -> Bool) async rethrows -> Bool {
  for _ in 0..<5000 {
    if try await condition() { return true }
    try? await Task.sleep(for: .milliseconds(2))
  }
  return try await condition()
}
