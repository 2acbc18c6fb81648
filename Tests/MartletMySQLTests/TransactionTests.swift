import Foundation
import MartletMySQL
import MartletSQL
import Synchronization
import Testing

@Suite("MySQL: transactions and sessions")
struct TransactionTests {
  private func counter(_ db: Database) async throws {
    try await db.execute("CREATE TABLE t (id int AUTO_INCREMENT PRIMARY KEY, v int) ENGINE=InnoDB")
  }

  @Test("A transaction commits or rolls back as a whole, and a savepoint alone")
  func transactions() async throws {
    struct Stop: Error {}
    try await TestServer.withDatabase { db, _ in
      try await counter(db)
      try await db.transaction { tx in
        try await tx.write("INSERT INTO t (v) VALUES (1)")
        await #expect(throws: Stop.self) {
          try await tx.transaction { inner in
            try await inner.write("INSERT INTO t (v) VALUES (2)")
            throw Stop()
          }
        }
        _ = try await tx.transaction { try await $0.write("INSERT INTO t (v) VALUES (3)") }
      }
      await #expect(throws: Stop.self) {
        try await db.transaction { tx in
          try await tx.write("INSERT INTO t (v) VALUES (4)")
          throw Stop()
        }
      }
      let rows = try await db.cells("SELECT v FROM t ORDER BY v")
      #expect(rows == [[.int(1)], [.int(3)]])
    }
  }

  @Test("Transactions that deadlock, under any isolation, all commit with retries, each once")
  func retries() async throws {
    try await TestServer.withDatabase({ $0.pool.maximumConnections = 8 }) { db, _ in
      try await counter(db)
      try await db.write("INSERT INTO t VALUES (1, 0), (2, 0)")
      let attempts = Attempts()
      for (place, isolation) in [nil, IsolationLevel.serializable].enumerated() {
        try await withThrowingTaskGroup(of: Void.self) { group in
          for task in 0..<8 {
            group.addTask {
              try await db.transaction(isolation: isolation, retries: 100) { tx in
                attempts.count.add(1, ordering: .relaxed)
                // Under SERIALIZABLE a read takes a lock that several may share: who then writes waits for the others.
                for id in task % 2 == 0 ? [1, 2] as [Int64] : [2, 1] {
                  let rows = try await tx.cells(
                    "SELECT v FROM t WHERE id = ?\(isolation == nil ? " FOR UPDATE" : "")", [.int(id)])
                  guard case .int(let v)? = rows.first?.first else { return }
                  _ = try await tx.cell("SELECT SLEEP(0.02)")
                  try await tx.write("UPDATE t SET v = ? WHERE id = ?", [.int(v + 1), .int(id)])
                }
              }
            }
          }
          try await group.waitForAll()
        }
        let sum = Int64(place + 1) * 8
        #expect(try await db.cells("SELECT v FROM t ORDER BY id") == [[.int(sum)], [.int(sum)]])
        #expect(attempts.count.exchange(0, ordering: .relaxed) > 8)
      }
    }
  }

  @Test("Each isolation level is had where it is asked for, once")
  func isolation() async throws {
    try await TestServer.withDatabase({ $0.pool.maximumConnections = 1 }) { db, _ in
      try await counter(db)
      try await db.transaction(isolation: .serializable) { tx in
        _ = try await tx.cells("SELECT * FROM t")
        // A serializable read takes locks.
        let lines = try await tx.cells("SHOW ENGINE INNODB STATUS").description
        #expect(lines.contains("lock struct"))
      }
      let level = try await db.cell("SELECT @@tx_isolation")
      #expect(level == .text("READ-COMMITTED"))
    }
  }

  @Test("Rows that a statement finds count, changed or not; the first new key is known")
  func counts() async throws {
    try await TestServer.withDatabase { db, _ in
      try await counter(db)
      let inserted = try await db.write("INSERT INTO t (v) VALUES (7), (8)")
      #expect(inserted == StatementResult(rowsAffected: 2, lastInsertID: 1))
      let same = try await db.write("UPDATE t SET v = 7 WHERE v = ?", [.int(7)])
      #expect(same.rowsAffected == 1)
      let nothing = try await db.write("UPDATE t SET v = 7 WHERE v = ?", [.int(99)])
      #expect(nothing == StatementResult(rowsAffected: 0))
      let returned = try await db.write("DELETE FROM t RETURNING id")
      #expect(returned.rowsAffected == 2)
      let read = try await db.run(SQLStatement("SELECT * FROM t", effect: .read))
      #expect(read.rowsAffected == 0)
    }
  }

  @Test("What a borrower leaves behind is gone for the next: a transaction, settings, variables, locks, temporary tables")
  func cleanSessions() async throws {
    try await TestServer.withDatabase({ $0.pool.maximumConnections = 1 }) { db, driver in
      try await counter(db)
      try await driver.withConnection(.write) { connection in
        for text in [
          "START TRANSACTION", "INSERT INTO t (v) VALUES (1)", "SET @secret = 7", "SET sql_mode = ''",
          "CREATE TEMPORARY TABLE gone (v int)", "SELECT GET_LOCK('my_lock', 1)",
        ] { try await connection.run(SQLStatement(text)) { _ in } }
      }
      let cells = try await db.cells(
        "SELECT (SELECT count(*) FROM t), @secret, @@sql_mode LIKE '%STRICT_ALL%', IS_FREE_LOCK('my_lock')")
      #expect(cells == [[.int(0), .null, .int(1), .int(1)]])
      let error = try await databaseError { try await db.cells("SELECT * FROM gone") }
      #expect(error.kind == .invalidStatement)
      #expect(driver.poolMetrics?.opened == 1)
    }
  }

  @Test("A lease that is dropped without a word rolls back and comes back")
  func droppedLease() async throws {
    try await TestServer.withDatabase({ $0.pool.maximumConnections = 1 }) { db, driver in
      try await counter(db)
      do {
        let lease = try await driver.lease(.write, source: nil)
        try await lease.connection.run(SQLStatement("START TRANSACTION")) { _ in }
        try await lease.connection.run(SQLStatement("INSERT INTO t (v) VALUES (1)")) { _ in }
      }
      let count = try await db.cell("SELECT count(*) FROM t")
      #expect(count == .int(0))
    }
  }

  @Test("A connection refuses statements after it has been given back")
  func afterLease() async throws {
    try await TestServer.withDatabase { _, driver in
      let lease = try await driver.lease(.write, source: nil)
      await lease.end()
      let error = try await databaseError { try await lease.connection.run(SQLStatement("SELECT 1")) { _ in } }
      #expect(error.kind == .transaction)
    }
  }

  @Test("A procedure with several results leaves the connection in order")
  func procedures() async throws {
    try await TestServer.withDatabase({ $0.pool.maximumConnections = 1 }) { db, _ in
      try await db.execute("CREATE PROCEDURE p() BEGIN SELECT 1; SELECT 2, 3; END")
      for _ in 0..<3 {
        let rows = try await db.cells("CALL p()")
        #expect(rows == [[.int(1)]])
      }
      let next = try await db.cell("SELECT 4")
      #expect(next == .int(4))
    }
  }

  @Test("The scheme says which server to expect, and the server corrects it")
  func flavor() async throws {
    var configuration = try TestServer.configuration()
    configuration.expectedFlavor = .mySQL
    let driver = MySQLDriver(configuration)
    #expect(driver.dialect.name == "mysql")
    try await driver.connect()
    #expect(driver.dialect.name == "mariadb")
    await driver.shutdown()
  }

  @Test("A driver that is released without shutdown closes its connections")
  func released() async throws {
    try await TestServer.withDatabase { db, _ in
      var configuration = try TestServer.configuration()
      configuration.pool.maximumConnections = 3
      func connectAndDrop() async throws -> [Int64] {
        let driver = MySQLDriver(configuration)
        var ids: [Int64] = []
        var leases: [ConnectionLease] = []
        for _ in 0..<3 { leases.append(try await driver.lease(.write, source: nil)) }
        for lease in leases {
          let box = Box()
          try await lease.connection.run(SQLStatement("SELECT CONNECTION_ID()")) { box.value = try $0.int() }
          ids.append(box.value)
          await lease.end()
        }
        return ids
      }
      let ids = try await connectAndDrop()
      #expect(Set(ids).count == 3)
      let list = ids.map(String.init).joined(separator: ", ")
      var open = Cell.int(3)
      for _ in 0..<50 where open != .int(0) {
        try await Task.sleep(for: .milliseconds(100))
        open = try await db.cell("SELECT count(*) FROM information_schema.PROCESSLIST WHERE ID IN (\(list))")
      }
      #expect(open == .int(0))
    }
  }
}

/// Confined to one statement at a time.
final class Box: @unchecked Sendable { var value: Int64 = 0 }

/// How many times the closures of transactions ran.
private final class Attempts: Sendable { let count = Atomic(0) }
