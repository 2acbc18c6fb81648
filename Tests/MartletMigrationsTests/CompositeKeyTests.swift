import Foundation
import MartletCore
import MartletORM
import MartletSQL
import TestDatabases
import Testing

@testable import MartletMigrations

@Model(app: "shop")
private struct Shop {
  var id: ID
  @Field(maxLength: 20) var name: String
}

@Model(app: "shop")
private struct Order {
  @Field(primaryKey: true) var shop: Ref<Shop>
  @Field(primaryKey: true) var number: Int
  @Field(maxLength: 20) var customer: String = ""
  var total: Int = 0
  @Field(generated: .stored) var twice: Int = 0
  @HasMany("order") var lines: Many<Line>
  @HasMany("replaced") var replacements: Many<Line>

  static let constraints = MartletORM.constraints(Order.self) { generated($0.twice, as: $0.total * 2) }
  static let policy = Policy(Order.self) { $0.allowAll(.read) }
}

@Model(app: "shop")
private struct Line {
  @Field(primaryKey: true) var shop: Ref<Shop>
  @Field(primaryKey: true) var orderNumber: Int
  @Field(primaryKey: true) var position: Int
  @Field(maxLength: 20) var text: String = ""
  var replacedNumber: Int?
  var replacedShop: Ref<Shop>?
  @Relation(columns: ["shop", "orderNumber"], onDelete: .cascade) var order: One<Order>
  @Relation(columns: ["replacedShop", "replacedNumber"], onDelete: .setNull) var replaced: One<Order>
}

/// Refers to a key of several columns by one.
@Model(app: "shop")
private struct Note {
  var id: ID
  var order: Ref<Order>
}

@Suite("Primary keys of several columns")
struct CompositeKeyTests {
  private static func models() throws -> Migration {
    let target = try SchemaTarget(models: [Shop.self, Order.self, Line.self])
    return Migration("0001_initial", operations: try SchemaDiff.operations(from: SchemaState(), to: target))
  }
  /// Two shops with orders 1 to 5 each.
  private static func shops(_ kind: TestDatabaseKind) async throws -> (Database, [Shop], [Order]) {
    let db = try await TestDatabases.make(kind)
    try await MigrationExecutor([try models()], app: "composite").migrate(db)
    let shops = try await Shop.insert([Shop(name: "a"), Shop(name: "b")], db)
    let orders = try await Order.insert(
      shops.flatMap { shop in (1...5).map { Order(shop: Ref(shop), number: $0, total: $0 * 10) } }, db)
    return (db, shops, orders)
  }

  @Test("the table has one key, and the database's catalogue says so", arguments: TestDatabaseKind.allCases)
  func table(_ kind: TestDatabaseKind) async throws {
    let (db, shops, _) = try await Self.shops(kind)
    let executor = try MigrationExecutor([try Self.models()], app: "composite")
    let drift = try await executor.drift(db)
    #expect(drift == [])
    #expect(
      try executor.sql(for: "0001", dialect: db.dialect).contains {
        $0.replacing("`", with: "\"").contains(#"PRIMARY KEY ("shop_id", "number")"#)
      })
    let error = await #expect(throws: DatabaseError.self) { try await Order(shop: Ref(shops[0]), number: 1).insert(db) }
    if case .uniqueViolation = error?.kind {} else { Issue.record("\(String(describing: error))") }
    let text = MigrationSource(name: "0001_initial", operations: try Self.models().operations).text
    #expect(text.contains(#"t.primaryKey(["shop_id", "number"])"#))
    await db.driver.shutdown()
  }

