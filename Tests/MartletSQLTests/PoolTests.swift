import MartletSQL
import Synchronization
import Testing

@Suite("The pool of connections")
struct PoolTests {
  @Test("connections are opened as they are needed, up to the maximum, and used again")
  func bounded() async throws {
    let server = FakeServer(), pool = server.pool(2)
    let first = try await pool.borrow(), second = try await pool.borrow()
    #expect(first !== second)
    await pool.giveBack(first)
    #expect(try await pool.borrow() === first)
    #expect(server.attempts == 2)
    let metrics = pool.metrics
    #expect(metrics.inUse == 2 && metrics.idle == 0 && metrics.maximum == 2 && metrics.opened == 2 && metrics.served == 3)
    await pool.giveBack(first)
    await pool.giveBack(second)
    #expect(pool.metrics.idle == 2)
    await pool.shutdown()
    #expect(server.open == 0)
  }

  @Test("borrowers are served in the order in which they asked")
  func fair() async throws {
    let server = FakeServer(), pool = server.pool(1)
    let held = try await pool.borrow()
    let order = Mutex([Int]())
    try await withThrowingTaskGroup(of: Void.self) { group in
      for i in 0..<20 {
        group.addTask { @Sendable in
          let connection = try await pool.borrow()
          order.withLock { $0.append(i) }
          await pool.giveBack(connection)
        }
        #expect(await eventually { pool.metrics.waiting == i + 1 })
      }
      await pool.giveBack(held)
      try await group.waitForAll()
    }
    #expect(order.withLock { $0 } == Array(0..<20))
    await pool.shutdown()
  }

  @Test("a wait in vain says who holds the connections, for how long, and what to do")
  func timeoutText() async throws {
    let server = FakeServer(), pool = server.pool(2) { $0.acquireTimeout = .milliseconds(60) }
    let first = try await pool.borrow(source: SourcePlace(fileID: "Blog/Posts.swift", line: 12))
    let second = try await pool.borrow()
    let error = await #expect(throws: DatabaseError.self) { try await pool.borrow() }
    #expect(error?.kind == .poolTimeout)
    let message = try #require(error?.message)
    #expect(message.hasPrefix("no fake connection became free within 60 ms: 2 of 2 in use, by Blog/Posts.swift:12 for "))
    #expect(message.contains("an unnamed place for"))
    #expect(error?.hint?.contains("use 'tx', not 'db'") == true)
    #expect(pool.metrics.timeouts == 1)
    await pool.giveBack(first)
    await pool.giveBack(second)
    #expect(pool.metrics.idle == 2)
    await pool.shutdown()
  }

  @Test("who is cancelled while waiting leaves the queue at once; the connection goes to the next")
  func cancelWaiting() async throws {
    let server = FakeServer(), pool = server.pool(1)
    let held = try await pool.borrow()
    let cancelled = Task { try await pool.borrow() }
    #expect(await eventually { pool.metrics.waiting == 1 })
    let next = Task { try await pool.borrow() }
    #expect(await eventually { pool.metrics.waiting == 2 })
    cancelled.cancel()
    await #expect(throws: CancellationError.self) { try await cancelled.value }
    await pool.giveBack(held)
    #expect(try await next.value === held)
    await pool.giveBack(held)
    await pool.shutdown()
  }

  @Test("a connection granted to a borrower that is being cancelled goes to the next")
  func cancelGranted() async throws {
    let server = FakeServer(), pool = server.pool(1)
    for _ in 0..<200 {
      let held = try await pool.borrow()
      let task = Task { try await pool.borrow() }
      #expect(await eventually { pool.metrics.waiting == 1 })
      async let back: Void = pool.giveBack(held)
      task.cancel()
      await back
      if let won = try? await task.value { await pool.giveBack(won) }
      #expect(pool.metrics.idle == 1)
    }
    await pool.shutdown()
  }

