import MartletORM
import MartletSQL
import Testing

@testable import MartletMigrations

@Suite("Rebuilding a table on SQLite")
struct RebuildTests {
  private static let initial = Migration("0001_initial") { m in
    m.create("author") { t in
      t.id()
      t.column("name", .text, null: true)
    }
    m.create("book") { t in
      t.id()
      t.column("title", .varchar(10))
      t.reference("author_id", to: "author", onDelete: .cascade)
      t.reference("next_id", to: "book", onDelete: .setNull, null: true)
    }
  }
  /// Rows in both tables, the last author deleted so that the key's counter is ahead of the rows.
  private func fill(_ db: Database) async throws {
    try await db.execute(
      "INSERT INTO author (name) VALUES ('Ada'), (NULL), ('gone')", "DELETE FROM author WHERE name = 'gone'",
      "INSERT INTO book (title, author_id, next_id) VALUES ('One', 1, NULL), ('Two', 2, 1)")
  }
  private func migrate(_ db: Database, _ body: (inout MigrationBuilder) -> Void) async throws {
    let executor = try MigrationExecutor([Self.initial, Migration("0002_next", body)])
    try await executor.migrate(db)
    let drift = try await executor.drift(db)
    #expect(drift == [])
  }

  @Test("no row is lost and no cascade runs, although the table is dropped on the way")
  func keepsRows() async throws {
    try await withDatabase { db in
      try await MigrationExecutor([Self.initial]).migrate(db)
      try await fill(db)
      try await migrate(db) { m in m.alter("author") { t in t.alterColumn("name", .varchar(50), backfill: .text("?")) } }
      #expect(try await db.column(String.self, "SELECT name FROM author ORDER BY id") == ["Ada", "?"])
      #expect(try await db.column(String.self, "SELECT title FROM book ORDER BY id") == ["One", "Two"])
      // References still point to the table, and cascades work again.
      try await db.execute("DELETE FROM author WHERE id = 1")
      #expect(try await db.column(String.self, "SELECT title FROM book") == ["Two"])
      #expect(try await db.column(Int?.self, "SELECT next_id FROM book") == [nil])
    }
  }

  @Test("the counter of keys goes on where it was, also above deleted rows")
  func sequence() async throws {
    try await withDatabase { db in
      try await MigrationExecutor([Self.initial]).migrate(db)
      try await fill(db)
      try await migrate(db) { m in m.alter("author") { t in t.addCheck("named", "\"name\" <> ''") } }
      try await db.execute("INSERT INTO author (name) VALUES ('new')")
      #expect(try await db.column(Int.self, "SELECT id FROM author WHERE name = 'new'") == [4])
    }
  }

  @Test("triggers, views and indexes that migrations do not know of survive")
  func extras() async throws {
    try await withDatabase { db in
      try await MigrationExecutor([Self.initial]).migrate(db)
      try await db.execute(
        "CREATE INDEX by_hand ON book (lower(title))", "CREATE VIEW titles AS SELECT title FROM book",
        "CREATE TABLE log (t text)", "CREATE TRIGGER noted AFTER INSERT ON book BEGIN INSERT INTO log VALUES (new.title); END")
      try await fill(db)
      let executor = try MigrationExecutor([
        Self.initial, Migration("0002_next") { m in m.alter("book") { t in t.alterColumn("title", .text) } },
      ])
      try await executor.migrate(db)
      #expect(try await db.column(String.self, "SELECT title FROM titles ORDER BY title") == ["One", "Two"])
      #expect(try await db.definition(of: "by_hand") == "CREATE INDEX by_hand ON book (lower(title))")
      try await db.execute("INSERT INTO book (title, author_id) VALUES ('Three', 1)")
      #expect(try await db.column(String.self, "SELECT t FROM log ORDER BY rowid") == ["One", "Two", "Three"])
    }
  }

