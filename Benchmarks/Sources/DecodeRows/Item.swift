import Foundation
import MartletCore
import MartletSQL

/// Twenty columns of the common types, and the decoder that `@Model` would write.
struct Item: Sendable {
  static let columns = 20
  var id: Int64, stock: Int64, sold: Int64, seen: Int64, rank: Int64
  var width: Int32, height: Int32
  var name: String, slug: String, city: String, note: String, body: String
  var price: Double, weight: Double, score: Double
  var isActive: Bool, isNew: Bool
  var createdAt: Date, changedAt: Date
  var token: UUID
}

extension Item {
  init(row: inout Row) throws {
    id = try Int64.read(&row)
    stock = try Int64.read(&row)
    sold = try Int64.read(&row)
    seen = try Int64.read(&row)
    rank = try Int64.read(&row)
    width = try Int32.read(&row)
    height = try Int32.read(&row)
    name = try String.read(&row)
    slug = try String.read(&row)
    city = try String.read(&row)
    note = try String.read(&row)
    body = try String.read(&row)
    price = try Double.read(&row)
    weight = try Double.read(&row)
    score = try Double.read(&row)
    isActive = try Bool.read(&row)
    isNew = try Bool.read(&row)
    createdAt = try Date.read(&row)
    changedAt = try Date.read(&row)
    token = try UUID.read(&row)
  }

  /// The values of row `n`, to insert.
  static func values(_ n: Int64) -> [SQLValue] {
    let moment = 1_700_000_000_000_000 + n * 1_234_567
    return [
      .int(n), .int(n * 7), .int(n * n), .int(-n), .int(n % 10), .int(n % 1000), .int(-n % 1000), .text("Name of the item \(n)"),
      .text("item-\(n)"), .text(n % 2 == 0 ? "Zürich" : "Paris"), .text("short"),
      .text("A body of some eighty characters, as one finds them in tables of products, \(n)."), .double(Double(n) / 3),
      .double(Double(n) * 1.5), .double(0.25), .bool(n % 2 == 0), .bool(n % 3 == 0), .timestamp(moment), .timestamp(moment + 1),
      .uuid(UUID(uuid: (1, 2, 3, 4, 5, 6, 0x47, 8, 0x89, 10, 11, 12, 13, 14, UInt8(n & 255), UInt8(n >> 8 & 255)))),
    ]
  }

  /// The table of a database, filled with `count` rows.
  static func make(_ db: Database, count: Int64) async throws {
    let dialect = db.dialect
    let types: [ColumnType] =
      Array(repeating: .bigInt, count: 5) + [.int, .int] + Array(repeating: .varchar(200), count: 5)
      + Array(repeating: .double, count: 3) + [.bool, .bool, .timestamp, .timestamp, .uuid]
    let columns = types.enumerated().map { "c\($0.offset) \(dialect.typeName($0.element)) NOT NULL" }.joined(separator: ", ")
    try await db.run(SQLStatement("DROP TABLE IF EXISTS decode_rows", effect: .definition))
    try await db.run(SQLStatement("CREATE TABLE decode_rows (\(columns), PRIMARY KEY (c0))", effect: .definition))
    let places = (1...Item.columns).map { dialect.placeholder($0) }.joined(separator: ", ")
    try await db.transaction { tx in
      for n in 1...count { try await tx.run(SQLStatement("INSERT INTO decode_rows VALUES (\(places))", values(n))) }
    }
  }
  static let select = "SELECT * FROM decode_rows ORDER BY c0"
}
