import Foundation
import MartletSQL
import MartletSQLite
import Testing

@Suite("SQLite configuration")
struct ConfigurationTests {
  @Test(
    "a URL names a relative path, an absolute path or memory",
    arguments: [
      ("sqlite:///app.db", "app.db"), ("sqlite:///data/app.db", "data/app.db"), ("sqlite:////var/lib/app.db", "/var/lib/app.db"),
      ("sqlite::memory:", ":memory:"), ("sqlite:///my%20app.db", "my app.db"),
    ])
  func urls(url: String, path: String) throws {
    #expect(try SQLiteConfiguration(url: url).path == path)
  }

  @Test(
    "a URL of another form is refused with what is wrong and the right forms",
    arguments: [
      ("postgres://localhost/app", "does not begin with 'sqlite:'"), ("sqlite:app.db", "lacks the slashes"),
      ("sqlite://app.db", "names a host"), ("sqlite:///", "names no file"),
      ("sqlite:///app.db?mood=ro", "has the parameter 'mood', which is none of mode"),
      ("sqlite:///app.db?busy_timeout=soon", "which takes a time as 5s"), ("sqlite:///app.db?readers=0", "from 1 to 1000"),
      ("sqlite:///app.db?cache_size=99999999999999999999", "which takes a size"), ("sqlite:///app.db#x", "has a fragment"),
      ("sqlite:///data/", "names a directory"), ("sqlite:///a%zz.db", "broken percent escape"), ("", "does not begin with"),
    ])
  func badURLs(url: String, problem: String) {
    let error = #expect(throws: DatabaseError.self) { try SQLiteDriver(url: url) }
    #expect(error?.kind == .connection)
    #expect(error?.message.contains(problem) == true)
    #expect(error?.hint?.contains("sqlite:////var/lib/app.db") == true)
  }

  @Test("a URL's parameters set what the configuration has")
  func parameters() throws {
    let configuration = try SQLiteConfiguration(
      url: "sqlite:///my%20app.db?mode=ro&synchronous=full&busy_timeout=500ms&acquire_timeout=2min&readers=8&journal_mode=delete"
        + "&foreign_keys=off&cache_size=64MB&mmap_size=1GB&wal_autocheckpoint=0&statement_cache=7")
    #expect(configuration.path == "my app.db" && configuration.isReadOnly && configuration.synchronous == .full)
    #expect(configuration.busyTimeout == .milliseconds(500) && configuration.acquireTimeout == .seconds(120))
    #expect(configuration.readers == 8 && configuration.journalMode == .delete && !configuration.foreignKeys)
    #expect(configuration.cacheBytes == 64 << 20 && configuration.mapBytes == 1 << 30 && configuration.checkpointPages == 0)
    #expect(configuration.statementCacheSize == 7)
  }

  @Test("cache, map and checkpoint settings reach SQLite")
  func memorySettings() async throws {
    try await withDatabase {
      $0.cacheBytes = 8 << 20
      $0.mapBytes = 1 << 20
      $0.checkpointPages = 77
    } _: { db, _ in
      for effect in [SQLStatement.Effect.read, .write] {
        for (pragma, value) in [("cache_size", -8192), ("mmap_size", 1 << 20), ("wal_autocheckpoint", 77)] {
          let set = try await db.query(SQLStatement("PRAGMA \(pragma)", effect: effect)) { try $0.int() }
          #expect(set == [Int64(value)])
        }
      }
    }
  }

  @Test("a database opened read-only reads, and refuses writes and a file that does not exist")
  func readOnlyMode() async throws {
    try await withDatabase { db, driver in
      try await db.execute("CREATE TABLE t (n integer)", "INSERT INTO t VALUES (1)")
      let reading = try SQLiteDriver(url: "sqlite:///\(driver.configuration.path)?mode=ro")
      #expect(try await Database(reading).column(Int.self, "SELECT n FROM t") == [1])
      #expect(try await Database(reading).failure("INSERT INTO t VALUES (2)") == .readOnly)
      await reading.shutdown()
      let missing = try SQLiteDriver(url: "sqlite:///\(driver.configuration.path).missing?mode=ro")
      let error = await #expect(throws: DatabaseError.self) { try await missing.connect() }
      #expect(error?.kind == .connection)
    }
  }

  @Test("a file without the permission to write is read-only, and says what to do")
  func permissions() async throws {
    // Root may write anything: there is nothing to see then.
    try await withKnownIssue("root may write to any file", isIntermittent: true) {
      try #require(geteuid() != 0)
      try await withDatabase { db, driver in
        try await db.execute("CREATE TABLE t (n integer)")
        await driver.shutdown()
        try FileManager.default.setAttributes([.posixPermissions: 0o444], ofItemAtPath: driver.configuration.path)
        var configuration = driver.configuration
        configuration.journalMode = .delete
        let again = SQLiteDriver(configuration)
        let kind = try await Database(again).failure("INSERT INTO t VALUES (1)")
        #expect(kind == .readOnly || kind == .connection)
        await again.shutdown()
      }
    } when: {
      geteuid() == 0
    }
  }

  @Test("a file that cannot be opened says which, and what SQLite needs")
  func cannotOpen() async throws {
    let driver = SQLiteDriver(path: "/nonexistent-folder/app.db")
    let error = await #expect(throws: DatabaseError.self) { try await driver.connect() }
    #expect(error?.kind == .connection)
    #expect(error?.message.contains("/nonexistent-folder/app.db") == true)
    #expect(error?.hint?.contains("directory") == true)
    // A statement fails the same way, and the connection is free again afterwards.
    for _ in 0..<3 {
      let again = await #expect(throws: DatabaseError.self) { try await Database(driver).column(Int.self, "SELECT 1") }
      #expect(again?.kind == .connection)
    }
  }

  @Test("a file that is no database is reported as such")
  func notADatabase() async throws {
    try await withDatabase { db, driver in
      try Data(repeating: 0x41, count: 8192).write(to: URL(fileURLWithPath: driver.configuration.path))
      let error = await #expect(throws: DatabaseError.self) { try await driver.connect() }
      #expect(error?.kind == .corrupt)
      #expect(error?.code == "SQLITE_NOTADB (26)")
    }
  }

  @Test("the write-ahead log, normal durability and foreign keys are on by default")
  func defaults() async throws {
    try await withDatabase { db, driver in
      let journalMode = try await db.query(SQLStatement("PRAGMA journal_mode")) { try $0.text() }
      #expect(journalMode == ["wal"])
      for connection in [DatabaseAccess.write, .read] {
        let settings = try await driver.withConnection(connection) { connection async throws in
          let journal = Journal()
          for name in ["synchronous", "foreign_keys", "query_only"] {
            try await connection.run(SQLStatement("PRAGMA \(name)", effect: .read)) { row in
              journal.note("\(name)=\(try row.int())")
            }
          }
          return journal.entries
        }
        #expect(settings == ["synchronous=1", "foreign_keys=1", "query_only=\(connection == .read ? 1 : 0)"])
      }
    }
  }

  @Test("full durability and a rollback journal can be chosen")
  func chosen() async throws {
    try await withDatabase {
      $0.synchronous = .full
      $0.journalMode = .delete
    } _: { db, _ async throws in
      let journalMode = try await db.query(SQLStatement("PRAGMA journal_mode")) { try $0.text() }
      #expect(journalMode == ["delete"])
      #expect(try await db.column(Int.self, "PRAGMA synchronous") == [2])
    }
  }
}