  @Test("a rebuild whose new rules the rows break fails and leaves the table as it was")
  func brokenRule() async throws {
    try await withDatabase { db in
      try await MigrationExecutor([Self.initial]).migrate(db)
      try await fill(db)
      let error = await #expect(throws: DatabaseError.self) {
        try await migrate(db) { m in m.alter("book") { t in t.addCheck("short", "length(\"title\") < 2") } }
      }
      #expect(error?.kind == .checkViolation(constraint: "short"))
      #expect(try await db.column(String.self, "SELECT title FROM book ORDER BY id") == ["One", "Two"])
      let drift = try await MigrationExecutor([Self.initial]).drift(db)
      #expect(drift == [])
    }
  }

  @Test("a rebuild is whole also in a migration without a transaction")
  func withoutTransaction() async throws {
    try await withDatabase { db in
      try await MigrationExecutor([Self.initial]).migrate(db)
      try await fill(db)
      let next = Migration("0002_next", atomic: false) { m in
        m.alter("author") { t in t.addCheck("short", "length(\"name\") < 2") }
      }
      await #expect(throws: (any Error).self) { try await MigrationExecutor([Self.initial, next]).migrate(db) }
      #expect(try await db.column(Int.self, "SELECT count(*) FROM author") == [2])
      #expect(try await db.column(Int.self, "SELECT count(*) FROM sqlite_master WHERE name LIKE 'new%'") == [0])
    }
  }

  @Test("a migration that would leave references to missing rows is undone and names one")
  func brokenReferences() async throws {
    try await withDatabase { db in
      try await MigrationExecutor([Self.initial]).migrate(db)
      try await fill(db)
      let error = await #expect(throws: MigrationError.self) {
        try await migrate(db) { m in
          m.alter("book") { t in t.alterColumn("title", .text) }
          m.sql("DELETE FROM author WHERE id = 2")
        }
      }
      #expect(error?.kind == .brokenReferences)
      #expect(error?.message.contains("row 2 of book refers to no row of author") == true)
      #expect(try await db.column(Int.self, "SELECT count(*) FROM author") == [2])
    }
  }

  @Test("dropping a table runs no cascade; the columns that referred to it go first")
  func dropTable() async throws {
    try await withDatabase { db in
      try await MigrationExecutor([Self.initial]).migrate(db)
      try await fill(db)
      try await migrate(db) { m in
        m.alter("book") { t in
          t.dropIndex(DatabaseNames.hashed("book", ["author_id"]))
          t.dropColumn("author_id")
        }
        m.drop("author")
      }
      #expect(try await db.column(String.self, "SELECT title FROM book ORDER BY id") == ["One", "Two"])
    }
  }

  @Test("a renamed table or column takes references, indexes and checks along")
  func renames() async throws {
    try await withDatabase { db in
      try await MigrationExecutor([Self.initial]).migrate(db)
      try await fill(db)
      try await migrate(db) { m in
        m.alter("author") { t in t.addCheck("named", "\"name\" <> ''") }
        m.alter("author") { t in
          t.addIndex("by_name", ["-name"], where: "\"name\" IS NOT NULL")
          t.renameColumn("name", to: "full name")
          t.renameColumn("id", to: "uid")
        }
        m.renameTable("author", to: "person")
        m.alter("book") { t in t.renameColumn("author_id", to: "writer_id") }
      }
      try await db.execute("DELETE FROM person WHERE uid = 1")
      #expect(try await db.column(String.self, "SELECT title FROM book") == ["Two"])
    }
  }

  @Test("a default that is no constant fills the rows that exist")
  func computedDefault() async throws {
    try await withDatabase { db in
      try await MigrationExecutor([Self.initial]).migrate(db)
      try await fill(db)
      try await migrate(db) { m in
        m.alter("author") { t in
          t.addColumn("seen", .timestamp, dbDefault: .currentTimestamp)
          t.addColumn("token", .uuid, dbDefault: .sql("martlet_uuid4()"))
          t.addColumn("rank", .int, unique: true, dbDefault: .sql("abs(random())"))
        }
      }
      #expect(try await db.column(Int.self, "SELECT count(DISTINCT token) FROM author WHERE length(token) = 32") == [2])
      #expect(try await db.column(Int.self, "SELECT count(*) FROM author WHERE seen LIKE '____-__-__ __:__:__.___'") == [2])
    }
  }

  @Test("drift finds what was changed by hand")
  func drift() async throws {
    try await withDatabase { db in
      let executor = try MigrationExecutor([Self.initial])
      try await executor.migrate(db)
      try await db.execute("ALTER TABLE author ADD COLUMN extra integer", "CREATE INDEX more ON author (name)", "DROP TABLE book")
      #expect(
        try await executor.drift(db) == [
          "the table author has the unknown column extra integer NULL", "the table author has the unknown index more (name)",
          "the table book is missing",
        ])
    }
  }
}
