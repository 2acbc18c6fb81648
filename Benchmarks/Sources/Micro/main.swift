// What the parts of a request cost, one by one: decoding rows, writing JSON, building queries, and finding what a migration has
// to do.
import Benchmark
import ConduitApp
import Foundation
import Martlet

@Model(table: "item")
struct Item: Encodable {
  var id: ID
  var title: String
  var quantity: Int
  var price: Double
  var active: Bool
  var created: Date

  private enum CodingKeys: CodingKey { case id, title, quantity, price, active, created }
}

let rows = 100
let text = Array("Item number 42 of the catalogue".utf8)

/// The cells of a row as PostgreSQL's driver hands them over.
func withRow<Result>(_ id: Int, _ body: (inout Row) throws -> Result) rethrows -> Result {
  try text.withUnsafeBytes { title in
    let cells: [RowCell] = [
      .int(Int64(id)), .text(title), .int(17), .double(19.75), .int(1), .int(1_735_689_600_123_000 + Int64(id)),
    ]
    return try cells.withUnsafeBufferPointer { cells in
      var row = Row(cells: cells.baseAddress!, count: cells.count)  // Not empty.
      return try body(&row)
    }
  }
}

let items = try (0..<rows).map { id in try withRow(id) { try Item(row: &$0) } }
let dialect = PostgresDialect()
let conduit = Conduit()
let (models, migrations) = (conduit.models.types, conduit.migrations)
let id = Item.ID(42)

benchmark("decode: 100 rows of 6 columns") {
  for id in 0..<rows { _ = try withRow(id) { try Item(row: &$0) } }
}
benchmark("encode: 100 models of 6 properties, Encodable") {
  _ = try Response.json(items)
}
benchmark("encode: 100 objects of 6 values, JSONWriter") {
  var json = JSONWriter(capacity: 16_384)
  json.array { json in
    for item in items {
      json.object {
        $0.key("id")
        $0.number(item.id.raw ?? 0)
        $0.key("title")
        $0.string(item.title)
        $0.key("quantity")
        $0.number(item.quantity)
        $0.key("price")
        $0.number(item.price)
        $0.key("active")
        $0.bool(item.active)
        $0.key("created")
        $0.timestamp(microseconds: item.created.microsecondsSince1970)
      }
    }
  }
}
benchmark("encode: 100 objects of 6 values, JSONEncoder of Foundation") {
  let encoder = JSONEncoder()
  encoder.dateEncodingStrategy = .iso8601
  _ = try encoder.encode(items)
}
benchmark("build: a query by key") {
  _ = try Item.filter { $0.id == id }.limit(1).statement(dialect)
}
benchmark("build: eight conditions, order, limit") {
  _ = try Item.filter {
    $0.quantity > 10 && $0.price <= 99.5 && $0.active && $0.title.contains("number")
      && ($0.quantity < 500 || $0.price == 0) && $0.title != "" && $0.id != id
  }.order({ $0.created.desc }, { $0.id.asc }).limit(20, offset: 40).statement(dialect)
}
benchmark("detect: no changes between Conduit's models and its migrations") {
  _ = try MigrationPlanner.pendingOperations(models: models, migrations: migrations)
}
benchmark("detect: all of Conduit's tables") {
  _ = try MigrationPlanner.pendingOperations(models: models, migrations: [])
}

Benchmark.main()
