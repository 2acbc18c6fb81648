import Foundation
import MartletPostgres
import MartletSQL
import Synchronization
import TestDatabases
import Testing

/// On a server of their own, which they kill. One after the other: they share it.
@Suite("PostgreSQL: faults", .serialized)
struct FaultTests {
  private static let server = Result { try PrivatePostgres(name: "faults") }

  private func driver(_ change: (inout PostgresConfiguration) -> Void = { _ in }) throws -> PostgresDriver {
    let server = try Self.server.get()
    var configuration = try PostgresConfiguration(url: server.url(parameters: "sslmode=disable"), environment: [:])
    change(&configuration)
    return PostgresDriver(configuration)
  }

  @Test("a server that is killed in mid-load and comes back: failures can be retried, no row is wrong, and all recover")
  func killedAndRestarted() async throws {
    let driver = try driver {
      $0.pool.maximumConnections = 8
      $0.pool.acquireTimeout = .seconds(5)
    }
    let db = Database(driver), load = Load()
    try await db.execute("CREATE TABLE load_test (id int PRIMARY KEY, v text, n int)")
    try await db.execute("INSERT INTO load_test SELECT g, 'row ' || g, 0 FROM generate_series(0, 99) AS g")
    try await withThrowingTaskGroup(of: Void.self) { group in
      for task in 0..<16 { group.addTask { try await Self.read(db, task, load) } }
      for task in 0..<4 { group.addTask { try await Self.count(db, task, load) } }
      try await Task.sleep(for: .milliseconds(400))
      try Self.server.get().kill()
      try await Task.sleep(for: .milliseconds(300))
      try Self.server.get().start()
      load.isBack.store(true, ordering: .releasing)
      try await Task.sleep(for: .seconds(3))
      load.isOver.store(true, ordering: .releasing)
      try await group.waitForAll()
    }
    #expect(load.failures.load(ordering: .acquiring) > 0)
    #expect(load.afterwards.load(ordering: .acquiring) > 100)
    #expect(driver.poolMetrics?.inUse == 0 && driver.poolMetrics?.waiting == 0)
    // Commits that were confirmed are there; beyond them only such whose answer was lost.
    for task in 0..<4 {
      let stored = try await db.texts("SELECT n FROM load_test WHERE id = $1", [.int(Int64(task))])
      let (confirmed, unknown) = load.commits.withLock { ($0[task], load.unknown.withLock { $0[task] }) }
      #expect((confirmed...(confirmed + unknown)).contains { stored == [["int \($0)"]] }, "\(stored), \(confirmed), \(unknown)")
      #expect(confirmed > 10)
    }
    await driver.shutdown()
  }

  private static func read(_ db: Database, _ task: Int, _ load: Load) async throws {
    var i = task
    while !load.isOver.load(ordering: .acquiring) {
      i = (i * 31 + 7) % 100
      do {
        let rows = try await db.texts("SELECT id, v FROM load_test WHERE id = $1", [.int(Int64(i))])
        #expect(rows == [["int \(i)", "text row \(i)"]])
        if load.isBack.load(ordering: .acquiring) { load.afterwards.add(1, ordering: .relaxed) }
      } catch let error as DatabaseError {
        load.failures.add(1, ordering: .relaxed)
        #expect(error.isRetryable, "\(error)")
      }
    }
  }

  private static func count(_ db: Database, _ task: Int, _ load: Load) async throws {
    while !load.isOver.load(ordering: .acquiring) {
      do {
        try await db.transaction(retries: 20) { tx in
          let result = try await tx.execute("UPDATE load_test SET n = n + 1 WHERE id = $1", [.int(Int64(task))])
          #expect(result.rowsAffected == 1)
        }
        load.commits.withLock { $0[task] += 1 }
      } catch let error as DatabaseError {
        #expect(error.isRetryable, "\(error)")
        load.unknown.withLock { $0[task] += 1 }
      }
    }
  }

