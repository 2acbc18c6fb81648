import Foundation
import MartletSQL
import Synchronization
import Testing

private let isSoak = ProcessInfo.processInfo.environment["MARTLET_SOAK"] == "1"

@Suite("Random borrowers")
struct PoolPropertyTests {
  @Test("in a storm of borrowers, sharers, cancellations and broken connections no connection has two holders and all end")
  func storm() async throws {
    for seed in 0..<(isSoak ? 200 : 8) {
      let server = FakeServer(), maximum = seed % 5 + 1
      let pool = server.pool(maximum) {
        $0.pipelineDepth = seed % 3 == 0 ? 1 : 4
        $0.maximumAge = .milliseconds(20)
        $0.idleTimeout = .milliseconds(3)
        $0.pingAfter = .milliseconds(1)
        $0.initialBackoff = .milliseconds(1)
        $0.maximumBackoff = .milliseconds(4)
      }
      let violations = Counter()
      await withTaskGroup(of: Void.self) { group in
        for _ in 0..<300 {
          group.addTask { await borrowAtRandom(pool, server, violations) }
        }
      }
      #expect(violations.value == 0)
      #expect(server.state.withLock { $0.mostOpen } <= maximum)
      #expect(pool.metrics.waiting == 0 && pool.metrics.inUse == 0)
      server.set { $0.failure = nil }
      // Nothing is stuck: all of them can be had at once.
      var all: [FakeConnection] = []
      for _ in 0..<maximum { all.append(try await pool.borrow()) }
      for connection in all { await pool.giveBack(connection) }
      await pool.shutdown()
      #expect(server.open == 0)
    }
  }

  private func borrowAtRandom(_ pool: ConnectionPool<FakeConnection>, _ server: FakeServer, _ violations: Counter) async {
    for _ in 0..<3 {
      let isShared = Int.random(in: 0..<3) == 0
      if Int.random(in: 0..<40) == 0 {
        let isAway = Bool.random()
        server.set { $0.failure = isAway ? DatabaseError(.connection, "away for a moment") : nil }
      }
      let task = Task {
        let connection = isShared ? try await pool.share() : try await pool.borrow()
        let isAlone = connection.state.withLock { state in
          // A sharer counts 1, a borrower so much that nobody may be beside it.
          state.holders += isShared ? 1 : 1000
          return state.holders == 1000 || (isShared && state.holders < 1000)
        }
        for _ in 0..<Int.random(in: 0..<4) { await Task.yield() }
        connection.set {
          if Int.random(in: 0..<30) == 0 { $0.isUsable = false }
          if Int.random(in: 0..<30) == 0 { $0.pingFails = true }
          if !isShared, Int.random(in: 0..<5) == 0 { $0.needsReset = true }
          if !isShared, Int.random(in: 0..<50) == 0 { $0.resetFails = true }
          $0.holders -= isShared ? 1 : 1000
        }
        if isShared { pool.endShare(connection) } else { await pool.giveBack(connection) }
        return isAlone && !connection.isClosed || !connection.isUsable
      }
      if Int.random(in: 0..<3) == 0 {
        for _ in 0..<Int.random(in: 0..<6) { await Task.yield() }
        task.cancel()
      }
      if Int.random(in: 0..<10) == 0 { server.set { $0.failure = nil } }
      if case .success(false) = await task.result { violations.add() }
    }
    server.set { $0.failure = nil }
  }

  @Test("64 clients on a pool of 10: nobody waits in vain, and waits are fair")
  func soak() async throws {
    let server = FakeServer(), pool = server.pool(10)
    let end = ContinuousClock.now + (isSoak ? .seconds(60) : .seconds(2))
    let waits = try await withThrowingTaskGroup(of: [Duration].self) { group in
      for _ in 0..<64 {
        group.addTask {
          var waits: [Duration] = []
          // Some turns at least, also where a loaded machine starts the tasks late.
          while ContinuousClock.now < end || waits.count < 3 {
            let start = ContinuousClock.now
            let connection = try await pool.borrow()
            waits.append(ContinuousClock.now - start)
            let holders = connection.state.withLock { state in
              state.holders += 1
              return state.holders
            }
            #expect(holders == 1)
            try await Task.sleep(for: .milliseconds(1))
            connection.set { $0.holders -= 1 }
            await pool.giveBack(connection)
          }
          return waits
        }
      }
      return try await group.reduce(into: [[Duration]]()) { $0.append($1) }
    }
    let all = waits.flatMap(\.self).sorted()
    let p50 = all[all.count / 2], p99 = all[all.count * 99 / 100]
    print("pool of 10, 64 clients: \(all.count) borrowed, wait p50 \(p50), p99 \(p99), p99/p50 \(p99 / p50)")
    #expect(pool.metrics.timeouts == 0)
    // Fair: the busiest client was not served much more often than the unluckiest.
    let counts = waits.map(\.count).sorted()
    #expect(counts[0] * 2 > counts[63], "\(counts)")
    await pool.shutdown()
  }
}

private final class Counter: Sendable {
  private let count = Mutex(0)
  var value: Int { count.withLock { $0 } }
  func add() { count.withLock { $0 += 1 } }
}
