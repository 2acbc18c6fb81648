import Foundation
import MartletCore
import MartletORM
import MartletSQL
import TestDatabases
import Testing

@testable import MartletMigrations

@Model(app: "shop")
private struct Line {
  var id: ID
  var price: Int
  var quantity: Int = 1
  @Field(maxLength: 20) var name: String = ""
  var note: String?
  @Field(generated: .stored) var total: Int = 0
  @Field(maxLength: 60, generated: .stored) var title: String = ""
  @Field(generated: .virtual) var hasNote: Bool?
  @Field(dbDefault: .randomUUID) var token: UUID?
  @Field(dbDefault: .currentTimestamp) var madeAt: Date?

  static let constraints = MartletORM.constraints(Line.self) {
    generated($0.total, as: $0.price * $0.quantity)
    generated($0.title, as: $0.name.appending(" x").appending($0.name))
    generated($0.hasNote, as: $0.note != nil && $0.price > 5)
    unique($0.title, $0.quantity)
  }
}

/// The same table, computed otherwise.
@Model(app: "shop", table: "shop_line")
private struct NewLine {
  var id: ID
  var price: Int
  var quantity: Int = 1
  @Field(maxLength: 20) var name: String = ""
  var note: String?
  @Field(generated: .virtual) var total: Int = 0
  @Field(maxLength: 60) var title: String = ""
  @Field(generated: .stored) var hasNote: Bool?
  @Field(dbDefault: .randomUUID) var token: UUID?
  @Field(dbDefault: .currentTimestamp) var madeAt: Date?
  @Field(generated: .stored) var half: Double?

  static let constraints = MartletORM.constraints(NewLine.self) {
    generated($0.total, as: $0.price + $0.quantity)
    generated($0.hasNote, as: $0.note != nil)
    generated($0.half, as: Expr(value: 1.5))
    unique($0.title, $0.quantity)
    check("total_is_small", $0.total < 1000)
  }
}

@Model(app: "shop")
private struct Silent {
  var id: ID
  @Field(generated: .stored) var total: Int = 0
}

@Model(app: "shop")
private struct Undeclared {
  var id: ID
  var price: Int = 0
  var total: Int = 0
  static let constraints = MartletORM.constraints(Undeclared.self) { generated($0.total, as: $0.price) }
}

@Model(app: "shop")
private struct Wrong {
  var id: ID
  var price: Int = 0
  @Field(generated: .stored) var total: Int?
  static let constraints = MartletORM.constraints(Wrong.self) { generated($0.total, as: $0.price.divided(by: 2)) }
}

@Model(app: "shop")
private struct Chained {
  var id: ID
  var price: Int = 0
  @Field(generated: .stored) var twice: Int?
  @Field(generated: .stored) var more: Int?
  static let constraints = MartletORM.constraints(Chained.self) {
    generated($0.twice, as: $0.price * 2)
    generated($0.more, as: $0.twice)
  }
}

@Suite("Columns that the database computes or fills in")
struct ComputedColumnTests {
  private static func initial(_ models: [any Model.Type] = [Line.self]) throws -> Migration {
    let operations = try SchemaDiff.operations(from: SchemaState(), to: SchemaTarget(models: models))
    return Migration("0001_initial", operations: operations)
  }
  private static func executor(_ migrations: [Migration]) throws -> MigrationExecutor {
    try MigrationExecutor(migrations, app: "computed")
  }
  private static func shop(_ kind: TestDatabaseKind) async throws -> Database {
    let db = try await TestDatabases.make(kind)
    try await executor([try initial()]).migrate(db)
    return db
  }

  @Test("insert and save leave them out, and give back what the database made of them", arguments: TestDatabaseKind.allCases)
  func writes(_ kind: TestDatabaseKind) async throws {
    let db = try await Self.shop(kind)
    var line = try await Line(price: 7, quantity: 3, name: "a", note: "n").insert(db)
    #expect(line.total == 21 && line.title == "a xa" && line.hasNote == true)
    #expect(try await Line.get(line.id, db).total == 21)
    let changed = try await line.save(db) {
      $0.price = 2
      $0.name = "b"
      $0.total = 999
    }
    #expect(changed && line.total == 6 && line.title == "b xb" && line.hasNote == false)
    #expect(try await Line.get(line.id, db).title == "b xb")
    let nothing = try await line.save(db) { $0.total = 5 }
    #expect(!nothing)
    var gone = line
    try await line.delete(db)
    let error = await #expect(throws: ORMError.self) { try await gone.save(db) { $0.price = 1 } }
    #expect(error?.kind == .notFound)
    await db.driver.shutdown()
  }

