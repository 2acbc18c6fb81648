import MartletCore
import Foundation
import MartletORM
import MartletSQL
import TestDatabases
import Testing

@testable import MartletMigrations

@Suite("Migrations on PostgreSQL and MySQL")
struct ServerMigrationTests {
  private static let servers: [TestDatabaseKind] = [.postgresql, .mysql]
  private static let initial = Migration("0001_initial") { m in
    m.create("author") { t in
      t.id()
      t.column("name", .varchar(50), null: true, index: true)
      t.reference("mentor_id", to: "author", onDelete: .setNull, null: true)
    }
    m.create("book") { t in
      t.id()
      t.column("title", .varchar(50))
      t.reference("author_id", to: "author", onDelete: .cascade)
    }
  }

  @Test("a migration goes forth and back, with Django's bookkeeping", arguments: TestDatabaseKind.allCases)
  func forthAndBack(_ kind: TestDatabaseKind) async throws {
    let db = try await TestDatabases.make(kind)
    let next = Migration("0002_next") { m in
      m.alter("book") { t in
        t.addColumn("pages", .int, backfill: .int(100))
        t.addColumn("made", .timestamp, dbDefault: .currentTimestamp)
        t.addCheck("pages_positive", "\"pages\" > 0")
        t.alterColumn("title", .text)
      }
      m.run(reverse: { _ in }) { tx in try await tx.run(SQLStatement("UPDATE book SET pages = 200 WHERE title = 'Long'")) }
      m.alter("author") { t in t.alterColumn("name", .varchar(80), dbDefault: .text("it's"), backfill: .text("?")) }
    }
    let moment = Date(microsecondsSince1970: 1_700_000_000_000_000)
    let executor = try MigrationExecutor([Self.initial, next])
    try await executor.migrate(db.with(timeSource: .fixed(moment)), to: "0001")
    try await db.execute("INSERT INTO author (name) VALUES ('Ada'), (NULL)")
    try await db.execute("INSERT INTO book (title, author_id) VALUES ('Short', 1), ('Long', 2)")
    try await executor.migrate(db)
    #expect(try await executor.status(db).first?.applied == moment)
    var drift = try await executor.drift(db)
    #expect(drift == [])
    #expect(try await db.column(Int.self, "SELECT pages FROM book ORDER BY id") == [100, 200])
    #expect(try await db.column(String.self, "SELECT name FROM author ORDER BY id") == ["Ada", "?"])
    await #expect(throws: DatabaseError.self) { try await db.execute("UPDATE book SET pages = 0") }
    try await db.execute("INSERT INTO author (mentor_id) VALUES (1)", "DELETE FROM author WHERE id = 1")
    #expect(try await db.column(String.self, "SELECT title FROM book") == ["Long"])
    #expect(try await db.column(String.self, "SELECT name FROM author WHERE mentor_id IS NULL ORDER BY id") == ["?", "it's"])
    try await executor.migrate(db, to: "0001")
    drift = try await executor.drift(db)
    #expect(drift == [])
    try await executor.migrate(db, to: "zero")
    #expect(try await executor.pending(db).count == 2)
    await db.driver.shutdown()
  }

  @Test("of two processes that migrate at once, one does the work and the other finds it done", arguments: servers)
  func concurrent(_ kind: TestDatabaseKind) async throws {
    let db = try await TestDatabases.make(kind)
    let slow = Migration("0002_slow") { m in
      m.run(reverse: nil) { tx in
        try await Task.sleep(for: .milliseconds(200))
        try await tx.run(SQLStatement("INSERT INTO author (name) VALUES ('once')"))
      }
    }
    let executor = try MigrationExecutor([Self.initial, slow])
    async let first = executor.migrate(db)
    async let second = executor.migrate(db)
    async let third = executor.migrate(db)
    _ = try await (first, second, third)
    #expect(try await db.column(Int.self, "SELECT count(*) FROM author") == [1])
    #expect(try await db.column(Int.self, "SELECT count(*) FROM django_migrations") == [2])
    await db.driver.shutdown()
  }

  /// Adds two columns with something in between that does not work.
  private func broken(_ sql: String, first: String = "one") -> Migration {
    Migration("0002_next") { m in
      m.alter("book") { t in t.addColumn(first, .int, null: true) }
      m.sql(sql)
      m.alter("book") { t in t.addColumn("two", .int, null: true) }
    }
  }

