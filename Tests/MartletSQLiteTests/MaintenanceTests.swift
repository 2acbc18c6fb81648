import CSQLite3
import Foundation
import MartletSQL
import MartletSQLite
import Synchronization
import Testing

@Suite("SQLite backups, checks and functions")
struct MaintenanceTests {
  private func fill(_ db: Database, rows: Int = 3000) async throws {
    try await db.execute(
      "CREATE TABLE t (n integer, b blob)",
      "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < \(rows)) "
        + "INSERT INTO t SELECT x, zeroblob(500) FROM c"
    )
  }

  @Test("a backup is the state of one moment, in one file, while others write", arguments: [false, true])
  func backup(inMemory: Bool) async throws {
    try await withDatabase {
      if inMemory { $0.path = ":memory:" }
    } _: { db, driver in
      try await fill(db)
      let target = FileManager.default.temporaryDirectory.appendingPathComponent("martlet-backup-\(UUID().uuidString).db").path
      defer { try? FileManager.default.removeItem(atPath: target) }
      let steps = Seen()
      // Each transaction writes a pair: half of one would be no state of any moment.
      let writer = Task {
        for i in 0..<50 {
          try await db.transaction { tx in
            try await tx.execute("INSERT INTO t VALUES (-\(i), zeroblob(3000))", "INSERT INTO t VALUES (-\(i), zeroblob(3000))")
          }
        }
      }
      try await driver.backup(to: target, pagesAtATime: 20) { steps.add(Int64($0.copied)) }
      try await writer.value
      #expect(steps.values.count > 5)
      #expect(!FileManager.default.fileExists(atPath: target + "-wal"))
      let copy = SQLiteDriver(path: target)
      #expect(try await copy.integrityCheck() == [])
      #expect(try await Database(copy).column(Int.self, "SELECT count(*) FROM t WHERE n > 0") == [3000])
      #expect(try await Database(copy).column(Int.self, "SELECT count(*) % 2 FROM t WHERE n <= 0") == [0])
      await copy.shutdown()
      let again = await #expect(throws: DatabaseError.self) { try await driver.backup(to: target) }
      #expect(again?.message.contains("exists already") == true)
      try await driver.backup(to: target, isReplacing: true)
    }
  }

  @Test("a backup that is cancelled or cannot be made leaves nothing behind, and the database goes on")
  func failedBackup() async throws {
    try await withDatabase { db, driver in
      try await fill(db)
      let folder = URL(fileURLWithPath: driver.configuration.path).deletingLastPathComponent().appendingPathComponent("backups")
      let missing = await #expect(throws: DatabaseError.self) { try await driver.backup(to: folder.path + "/a.db") }
      #expect(missing?.kind == .connection)
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      let task = Task {
        try await driver.backup(to: folder.path + "/a.db", pagesAtATime: 1) { _ in withUnsafeCurrentTask { $0?.cancel() } }
      }
      await #expect(throws: CancellationError.self) { try await task.value }
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [])
      #expect(try await db.column(Int.self, "SELECT count(*) FROM t") == [3000])
    }
  }

  @Test("the integrity check names rows that refer to nothing, and a damaged file")
  func integrity() async throws {
    try await withDatabase {
      $0.foreignKeys = false
    } _: { db, driver in
      try await db.execute(
        "CREATE TABLE a (id integer PRIMARY KEY)", "CREATE TABLE b (a_id integer REFERENCES a (id))")
      #expect(try await driver.integrityCheck() == [])
      try await db.execute("INSERT INTO b VALUES (9)")
      #expect(try await driver.integrityCheck() == ["the row 1 of 'b' refers to a row of 'a' that does not exist"])
    }
    try await withDatabase {
      $0.journalMode = .delete
    } _: { db, driver in
      try await fill(db)
      try await db.execute("CREATE INDEX i ON t (n)")
      await driver.shutdown()
      let handle = try FileHandle(forUpdating: URL(fileURLWithPath: driver.configuration.path))
      try handle.seek(toOffset: 4096 * 20)
      try handle.write(contentsOf: Data(repeating: 0xA5, count: 4096 * 4))
      try handle.close()
      let damaged = SQLiteDriver(driver.configuration)
      let problems = (try? await damaged.integrityCheck()) ?? ["unreadable"]
      #expect(!problems.isEmpty)
      await damaged.shutdown()
    }
  }

  @Test("functions of the app work on the writer and on readers, and in an index where they are deterministic")
  func functions() async throws {
    try await withDatabase { _, driver in
      struct Refused: Error, CustomStringConvertible { var description: String { "no negative numbers" } }
      let own = SQLiteDriver(
        driver.configuration,
        functions: [
          SQLiteFunction("double_it", arguments: 1, isDeterministic: true) { values in
            guard case .int(let n) = values[0] else { return .null }
            if n < 0 { throw Refused() }
            return .int(n &* 2)
          },
          SQLiteFunction("how_many", arguments: nil) { .int(Int64($0.count)) },
          SQLiteFunction("echo", arguments: 1) { $0[0] },
        ])
      let db = Database(own)
      try await db.execute("CREATE TABLE t (n integer)", "CREATE INDEX i ON t (double_it(n))", "INSERT INTO t VALUES (4)")
      #expect(try await db.column(Int.self, "SELECT double_it(n) FROM t") == [8])
      #expect(try await db.column(Int.self, "SELECT how_many(1, 'x', NULL)") == [3])
      #expect(try await db.column(String.self, "SELECT echo('naïve 🦜')") == ["naïve 🦜"])
      #expect(
        try await db.column(String.self, "SELECT typeof(echo(x'')) || typeof(echo(NULL)) || typeof(echo(1.5))") == [
          "blobnullreal"
        ])
      let error = await #expect(throws: DatabaseError.self) { try await db.column(Int.self, "SELECT double_it(-1)") }
      #expect(error?.message.contains("no negative numbers") == true)
      #expect(try await db.failure("CREATE INDEX j ON t (how_many(n))") == .invalidStatement)
      await own.shutdown()
    }
  }

  @Test("the metrics count readers and writer; a time-out names who holds the writer")
  func metrics() async throws {
    try await withDatabase {
      $0.acquireTimeout = .milliseconds(50)
      $0.readers = 3
    } _: { db, driver in
      try await db.execute("CREATE TABLE t (n integer)")
      let error = await #expect(throws: DatabaseError.self) {
        try await db.transaction { _ in
          let metrics = try #require(driver.poolMetrics)
          #expect(metrics.maximum == 4 && metrics.inUse == 1)
          try await db.execute("INSERT INTO t VALUES (1)")
        }
      }
      #expect(
        error?.message.contains("no SQLite writer connection became free within 50 ms: 1 of 1 in use, by MartletSQLiteTests/")
          == true)
    }
  }
}