  @Test("bulk inserts, upserts and updates by key", arguments: TestDatabaseKind.allCases)
  func bulk(_ kind: TestDatabaseKind) async throws {
    let db = try await Self.shop(kind)
    var lines = try await Line.insert((1...40).map { Line(price: $0, quantity: 2, name: "n\($0)") }, db)
    #expect(lines.map(\.total) == (1...40).map { $0 * 2 } && lines[39].title == "n40 xn40")
    for place in lines.indices { lines[place].price += 100 }
    #expect(try await Line.update(lines, db) { $0.price } == 40)
    #expect(try await Line.query.order { $0.id.asc }.select { $0.total }.all(db) == (101...140).map { $0 * 2 })
    // By a constraint over a computed column.
    let key = try await Line.upsert([Line(price: 1, quantity: 2, name: "n7")], db, on: { ($0.title, $0.quantity) }) {
      row, new in row.price.set(to: row.price + new.price)
    }
    #expect(key == [lines[6].id])
    #expect(try await Line.get(lines[6].id, db).total == 216)
    let returned = try await Line.filter { $0.total > 270 }.update(db, returning: .rows) { $0.quantity.set(to: 0) }
    #expect(returned.count == 5 && returned.allSatisfy { $0.total == 0 })
    await db.driver.shutdown()
  }

  @Test("no write takes a value for them", arguments: TestDatabaseKind.allCases)
  func refusals(_ kind: TestDatabaseKind) async throws {
    let db = try await Self.shop(kind)
    let line = try await Line(price: 1).insert(db)
    func refused(_ body: () async throws -> Void) async {
      let error = await #expect(throws: ORMError.self) { try await body() }
      #expect(error?.kind == .invalidExpression && error?.message.contains("computed by the database") == true)
    }
    await refused { try await Line.query.update(db) { $0.total.set(to: 1) } }
    await refused { try await Line.update([line], db) { $0.total } }
    await refused { _ = try await Line.upsert([line], db, on: { $0.id }) { row, _ in row.total.set(to: 1) } }
    await refused { _ = try await Line.getOrCreate(line, db, on: { $0.title }) }
    #expect(Line.schema.column(property: "total")?.column.options.editable == false)
    await db.driver.shutdown()
  }

