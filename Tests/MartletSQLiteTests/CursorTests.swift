import MartletSQL
import MartletSQLite
import Synchronization
import Testing

@Suite("SQLite cursors")
struct CursorTests {
  private let numbers = SQLStatement(
    "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < ?) SELECT x FROM c", [.int(10)], effect: .read)

  @Test("rows are fetched a part at a time, in order, to the end")
  func parts() async throws {
    try await withDatabase { _, driver in
      try await driver.withConnection(.read) { connection in
        let cursor = try await connection.openCursor(numbers)
        let seen = Seen()
        #expect(try await cursor.fetch(4) { seen.add(try $0.int()) })
        #expect(seen.values == [1, 2, 3, 4])
        #expect(try await cursor.fetch(4) { seen.add(try $0.int()) })
        #expect(try await !cursor.fetch(4) { seen.add(try $0.int()) })
        #expect(seen.values == Array(1...10))
        #expect(try await !cursor.fetch(4) { seen.add(try $0.int()) })
        await cursor.close()
      }
    }
  }

  @Test("inside a transaction a cursor sees what it wrote; other statements wait until it is closed")
  func inTransaction() async throws {
    try await withDatabase { db, driver in
      try await db.execute("CREATE TABLE t (n integer)")
      try await driver.withConnection(.write) { connection in
        try await connection.run(SQLStatement("BEGIN IMMEDIATE", effect: .definition)) { _ in }
        try await connection.run(SQLStatement("INSERT INTO t VALUES (1), (2)")) { _ in }
        let cursor = try await connection.openCursor(SQLStatement("SELECT n FROM t", effect: .read))
        #expect(try await cursor.fetch(1) { _ in })
        let error = await #expect(throws: DatabaseError.self) {
          try await connection.run(SQLStatement("INSERT INTO t VALUES (3)")) { _ in }
        }
        #expect(error?.kind == .transaction)
        await cursor.close()
        try await connection.run(SQLStatement("COMMIT", effect: .definition)) { _ in }
      }
      #expect(try await db.column(Int.self, "SELECT count(*) FROM t") == [2])
    }
  }

  @Test("a cursor that is dropped or left open does not keep its connection from the next borrower")
  func leftOpen() async throws {
    try await withMemoryDatabase { db async throws in
      try await db.execute("CREATE TABLE t (n integer)", "INSERT INTO t VALUES (1), (2)")
      try await db.driver.withConnection(.read) { connection in
        let cursor = try await connection.openCursor(numbers)
        _ = try await cursor.fetch(1) { _ in }
      }
      #expect(try await db.failure("DROP TABLE t") == nil)
    }
  }

  @Test("an error of the row closure, and a cancelled task, end the cursor")
  func ends() async throws {
    struct Stop: Error {}
    try await withDatabase { _, driver in
      try await driver.withConnection(.read) { connection in
        let first = try await connection.openCursor(numbers)
        await #expect(throws: Stop.self) { try await first.fetch(5) { _ in throw Stop() } }
        let second = try await connection.openCursor(SQLStatement(slowQuery(2_000_000_000), effect: .read))
        let task = Task { try await second.fetch(1) { _ in } }
        try await Task.sleep(for: .milliseconds(50))
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        try await connection.run(numbers) { _ in }
      }
    }
  }

  @Test("a cursor reads one state of the database, whatever is written meanwhile")
  func snapshot() async throws {
    try await withDatabase { db, driver in
      try await db.execute("CREATE TABLE t (n integer)", "INSERT INTO t VALUES (1), (2), (3)")
      try await driver.withConnection(.read) { connection in
        let cursor = try await connection.openCursor(SQLStatement("SELECT n FROM t", effect: .read))
        let seen = Seen()
        _ = try await cursor.fetch(1) { seen.add(try $0.int()) }
        try await db.execute("DELETE FROM t WHERE n = 3", "INSERT INTO t VALUES (4)")
        _ = try await cursor.fetch(10) { seen.add(try $0.int()) }
        #expect(seen.values == [1, 2, 3])
        await cursor.close()
      }
    }
  }

  @Test("a cursor that would write is refused on a reader")
  func writes() async throws {
    try await withDatabase { db, driver in
      try await db.execute("CREATE TABLE t (n integer)")
      let error = await #expect(throws: DatabaseError.self) {
        try await driver.withConnection(.read) { connection in
          _ = try await connection.openCursor(SQLStatement("INSERT INTO t VALUES (1) RETURNING n", effect: .write))
        }
      }
      #expect(error?.kind == .readOnly)
    }
  }
}

/// Numbers in the order in which they came.
final class Seen: Sendable {
  private let state = Mutex([Int64]())
  var values: [Int64] { state.withLock { $0 } }
  func add(_ value: Int64) { state.withLock { $0.append(value) } }
}