  @Test("on PostgreSQL a migration that fails leaves nothing")
  func rollsBack() async throws {
    let db = try await TestDatabases.make(.postgresql)
    try await MigrationExecutor([Self.initial]).migrate(db)
    let executor = try MigrationExecutor([Self.initial, broken("INSERT INTO missing VALUES (1)")])
    await #expect(throws: DatabaseError.self) { try await executor.migrate(db) }
    let drift = try await executor.drift(db)
    #expect(drift == [])
    #expect(try await executor.status(db).map(\.isHalfDone) == [false, false])
    await db.driver.shutdown()
  }

  @Test("on MySQL a migration that fails says what was done, and the next attempt goes on behind it")
  func resumes() async throws {
    let db = try await TestDatabases.make(.mysql)
    try await MigrationExecutor([Self.initial]).migrate(db)
    let executor = try MigrationExecutor([Self.initial, broken("INSERT INTO missing VALUES (1)")])
    let error = await #expect(throws: MigrationError.self) { try await executor.migrate(db) }
    #expect(error?.kind == .halfApplied)
    #expect(error?.message.hasPrefix("migration 0002_next failed at step 2 of 3: ") == true)
    #expect(error?.message.hasSuffix("these steps stay:\n    ALTER TABLE `book` ADD COLUMN `one` integer NULL") == true)
    #expect(try await executor.status(db).map(\.isHalfDone) == [false, true])
    // It must be gone on with, and what is done must be what the file says.
    let back = await #expect(throws: MigrationError.self) { try await executor.migrate(db, to: "zero") }
    #expect(back?.kind == .halfApplied)
    let changed = try MigrationExecutor([Self.initial, broken("DELETE FROM author", first: "other")])
    let other = await #expect(throws: MigrationError.self) { try await changed.migrate(db) }
    #expect(other?.message.contains("those have been changed in its file since") == true)

    let repaired = try MigrationExecutor([Self.initial, broken("INSERT INTO author (name) VALUES ('there')")])
    #expect(try await repaired.migrate(db) == ["0002_next"])
    let drift = try await repaired.drift(db)
    #expect(drift == [])
    #expect(try await db.column(String.self, "SELECT name FROM author") == ["there"])
    #expect(try await db.column(Int.self, "SELECT count(*) FROM martlet_migration_progress") == [0])
    await db.driver.shutdown()
  }

