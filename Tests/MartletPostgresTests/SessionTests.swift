import Foundation
import MartletPostgres
import MartletSQL
import Synchronization
import Testing

/// Where two tasks wait for each other.
private actor Meeting {
  private var present = 0
  func join() async throws {
    present += 1
    while present < 2 { try await Task.sleep(for: .milliseconds(5)) }
  }
}

@Suite("PostgreSQL sessions")
struct SessionTests {
  @Test("concurrent statements share a connection, and one that fails takes no other with it")
  func pipelining() async throws {
    try await TestServer.withSchema({ $0.pool.maximumConnections = 2 }) { db, driver in
      try await db.execute("CREATE TABLE t (id int PRIMARY KEY)")
      let failed = await withTaskGroup(of: Bool.self) { group in
        for id in 0..<200 {
          group.addTask { await failure { try await db.execute("INSERT INTO t VALUES ($1)", [.int(Int64(id % 150))]) } != nil }
        }
        return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
      }
      #expect(failed == 50)
      #expect(try await db.texts("SELECT count(*) FROM t") == [["int 150"]])
      #expect((driver.poolMetrics?.opened ?? 9) <= 2)
    }
  }

  @Test("a slow statement holds up nobody else's")
  func headOfLine() async throws {
    let driver = try TestServer.driver { $0.pool.maximumConnections = 3 }
    let db = Database(driver)
    try await driver.connect()
    let mark = UUID().uuidString
    let slow = (0..<2).map { _ in Task { try await db.texts("SELECT pg_sleep(60) -- \(mark)") } }
    let watcher = Database(try TestServer.driver())
    while try await watcher.texts(
      "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(60) -- ' || $1", [.text(mark)]) != [["int 2"]]
    {
      try await Task.sleep(for: .milliseconds(10))
    }
    await watcher.driver.shutdown()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for n in 0..<200 {
        group.addTask {
          let rows = try await db.texts("SELECT $1", [.int(Int64(n))])
          #expect(rows == [["int \(n)"]])
        }
      }
      try await group.waitForAll()
    }
    for task in slow {
      task.cancel()
      await #expect(throws: CancellationError.self) { try await task.value }
    }
    await driver.shutdown()
  }

  @Test("a batch takes one round trip, and is undone as a whole where it fails")
  func batches() async throws {
    try await TestServer.withSchema { _, driver in
      try await driver.withConnection(.write) { connection in
        let rows = Mutex<[String]>([])
        let results = try await connection.run(batch: [
          SQLStatement("CREATE TABLE t (id int PRIMARY KEY)"),
          SQLStatement("INSERT INTO t VALUES ($1), ($2)", [.int(1), .int(2)]),
          SQLStatement("SELECT id FROM t ORDER BY id"),
          SQLStatement("SELECT id FROM t ORDER BY id DESC"),
        ]) { place, row in
          let text = "\(place):\(try row.int())"
          rows.withLock { $0.append(text) }
        }
        #expect(results.map(\.rowsAffected) == [0, 2, 0, 0])
        #expect(rows.withLock { $0 } == ["2:1", "2:2", "3:2", "3:1"])
        let error = await failure {
          try await connection.run(batch: [
            SQLStatement("INSERT INTO t VALUES (3)"), SQLStatement("INSERT INTO t VALUES (1)"),
            SQLStatement("INSERT INTO t VALUES (4)"),
          ]) { _, _ in }
        }
        #expect(error?.kind == .uniqueViolation(constraint: "t_pkey", columns: ["id"]))
        #expect(error?.sql == "INSERT INTO t VALUES (1)")
        try await connection.run(SQLStatement("SELECT count(*) FROM t")) { row in
          let count = try row.int()
          #expect(count == 2)
        }
      }
    }
  }

  @Test("a statement that the server has forgotten, or whose table has changed, is prepared anew")
  func recovery() async throws {
    try await TestServer.withSchema({ $0.pool.maximumConnections = 1 }) { db, driver in
      try await db.execute("CREATE TABLE t (id int)")
      try await db.execute("INSERT INTO t VALUES (1)")
      let select = "SELECT * FROM t"
      for _ in 0..<2 { #expect(try await db.texts(select) == [["int 1"]]) }
      try await db.execute("DEALLOCATE ALL")
      #expect(try await db.texts(select) == [["int 1"]])
      // By a function: the command's name does not tell.
      try await db.execute("CREATE FUNCTION forget() RETURNS void LANGUAGE plpgsql AS $$ BEGIN EXECUTE 'DEALLOCATE ALL'; END $$")
      _ = try await db.texts("SELECT forget()")
      #expect(try await db.texts(select) == [["int 1"]])
      try await db.execute("ALTER TABLE t ADD COLUMN name text DEFAULT 'x'")
      #expect(try await db.texts(select) == [["int 1", "text x"]])
      try await db.execute("ALTER TABLE t ALTER COLUMN id TYPE text")
      #expect(try await db.texts(select) == [["text 1", "text x"]])
      let inside = await failure {
        try await db.transaction { tx in
          _ = try await tx.texts(select)
          try await tx.execute("ALTER TABLE t DROP COLUMN name")
          _ = try await tx.texts(select)
        }
      }
      #expect(inside?.kind == .serializationFailure)
      #expect(inside?.isRetryable == true)
      #expect(try await db.texts(select) == [["text 1", "text x"]])
      #expect(driver.poolMetrics?.opened == 1)
    }
  }

  @Test("no more statements are kept than the limit says, and none without preparedStatements")
  func cacheLimit() async throws {
    let count = "SELECT count(*) FROM pg_prepared_statements"
    let db = Database(
      try TestServer.driver {
        $0.pool.maximumConnections = 1
        $0.statementCacheSize = 5
      })
    for n in 0..<20 { #expect(try await db.texts("SELECT \(n)") == [["int \(n)"]]) }
    #expect(try await db.texts(count) == [["int 5"]])
    await db.driver.shutdown()
    let plain = Database(
      try TestServer.driver {
        $0.pool.maximumConnections = 1
        $0.preparedStatements = false
      })
    for n in 0..<3 {
      #expect(try await plain.texts("SELECT $1::int + 1, 'x'", [.int(Int64(n))]) == [["int \(n + 1)", "text x"]])
    }
    #expect(try await plain.texts(count) == [["int 0"]])
    await plain.driver.shutdown()
  }

  @Test("cancelling a task cancels its statement and no other")
  func cancellation() async throws {
    let driver = try TestServer.driver { $0.pool.maximumConnections = 1 }
    let db = Database(driver)
    for round in 0..<10 {
      let clock = ContinuousClock(), start = clock.now
      let task = Task { try await db.texts("SELECT pg_sleep(30)") }
      try await Task.sleep(for: .milliseconds(round * 10))
      task.cancel()
      await #expect(throws: CancellationError.self) { try await task.value }
      #expect(clock.now - start < .seconds(10))
      #expect(try await db.texts("SELECT \(round)") == [["int \(round)"]])
    }
    #expect(driver.poolMetrics?.opened == 1)
    await driver.shutdown()
  }

  @Test("a cancelled statement in a transaction lets the transaction roll back")
  func cancelledTransaction() async throws {
    try await TestServer.withSchema({ $0.pool.maximumConnections = 1 }) { db, _ in
      try await db.execute("CREATE TABLE t (id int)")
      let task = Task {
        try await db.transaction { tx in
          try await tx.execute("INSERT INTO t VALUES (1)")
          _ = try await tx.texts("SELECT pg_sleep(30)")
        }
      }
      try await Task.sleep(for: .milliseconds(200))
      task.cancel()
      await #expect(throws: CancellationError.self) { try await task.value }
      #expect(try await db.texts("SELECT count(*) FROM t") == [["int 0"]])
    }
  }

  @Test("time-outs, deadlocks, locks and lost servers have kinds that say whether to try again")
  func faults() async throws {
    try await TestServer.withSchema({
      $0.statementTimeout = .milliseconds(1500)
      $0.lockTimeout = .milliseconds(200)
    }) { db, driver in
      #expect(await failure { _ = try await db.texts("SELECT pg_sleep(30)") }?.kind == .statementTimeout)
      try await db.execute("CREATE TABLE t (id int PRIMARY KEY)")
      try await db.execute("INSERT INTO t VALUES (1), (2)")
      try await db.transaction { tx in
        try await tx.execute("UPDATE t SET id = id WHERE id = 1")
        let busy = await failure { try await db.execute("UPDATE t SET id = id WHERE id = 1") }
        #expect(busy?.kind == .busy)
        #expect(busy?.isRetryable == true)
      }
      let readOnly = await failure { try await db.transaction(readOnly: true) { _ = try await $0.execute("DELETE FROM t") } }
      #expect(readOnly?.kind == .readOnly)
      let lost = await failure { _ = try await db.texts("SELECT pg_terminate_backend(pg_backend_pid())") }
      #expect(lost?.kind == .connection)
      #expect(lost?.isRetryable == true)
      for _ in 0..<8 { #expect(try await db.texts("SELECT 1") == [["int 1"]]) }
    }
  }

  @Test("of two transactions that wait for each other, one fails as a deadlock")
  func deadlock() async throws {
    try await TestServer.withSchema { db, _ in
      try await db.execute("CREATE TABLE t (id int PRIMARY KEY)")
      try await db.execute("INSERT INTO t VALUES (1), (2)")
      let meeting = Meeting()
      @Sendable func update(_ first: Int, _ second: Int) async -> DatabaseError? {
        await failure {
          try await db.transaction { tx in
            try await tx.execute("UPDATE t SET id = id WHERE id = \(first)")
            try await meeting.join()
            try await tx.execute("UPDATE t SET id = id WHERE id = \(second)")
          }
        }
      }
      async let one = update(1, 2)
      async let two = update(2, 1)
      let kinds = await [one, two].map { $0?.kind }
      #expect(kinds.filter { $0 == .deadlock }.count == 1)
      #expect(kinds.filter { $0 == nil }.count == 1)
    }
  }

  @Test("what a borrower left behind is gone when its connection serves another")
  func reset() async throws {
    let driver = try TestServer.driver { $0.pool.maximumConnections = 1 }
    let db = Database(driver)
    let before = try await db.texts("SHOW work_mem")
    try await driver.withConnection(.write) { connection in
      for sql in [
        "SET work_mem = '77MB'", "CREATE TEMP TABLE left_behind (id int)", "LISTEN somewhere", "SELECT pg_advisory_lock(991199)",
        "BEGIN", "SELECT 1",
      ] { try await connection.run(SQLStatement(sql)) { _ in } }
    }
    #expect(try await db.texts("SHOW work_mem") == before)
    #expect(try await db.texts("SELECT to_regclass('left_behind') IS NULL") == [["int 1"]])
    #expect(try await db.texts("SELECT count(*) FROM pg_listening_channels()") == [["int 0"]])
    #expect(
      try await db.texts("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()") == [["int 0"]])
    #expect(driver.poolMetrics?.opened == 1)
    await driver.shutdown()
  }
}
