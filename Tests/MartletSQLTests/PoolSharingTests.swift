import MartletSQL
import Synchronization
import Testing

private final class Loop: Sendable {}

@Suite("Connections that statements share")
struct PoolSharingTests {
  @Test("a busy connection takes further statements while its batch is open, up to the depth")
  func depth() async throws {
    let server = FakeServer(), pool = server.pool(1) { $0.pipelineDepth = 3 }
    let first = try await pool.share()
    for _ in 0..<2 { #expect(try await pool.share() === first) }
    #expect(server.attempts == 1)
    let fourth = Task { try await pool.share() }
    #expect(await eventually { pool.metrics.waiting == 1 })
    for _ in 0..<3 { pool.endShare(first) }
    #expect(try await fourth.value === first)
    pool.endShare(first)
    #expect(pool.metrics.idle == 1)
    await pool.shutdown()
  }

  @Test("a statement does not queue behind one that runs")
  func closedBatch() async throws {
    let server = FakeServer(), pool = server.pool(2) { $0.pipelineDepth = 8 }
    let slow = try await pool.share()
    slow.set { $0.isBatchOpen = false }
    let other = try await pool.share()
    #expect(other !== slow)
    other.set { $0.isBatchOpen = false }
    let third = Task { try await pool.share() }
    #expect(await eventually { pool.metrics.waiting == 1 })
    pool.endShare(other)
    #expect(try await third.value === other)
    pool.endShare(other)
    pool.endShare(slow)
    await pool.shutdown()
  }

  @Test("the caller's event loop decides: a connection of it that rests, then an open batch of it, then any other")
  func affinity() async throws {
    let loops = [Loop(), Loop()]
    let server = FakeServer(), pool = server.pool(2) { $0.pipelineDepth = 4 }
    server.set { $0.loops = loops }
    let zero = try await pool.borrow(), one = try await pool.borrow()
    #expect(zero.affinity === loops[0] && one.affinity === loops[1])
    await pool.giveBack(zero)
    await pool.giveBack(one)
    #expect(try await pool.share(preferring: loops[0]) === zero)
    #expect(try await pool.share(preferring: loops[0]) === zero)
    #expect(try await pool.share(preferring: loops[1]) === one)
    pool.endShare(zero)
    pool.endShare(zero)
    #expect(try await pool.share(preferring: Loop()) === zero)
    pool.endShare(zero)
    pool.endShare(one)
    await pool.shutdown()
  }

  @Test("a loop without a connection gets one of its own, while another loop's serves")
  func ownConnection() async throws {
    let loops = [Loop(), Loop()], server = FakeServer(), asked = Mutex<[ObjectIdentifier?]>([])
    server.set { $0.loops = loops }
    var configuration = PoolConfiguration()
    configuration.maximumConnections = 3
    configuration.pipelineDepth = 4
    let pool = ConnectionPool(
      configuration, label: "fake",
      connectingOn: { loop in
        asked.withLock { $0.append(loop) }
        return try await server.connect()
      })
    let zero = try await pool.share(preferring: loops[0])
    pool.endShare(zero)
    // Served at once, by the wrong loop's.
    #expect(try await pool.share(preferring: loops[1]) === zero)
    pool.endShare(zero)
    #expect(await eventually { pool.metrics.idle == 2 })
    #expect(asked.withLock { $0 } == loops.map { ObjectIdentifier($0) })
    let one = try await pool.share(preferring: loops[1])
    #expect(one.affinity === loops[1])
    pool.endShare(one)
    // A borrower too: the transaction of a handler.
    let alone = try await pool.borrow(preferring: loops[0], source: nil)
    #expect(alone === zero)
    await pool.giveBack(alone)
    #expect(pool.metrics.opened == 2)
    await pool.shutdown()
  }

  @Test("a loop whose attempt failed may ask again")
  func failedOwnConnection() async throws {
    let loops = [Loop(), Loop()], server = FakeServer(), refusals = Mutex(0)
    server.set { $0.loops = [loops[0], loops[0], loops[1]] }
    var configuration = PoolConfiguration()
    configuration.maximumConnections = 3
    configuration.pipelineDepth = 4
    configuration.initialBackoff = .milliseconds(1)
    let pool = ConnectionPool(
      configuration, label: "fake",
      connectingOn: { loop in
        let isRefused = refusals.withLock { count in
          count += loop == ObjectIdentifier(loops[1]) ? 1 : 0
          return loop == ObjectIdentifier(loops[1]) && count == 1
        }
        if isRefused { throw DatabaseError(.connection, "refused") }
        return try await server.connect()
      })
    pool.endShare(try await pool.share(preferring: loops[0]))
    pool.endShare(try await pool.share(preferring: loops[1]))
    #expect(await eventually { refusals.withLock { $0 } == 1 })
    // The server is back: another attempt succeeds, on the first loop.
    let both = [try await pool.borrow(), try await pool.borrow()]
    for connection in both { await pool.giveBack(connection) }
    #expect(await eventually { pool.metrics.idle == 2 })
    pool.endShare(try await pool.share(preferring: loops[1]))
    #expect(await eventually { pool.metrics.idle == 3 })
    #expect(refusals.withLock { $0 } == 2)
    await pool.shutdown()
  }

  @Test("a borrower gets a shared connection only once every share has ended, and before later sharers")
  func exclusive() async throws {
    let server = FakeServer(), pool = server.pool(1) { $0.pipelineDepth = 4 }
    let shared = try await pool.share()
    _ = try await pool.share()
    let borrower = Task { try await pool.borrow() }
    #expect(await eventually { pool.metrics.waiting == 1 })
    let sharer = Task { try await pool.share() }
    #expect(await eventually { pool.metrics.waiting == 2 })
    pool.endShare(shared)
    #expect(pool.metrics.waiting == 2)
    pool.endShare(shared)
    let alone = try await borrower.value
    #expect(pool.metrics.waiting == 1)
    await pool.giveBack(alone)
    pool.endShare(try await sharer.value)
    await pool.shutdown()
  }

  @Test("a shared connection that turns unusable takes nobody more and is closed after its last share")
  func unusable() async throws {
    let server = FakeServer(), pool = server.pool(1) { $0.pipelineDepth = 4 }
    let shared = try await pool.share()
    _ = try await pool.share()
    shared.set { $0.isUsable = false }
    let next = Task { try await pool.share() }
    #expect(await eventually { pool.metrics.waiting == 1 })
    pool.endShare(shared)
    #expect(!shared.isClosed)
    pool.endShare(shared)
    let replacement = try await next.value
    #expect(replacement !== shared && shared.isClosed)
    pool.endShare(replacement)
    await pool.shutdown()
  }

  @Test("waiting sharers are spread over the connections")
  func spread() async throws {
    let server = FakeServer(), pool = server.pool(2) { $0.pipelineDepth = 16 }
    let held = [try await pool.borrow(), try await pool.borrow()]
    let waiters = (0..<8).map { _ in Task { try await pool.share() } }
    #expect(await eventually { pool.metrics.waiting == 8 })
    for connection in held { await pool.giveBack(connection) }
    var counts = [0, 0]
    for waiter in waiters { counts[try await waiter.value === held[0] ? 0 : 1] += 1 }
    #expect(counts == [4, 4])
    for (place, connection) in held.enumerated() { for _ in 0..<counts[place] { pool.endShare(connection) } }
    #expect(pool.metrics.idle == 2)
    await pool.shutdown()
  }

  @Test("look-ups fill one connection before they take the next, and other statements do not join more than the depth")
  func lookups() async throws {
    let loop = Loop(), server = FakeServer(), pool = server.pool(3) { $0.pipelineDepth = 2 }
    server.set { $0.loops = [loop] }
    @Sendable func share(isLookup: Bool) async throws -> FakeConnection {
      let request = PoolRequest(isShared: true, isLookup: isLookup, affinity: loop)
      return try await pool.settle(try pool.attempt(request), request)
    }
    let connections = [try await pool.borrow(), try await pool.borrow(), try await pool.borrow()]
    for connection in connections { await pool.giveBack(connection) }
    let first = try await share(isLookup: true)
    for _ in 1..<8 { #expect(try await share(isLookup: true) === first) }
    let second = try await share(isLookup: true)
    #expect(second !== first)
    // One that may take its time has a connection to itself while one is left; then it joins where there is room.
    let third = try await share(isLookup: false)
    #expect(third !== first && third !== second)
    let fourth = try await share(isLookup: false)
    #expect(fourth !== first)
    // What is sent is sent.
    for connection in [second, third] { connection.set { $0.isBatchOpen = false } }
    let waiting = Task { try await share(isLookup: true) }
    #expect(await eventually { pool.metrics.waiting == 1 })
    for _ in 0..<8 { pool.endShare(first) }
    #expect(try await waiting.value === first)
    #expect(try await share(isLookup: true) === first)
    for connection in [first, first, second, third, fourth] { pool.endShare(connection) }
    await pool.shutdown()
  }

  @Test("look-ups that wait are served together, more of them than of other statements")
  func waitingLookups() async throws {
    let loop = Loop(), server = FakeServer(), pool = server.pool(1) { $0.pipelineDepth = 2 }
    server.set { $0.loops = [loop] }
    for isLookup in [true, false] {
      let held = try await pool.borrow()
      let waiters = (0..<10).map { _ in
        Task {
          let request = PoolRequest(isShared: true, isLookup: isLookup, affinity: loop)
          return try await pool.settle(try pool.attempt(request), request)
        }
      }
      #expect(await eventually { pool.metrics.waiting == 10 })
      await pool.giveBack(held)
      #expect(pool.metrics.waiting == (isLookup ? 2 : 8))
      for _ in waiters { pool.endShare(held) }
      for waiter in waiters { #expect(try await waiter.value === held) }
    }
    await pool.shutdown()
  }
}
