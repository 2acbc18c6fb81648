import Foundation
import MartletSQL
import TestDatabases
import Testing

@testable import MartletMigrations

@Suite("Random pairs of schemas")
struct PropertyTests {
  private static var isSoak: Bool { ProcessInfo.processInfo.environment["MARTLET_SOAK"] == "1" }

  @Test("migrate forward with every row kept, and end with nothing left to do", arguments: TestDatabaseKind.allCases)
  func forward(_ kind: TestDatabaseKind) async throws {
    var rebuilds = 0, renames = 0, tableRenames = 0, undone = 0
    let isSQLite = kind == .sqlite
    // A server's DDL waits for the disk.
    for seed in 1...UInt64(isSQLite ? Self.isSoak ? 5000 : 200 : Self.isSoak ? 500 : 25) {
      do {
        let seen = try await check(seed, kind)
        rebuilds += seen.rebuilds
        renames += seen.renames
        tableRenames += seen.tableRenames
        undone += seen.isUndone ? 1 : 0
      } catch {
        Issue.record("seed \(seed): \(error)")
      }
    }
    // The generator reaches what the test is about.
    let counts: Comment = "\(rebuilds) \(renames) \(tableRenames) \(undone)"
    #expect(renames > (isSQLite ? 30 : 5) && undone > (isSQLite ? 30 : 5), counts)
    if isSQLite { #expect(rebuilds > 100 && tableRenames > 3, counts) }
  }

  private struct Seen {
    var rebuilds = 0, renames = 0, tableRenames = 0, isUndone = false
  }

  private func check(_ seed: UInt64, _ kind: TestDatabaseKind) async throws -> Seen {
    let db = try await TestDatabases.make(kind)
    var generator = SchemaGenerator(seed: seed, dialect: db.dialect)
    let old = generator.schema()
    let target = generator.changed(old)
    let initial = Migration("0001_initial", operations: try SchemaDiff.operations(from: SchemaState(), to: SchemaTarget(old)))
    let renames = generator.tableRenames
    let operations = try MigrationPlanner.pendingOperations(target: target, migrations: [initial]) { question in
      if case .isTableRenamed(let from, let to) = question { return renames[from] == to }
      return false
    }
    let next = Migration("0002_next", operations: operations)
    var seen = Seen(tableRenames: renames.count)
    seen.renames = operations.filter { if case .renameColumn = $0 { true } else { false } }.count

    let executor = try MigrationExecutor([initial, next])
    seen.rebuilds = try executor.sql(for: "0002").filter { $0.hasPrefix("CREATE TABLE \"new__") }.count
    try await executor.migrate(db, to: "0001")
    let firstDrift = try await executor.drift(db)
    #expect(firstDrift == [], "seed \(seed)")
    try await RowMaker.fill(old, db)
    let before = try await snapshot(generator.survivors, old: renames, db)

    try await executor.migrate(db)
    let drift = try await executor.drift(db)
    #expect(drift == [], "seed \(seed)")
    let left = try MigrationPlanner.pendingOperations(target: target, migrations: [initial, next])
    #expect(left.map(\.summary) == [], "seed \(seed)")
    for (table, columns) in generator.survivors {
      for (new, _) in columns {
        try await compare(before["\(table).\(new)"] ?? [:], table, new, target, seed, db)
      }
    }
    if kind == .sqlite {
      #expect(try await db.query(SQLStatement("PRAGMA foreign_key_check", effect: .read)) { try $0.text() } == [], "seed \(seed)")
      #expect(try await db.column(String.self, "PRAGMA integrity_check") == ["ok"], "seed \(seed)")
    } else {
      // What the changes lead to is what the tables would be, had they been made so.
      let direct = try await TestDatabases.make(kind)
      let first = try SchemaDiff.operations(from: SchemaState(), to: SchemaTarget(target.state))
      try await MigrationExecutor([Migration("0001_initial", operations: first)]).migrate(direct)
      for table in target.state.tables.keys.sorted() {
        let found = try await ServerText.lines(of: table, db), wanted = try await ServerText.lines(of: table, direct)
        #expect(found == wanted, "seed \(seed), \(table)")
      }
      await direct.driver.shutdown()
    }
    seen.isUndone = try await undo(executor, seed, db)
    await db.driver.shutdown()
    return seen
  }

  /// The values of the columns that stay, by table and column of the second schema.
  private func snapshot(
    _ survivors: [String: [String: String]], old renames: [String: String], _ db: Database
  ) async throws -> [String: [Int64: String?]] {
    let oldNames = Dictionary(uniqueKeysWithValues: renames.map { ($1, $0) })
    var result: [String: [Int64: String?]] = [:]
    for (table, columns) in survivors {
      for (new, old) in columns { result["\(table).\(new)"] = try await RowMaker.values(old, of: oldNames[table] ?? table, db) }
    }
    return result
  }

  /// A value is what it was; NULL may have become the backfill where the column is NOT NULL now.
  private func compare(
    _ before: [Int64: String?], _ table: String, _ column: String, _ target: SchemaTarget, _ seed: UInt64, _ db: Database
  ) async throws {
    let after = try await RowMaker.values(column, of: table, db)
    #expect(Set(after.keys) == Set(before.keys), "seed \(seed), \(table).\(column)")
    #expect(before.count == RowMaker.count, "seed \(seed), \(table).\(column)")
    let isNullable = target.state.tables[table]?.column(column)?.isNullable ?? true
    for (key, value) in before {
      if value == nil, !isNullable {
        #expect(after[key] != .some(nil), "seed \(seed), \(table).\(column) of \(key)")
      } else {
        #expect(after[key] == value, "seed \(seed), \(table).\(column) of \(key)")
      }
    }
  }

  /// Goes back where that is possible; the first schema is there again.
  private func undo(_ executor: MigrationExecutor, _ seed: UInt64, _ db: Database) async throws -> Bool {
    do { try await executor.migrate(db, to: "0001") } catch let error as MigrationError where error.kind == .irreversible {
      return false
    }
    let drift = try await executor.drift(db)
    #expect(drift == [], "seed \(seed), undone")
    return true
  }
}
