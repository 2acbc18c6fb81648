import MartletCore
import MartletORM
import MartletSQL
import TestDatabases
import Testing

@testable import MartletMigrations

// One table through its life, a model for each time.
@Model(table: "paper")
private struct Plain {
  var id: ID
  @Field(maxLength: 50) var title: String
  var body: String
}
@Model(table: "paper")
private struct Titles {
  var id: ID
  @Field(maxLength: 50) var title: String
  var body: String
  static let constraints = MartletORM.constraints(Titles.self) { fullText($0.title) }
}
@Model(table: "paper")
private struct Both {
  var id: ID
  @Field(maxLength: 50) var title: String
  var body: String
  static let constraints = MartletORM.constraints(Both.self) { fullText($0.title, $0.body, language: .english) }
}
/// A column has another name, another one another type, a third is new.
@Model(table: "paper")
private struct Changed {
  var id: ID
  var title: String
  @Field(renamedFrom: "body") var text: String?
  @Field(maxLength: 20, unique: true) var code: String?
  static let constraints = MartletORM.constraints(Changed.self) {
    fullText($0.title, $0.text, language: .english)
    check("has_title", $0.title != "")
  }
}
@Model(table: "essay")
private struct Renamed {
  var id: ID
  var title: String
  var text: String?
  @Field(maxLength: 20, unique: true) var code: String?
  static let constraints = MartletORM.constraints(Renamed.self) {
    fullText($0.title, $0.text, language: .english, name: "paper_fts")
    check("has_title", $0.title != "")
  }
}

@Suite("Full-text indexes in migrations") struct SearchMigrationTests {
  @Test("an index is made, changed, renamed with its table and columns, and dropped", arguments: TestDatabaseKind.allCases)
  func life(_ kind: TestDatabaseKind) async throws {
    let db = try await TestDatabases.make(kind)
    var migrations: [Migration] = []
    func migrate(_ model: any Model.Type, _ wanted: [String]) async throws {
      let target = try SchemaTarget(models: [model], dialect: db.dialect)
      let operations = try MigrationPlanner.pendingOperations(target: target, migrations: migrations) { _ in true }
      #expect(operations.map(\.summary) == wanted)
      migrations.append(Migration("000\(migrations.count + 1)_next", operations: operations))
      let executor = try MigrationExecutor(migrations)
      try await executor.migrate(db)
      let drift = try await executor.drift(db)
      #expect(drift == [])
      let left = try MigrationPlanner.pendingOperations(target: target, migrations: migrations)
      #expect(left.isEmpty)
    }
    try await migrate(Plain.self, ["Create table paper"])
    try await Plain.insert(
      [Plain(title: "The swift", body: "A bird"), Plain(title: "The martlet", body: "Birds of no feet")], db)
    try await migrate(Titles.self, ["Create full-text index paper_fts on paper"])
    #expect(try await Titles.query.search("martlet").count(db) == 1)
    #expect(try await Titles.query.search("bird").count(db) == 0)
    #expect(try await Titles.query.search("the").count(db) == (kind == .mysql ? 0 : 2))
    #expect(try await Titles.query.search("the swift").count(db) == 1)

    try await migrate(Both.self, ["Drop index paper_fts from paper", "Create full-text index paper_fts on paper"])
    #expect(try await Both.query.search("feet").count(db) == 1)
    #expect(try await Both.query.search("birds").count(db) == (kind == .mysql ? 1 : 2), "stems where there are some")

    try await migrate(
      Changed.self,
      [
        "Rename column body on paper to text", "Alter column title on paper", "Alter column text on paper",
        "Add column code to paper",
        "Add check has_title to paper",
      ])
    try await Changed(title: "No body", text: nil, code: "c").insert(db)
    try await Changed.filter { $0.search("feet") }.update(db) { $0.text.set(to: "hands") }
    #expect(try await Changed.query.search("body OR hands").count(db) == 2)
    #expect(try await Changed.query.search("feet").count(db) == 0)
    #expect(try await Changed.query.search("\"the martlet\"").count(db) == 1)

    try await migrate(Renamed.self, ["Rename table paper to essay"])
    try await Renamed(title: "An essay", text: "of hands").insert(db)
    try await Renamed.filter { $0.title == "The martlet" }.delete(db)
    #expect(try await Renamed.query.search("hands").all(db).map(\.title) == ["An essay"])

    try await Renamed.filter { $0.text == nil }.delete(db)
    let executor = try MigrationExecutor(migrations)
    try await executor.migrate(db, to: "0002")
    var drift = try await executor.drift(db)
    #expect(drift == [])
    #expect(try await Titles.query.search("swift").count(db) == 1)
    try await executor.migrate(db, to: "0001")
    drift = try await executor.drift(db)
    #expect(drift == [])
    if kind == .sqlite {
      let left = try await db.column(String.self, "SELECT name FROM sqlite_master WHERE name LIKE 'paper_fts%'")
      #expect(left == [])
    }
    try await executor.migrate(db, to: "zero")
    await db.driver.shutdown()
  }

  @Test("a missing part of an index is drift", arguments: TestDatabaseKind.allCases)
  func drift(_ kind: TestDatabaseKind) async throws {
    let db = try await TestDatabases.make(kind)
    let operations = try SchemaDiff.operations(from: SchemaState(), to: SchemaTarget(models: [Titles.self]))
    let executor = try MigrationExecutor([Migration("0001_initial", operations: operations)])
    try await executor.migrate(db)
    switch kind {
    case .sqlite: try await db.execute("DROP TRIGGER paper_fts_update")
    case .postgresql: try await db.execute("DROP INDEX paper_fts")
    case .mysql: try await db.execute("DROP INDEX paper_fts ON paper")
    }
    let drift = try await executor.drift(db)
    #expect(drift.count == 1 && drift.first?.hasPrefix("the table paper lacks the index paper_fts") == true, "\(drift)")
    await db.driver.shutdown()
  }

  @Test("on SQLite other writers keep the index right, cascades too")
  func triggers() async throws {
    let db = try await TestDatabases.make(.sqlite)
    let operations = try SchemaDiff.operations(from: SchemaState(), to: SchemaTarget(models: [Both.self]))
    try await MigrationExecutor([Migration("0001_initial", operations: operations)]).migrate(db)
    try await db.execute(
      "INSERT INTO paper (id, title, body) VALUES (1, 'one', 'two'), (2, 'two', 'three')", "UPDATE paper SET id = 9 WHERE id = 1",
      "UPDATE paper SET title = 'one' WHERE title = 'zero'", "DELETE FROM paper WHERE id = 2",
      "INSERT INTO paper (id, title, body) VALUES (9, 'x', 'y') ON CONFLICT (id) DO UPDATE SET title = 'four'")
    #expect(try await Both.query.search("two").all(db).map(\.title) == ["four"])
    #expect(try await Both.query.search("one OR three").count(db) == 0)
    try await db.execute("INSERT INTO paper_fts (paper_fts, rank) VALUES ('integrity-check', 1)")
  }
}
