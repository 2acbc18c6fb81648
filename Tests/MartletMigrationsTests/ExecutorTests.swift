import Foundation
import MartletCore
import MartletORM
import MartletSQL
import MartletSQLite
import Testing

@testable import MartletMigrations

private struct Stop: Error {}

@Suite("Running migrations")
struct ExecutorTests {
  private static let initial = Migration("0001_initial") { m in
    m.create("author") { t in
      t.id()
      t.column("name", .text)
    }
    m.create("book") { t in
      t.id()
      t.column("title", .text)
      t.reference("author_id", to: "author", onDelete: .cascade)
    }
  }
  private static let second = Migration("0002_book_pages") { m in
    m.alter("book") { t in t.addColumn("pages", .int, backfill: .int(100)) }
    m.run(reverse: { _ in }) { tx in
      try await tx.run(SQLStatement("UPDATE book SET pages = 200 WHERE title = 'Long'"))
    }
  }

  @Test("migrations run in order, once, with progress and Django's bookkeeping")
  func migrate() async throws {
    try await withDatabase { db in
      let executor = try MigrationExecutor([Self.second, Self.initial])
      let journal = Journal()
      let moment = Date(microsecondsSince1970: 1_700_000_000_000_000)
      let done = try await executor.migrate(db.with(timeSource: .fixed(moment))) { journal.note("\($0)") }
      #expect(done == ["0001_initial", "0002_book_pages"])
      #expect(
        journal.entries == [
          "Applying 0001_initial", "Applied 0001_initial", "Applying 0002_book_pages", "Applied 0002_book_pages",
        ])
      #expect(try await executor.migrate(db) == [])
      #expect(
        try await db.definition(of: "django_migrations") == """
          CREATE TABLE "django_migrations" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "app" varchar(255) NOT NULL, \
          "name" varchar(255) NOT NULL, "applied" datetime NOT NULL)
          """)
      #expect(
        try await db.column(String.self, "SELECT app || ' ' || name || ' ' || applied FROM django_migrations ORDER BY id") == [
          "martlet 0001_initial 2023-11-14 22:13:20", "martlet 0002_book_pages 2023-11-14 22:13:20",
        ])
      #expect(try await executor.status(db).map(\.applied) == [moment, moment])
      let drift = try await executor.drift(db)
      #expect(drift == [])
    }
  }

  @Test("a database in memory, which has one connection, is migrated too")
  func inMemory() async throws {
    let driver = SQLiteDriver(path: ":memory:")
    let db = Database(driver), executor = try MigrationExecutor([Self.initial, Self.second])
    try await executor.migrate(db)
    let drift = try await executor.drift(db)
    #expect(drift == [])
    await driver.shutdown()
  }

  @Test("a backfill fills the rows that exist and stays out of the table; data migrations see them")
  func backfill() async throws {
    try await withDatabase { db in
      let executor = try MigrationExecutor([Self.initial, Self.second])
      try await executor.migrate(db, to: "0001")
      #expect(try await executor.pending(db) == ["0002_book_pages"])
      try await db.execute("INSERT INTO author VALUES (1, 'A')", "INSERT INTO book VALUES (1, 'Short', 1), (2, 'Long', 1)")
      try await executor.migrate(db)
      #expect(try await db.column(Int.self, "SELECT pages FROM book ORDER BY id") == [100, 200])
      #expect(try await db.definition(of: "book")?.contains("DEFAULT") == false)
    }
  }

  @Test("going back undoes migrations, to zero if asked")
  func undo() async throws {
    try await withDatabase { db in
      let executor = try MigrationExecutor([Self.initial, Self.second])
      try await executor.migrate(db)
      #expect(try await executor.migrate(db, to: "0001_initial") == ["0002_book_pages"])
      let drift = try await executor.drift(db)
      #expect(drift == [])
      #expect(try await db.column(Int.self, "SELECT count(*) FROM pragma_table_info('book') WHERE name = 'pages'") == [0])
      #expect(try await executor.migrate(db, to: "zero") == ["0001_initial"])
      #expect(
        try await db.column(String.self, "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
          == ["django_migrations"])
    }
  }

  @Test("a failing migration leaves nothing behind, those before it stay")
  func failure() async throws {
    try await withDatabase { db in
      let bad = Migration("0002_bad") { m in
        m.alter("book") { t in t.addColumn("pages", .int, backfill: .int(1)) }
        m.run { tx in
          try await tx.run(SQLStatement("INSERT INTO author (name) VALUES ('half')"))
          throw Stop()
        }
      }
      let executor = try MigrationExecutor([Self.initial, bad])
      await #expect(throws: Stop.self) { try await executor.migrate(db) }
      #expect(try await executor.status(db).map { $0.applied != nil } == [true, false])
      #expect(try await db.column(Int.self, "SELECT count(*) FROM author") == [0])
      let drift = try await executor.drift(db)
      #expect(drift == [])
      #expect(try await db.query(SQLStatement("PRAGMA foreign_keys")) { try $0.int() } == [1])
    }
  }

  @Test("a migration that is not atomic keeps what ran before a failure, and is not recorded")
  func notAtomic() async throws {
    try await withDatabase { db in
      let bad = Migration("0002_bad", atomic: false) { m in
        m.sql("INSERT INTO author (name) VALUES ('kept')")
        m.run { _ in throw Stop() }
      }
      let executor = try MigrationExecutor([Self.initial, bad])
      await #expect(throws: Stop.self) { try await executor.migrate(db) }
      #expect(try await db.column(String.self, "SELECT name FROM author") == ["kept"])
      #expect(try await executor.pending(db) == ["0002_bad"])
    }
  }

  @Test("a faked migration is recorded and not run")
  func fake() async throws {
    try await withDatabase { db in
      let executor = try MigrationExecutor([Self.initial])
      let journal = Journal()
      try await executor.migrate(db, fake: true) { journal.note("\($0)") }
      #expect(journal.entries == ["Faked 0001_initial"])
      #expect(try await executor.pending(db) == [])
      #expect(try await executor.drift(db) == ["the table author is missing", "the table book is missing"])
    }
  }

  @Test("rows of other apps in django_migrations are left alone")
  func otherApps() async throws {
    try await withDatabase { db in
      let executor = try MigrationExecutor([Self.initial])
      try await executor.migrate(db)
      try await db.execute(
        "INSERT INTO django_migrations (app, name, applied) VALUES ('auth', '0001_initial', '2020-01-01 00:00:00')")
      #expect(try await executor.status(db).count == 1)
      try await executor.migrate(db, to: "zero")
      #expect(try await db.column(String.self, "SELECT app FROM django_migrations") == ["auth"])
    }
  }

  @Test("two processes that migrate at once apply each migration once")
  func concurrently() async throws {
    try await withDatabaseFile { db, path in
      let slow = Migration("0002_slow") { m in
        m.run { tx in
          try await tx.run(SQLStatement("INSERT INTO author (name) VALUES ('once')"))
          try await Task.sleep(for: .milliseconds(100))
        }
      }
      let executor = try MigrationExecutor([Self.initial, slow])
      let other = SQLiteDriver(path: path)
      let journal = Journal()
      try await withThrowingTaskGroup(of: Void.self) { group in
        for db in [db, Database(other)] {
          group.addTask { try await executor.migrate(db) { journal.note("\($0)") } }
        }
        try await group.waitForAll()
      }
      await other.shutdown()
      #expect(try await db.column(String.self, "SELECT name FROM author") == ["once"])
      #expect(try await db.column(Int.self, "SELECT count(*) FROM django_migrations") == [2])
      #expect(journal.entries.filter { $0 == "Applied 0002_slow" }.count == 1)
    }
  }

  @Test("a migration of which an undo is unknown says what to add")
  func irreversible() async throws {
    try await withDatabase { db in
      let next = Migration("0002_next") { m in m.run { _ in } }
      let executor = try MigrationExecutor([Self.initial, next])
      try await executor.migrate(db)
      let error = await #expect(throws: MigrationError.self) { try await executor.migrate(db, to: "0001") }
      #expect(error?.kind == .irreversible)
      #expect(error?.message.contains("0002_next") == true)
      #expect(error?.hint?.contains("m.run(reverse:") == true)
      #expect(try await executor.pending(db) == [])
    }
  }

  @Test("a dropped column that held values cannot come back; a nullable one comes back empty")
  func reverseDrop() throws {
    let drop = Migration("0002_drop") { m in m.alter("book") { t in t.dropColumn("title") } }
    let error = #expect(throws: MigrationError.self) {
      try MigrationExecutor([Self.initial, drop]).sql(for: "0002", backwards: true)
    }
    #expect(error?.kind == .irreversible)
  }

  @Test(
    "a registry with two heads, a gap or a bad name is refused",
    arguments: [
      (["0001_a", "0002_b", "0002_c"], "two migrations have the number 2"), (["0001_a", "0003_b"], "before 0003_b is missing"),
      (["first"], "has no number"), (["01_a"], "has no number"), (["0002_a"], "before 0002_a is missing"),
    ])
  func registry(names: [String], problem: String) {
    let error = #expect(throws: MigrationError.self) { try MigrationExecutor(names.map { Migration($0) { _ in } }) }
    #expect(error?.kind == .invalidRegistry)
    #expect(error?.message.contains(problem) == true)
    #expect(error?.hint != nil)
  }

  @Test("a database that is ahead of the app, or has a hole, is not touched")
  func inconsistent() async throws {
    try await withDatabase { db in
      try await MigrationExecutor([Self.initial, Self.second]).migrate(db)
      let older = await #expect(throws: MigrationError.self) { try await MigrationExecutor([Self.initial]).migrate(db) }
      #expect(older?.kind == .inconsistentHistory)
      #expect(older?.message.contains("0002_book_pages") == true)
      try await db.execute("DELETE FROM django_migrations WHERE name = '0001_initial'")
      let hole = await #expect(throws: MigrationError.self) {
        try await MigrationExecutor([Self.initial, Self.second]).migrate(db)
      }
      #expect(hole?.message.contains("0002_book_pages is applied and 0001_initial") == true)
    }
  }

  @Test("a target is found by its name, its number or its beginning; an unknown one lists what there is")
  func targets() throws {
    let registry = try MigrationRegistry([Self.initial, Self.second])
    #expect(try registry.place(of: "0002") == 1)
    #expect(try registry.place(of: "0001_init") == 0)
    #expect(try registry.place(of: "zero") == -1)
    for name in ["", "0009", "000"] {
      let error = #expect(throws: MigrationError.self) { try registry.place(of: name) }
      #expect(error?.kind == .unknownMigration)
      #expect(error?.hint?.contains("zero, 0001_initial, 0002_book_pages") == true)
    }
  }
}