  @Test("rows are found, saved, refreshed and deleted by key", arguments: TestDatabaseKind.allCases)
  func rows(_ kind: TestDatabaseKind) async throws {
    let (db, shops, orders) = try await Self.shops(kind)
    #expect(orders.map(\.twice) == [20, 40, 60, 80, 100, 20, 40, 60, 80, 100])
    let key = Order.ID(shop: shops[1].id, number: 3)
    var order = try await Order.get(key, db)
    #expect(order.id == key && order.total == 30 && key.description == "\(shops[1].id),3")
    try await order.save(db) { $0.total = 7 }
    #expect(order.twice == 14)
    #expect(try await Order.get(orders[2].id, db).total == 30)
    try await Order.filter { $0.id == key }.update(db) { $0.total.set(to: $0.total + 1) }
    try await order.refresh(db)
    #expect(order.total == 8 && order.twice == 16)
    try await order.delete(db)
    #expect(try await Order.find(key, db) == nil)
    #expect(try await Order.query.count(db) == 9)
    let gone = await #expect(throws: ORMError.self) { try await order.delete(db) }
    #expect(gone?.kind == .notFound)
    let moved = await #expect(throws: ORMError.self) { try await order.save(db) { $0.number = 9 } }
    #expect(moved?.kind == .invalidExpression)
    let unsaved = Order(shop: Ref(Shop(name: "new")), number: 1)
    #expect(unsaved.id.isUnsavedKey)
    let error = await #expect(throws: ORMError.self) { try await unsaved.insert(db) }
    #expect(error?.kind == .unsavedKey)
    await db.driver.shutdown()
  }

  @Test("keys compare, stand in lists and subqueries, order and are selected", arguments: TestDatabaseKind.allCases)
  func queries(_ kind: TestDatabaseKind) async throws {
    let (db, shops, orders) = try await Self.shops(kind)
    let keys = [orders[1].id, orders[7].id, Order.ID(shop: shops[0].id, number: 99)]
    #expect(try await Order.filter { $0.id.in(keys) }.order { $0.id.asc }.all(db).map(\.id) == [keys[0], keys[1]])
    #expect(try await Order.filter { !$0.id.in(keys) }.count(db) == 8)
    #expect(try await Order.filter { $0.id.in([Order.ID]()) }.count(db) == 0)
    #expect(try await Order.filter { $0.id != keys[0] }.count(db) == 9)
    #expect(try await Order.filter { $0.id > orders[3].id }.count(db) == 6)
    #expect(try await Order.filter { !($0.id > orders[3].id) }.count(db) == 4)
    #expect(try await Order.filter { $0.id <= orders[6].id }.order { $0.id.desc }.first(db)?.id == orders[6].id)
    #expect(try await Order.filter { $0.number > 3 }.order { $0.id.asc }.select { ($0.id, $0.total) }.all(db).map(\.0).count == 4)
    #expect(try await Order.filter { $0.id.in(Order.filter { $0.total > 30 }.select { $0.id }) }.count(db) == 4)
    #expect(try await Order.filter { !$0.id.in(Order.filter { $0.total > 30 }.select { $0.id }) }.count(db) == 6)
    #expect(try await Order.query.limit(3).count(db) == 3)
    #expect(try Order.filter { $0.id == keys[0] }.matches(orders[1]))
    #expect(try Order.filter { $0.id < keys[1] }.matches(orders[1]) && !Order.filter { $0.id < keys[1] }.matches(orders[7]))
    let error = await #expect(throws: ORMError.self) { try await Order.query.select { $0.id.max }.all(db) }
    #expect(error?.kind == .invalidExpression)
    await db.driver.shutdown()
  }

  @Test("batches go by the key, across its first column", arguments: TestDatabaseKind.allCases)
  func batches(_ kind: TestDatabaseKind) async throws {
    let (db, _, orders) = try await Self.shops(kind)
    var seen: [[Order.ID]] = []
    try await Order.query.inBatches(of: 3, db) { seen.append($0.map(\.id)) }
    #expect(seen.map(\.count) == [3, 3, 3, 1] && seen.flatMap { $0 } == orders.map(\.id))
    await db.driver.shutdown()
  }

