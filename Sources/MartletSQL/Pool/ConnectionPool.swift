import Synchronization

/// Lends connections: bounded, first come first served, and never a broken one to a second borrower.
///
/// ```swift
/// let pool = ConnectionPool(configuration, label: "PostgreSQL") { try await Connection.open(settings) }
/// let connection = try await pool.borrow(source: statement.source)
/// // … alone with it …
/// await pool.giveBack(connection)
/// ```
/// Connections are opened when they are needed, by tasks of the pool's own, so that a borrower's cancellation stops no
/// attempt that serves others. While attempts fail there is one at a time, with growing pauses between them. A pool that is
/// released without ``shutdown()`` closes the connections that rest.
public final class ConnectionPool<C: PoolableConnection>: Sendable {
  typealias State = PoolState
  typealias Instant = ContinuousClock.Instant

  /// How it behaves.
  public let configuration: PoolConfiguration
  /// What its connections are called in errors: `PostgreSQL`, `SQLite writer`.
  public let label: String
  let state: Mutex<State>
  let connect: @Sendable (ObjectIdentifier?) async throws -> C
  let observer: (@Sendable (PoolEvent) -> Void)?

  /// A pool that opens its connections with `connect`; opens none yet.
  ///
  /// - Parameters:
  ///   - label: What the connections are called in errors.
  ///   - observer: Told what happens, on any thread, outside of the pool's lock.
  ///   - connect: Opens a connection. It has its own time limit.
  public convenience init(
    _ configuration: PoolConfiguration, label: String, observer: (@Sendable (PoolEvent) -> Void)? = nil,
    connect: @escaping @Sendable () async throws -> C
  ) {
    self.init(configuration, label: label, observer: observer, connectingOn: { _ in try await connect() })
  }
  /// The same, where connections live on event loops.
  /// - Parameter connect: Opens a connection, on the event loop with this identity where it can.
  package init(
    _ configuration: PoolConfiguration, label: String, observer: (@Sendable (PoolEvent) -> Void)? = nil,
    connectingOn connect: @escaping @Sendable (ObjectIdentifier?) async throws -> C
  ) {
    var configuration = configuration
    configuration.maximumConnections = max(1, configuration.maximumConnections)
    configuration.pipelineDepth = max(1, configuration.pipelineDepth)
    self.configuration = configuration
    self.label = label
    self.connect = connect
    self.observer = observer
    state = Mutex(State(configuration, label: label, now: .now))
  }
  deinit {
    let (resting, timer) = state.withLock { state in (state.idle.map(\.connection), state.timer) }
    timer?.cancel()
    if !resting.isEmpty { Task { for connection in resting { await connection.close() } } }
  }

  /// What it is doing, and has done so far.
  public var metrics: PoolMetrics { state.withLock { $0.currentMetrics } }

  // MARK: One borrower

  /// A connection for the caller alone; give it back with ``giveBack(_:)``.
  ///
  /// - Parameter source: Who asks: an error of others names those who hold connections.
  /// - Throws: ``DatabaseError`` of kind `poolTimeout` where none became free in time, `connection` where the server could
  ///   not be reached in that time, the error of connecting where trying again is of no use; `CancellationError`.
  public func borrow(source: SourcePlace? = nil) async throws -> C { try await borrow(preferring: nil, source: source) }
  /// The same, on the caller's event loop where such a one rests.
  package func borrow(preferring affinity: AnyObject?, source: SourcePlace?) async throws -> C {
    try await acquire(PoolRequest(isShared: false, affinity: affinity, source: source))
  }

  /// Takes a borrowed connection back and hands it to who waits (see ``share(preferring:source:)``). Resets it where it needs
  /// that; closes it where it is of no use any more or too old.
  public func giveBack(_ connection: C) async {
    if giveBackIfClean(connection) { return }
    do {
      try await bounded(by: configuration.checkTimeout, "the reset of a \(label) connection") { try await connection.reset() }
      locked { $0.returned(connection, isSound: !connection.needsReset, now: .now, &$1) }
    } catch {
      locked { $0.returned(connection, isSound: false, now: .now, &$1) }
    }
  }

  /// As ``giveBack(_:)``, where nothing has to be waited for. A connection that has to be reset first stays lent, and
  /// the result is `false`.
  public func giveBackIfClean(_ connection: C) -> Bool {
    locked { state, work in
      let now = Instant.now
      if connection.isUsable, connection.needsReset, !state.isShutDown, !state.isTooOld(connection, now: now) { return false }
      state.returned(connection, isSound: true, now: now, &work)
      return true
    }
  }

  // MARK: Several statements on one connection

  /// A connection for one statement, which others may share: up to ``PoolConfiguration/pipelineDepth`` at a time.
  /// End with ``endShare(_:)``.
  ///
  /// One that rests comes first, on the caller's event loop where there is such a one, then one of that loop whose batch is
  /// still open. Who waits is served in order, borrowers and sharers alike; but somebody on the connection's own event loop goes
  /// before those who came up to 20 ms earlier on another: each of their statements would wake two threads up.
  /// - Parameter affinity: The caller's event loop.
  /// - Throws: As ``borrow(source:)``.
  public func share(preferring affinity: AnyObject? = nil, source: SourcePlace? = nil) async throws -> C {
    try await acquire(PoolRequest(isShared: true, affinity: affinity, source: source))
  }

  /// Ends a share. With the last one the connection goes to who waits, rests, or is closed where it is of no use any more.
  public func endShare(_ connection: C) {
    let needsReset = locked { $0.endShare(connection, now: .now, &$1) }
    if needsReset { Task { await giveBack(connection) } }
  }

  // MARK: All of them

  /// Opens a connection now where none is open, so that a wrong address or password shows at once.
  /// - Throws: The error of connecting.
  public func open() async throws {
    let mustConnect = try state.withLock { state in
      if state.isShutDown { throw state.shutDownError }
      guard state.entries.isEmpty, state.connecting == 0, state.closing == 0 else { return false }
      state.connecting += 1
      return true
    }
    if mustConnect {
      let result = await Result.of { [connect] in try await connect(nil) }
      connected(result)
      _ = try result.get()
    } else if state.withLock({ $0.entries.isEmpty }) {
      await giveBack(try await borrow())
    }
  }

  /// Refuses new borrowers and those that wait, and returns when every connection is back and closed.
  public func shutdown() async {
    locked { $0.shutDown(&$1) }
    await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
      let isDone = state.withLock { state in
        if !state.isEmpty { state.whenEmpty.append(continuation) }
        return state.isEmpty
      }
      if isDone { continuation.resume() }
    }
  }
}