  @Test("defaults of the database come back with the row: random UUIDs, the time", arguments: TestDatabaseKind.allCases)
  func defaults(_ kind: TestDatabaseKind) async throws {
    let db = try await Self.shop(kind)
    let own = UUID()
    let lines = try await Line.insert(
      [Line(price: 1, name: "a"), Line(price: 2, name: "b", token: own), Line(price: 3, name: "c")], db)
    let tokens = lines.compactMap(\.token)
    #expect(tokens.count == 3 && Set(tokens).count == 3 && tokens[1] == own)
    for token in [tokens[0], tokens[2]] {
      let text = Array(token.uuidString)
      #expect(text[14] == "4" && "89AB".contains(text[19]), "\(token) is not of version 4")
    }
    #expect(lines.allSatisfy { abs($0.madeAt?.timeIntervalSinceNow ?? 1000) < 300 })
    for line in lines { #expect(try await Line.get(line.id, db).token == line.token) }
    await db.driver.shutdown()
  }

  @Test(
    "another expression, and back, on each database without a difference to its catalogue", arguments: TestDatabaseKind.allCases)
  func changes(_ kind: TestDatabaseKind) async throws {
    let db = try await TestDatabases.make(kind)
    let first = try Self.initial()
    let target = try SchemaTarget(models: [NewLine.self])
    let operations = try SchemaDiff.operations(from: try SchemaState(replaying: [first]), to: target)
    let executor = try Self.executor([first, Migration("0002_next", operations: operations)])
    try await executor.migrate(db, to: "0001")
    try await Line.insert([Line(price: 7, quantity: 3, name: "a", note: "n"), Line(price: 1, name: "b")], db)
    var drift = try await executor.drift(db)
    #expect(drift == [])
    try await executor.migrate(db)
    drift = try await executor.drift(db)
    #expect(drift == [])
    var lines = try await NewLine.query.order { $0.id.asc }.all(db)
    #expect(lines.map(\.total) == [10, 2] && lines.map(\.title) == ["a xa", "b xb"] && lines.map(\.hasNote) == [true, false])
    #expect(lines.map(\.half) == [1.5, 1.5])
    try await lines[0].save(db) { $0.title = "free" }
    await #expect(throws: DatabaseError.self) { try await NewLine(price: 5000, title: "z").insert(db) }
    try await executor.migrate(db, to: "0001")
    drift = try await executor.drift(db)
    #expect(drift == [])
    #expect(try await Line.query.order { $0.id.asc }.all(db).map(\.title) == ["a xa", "b xb"])
    let again = try SchemaDiff.operations(from: target.state, to: target)
    #expect(again.isEmpty)
    await db.driver.shutdown()
  }

  @Test(
    "the catalogue's expression is compared on SQLite, and what is kept on every database", arguments: TestDatabaseKind.allCases)
  func drift(_ kind: TestDatabaseKind) async throws {
    let db = try await Self.shop(kind)
    var state = try SchemaTarget(models: [Line.self]).state
    let place = state.tables["shop_line"]?.columns.firstIndex { $0.name == "has_note" } ?? 0
    state.tables["shop_line"]?.columns[place].generated?.isStored = true
    let other = try Self.executor([Migration("0001_initial", operations: state.tables.values.map { .createTable($0) })])
    let found = try await other.drift(db)
    // PostgreSQL keeps every computed column.
    #expect(found.count == (kind == .postgresql ? 0 : 2))
    await db.driver.shutdown()
  }

  @Test("the source of a migration has the expression, portable to every database")
  func source() throws {
    let migration = try Self.initial()
    let text = MigrationSource(name: "0001_initial", operations: migration.operations).text
    #expect(text.contains(#"t.column("total", .bigInt, generated: "(\"price\" * \"quantity\")")"#))
    #expect(text.contains(#"t.column("has_note", .bool, null: true, generated: "#) && text.contains(", stored: false)"))
    #expect(text.contains(#"t.column("token", .uuid, null: true, dbDefault: .randomUUID)"#))
    let executor = try MigrationExecutor([migration])
    let postgres = try executor.sql(for: "0001", dialect: PostgresDialect()).joined()
    #expect(postgres.contains(#""title" varchar(60) GENERATED ALWAYS AS ((("name" || ' x') || "name")) STORED NOT NULL"#))
    #expect(postgres.contains(#"gen_random_uuid()"#) && !postgres.contains("VIRTUAL"))
    let maria = try executor.sql(for: "0001", dialect: MySQLDialect(.mariaDB)).joined()
    #expect(maria.contains("`title` varchar(60) GENERATED ALWAYS AS ((CONCAT((CONCAT(`name` , ' x')) , `name`))) STORED"))
  }

  @Test("PostgreSQL's counted keys are identities by default, as Django's, and one that is not is told")
  func identity() async throws {
    let db = try await Self.shop(.postgresql)
    let text = "SELECT attidentity::text FROM pg_attribute WHERE attrelid = 'shop_line'::regclass AND attname = 'id'"
    #expect(try await db.column(String.self, text) == ["d"])
    #expect(try await Line(id: 50, price: 1).insert(db).id == 50)
    let executor = try Self.executor([try Self.initial()])
    try await db.execute("ALTER TABLE shop_line ALTER COLUMN id SET GENERATED ALWAYS")
    let drift = try await executor.drift(db)
    #expect(drift == ["the key of shop_line is counted differently"])
    await db.driver.shutdown()
  }

  @Test("a mistake in a declaration names the property")
  func mistakes() {
    func message(_ model: any Model.Type) -> String {
      let error = #expect(throws: MigrationError.self) { try SchemaTarget(models: [model]) }
      #expect(error?.kind == .invalidModel)
      return error?.message ?? ""
    }
    #expect(message(Silent.self) == "Silent.total is computed by the database, and nothing says how")
    #expect(message(Undeclared.self) == "Undeclared.total has an expression, and is not declared as computed")
    #expect(message(Wrong.self).contains("cannot divide whole numbers"))
    #expect(message(Chained.self).contains("another computed one"))
    let counted = SchemaTarget(
      SchemaState([
        TableState(
          "t",
          columns: [
            ColumnState("id", .bigInt, primaryKey: true, autoIncrement: true),
            ColumnState("twice", .bigInt, generated: GeneratedState("\"id\" * 2")),
          ])
      ]))
    #expect(counted.unsupported(by: MySQLDialect(.mariaDB)).first?.contains("t.twice is computed from id") == true)
  }
}
