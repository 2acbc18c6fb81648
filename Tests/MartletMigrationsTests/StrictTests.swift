import Foundation
import MartletCore
import MartletORM
import MartletSQL
import TestDatabases
import Testing

@testable import MartletMigrations

@Suite("STRICT tables") struct StrictTests {
  @Test("a strict model takes values of its columns' types alone, on every database", arguments: TestDatabaseKind.allCases)
  func takes(_ kind: TestDatabaseKind) async throws {
    let db = try await TestDatabases.make(kind)
    let operations = try MigrationPlanner.pendingOperations(models: [Sample.self], migrations: [])
    let executor = try MigrationExecutor([Migration("0001_strict", operations: operations)])
    try await executor.migrate(db)
    let drift = try await executor.drift(db)
    #expect(drift == [])
    let row = try await Sample(
      flag: true, ratio: 0.5, name: "a", bytes: [1], at: Date(microsecondsSince1970: 1), big: .max, list: [1]
    )
    .insert(db)
    let read = try await Sample.get(row.id, db)
    #expect(read.flag && read.ratio == 0.5 && read.big == .max && read.list == [1] && read.at == row.at)
    #expect(try await Sample.filter { $0.at == row.at && $0.big == .max && $0.name == "a" }.count(db) == 1)
    await #expect(throws: DatabaseError.self) { try await db.execute("UPDATE sample SET ratio = 'much'") }
    await #expect(throws: DatabaseError.self) { try await db.execute("UPDATE sample SET count = 'many'") }
    if kind == .sqlite {
      let definition = try await db.definition(of: "sample")
      #expect(definition?.hasSuffix(") STRICT") == true && definition?.contains("varchar") == false)
    }
  }

  @Test("a table becomes strict and an ordinary one again, with its rows; a value of another type stops it")
  func changes() async throws {
    let initial = Migration("0001_initial") { m in
      m.create("thing") { t in
        t.id()
        t.column("n", .int)
        t.column("name", .varchar(5), unique: true)
      }
    }
    let strict = Migration("0002_strict") { m in m.alter("thing") { t in t.setStrict(true) } }
    let more = Migration("0003_more") { m in
      m.alter("thing") { t in
        t.addColumn("at", .timestamp, null: true)
        t.alterColumn("n", .bigInt, null: true)
      }
    }
    try await withDatabase { db in
      try await MigrationExecutor([initial]).migrate(db)
      try await db.execute("INSERT INTO thing (n, name) VALUES (1, 'a'), ('two', 'b')")
      let executor = try MigrationExecutor([initial, strict, more])
      await #expect(throws: DatabaseError.self) { try await executor.migrate(db) }
      #expect(try await db.column(String.self, "SELECT name FROM thing ORDER BY id") == ["a", "b"])
      try await db.execute("UPDATE thing SET n = 2 WHERE name = 'b'")
      try await executor.migrate(db)
      var drift = try await executor.drift(db)
      #expect(drift == [])
      #expect(try await db.column(Int.self, "SELECT n FROM thing ORDER BY id") == [1, 2])
      await #expect(throws: DatabaseError.self) { try await db.execute("UPDATE thing SET n = 'two'") }
      await #expect(throws: DatabaseError.self) { try await db.execute("UPDATE thing SET at = x'00'") }
      #expect(try await db.definition(of: "thing")?.contains("\"at\" TEXT") == true)
      try await executor.migrate(db, to: "0001")
      drift = try await executor.drift(db)
      #expect(drift == [])
      try await db.execute("UPDATE thing SET n = 'two' WHERE name = 'b'")
      #expect(try await db.definition(of: "thing")?.contains("STRICT") == false)
    }
  }

  @Test("a table that was made without STRICT is a drift") func drift() async throws {
    let migration = Migration("0001_initial") { m in
      m.create("thing") { t in
        t.id()
        t.strict()
      }
    }
    try await withDatabase { db in
      let executor = try MigrationExecutor([migration])
      try await executor.migrate(db, fake: true)
      try await db.execute("CREATE TABLE thing (id integer NOT NULL PRIMARY KEY AUTOINCREMENT)")
      let drift = try await executor.drift(db)
      #expect(drift == ["the table thing is not STRICT"])
    }
  }

  @Test("a model that becomes strict gets a migration, in Swift; decimals are refused") func plans() throws {
    let initial = try MigrationPlanner.pendingOperations(models: [Sample.self], migrations: [])
    #expect(MigrationSource(name: "0001_strict", operations: initial).text.contains("t.strict()"))
    var lax = try SchemaTarget(models: [Sample.self]).state
    lax.tables["sample"]?.isStrict = false
    let target = try SchemaTarget(models: [Sample.self])
    let operations = try SchemaDiff.operations(from: lax, to: target)
    #expect(operations.map(\.summary) == ["Make table sample strict"])
    #expect(MigrationSource(name: "0002_strict", operations: operations).text.contains("      t.setStrict(true)"))
    #expect(try MigrationName.next(after: [], operations, chosen: nil) == "0001_initial")
    let error = #expect(throws: MigrationError.self) {
      var table = TableState("priced", isStrict: true)
      table.columns = [ColumnState("price", .decimal(precision: 10, scale: 2))]
      _ = try SQLiteSchemaEditor().steps([.createTable(table)], before: SchemaState())
    }
    #expect(error?.kind == .invalidModel && error?.message.contains("priced.price") == true)
  }
}

@Model(table: "sample")
private struct Sample {
  var id: ID
  var flag: Bool
  var ratio: Double
  var count: Int = 0
  @Field(maxLength: 20, unique: true) var name: String
  var bytes: [UInt8]
  var token: UUID?
  var at: Date
  var big: UInt64
  var list: [Int]
  var body: JSON<[String]>?

  static let tableOptions: TableOptions = .strict
}