  @Test("what was left behind is reset before the next borrower")
  func reset() async throws {
    let server = FakeServer(), pool = server.pool(1)
    let connection = try await pool.borrow()
    connection.set { $0.needsReset = true }
    await pool.giveBack(connection)
    #expect(try await pool.borrow() === connection)
    #expect(connection.state.withLock { $0.resets } == 1)
    await pool.giveBack(connection)
    #expect(connection.state.withLock { $0.resets } == 1)
    await pool.shutdown()
  }

  @Test("a connection that cannot be reset, or not in time, is closed and replaced", arguments: [false, true])
  func resetFails(hangs: Bool) async throws {
    let server = FakeServer(), pool = server.pool(1) { $0.checkTimeout = .milliseconds(50) }
    let connection = try await pool.borrow()
    connection.set {
      $0.needsReset = true
      $0.resetFails = !hangs
      $0.resetHangs = hangs
    }
    await pool.giveBack(connection)
    let next = try await pool.borrow()
    #expect(next !== connection && connection.isClosed)
    #expect(server.state.withLock { $0.mostOpen } == 1)
    await pool.giveBack(next)
    await pool.shutdown()
  }

  @Test("a broken connection never serves a second borrower, whether it broke in use or at rest")
  func broken() async throws {
    let server = FakeServer(), pool = server.pool(2)
    let first = try await pool.borrow(), second = try await pool.borrow()
    await pool.giveBack(second)
    first.set { $0.isUsable = false }
    second.set { $0.isUsable = false }
    await pool.giveBack(first)
    let third = try await pool.borrow()
    #expect(third !== first && third !== second)
    #expect(await eventually { first.isClosed && second.isClosed })
    await pool.giveBack(third)
    await pool.shutdown()
  }

  @Test("a rested connection is asked for a sign of life before it is lent, a fresh one is not")
  func ping() async throws {
    let server = FakeServer(), pool = server.pool(1) { $0.pingAfter = .milliseconds(30) }
    let connection = try await pool.borrow()
    await pool.giveBack(connection)
    await pool.giveBack(try await pool.borrow())
    #expect(connection.state.withLock { $0.pings } == 0)
    try await Task.sleep(for: .milliseconds(60))
    await pool.giveBack(try await pool.borrow())
    #expect(connection.state.withLock { $0.pings } == 1)
    connection.set { $0.pingFails = true }
    try await Task.sleep(for: .milliseconds(60))
    let next = try await pool.borrow()
    #expect(next !== connection && connection.isClosed)
    await pool.giveBack(next)
    await pool.shutdown()
  }

  @Test("after one connection broke, those that rest are asked before they are lent")
  func suspicion() async throws {
    let server = FakeServer(), pool = server.pool(3)
    let all = [try await pool.borrow(), try await pool.borrow(), try await pool.borrow()]
    for connection in all { await pool.giveBack(connection) }
    let broken = try await pool.borrow()
    for connection in all where connection !== broken { connection.set { $0.pingFails = true } }
    broken.set { $0.isUsable = false }
    await pool.giveBack(broken)
    let next = try await pool.borrow()
    #expect(!all.contains { $0 === next })
    await pool.giveBack(next)
    await pool.shutdown()
  }

  @Test("an old connection is replaced when it comes back")
  func age() async throws {
    let server = FakeServer(), pool = server.pool(1) { $0.maximumAge = .milliseconds(50) }
    let connection = try await pool.borrow()
    try await Task.sleep(for: .milliseconds(60))
    await pool.giveBack(connection)
    let next = try await pool.borrow()
    #expect(next !== connection && connection.isClosed)
    await pool.giveBack(next)
    await pool.shutdown()
  }

  @Test("connections that rest too long are closed, and the pool stays of use")
  func idleTimeout() async throws {
    let server = FakeServer(), pool = server.pool(3) { $0.idleTimeout = .milliseconds(40) }
    let all = [try await pool.borrow(), try await pool.borrow()]
    for connection in all { await pool.giveBack(connection) }
    #expect(await eventually { server.open == 0 })
    #expect(pool.metrics.idle == 0)
    let next = try await pool.borrow()
    await pool.giveBack(next)
    await pool.shutdown()
  }

