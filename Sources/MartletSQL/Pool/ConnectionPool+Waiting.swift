import Synchronization

extension ConnectionPool {
  /// Runs `change` under the lock, and what follows from it after.
  func locked<Result: Sendable>(_ change: (inout State, inout PoolWork) throws -> Result) rethrows -> Result {
    var work = PoolWork()
    let result = try state.withLock { state in try change(&state, &work) }
    perform(work)
    return result
  }

  /// Asks for a connection. Most of the time one is free: see ``PoolAttempt/ready(_:)``. Whatever comes back has to be taken:
  /// by ``ready(_:)``, or by ``settle(_:_:)``, which waits.
  /// - Throws: ``DatabaseError`` of kind `connection` after ``shutdown()``.
  package func attempt(_ request: PoolRequest) throws -> PoolAttempt {
    // The request is as old as this call.
    try locked { try $0.acquire(request, now: request.since, &$1) }
  }
  /// The connection, where it can be used at once.
  package func ready(_ attempt: PoolAttempt) -> C? {
    if case .ready(let connection) = attempt { own(connection) } else { nil }
  }
  /// The connection, after a wait or a look at it where that must be.
  package func settle(_ attempt: PoolAttempt, _ request: PoolRequest) async throws -> C {
    var attempt = attempt, request = request
    while true {
      switch attempt {
      case .ready(let connection): return own(connection)
      case .wait(let waiter): return try await unlessCancelled(own(wait(waiter)), request)
      case .unproven(let connection):
        let connection = own(connection)
        if await isAlive(connection) { return try await unlessCancelled(connection, request) }
        try Task.checkCancellation()
        request.isRetry = true
        attempt = try locked { [request] in try $0.acquire(request, now: .now, &$1) }
      }
    }
  }
  func acquire(_ request: PoolRequest) async throws -> C { try await settle(try attempt(request), request) }

  /// What the state holds are connections of this pool's type: nothing else is put into it.
  private func own(_ connection: any PoolableConnection) -> C { unsafeDowncast(connection as AnyObject, to: C.self) }

  /// A connection that was granted while its borrower was being cancelled goes to the next.
  private func unlessCancelled(_ connection: C, _ request: PoolRequest) async throws -> C {
    guard Task.isCancelled else { return connection }
    if request.isShared { endShare(connection) } else { await giveBack(connection) }
    throw CancellationError()
  }

  /// Asks for a sign of life; closes the connection where there is none.
  private func isAlive(_ connection: C) async -> Bool {
    do {
      try await bounded(by: configuration.checkTimeout, "the ping of a \(label) connection") { try await connection.ping() }
      guard connection.isUsable else { throw DatabaseError(.connection, "the connection was closed") }
      locked { state, _ in state.proved(connection, now: .now) }
      return true
    } catch {
      locked { state, work in
        let now = Instant.now
        // Its neighbours rested as long: they are asked too before they are lent.
        state.suspectBefore = now
        state.returned(connection, isSound: false, now: now, &work)
      }
      return false
    }
  }

  private func wait(_ waiter: PoolWaiter) async throws -> any PoolableConnection {
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let decided = state.withLock { _ -> Result<any PoolableConnection, any Error>? in
          guard case .decided(let result) = waiter.progress else {
            waiter.progress = .suspended(continuation)
            return nil
          }
          waiter.progress = .over
          return result
        }
        if let decided { continuation.resume(with: decided) }
      }
    } onCancel: {
      locked { $0.cancel(waiter, &$1) }
    }
  }

  /// Does what was decided under the lock.
  func perform(_ work: PoolWork) {
    for (continuation, result) in work.resumes { continuation.resume(with: result) }
    for affinity in work.connects { startConnecting(affinity) }
    for connection in work.closes { close(connection) }
    for continuation in work.emptied { continuation.resume() }
    if let (instant, generation) = work.timer { startTimer(instant, generation) }
    if let observer { for event in work.events { observer(event) } }
  }

  private func startConnecting(_ affinity: ObjectIdentifier?) {
    // Ahead of other tasks: borrowers wait for it against the clock, and opening takes many short turns. Behind hundreds of
    // busy tasks of the same priority each of these turns would wait for all of theirs.
    Task(priority: .high) { [weak self, connect] in
      let result = await Result.of { try await connect(affinity) }
      if let self {
        connected(result, for: affinity)
      } else if case .success(let connection) = result {
        await connection.close()
      }
    }
  }

  /// An attempt to connect has ended.
  func connected(_ result: Result<C, any Error>, for affinity: ObjectIdentifier? = nil) {
    locked { $0.connected(result.map { $0 as any PoolableConnection }, for: affinity, now: .now, &$1) }
  }

  private func close(_ connection: any PoolableConnection) {
    // In a task of its own: whoever found it broken need not wait. The place is free when it is closed, or seems to hang.
    Task { [configuration, label] in
      try? await bounded(by: configuration.checkTimeout, "the closing of a \(label) connection") { await connection.close() }
      locked { $0.closed(now: .now, &$1) }
    }
  }

  // MARK: Deadlines

  /// One timer for all deadlines: one for each waiter would cost more than most statements do.
  private func startTimer(_ instant: Instant, _ generation: UInt64) {
    // An hour at most: a longer sleep may exceed what the clock can count.
    let pause = min(instant, .now + .seconds(3600))
    let task = Task { [weak self] in
      guard (try? await Task.sleep(until: pause, tolerance: .milliseconds(1), clock: .continuous)) != nil else { return }
      self?.locked { $0.timerFired(generation, now: .now, &$1) }
    }
    let obsolete = state.withLock { state -> Task<Void, Never>? in
      guard state.timerGeneration == generation else { return task }
      defer { state.timer = task }
      return state.timer
    }
    obsolete?.cancel()
  }
}
