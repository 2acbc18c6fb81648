import CSQLite3
import Foundation
import MartletSQL
import MartletSQLite
import Testing

@Suite("SQLite connections and their threads")
struct ConcurrencyTests {
  @Test("readers see what is committed while a transaction writes")
  func readersBesideWriter() async throws {
    try await withDatabase { db, _ in
      try await db.execute("CREATE TABLE t (n integer)", "INSERT INTO t VALUES (1)")
      let outside = try await db.transaction { tx in
        try await tx.execute("INSERT INTO t VALUES (2)")
        let inside = try await tx.column(Int.self, "SELECT n FROM t ORDER BY n")
        #expect(inside == [1, 2])
        return try await db.column(Int.self, "SELECT n FROM t ORDER BY n")
      }
      #expect(outside == [1])
      #expect(try await db.column(Int.self, "SELECT n FROM t ORDER BY n") == [1, 2])
    }
  }

  @Test("several readers run at once")
  func parallelReaders() async throws {
    try await withDatabase { db, driver in
      try await db.execute("CREATE TABLE t (n integer)")
      // Two leases that overlap prove that two connections exist.
      let met = Gate()
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
          try await driver.withConnection(.read) { _ in
            _ = try await driver.withConnection(.read) { _ in met.open() }
          }
        }
        try await group.waitForAll()
      }
      await met.wait()
    }
  }

  @Test("writers are served in the order in which they asked")
  func fifo() async throws {
    try await withDatabase { db, driver in
      try await db.execute("CREATE TABLE t (n integer)")
      let journal = Journal(), holding = Gate(), release = Gate()
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
          try await driver.withConnection(.write) { _ in
            holding.open()
            await release.wait()
          }
        }
        await holding.wait()
        for i in 0..<8 {
          group.addTask {
            try await db.transaction { tx in
              journal.note("\(i)")
              try await tx.execute("INSERT INTO t VALUES (\(i))")
            }
          }
          try await Task.sleep(for: .milliseconds(60))  // so that each asks before the next
        }
        release.open()
        try await group.waitForAll()
      }
      #expect(journal.entries == (0..<8).map(String.init))
      #expect(try await db.column(Int.self, "SELECT n FROM t ORDER BY rowid") == Array(0..<8))
    }
  }

  @Test("no free connection in time is a pool time-out that says how to avoid it")
  func poolTimeout() async throws {
    try await withDatabase {
      $0.acquireTimeout = .milliseconds(50)
    } _: { db, _ in
      try await db.execute("CREATE TABLE t (n integer)")
      let error = await #expect(throws: DatabaseError.self) {
        try await db.transaction { tx in
          try await db.execute("INSERT INTO t VALUES (1)")  // the outer database inside of a transaction: a deadlock
        }
      }
      #expect(error?.kind == .poolTimeout)
      #expect(error?.hint?.contains("use 'tx', not 'db'") == true)
      try await db.execute("INSERT INTO t VALUES (2)")
      #expect(try await db.column(Int.self, "SELECT n FROM t") == [2])
    }
  }

  @Test("each waiter has its own deadline, and who is served in time notices nothing")
  func deadlines() async throws {
    try await withDatabase {
      $0.acquireTimeout = .milliseconds(1000)
    } _: { db, driver in
      try await db.execute("CREATE TABLE t (n integer)")
      let clock = ContinuousClock()
      for round in 1...2 {
        // A borrower for longer than the first waiter's patience, and not as long as the second's.
        let holding = Gate()
        let holder = Task {
          try await driver.withConnection(.write) { _ in
            holding.open()
            try await Task.sleep(for: .milliseconds(1500))
          }
        }
        await holding.wait()
        let start = clock.now
        let first = Task { try await db.execute("INSERT INTO t VALUES (-1)") }
        try await Task.sleep(for: .milliseconds(900))
        let second = Task { try await db.execute("INSERT INTO t VALUES (\(round))") }
        let error = await #expect(throws: DatabaseError.self) { try await first.value }
        #expect(error?.kind == .poolTimeout)
        #expect(clock.now - start >= .milliseconds(1000))
        try await second.value
        try await holder.value
      }
      #expect(try await db.column(Int.self, "SELECT n FROM t ORDER BY n") == [1, 2])
    }
  }

  @Test("hundreds of readers and writers at once all get their turn")
  func crowd() async throws {
    try await withDatabase { db, _ in
      try await db.execute("CREATE TABLE t (n integer)")
      try await withThrowingTaskGroup(of: Void.self) { group in
        for i in 0..<400 {
          group.addTask {
            if i % 4 == 0 {
              try await db.transaction { tx in try await tx.execute("INSERT INTO t VALUES (\(i))") }
            } else {
              _ = try await db.column(Int.self, "SELECT count(*) FROM t")
            }
          }
        }
        try await group.waitForAll()
      }
      #expect(try await db.column(Int.self, "SELECT count(*) FROM t") == [100])
    }
  }

  @Test("a statement never blocks the cooperative threads")
  func cooperativeThreadsStayFree() async throws {
    try await withDatabase {
      $0.readers = 8
    } _: { db, _ in
      try await db.execute("CREATE TABLE t (n integer)")
      try await withThrowingTaskGroup(of: Void.self) { group in
        // More running statements than cooperative threads on any small machine.
        for _ in 0..<8 { group.addTask { _ = try await db.column(Int.self, slowQuery(2_000_000_000)) } }
        try await Task.sleep(for: .milliseconds(50))
        let clock = ContinuousClock()
        let waited = await clock.measure { for _ in 0..<100 { await Task.yield() } }
        // Blocked threads would wait for the statements, which take minutes.
        #expect(waited < .seconds(20))
        group.cancelAll()
        while let result = await group.nextResult() {
          #expect(throws: CancellationError.self) { try result.get() }
        }
      }
    }
  }

  @Test("cancelling a task interrupts its running statement")
  func interrupt() async throws {
    try await withDatabase { db, _ in
      let task = Task { try await db.column(Int.self, slowQuery(2_000_000_000)) }
      try await Task.sleep(for: .milliseconds(50))
      let clock = ContinuousClock(), start = clock.now
      task.cancel()
      await #expect(throws: CancellationError.self) { try await task.value }
      #expect(clock.now - start < .seconds(2))
      #expect(try await db.column(Int.self, "SELECT 7") == [7])
    }
  }

  @Test("cancelling a task that waits for a connection takes it out of the queue")
  func cancelWaiting() async throws {
    try await withDatabase { db, driver in
      try await db.execute("CREATE TABLE t (n integer)")
      try await driver.withConnection(.write) { connection in
        let task = Task { try await db.execute("INSERT INTO t VALUES (1)") }
        try await Task.sleep(for: .milliseconds(30))
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        try await connection.run(SQLStatement("INSERT INTO t VALUES (2)")) { _ in }
      }
      #expect(try await db.column(Int.self, "SELECT n FROM t") == [2])
    }
  }

  @Test("an interrupted write inside a transaction ends the transaction, also where the error is caught")
  func interruptedWrite() async throws {
    try await withDatabase { db, _ in
      try await db.execute("CREATE TABLE t (n integer)")
      let error = await #expect(throws: DatabaseError.self) {
        try await db.transaction { tx in
          try await tx.execute("INSERT INTO t VALUES (1)")
          let write = Task { try await tx.execute("INSERT INTO t " + slowQuery(2_000_000_000)) }
          try await Task.sleep(for: .milliseconds(300))
          write.cancel()
          _ = await write.result
          try await tx.execute("INSERT INTO t VALUES (3)")  // would be committed on its own otherwise
        }
      }
      #expect(error?.kind == .transaction)
      #expect(try await db.column(Int.self, "SELECT n FROM t") == [])
      try await db.transaction { tx in try await tx.execute("INSERT INTO t VALUES (4)") }
      #expect(try await db.column(Int.self, "SELECT n FROM t") == [4])
    }
  }

  @Test("a lock held by another process is waited for, then reported as busy")
  func busy() async throws {
    try await withDatabase {
      $0.busyTimeout = .milliseconds(80)
    } _: { db, driver in
      try await db.execute("CREATE TABLE t (n integer)")
      var other: OpaquePointer?
      #expect(sqlite3_open(driver.configuration.path, &other) == SQLITE_OK)
      defer { sqlite3_close(other) }
      #expect(sqlite3_exec(other, "BEGIN IMMEDIATE", nil, nil, nil) == SQLITE_OK)
      let clock = ContinuousClock(), start = clock.now
      #expect(try await db.failure("INSERT INTO t VALUES (1)") == .busy)
      #expect(clock.now - start >= .milliseconds(80))
      #expect(try await db.column(Int.self, "SELECT count(*) FROM t") == [0])  // readers go on
      #expect(sqlite3_exec(other, "COMMIT", nil, nil, nil) == SQLITE_OK)
      #expect(try await db.failure("INSERT INTO t VALUES (1)") == nil)
    }
  }

  @Test("cancelling a task that waits for another process's lock ends the wait")
  func cancelBusy() async throws {
    try await withDatabase {
      $0.busyTimeout = .seconds(60)
    } _: { db, driver in
      try await db.execute("CREATE TABLE t (n integer)")
      var other: OpaquePointer?
      sqlite3_open(driver.configuration.path, &other)
      defer { sqlite3_close(other) }
      sqlite3_exec(other, "BEGIN IMMEDIATE", nil, nil, nil)
      let task = Task { try await db.execute("INSERT INTO t VALUES (1)") }
      try await Task.sleep(for: .milliseconds(40))
      task.cancel()
      await #expect(throws: CancellationError.self) { try await task.value }
    }
  }

  @Test("a connection is of no use once it has been given back")
  func leaseEnds() async throws {
    try await withDatabase { _, driver in
      let leaked = try await driver.withConnection(.write) { $0 }
      let error = await #expect(throws: DatabaseError.self) { try await leaked.run(SQLStatement("SELECT 1")) { _ in } }
      #expect(error?.kind == .transaction)
    }
  }

  @Test("a transaction left open by a borrower is rolled back, and changed settings are put right")
  func leftOpen() async throws {
    try await withDatabase { db, driver in
      try await db.execute("CREATE TABLE t (n integer)")
      try await driver.withConnection(.write) { connection in
        try await connection.run(SQLStatement("PRAGMA foreign_keys = off", effect: .definition)) { _ in }
        try await connection.run(SQLStatement("BEGIN IMMEDIATE", effect: .definition)) { _ in }
        try await connection.run(SQLStatement("INSERT INTO t VALUES (1)")) { _ in }
      }
      try await db.execute("INSERT INTO t VALUES (2)")
      #expect(try await db.column(Int.self, "SELECT n FROM t") == [2])
      let setting = try await db.query(SQLStatement("PRAGMA foreign_keys")) { try $0.int() }
      #expect(setting == [1])
    }
  }

  @Test("shutdown lets running work end and refuses new work")
  func shutdown() async throws {
    try await withDatabase { db, driver in
      try await db.execute("CREATE TABLE t (n integer)")
      let inside = Gate(), go = Gate()
      let running = Task {
        try await db.transaction { tx in
          inside.open()
          await go.wait()
          try await tx.execute("INSERT INTO t VALUES (1)")
        }
      }
      await inside.wait()
      async let closed: Void = driver.shutdown()
      try await Task.sleep(for: .milliseconds(20))
      let error = await #expect(throws: DatabaseError.self) { try await db.execute("INSERT INTO t VALUES (2)") }
      #expect(error?.kind == .connection)
      go.open()
      try await running.value
      await closed
      let again = SQLiteDriver(path: driver.configuration.path)
      #expect(try await Database(again).column(Int.self, "SELECT n FROM t") == [1])
      await again.shutdown()
    }
  }

  @Test("a database in memory serves reads and writes from one connection, and stays empty for others")
  func memory() async throws {
    try await withMemoryDatabase { db in
      try await db.execute("CREATE TABLE t (n integer)", "INSERT INTO t VALUES (1)")
      #expect(try await db.column(Int.self, "SELECT n FROM t") == [1])
      try await withMemoryDatabase { other async throws in
        #expect(try await other.failure("INSERT INTO t VALUES (1)") == .invalidStatement)
      }
    }
  }
}