  @Test("while the server is away there is one attempt at a time, with growing pauses; then waiters are served")
  func backoff() async throws {
    let server = FakeServer(), failures = Mutex([Duration]())
    let pool = server.pool(8) {
      $0.initialBackoff = .milliseconds(10)
      $0.maximumBackoff = .milliseconds(160)
    } observer: {
      if case .connectFailed(_, let pause) = $0 { failures.withLock { $0.append(pause) } }
    }
    server.set {
      $0.failure = DatabaseError(.connection, "nobody listens")
      $0.delay = .milliseconds(3)
    }
    await #expect(throws: DatabaseError.self) { try await pool.open() }
    let waiters = (0..<20).map { _ in
      Task {
        let connection = try await pool.borrow()
        await pool.giveBack(connection)
      }
    }
    #expect(await eventually { failures.withLock { $0.count } >= 5 })
    #expect(server.state.withLock { $0.mostRunning } == 1)
    let pauses = failures.withLock { $0 }
    for (place, pause) in pauses.prefix(5).enumerated() {
      let middle = Duration.milliseconds(10) * (1 << place)
      #expect(pause >= middle * 0.7 && pause <= middle * 1.21, "\(pauses)")
    }
    server.set { $0.failure = nil }
    for waiter in waiters { try await waiter.value }
    await pool.shutdown()
  }

  @Test("a wait in vain for a server that is away has the error of connecting")
  func away() async throws {
    let server = FakeServer(), pool = server.pool(2) { $0.acquireTimeout = .milliseconds(80) }
    server.set { $0.failure = DatabaseError(.connection, "nobody listens", hint: "start it", code: "ECONNREFUSED") }
    let error = await #expect(throws: DatabaseError.self) { try await pool.borrow() }
    #expect(error?.kind == .connection)
    #expect(error?.message == "no fake connection could be opened within 80 ms: nobody listens")
    #expect(error?.hint == "start it" && error?.code == "ECONNREFUSED")
    await pool.shutdown()
  }

  @Test("a wrong password, or a file that cannot be opened, is reported at once")
  func failsAtOnce() async throws {
    for (kind, waits) in [(DatabaseError.Kind.authentication, true), (.connection, false)] {
      let server = FakeServer(), pool = server.pool(2) { $0.waitsForServer = waits }
      server.set { $0.failure = DatabaseError(kind, "no") }
      let start = ContinuousClock.now
      let error = await #expect(throws: DatabaseError.self) { try await pool.borrow() }
      #expect(error?.kind == kind)
      #expect(ContinuousClock.now - start < .seconds(5))
      await pool.shutdown()
    }
  }

  @Test("shutdown refuses who waits and who comes, waits for what is lent, and closes everything")
  func shutdown() async throws {
    let server = FakeServer(), pool = server.pool(1)
    let held = try await pool.borrow()
    let waiter = Task { try await pool.borrow() }
    #expect(await eventually { pool.metrics.waiting == 1 })
    let isDown = Mutex(false)
    let down = Task {
      await pool.shutdown()
      isDown.withLock { $0 = true }
    }
    await #expect(throws: DatabaseError.self) { try await waiter.value }
    let error = await #expect(throws: DatabaseError.self) { try await pool.borrow() }
    #expect(error?.kind == .connection)
    #expect(!isDown.withLock { $0 })
    await pool.giveBack(held)
    await down.value
    #expect(held.isClosed)
  }

  @Test("a pool that is released without a shutdown closes what rests")
  func release() async throws {
    let server = FakeServer()
    var pool: ConnectionPool? = server.pool(2)
    let connection = try #require(try await pool?.borrow())
    await pool?.giveBack(connection)
    pool = nil
    #expect(await eventually { connection.isClosed })
  }
}