  @Test("a network that stalls ends statements and attempts to connect in time, and the pool recovers when it is back")
  func stalled() async throws {
    let man = try await ManInTheMiddle(before: try Self.server.get().port, .none)
    let driver = try driver {
      $0.hosts[0].port = man.port
      $0.statementTimeout = .milliseconds(500)
      $0.connectTimeout = .seconds(1)
      $0.pool.maximumConnections = 2
      $0.pool.acquireTimeout = .seconds(3)
    }
    let db = Database(driver)
    #expect(try await db.texts("SELECT 1") == [["int 1"]])
    man.stall(true)
    let start = ContinuousClock.now
    // The server is given five seconds beyond the statement time-out to say that it has ended the statement.
    let first = await failure { _ = try await db.texts("SELECT 2") }
    #expect(first?.kind == .connection && first?.isRetryable == true, "\(String(describing: first))")
    #expect(ContinuousClock.now - start > .seconds(5) && ContinuousClock.now - start < .seconds(12))
    let second = await failure { _ = try await db.texts("SELECT 3") }
    #expect(second?.isRetryable == true, "\(String(describing: second))")
    #expect(ContinuousClock.now - start < .seconds(20))
    man.stall(false)
    for n in 0..<8 { #expect(try await db.texts("SELECT \(n)") == [["int \(n)"]]) }
    #expect(driver.poolMetrics?.inUse == 0)
    await driver.shutdown()
  }

  @Test("a pool whose connections are all lent says who has them, and serves again when one is back")
  func exhausted() async throws {
    let driver = try driver {
      $0.pool.maximumConnections = 2
      $0.pool.acquireTimeout = .milliseconds(300)
    }
    let db = Database(driver)
    try await db.transaction { first in
      _ = try await first.texts("SELECT 1")
      try await db.transaction { second in
        _ = try await second.texts("SELECT 1")
        let error = await failure { _ = try await db.texts("SELECT 1") }
        #expect(error?.kind == .poolTimeout && error?.isRetryable == true)
        #expect(error?.message.contains("2 of 2 in use") == true && error?.message.contains("FaultTests.swift") == true)
      }
      let rows = try await db.texts("SELECT 1")
      #expect(rows == [["int 1"]])
    }
    #expect(driver.poolMetrics?.timeouts == 1 && driver.poolMetrics?.inUse == 0)
    await driver.shutdown()
  }

  @Test("transactions that deadlock, and such that collide under SERIALIZABLE, all commit with retries, each once")
  func retries() async throws {
    let driver = try driver {
      $0.pool.maximumConnections = 8
      // How long the server waits before it looks for a deadlock.
      $0.parameters["deadlock_timeout"] = "50ms"
    }
    let db = Database(driver), attempts = Attempts()
    try await db.execute("CREATE TABLE counters (id int PRIMARY KEY, n int)")
    try await db.execute("INSERT INTO counters VALUES (1, 0), (2, 0)")
    // Eight take two rows in opposite orders, and wait in between: some of them deadlock.
    try await withThrowingTaskGroup(of: Void.self) { group in
      for task in 0..<8 {
        group.addTask {
          try await db.transaction(retries: 50) { tx in
            attempts.count.add(1, ordering: .relaxed)
            for id in task % 2 == 0 ? [1, 2] : [2, 1] {
              try await tx.execute("UPDATE counters SET n = n + 1 WHERE id = \(id)")
              _ = try await tx.texts("SELECT pg_sleep(0.02)")
            }
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(try await db.texts("SELECT n FROM counters ORDER BY id") == [["int 8"], ["int 8"]])
    #expect(attempts.count.exchange(0, ordering: .relaxed) > 8)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<8 {
        group.addTask {
          try await db.transaction(isolation: .serializable, retries: 100) { tx in
            attempts.count.add(1, ordering: .relaxed)
            let rows = try await tx.texts("SELECT n FROM counters WHERE id = 1")
            let n = Int(rows[0][0].dropFirst(4)) ?? -1
            _ = try await tx.texts("SELECT pg_sleep(0.02)")
            try await tx.execute("UPDATE counters SET n = \(n + 1) WHERE id = 1")
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(try await db.texts("SELECT n FROM counters WHERE id = 1") == [["int 16"]])
    #expect(attempts.count.load(ordering: .relaxed) > 8)
    await driver.shutdown()
  }

  @Test("a statement time-out and a cancelled task end their own statement, and the connection serves on")
  func timeoutAndCancellation() async throws {
    let driver = try driver {
      $0.pool.maximumConnections = 1
      $0.statementTimeout = .milliseconds(700)
    }
    let db = Database(driver)
    let late = await failure { _ = try await db.texts("SELECT pg_sleep(20)") }
    #expect(late?.kind == .statementTimeout && late?.isRetryable == false)
    let task = Task { try await db.texts("SELECT pg_sleep(20)") }
    try await Task.sleep(for: .milliseconds(150))
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    #expect(try await db.texts("SELECT 7") == [["int 7"]])
    #expect(driver.poolMetrics?.opened == 1 && driver.poolMetrics?.inUse == 0)
    await driver.shutdown()
  }
}

/// What the tasks of a test under load tell each other.
private final class Load: Sendable {
  let isOver = Atomic(false)
  let isBack = Atomic(false)
  let failures = Atomic(0)
  let afterwards = Atomic(0)
  let commits = Mutex([0, 0, 0, 0])
  let unknown = Mutex([0, 0, 0, 0])
}

/// How many times the closures of transactions ran.
private final class Attempts: Sendable { let count = Atomic(0) }
