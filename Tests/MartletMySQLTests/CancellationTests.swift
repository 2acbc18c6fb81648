import Foundation
import MartletMySQL
import MartletSQL
import Testing

@Suite("MySQL: cancellation and concurrency")
struct CancellationTests {
  @Test("A cancelled task stops its statement at the server, and the connection serves the next one")
  func cancelled() async throws {
    try await TestServer.withDatabase({ $0.pool.maximumConnections = 1 }) { db, driver in
      let start = ContinuousClock.now
      for sql in ["SELECT SLEEP(60)", "SELECT count(*) FROM seq_1_to_100000 a, seq_1_to_100000 b WHERE a.seq < b.seq"] {
        let task = Task { try await db.run(SQLStatement(sql, effect: .read)) }
        try await Task.sleep(for: .milliseconds(100))
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        let next = try await db.cell("SELECT 1")
        #expect(next == .int(1))
      }
      #expect(ContinuousClock.now - start < .seconds(20))
      #expect(driver.poolMetrics?.opened == 1)
    }
  }

  @Test("A cancelled transaction rolls back, also while it waits for a lock")
  func transaction() async throws {
    try await TestServer.withDatabase { db, _ in
      try await db.execute("CREATE TABLE t (id int PRIMARY KEY, v int) ENGINE=InnoDB")
      try await db.write("INSERT INTO t VALUES (1, 0), (2, 0)")
      try await db.transaction { holder in
        try await holder.write("UPDATE t SET v = 1 WHERE id = 1")
        let task = Task {
          try await db.transaction { tx in
            try await tx.write("UPDATE t SET v = 2 WHERE id = 2")
            try await tx.write("UPDATE t SET v = 2 WHERE id = 1")
          }
        }
        try await Task.sleep(for: .milliseconds(150))
        task.cancel()
        await #expect(throws: CancellationError.self) { _ = try await task.value }
      }
      let rows = try await db.cells("SELECT v FROM t ORDER BY id")
      #expect(rows == [[.int(1)], [.int(0)]])
    }
  }

  @Test("A cancelled cursor fetch ends the cursor")
  func cursor() async throws {
    try await TestServer.withDatabase({ $0.pool.maximumConnections = 1 }) { db, driver in
      try await driver.withConnection(.read) { connection in
        let cursor = try await connection.openCursor(
          SQLStatement("SELECT SLEEP(0.05), repeat('x', 20000) FROM seq_1_to_1000", effect: .read))
        let task = Task { while try await cursor.fetch(1, onRow: { _ in }) {} }
        try await Task.sleep(for: .milliseconds(200))
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        try await connection.run(SQLStatement("SELECT 1")) { _ in }
      }
    }
  }

  @Test("A cancellation never hits the next statement of the connection")
  func neverTheNext() async throws {
    try await TestServer.withDatabase({ $0.pool.maximumConnections = 2 }) { db, driver in
      var cancelled = 0
      for round in 0..<150 {
        let task = Task { try await db.cell("SELECT SLEEP(0.001)") }
        try await Task.sleep(for: .microseconds(round * 37 % 3000))
        task.cancel()
        do { _ = try await task.value } catch is CancellationError { cancelled += 1 }
        let next = try await db.cell("SELECT SLEEP(0.002)")
        #expect(next == .int(0))
      }
      // Both outcomes must have been seen, or this has tested nothing.
      #expect(cancelled > 0 && cancelled < 150)
    }
  }

  @Test("64 tasks on a pool of 10 all get their turn and their own rows")
  func concurrency() async throws {
    try await TestServer.withDatabase({ $0.pool.maximumConnections = 10 }) { db, driver in
      try await db.execute("CREATE TABLE t (task int, n int, PRIMARY KEY (task, n)) ENGINE=InnoDB")
      try await withThrowingTaskGroup(of: Void.self) { group in
        for task in 0..<64 {
          group.addTask {
            for n in 0..<20 {
              if n % 5 == 0 {
                _ = try await db.transaction { tx in
                  try await tx.write("INSERT INTO t VALUES (?, ?)", [.int(Int64(task)), .int(Int64(n))])
                }
              } else {
                try await db.write("INSERT INTO t VALUES (?, ?)", [.int(Int64(task)), .int(Int64(n))])
              }
              let rows = try await db.cells("SELECT task, count(*) FROM t WHERE task = ?", [.int(Int64(task))])
              #expect(rows == [[.int(Int64(task)), .int(Int64(n + 1))]])
            }
          }
        }
        try await group.waitForAll()
      }
      let count = try await db.cell("SELECT count(*) FROM t")
      #expect(count == .int(64 * 20))
      let metrics = try #require(driver.poolMetrics)
      #expect(metrics.opened <= 10 && metrics.inUse == 0 && metrics.waiting == 0)
    }
  }

  @Test("64 clients on a pool of 10 wait about equally long, and nobody in vain")
  func fairness() async throws {
    try await TestServer.withDatabase({ $0.pool.maximumConnections = 10 }) { db, driver in
      let end = ContinuousClock.now + .seconds(2)
      let counts = try await withThrowingTaskGroup(of: Int.self) { group in
        for _ in 0..<64 {
          group.addTask {
            var turns = 0
            while ContinuousClock.now < end {
              _ = try await db.cell("SELECT ?", [.int(1)])
              turns += 1
            }
            return turns
          }
        }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      // Nobody starves: the least lucky client gets at least half of what the luckiest does.
      #expect((counts.min() ?? 0) * 2 >= (counts.max() ?? 0), "\(counts.sorted())")
      #expect(driver.poolMetrics?.timeouts == 0)
    }
  }
}