  @Test("upsert, update by key, deletes with a filter over other tables, rows given back", arguments: TestDatabaseKind.allCases)
  func writes(_ kind: TestDatabaseKind) async throws {
    let (db, shops, all) = try await Self.shops(kind)
    var orders = all
    let rows = [Order(shop: Ref(shops[0]), number: 1, total: 5), Order(shop: Ref(shops[0]), number: 6, total: 60)]
    let keys = try await Order.upsert(rows, db, on: { $0.id }) { row, new in row.total.set(to: row.total + new.total) }
    #expect(keys == rows.map(\.id))
    #expect(try await Order.get(keys[0], db).total == 15)
    #expect(try await Order.upsert([rows[1]], db, on: { ($0.shop.id, $0.number) }) { _, _ in } == [keys[1]])
    for place in orders.indices { orders[place].customer = "c\(place)" }
    #expect(try await Order.update(orders, db) { ($0.customer, $0.total) } == 10)
    #expect(try await Order.query.filter { $0.number < 6 }.order { $0.id.asc }.all(db).map(\.customer) == orders.map(\.customer))
    let (made, isNew) = try await Order.getOrCreate(rows[1], db, on: { $0.id })
    #expect(!isNew && made.total == 60)
    let changed = try await Order.filter { $0.shop.name == "b" }.update(db, returning: .rows) { $0.total.set(to: 1) }
    #expect(changed.count == 5 && changed.allSatisfy { $0.twice == 2 })
    #expect(try await Order.filter { $0.shop.name == "a" }.order { $0.id.desc }.limit(2).delete(db) == 2)
    let deleted = try await Order.filter { $0.shop.name == "b" }.delete(db, returning: .rows)
    #expect(deleted.count == 5)
    #expect(try await Order.query.order { $0.id.asc }.all(db).map(\.number) == [1, 2, 3, 4])
    let error = await #expect(throws: ORMError.self) { try await Order.update(orders, db) { $0.number } }
    #expect(error?.kind == .invalidExpression)
    await db.driver.shutdown()
  }

  @Test("the SQL: rows of values, and on SQLite lists as tables")
  func sql() throws {
    let a = Order.ID(shop: 1, number: 2), b = Order.ID(shop: 3, number: 4)
    func text(_ query: Query<Order>, _ dialect: any SQLDialect) throws -> String {
      let text = try query.statement(dialect).text
      return String(text[(text.range(of: "WHERE ")?.upperBound ?? text.startIndex)...])
    }
    let list = Order.filter { $0.id.in([a, b]) }
    #expect(try text(list, SQLiteDialect()) == #"(t0."shop_id", t0."number") IN (VALUES (?, ?), (?, ?))"#)
    #expect(try text(list, PostgresDialect()) == #"(t0."shop_id", t0."number") IN (($1, $2), ($3, $4))"#)
    #expect(try text(list, MySQLDialect(.mariaDB)) == "(t0.`shop_id`, t0.`number`) IN ((?, ?), (?, ?))")
    #expect(try text(Order.filter { $0.id == a }, SQLiteDialect()) == #"(t0."shop_id" = ? AND t0."number" = ?)"#)
    #expect(try text(Order.filter { $0.id >= a }, SQLiteDialect()) == #"(t0."shop_id", t0."number") >= (?, ?)"#)
    #expect(try text(Order.filter { !($0.id >= a) }, SQLiteDialect()) == #"(t0."shop_id", t0."number") < (?, ?)"#)
  }

  /// Two lines in each order, the second of which replaces the order before.
  private static func lines(_ orders: [Order], _ db: Database) async throws {
    let lines = orders.flatMap { order in
      (1...2).map { position in
        Line(
          shop: order.shop, orderNumber: order.number, position: position, text: "\(order.id).\(position)",
          replacedNumber: position == 2 && order.number > 1 ? order.number - 1 : nil,
          replacedShop: position == 2 ? order.shop : nil)
      }
    }
    try await Line.insert(lines, db)
  }

