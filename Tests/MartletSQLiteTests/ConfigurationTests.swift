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
      ("sqlite://app.db", "names a host"), ("sqlite:///", "names no file"), ("sqlite:///app.db?mode=ro", "has parameters"),
      ("sqlite:///data/", "names a directory"), ("sqlite:///a%zz.db", "broken percent escape"), ("", "does not begin with"),
    ])
  func badURLs(url: String, problem: String) {
    let error = #expect(throws: DatabaseError.self) { try SQLiteDriver(url: url) }
    #expect(error?.kind == .connection)
    #expect(error?.message.contains(problem) == true)
    #expect(error?.hint?.contains("sqlite:////var/lib/app.db") == true)
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
