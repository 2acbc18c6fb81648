import Foundation
import MartletCore
import MartletORM
import MartletSQL
import TestDatabases
import Testing

@testable import MartletMigrations

/// Texts from outside and names from the program, through every public entry of MartletMigrations that takes one.
///
/// A new entry gets a line in the list below. SQL (`m.sql`, checks, conditions, generated columns) is SQL, and no name.
@Suite("SQL injection through migrations", .serialized) struct InjectionPropertyTests {
  @Test("names are quoted or refused, and mean what they say", arguments: TestDatabaseKind.allCases)
  func entries(_ kind: TestDatabaseKind) async throws {
    let db = try await TestDatabases.make(kind)
    try await MigrationExecutor([]).migrate(db)
    // What a migration that failed in the middle has left (MySQL does not undo DDL) is no harm: it goes before the canary looks.
    try await run("CREATE TABLE base (id integer NOT NULL PRIMARY KEY, a integer, b integer)", db)
    let canary = try await Canary(db)
    // DDL takes its time on a server.
    let step = kind == .sqlite ? 1 : 9
    for entry in Self.entries { try await entry.tryAll(db, canary, every: step) }
    #expect(try await Self.names.tryAll(db, canary, every: step) > (kind == .sqlite ? 40 : 5))
    await db.driver.shutdown()
  }

  private static let names = entry("create: table, column, key") { text, db in
    try await migrated(db, [.dropTable(text)]) { m in
      m.create(text) { t in
        t.id()
        t.column(text, .varchar(20), null: true)
        t.reference(text + "_id", to: text, onDelete: .setNull, null: true)
      }
    } check: {
      let name = db.dialect.quote(text)
      try await run("INSERT INTO \(name) (\(name)) VALUES ('x')", db)
      let found = try await db.query(SQLStatement("SELECT t.\(name) FROM \(name) t", effect: .read)) { try $0.text() }
      return .expecting(["x"], found)
    }
  }

  private static let entries: [InjectionEntry] = [
    entry("create: index, unique, check") { text, db in
      try await migrated(db, [.dropTable("made")]) { m in
        m.create("made") { t in
          t.id()
          t.column("a", .int)
          t.column("b", .int)
          t.index(text, ["a"])
          t.unique(text + "u", ["a", "-b"])
          t.check(text + "c", "\"a\" <> 5")
        }
      } check: {
        try await run("INSERT INTO made (a, b) VALUES (1, 1), (1, 2)", db)
        let refused = [
          try? await run("INSERT INTO made (a, b) VALUES (1, 1)", db),
          try? await run("INSERT INTO made (a, b) VALUES (5, 5)", db),
        ]
        return .expecting(true, refused.allSatisfy { $0 == nil })
      }
    },
    entry("alter: addColumn, renameColumn, addIndex, dropIndex, dropColumn") { text, db in
      try await migrated(db, [.dropTable("made")]) { m in
        m.create("made") { t in
          t.id()
          t.column("a", .int)
        }
        m.alter("made") { t in
          t.addColumn(text, .int, null: true)
          t.addIndex(text + "i", [text])
          t.dropIndex(text + "i")
          t.renameColumn(text, to: text + "2")
          t.renameColumn("a", to: text)
        }
        m.alter("made") { t in t.dropColumn(text + "2") }
      } check: {
        let name = db.dialect.quote(text)
        try await run("INSERT INTO made (\(name)) VALUES (3)", db)
        return .expecting([3], try await db.query(SQLStatement("SELECT t.\(name) FROM made t", effect: .read)) { try $0.int() })
      }
    },
    entry("renameTable") { text, db in
      try await migrated(db, [.dropTable(text)]) { m in
        m.create("made") { t in t.id() }
        m.renameTable("made", to: text)
      } check: {
        .expecting(
          [0], try await db.query(SQLStatement("SELECT count(*) FROM \(db.dialect.quote(text))", effect: .read)) { try $0.int() })
      }
    },
    entry("default and backfill texts") { text, db in
      try await migrated(db, [.dropTable("made")]) { m in
        m.create("made") { t in
          t.id()
          t.column("a", .text, dbDefault: .text(text))
        }
        m.run { tx in try await tx.run(SQLStatement("INSERT INTO made (id) VALUES (1)")) }
        m.alter("made") { t in t.addColumn("b", .text, backfill: .text(text)) }
      } check: {
        let found = try await db.query(SQLStatement("SELECT a, b FROM made", effect: .read)) { [try $0.text(), try $0.text()] }
        return .expecting(text + text, found.flatMap { $0 }.joined())
      }
    },
    entry("ColumnType.native") { text, db in
      try await migrated(db, [.dropTable("made")]) { m in
        m.create("made") { t in
          t.column("a", .native(text), null: true)
          t.column("b", .int, null: true)
        }
      } check: {
        .expecting([], try await db.query(SQLStatement("SELECT a, b FROM made", effect: .read)) { $0.count })
      }
    },
    entry("Migration name, app, target") { text, db in
      let executor = try MigrationExecutor([Migration("0001_made") { m in m.create("made") { t in t.id() } }], app: text)
      // Another app's history is not this one's.
      let pending = try await executor.pending(db)
      _ = try? await executor.migrate(db, to: text)
      _ = try? executor.sql(for: text, dialect: db.dialect)
      _ = try? MigrationExecutor([Migration("0001_" + text) { _ in }])
      if text.isEmpty || "0001_made".hasPrefix(text) { _ = try? await executor.migrate(db, to: "zero") }
      try? await run("DROP TABLE made", db)
      return .expecting(["0001_made"], pending)
    },
    entry("drift of a table") { text, db in
      let migration = Migration("0001_drift") { m in m.create(text) { t in t.id(text) } }
      let executor = try MigrationExecutor([migration], app: "drift")
      try await executor.migrate(db, fake: true)
      let drift: Result<[String], any Error>
      do { drift = .success(try await executor.drift(db)) } catch { drift = .failure(error) }
      try await executor.migrate(db, to: "zero", fake: true)
      return .expecting(true, try !drift.get().isEmpty)
    },
  ]
}

/// An entry that takes names, which may be refused.
private func entry(
  _ name: String, _ attempt: @escaping @Sendable (String, Database) async throws -> InjectionEntry.Outcome
) -> InjectionEntry { InjectionEntry(name, mayRefuse: true, attempt) }

private func run(_ text: String, _ db: Database) async throws { try await db.run(SQLStatement(text, effect: .definition)) }

/// Applies a migration, looks at what it made, and takes everything away again: also what a failure has left.
private func migrated(
  _ db: Database, _ undoing: [MigrationOperation], _ body: (inout MigrationBuilder) -> Void,
  check: () async throws -> InjectionEntry.Outcome
) async throws -> InjectionEntry.Outcome {
  var result: Result<InjectionEntry.Outcome, any Error>
  do {
    try await MigrationExecutor([Migration("0001_hostile", body)]).migrate(db)
    result = .success(try await check())
  } catch { result = .failure(error) }
  // The canary's own name is a good name, and taken: what made it was no migration.
  for case .dropTable(let name) in undoing + [.dropTable("made")] where name != "canary" {
    try? await run("DROP TABLE \(db.dialect.quote(name))", db)
  }
  try await run("DELETE FROM django_migrations", db)
  try? await run("DELETE FROM martlet_migration_progress", db)
  return try result.get()
}