  @Test("on PostgreSQL, indexes of tables that exist are made without blocking writers where no transaction is wanted")
  func concurrently() async throws {
    let db = try await TestDatabases.make(.postgresql)
    let next = Migration("0002_next", atomic: false) { m in m.alter("book") { t in t.addIndex("by_title", ["-title"]) } }
    let executor = try MigrationExecutor([Self.initial, next])
    #expect(
      try executor.sql(for: "0002", dialect: db.dialect) == [
        #"CREATE INDEX CONCURRENTLY "by_title" ON "book" ("title" DESC)"#
      ])
    try await executor.migrate(db)
    let drift = try await executor.drift(db)
    #expect(drift == [])
    await db.driver.shutdown()
  }

  @Test("what MySQL cannot do is refused by name before anything runs")
  func refused() throws {
    let dialect = MySQLDialect(.mariaDB)
    func error(_ body: (inout TableBuilder) -> Void) throws -> String? {
      let migration = Migration("0001_x") { m in m.create("t", body) }
      let error = #expect(throws: MigrationError.self) { try MigrationExecutor([migration]).sql(for: "0001", dialect: dialect) }
      #expect(error?.kind == .unsupported)
      return error?.message
    }
    #expect(
      try error { t in
        t.column("a", .int)
        t.unique("one_a", ["a"], where: "\"a\" > 0")
      } == "migration 0001_x: t: the unique constraint one_a has a condition, and mariadb lacks the capability partialIndexes")
    #expect(
      try error { $0.column("a", .text, unique: true) }
        == "migration 0001_x: t: the column a must be unique, and mariadb lacks the capability textKeys: a has no limit of length"
    )
    #expect(
      try error { $0.column("a", .varchar(800), unique: true) }
        == "migration 0001_x: t: the column a must be unique and takes 3200 bytes; a key of mariadb has 3072 at most")
    let target = SchemaTarget(SchemaState([TableState("t", columns: [ColumnState("a", .text, unique: true)])]))
    #expect(target.unsupported(by: dialect).count == 1)
    #expect(target.unsupported(by: PostgresDialect()) == [])
  }

  @Test("long names are cut as Django cuts them, and followed through renames", arguments: servers)
  func longNames(_ kind: TestDatabaseKind) async throws {
    let db = try await TestDatabases.make(kind)
    let long = String(repeating: "abcdefgh_", count: 6) + "table", column = String(repeating: "column_", count: 7) + "id"
    let first = Migration("0001_initial") { m in
      m.create(long) { t in
        t.id()
        t.column("name", .varchar(20), unique: true, index: false)
        t.reference(column, to: long, onDelete: .cascade, null: true)
        t.index(DatabaseNames.hashed(long, ["name", column]), ["name", column])
        t.unique(DatabaseNames.unique(long, [column, "name"]), [column, "name"])
      }
    }
    let second = Migration("0002_renamed") { m in
      m.renameTable(long, to: "short")
      m.alter("short") { t in t.renameColumn(column, to: "parent_id") }
      m.create(long) { t in
        t.id()
        t.column("name", .varchar(20), unique: true)
      }
    }
    let executor = try MigrationExecutor([first, second])
    try await executor.migrate(db, to: "0001")
    var drift = try await executor.drift(db)
    #expect(drift == [])
    try await executor.migrate(db)
    drift = try await executor.drift(db)
    #expect(drift == [])
    try await executor.migrate(db, to: "0001")
    drift = try await executor.drift(db)
    #expect(drift == [])
    let names = ServerNames(limit: 63)
    #expect(
      names.foreignKey(ForeignKeyState(["author_id"], to: "auth_user", ["id"], onDelete: .cascade), of: "blog_post")
        == "blog_post_author_id_dd7a8485_fk_auth_user_id")
    #expect(names.unique("slug", of: "blog_post") == "blog_post_slug_key")
    #expect(names.unique(column, of: long).utf8.count == 63)
    await db.driver.shutdown()
  }

  @Test("keys of several columns, and columns that the database computes", arguments: TestDatabaseKind.allCases)
  func compositeAndComputed(_ kind: TestDatabaseKind) async throws {
    let db = try await TestDatabases.make(kind)
    let first = Migration("0001_initial") { m in
      m.create("line") { t in
        t.column("order_no", .int)
        t.column("position", .int)
        t.column("price", .int)
        t.column("twice", .int, null: true, generated: "\"price\" * 2")
        t.primaryKey(["order_no", "position"])
      }
      m.create("note") { t in
        t.id()
        t.column("line_order", .int)
        t.column("line_position", .int)
        t.column("text", .varchar(20))
        t.foreignKey(["line_order", "line_position"], to: "line", columns: ["order_no", "position"], onDelete: .cascade)
      }
    }
    let second = Migration("0002_next") { m in
      m.alter("note") { t in t.dropForeignKey(["line_order", "line_position"]) }
      m.alter("line") { t in
        t.renameColumn("price", to: "cost")
        t.renameColumn("position", to: "place")
      }
      m.alter("note") { t in
        t.addForeignKey(["line_order", "line_position"], to: "line", columns: ["order_no", "place"], onDelete: .restrict)
      }
    }
    let executor = try MigrationExecutor([first, second])
    try await executor.migrate(db, to: "0001")
    try await db.execute("INSERT INTO line (order_no, position, price) VALUES (1, 1, 5), (1, 2, 7)")
    try await db.execute("INSERT INTO note (line_order, line_position, text) VALUES (1, 1, 'a'), (1, 2, 'b')")
    #expect(try await db.column(Int.self, "SELECT twice FROM line ORDER BY position") == [10, 14])
    try await db.execute("DELETE FROM line WHERE position = 2")
    #expect(try await db.column(String.self, "SELECT text FROM note") == ["a"])
    try await executor.migrate(db)
    await #expect(throws: DatabaseError.self) { try await db.execute("DELETE FROM line WHERE place = 1") }
    #expect(try await db.column(Int.self, "SELECT twice FROM line") == [10])
    if kind != .sqlite {
      let drift = try await executor.drift(db)
      #expect(drift == [])
    }
    let source = MigrationSource(name: "0002_next", operations: second.operations).text
    #expect(
      source.contains(
        #"t.addForeignKey(["line_order", "line_position"], to: "line", columns: ["order_no", "place"], onDelete: .restrict)"#))
    await db.driver.shutdown()
  }
}
