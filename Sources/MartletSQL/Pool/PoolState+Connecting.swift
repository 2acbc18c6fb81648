extension PoolState {
  // MARK: Opening and closing

  /// As many attempts as borrowers wait and places are free; while attempts fail, one at a time and after a pause.
  mutating func startConnects(now: Instant, _ work: inout Work) {
    guard !isShutDown, queue.live > 0 else { return }
    let allowed = failures == 0 ? queue.live : (now >= nextAttempt ? 1 : 0), begun = connecting
    while connecting < min(queue.live, allowed), hasRoom { connecting += 1 }
    if connecting > begun { work.connects += queue.affinities(of: begun..<connecting) }
    armTimer(&work)
  }

  /// - Parameter affinity: The loop that the connection was to be opened on, where one was asked for.
  mutating func connected(
    _ result: Result<any PoolableConnection, any Error>, for affinity: ObjectIdentifier? = nil, now: Instant, _ work: inout Work
  ) {
    connecting -= 1
    switch result {
    case .success(let connection):
      failures = 0
      lastConnectError = nil
      opened += 1
      work.events.append(.opened)
      let age = configuration.maximumAge
      let entry = Entry(connection, expires: now + age - age * Double.random(in: 0...0.1), now: now)
      entries.append(entry)
      release(entry, isSound: true, now: now, &work)
      startConnects(now: now, &work)
    case .failure(let error):
      // The loop has no connection, so the next who asks from it may have one opened.
      if let affinity { servedLoops.remove(affinity) }
      connectFailed(error, now: now, &work)
    }
    noteEmpty(&work)
  }

  private mutating func connectFailed(_ error: any Error, now: Instant, _ work: inout Work) {
    lastConnectError = error
    // Attempts that began together and failed together count once.
    if failures == 0 || now >= nextAttempt {
      failures += 1
      let pause = configuration.initialBackoff * Double(1 << min(failures - 1, 30))
      nextAttempt = now + min(pause, configuration.maximumBackoff) * Double.random(in: 0.8...1.2)
    }
    work.events.append(.connectFailed(error, retryAfter: nextAttempt - now))
    // Where no other connection can serve them: a wrong password stays wrong.
    if entries.isEmpty, !configuration.waitsForServer || !Self.mayPass(error) { refuseAll(error, &work) }
    armTimer(&work)
  }

  /// Whether an error of connecting may go away by itself.
  private static func mayPass(_ error: any Error) -> Bool { (error as? DatabaseError)?.isRetryable ?? true }

  /// A connection is closed: its place is free.
  mutating func closed(now: Instant, _ work: inout Work) {
    closing -= 1
    work.events.append(.closed)
    startConnects(now: now, &work)
    noteEmpty(&work)
  }

  mutating func shutDown(_ work: inout Work) {
    isShutDown = true
    refuseAll(shutDownError, &work)
    for entry in idle { discard(entry, now: .now, &work) }
    idle = []
    timer?.cancel()
    timer = nil
    timerGeneration += 1
    noteEmpty(&work)
  }

  private mutating func noteEmpty(_ work: inout Work) {
    guard isShutDown, isEmpty else { return }
    work.emptied += whenEmpty
    whenEmpty = []
  }

  // MARK: Deadlines

  /// Makes sure that the timer fires when something is due.
  mutating func armTimer(_ work: inout Work) {
    guard !isShutDown, let due else { return }
    if let timerFires, timerFires <= due { return }
    timerFires = due
    timerGeneration += 1
    work.timer = (due, timerGeneration)
  }

  private var due: Instant? {
    mutating get {
      var due = queue.first?.deadline
      func consider(_ instant: Instant) { due = min(due ?? instant, instant) }
      if failures > 0, queue.live > 0, connecting == 0, hasRoom { consider(nextAttempt) }
      // The first has rested longest; how old each is, is looked at when it is lent.
      if let first = idle.first { consider(first.rested + configuration.idleTimeout) }
      return due
    }
  }

  mutating func timerFired(_ generation: UInt64, now: Instant, _ work: inout Work) {
    guard generation == timerGeneration, !isShutDown else { return }
    timerFires = nil
    timer = nil
    while let waiter = queue.first, waiter.deadline <= now {
      _ = queue.popFirst()
      timeouts += 1
      let error = timeoutError(now: now)
      work.events.append(.timedOut(error))
      finish(waiter, .failure(error), &work)
    }
    while let entry = idle.first, now >= entry.rested + configuration.idleTimeout {
      idle.removeFirst()
      discard(entry, now: now, &work)
    }
    startConnects(now: now, &work)
    armTimer(&work)
  }

  // MARK: Errors

  var shutDownError: DatabaseError { DatabaseError(.connection, "the database has been shut down") }

  /// Why nobody got a connection in time: no server, or who has them.
  func timeoutError(now: Instant) -> DatabaseError {
    let timeout = Self.text(configuration.acquireTimeout)
    let failure = failures > 0 ? lastConnectError : nil
    if entries.isEmpty, let failure {
      let cause = failure as? DatabaseError
      return DatabaseError(
        .connection, "no \(label) connection could be opened within \(timeout): \(cause?.message ?? "\(failure)")",
        hint: cause?.hint, code: cause?.code)
    }
    let lent = entries.filter { entry in !idle.contains { $0 === entry } }.sorted { $0.since < $1.since }
    let holders = lent.prefix(10).map { entry in
      let who = entry.source.map { "\($0)" } ?? "an unnamed place"
      return "\(who) for \(Self.text(now - entry.since))" + (entry.shares > 1 ? " with \(entry.shares - 1) more" : "")
    }
    var message =
      "no \(label) connection became free within \(timeout): \(lent.count) of \(configuration.maximumConnections) in use"
    if !holders.isEmpty { message += ", by " + holders.joined(separator: ", ") }
    if lent.count > holders.count { message += " and others" }
    if connecting > 0 { message += "; \(connecting) being opened" }
    if let failure { message += "; the last attempt to open one failed: \((failure as? DatabaseError)?.message ?? "\(failure)")" }
    return DatabaseError(
      .poolTimeout, message,
      hint: "inside db.transaction { tx in … } use 'tx', not 'db'; keep transactions short; or raise the pool's size")
  }

  private static func text(_ duration: Duration) -> String {
    duration < .seconds(1)
      ? "\(Int(duration / .milliseconds(1))) ms" : "\((duration / .milliseconds(100)).rounded() / 10) s"
  }
}