  @Test("relations of several columns: joined, loaded, counted, filtered", arguments: TestDatabaseKind.allCases)
  func relations(_ kind: TestDatabaseKind) async throws {
    let (db, shops, orders) = try await Self.shops(kind)
    try await Self.lines(orders, db)
    let line = try await Line.get(Line.ID(shop: shops[1].id, orderNumber: 4, position: 2), db)
    #expect(throws: ORMError.self) { try line.order.get() }
    let loaded = try await Line.filter { $0.order.total >= 40 && $0.shop.name == "b" }.order { $0.id.asc }
      .with { $0.order }.with { $0.replaced }.all(db)
    #expect(try loaded.map { try $0.order.get()?.number } == [4, 4, 5, 5])
    #expect(try loaded.map { try $0.replaced.get()?.number } == [nil, 3, nil, 4])
    #expect(try await Line.filter { $0.replaced.total == 10 }.all(db).map(\.orderNumber) == [2, 2])
    #expect(try await Line.filter { $0.replaced.isNull }.count(db) == 12)
    let tree = try await Order.filter { $0.id.in([orders[0].id, orders[8].id]) }.order { $0.id.asc }
      .with { $0.lines.order { $0.position.desc } }.with { $0.replacements }.all(db)
    #expect(
      try tree.map { try $0.lines.get().map(\.text) } == [0, 8].map { place in [2, 1].map { "\(orders[place].id).\($0)" } })
    #expect(try tree.map { try $0.replacements.get().map(\.orderNumber) } == [[2], [5]])
    let first = try await Order.query.order { $0.id.asc }.with { $0.lines.limit(1) }.all(db)
    #expect(try first.allSatisfy { try $0.lines.get().map(\.position) == [1] })
    #expect(try await Order.query.order { $0.id.asc }.select { $0.replacements.count }.all(db) == [1, 1, 1, 1, 0, 1, 1, 1, 1, 0])
    #expect(try await Order.filter { $0.lines.any { $0.text == "\(orders[6].id).1" } }.all(db).map(\.id) == [orders[6].id])
    await db.driver.shutdown()
  }

  @Test("foreign keys of several columns: refused without a target, cascading, set to NULL", arguments: TestDatabaseKind.allCases)
  func references(_ kind: TestDatabaseKind) async throws {
    let (db, shops, orders) = try await Self.shops(kind)
    try await Self.lines(orders, db)
    let error = await #expect(throws: DatabaseError.self) {
      try await Line(shop: Ref(shops[0]), orderNumber: 77, position: 1).insert(db)
    }
    if case .foreignKeyViolation = error?.kind {} else { Issue.record("\(String(describing: error))") }
    try await orders[1].delete(db)
    #expect(try await Line.filter { $0.orderNumber == 2 }.count(db) == 2)
    let freed = try await Line.get(Line.ID(shop: shops[0].id, orderNumber: 3, position: 2), db)
    #expect(freed.replacedShop == nil && freed.replacedNumber == nil)
    let executor = try MigrationExecutor([try Self.models()], app: "composite")
    let drift = try await executor.drift(db)
    #expect(drift == [])
    await db.driver.shutdown()
  }

  @Test("the join compares every column")
  func joinSQL() throws {
    let text = try Line.query.with { $0.order }.statement(SQLiteDialect()).text
    #expect(text.hasSuffix(#"JOIN "shop_order" t1 ON t1."shop_id" = t0."shop_id" AND t1."number" = t0."order_number""#))
    let source = MigrationSource(name: "0001_initial", operations: try Self.models().operations).text
    #expect(
      source.contains(
        #"t.foreignKey(["shop_id", "order_number"], to: "shop_order", columns: ["shop_id", "number"], onDelete: .cascade)"#))
  }

  @Test("a reference of one column to such a key is refused, with what to write instead")
  func singleReference() {
    let error = #expect(throws: MigrationError.self) { try SchemaTarget(models: [Shop.self, Order.self, Line.self, Note.self]) }
    #expect(error?.kind == .invalidModel && error?.message == "Note.order is one column, and the key of Order has several")
  }
}
