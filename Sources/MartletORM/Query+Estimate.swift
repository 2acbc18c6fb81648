package import MartletSQL

extension Query {
  /// How many rows the database's planner expects, without counting them: PostgreSQL and MySQL keep figures of their tables,
  /// SQLite does not, and counts.
  ///
  /// - Throws: ``DatabaseError``; ``ORMError``; `CancellationError`.
  package func estimatedCount(_ db: Database) async throws -> Int {
    var statement = try plan([.raw([.sql("1")], .int)]).statement(db.dialect)
    switch db.dialect.family {
    case .sqlite: return try await count(db)
    case .postgres:
      statement.text = "EXPLAIN " + statement.text
      let lines = try await db.query(statement) { try $0.text() }
      // "Seq Scan on post t0  (cost=0.00..22.70 rows=1270 width=4)"
      guard let rows = lines.first?.split(separator: " rows=").last?.prefix(while: \.isNumber) else { return try await count(db) }
      return Int(rows) ?? 0
    case .mysql:
      statement.text = "EXPLAIN EXTENDED " + statement.text
      if db.dialect.name == "mysql" {
        statement.text = statement.text.replacing("EXPLAIN EXTENDED", with: "EXPLAIN FORMAT=TRADITIONAL")
      }
      return try await db.query(statement) { row in try Self.expectedRows(&row) }.reduce(nil) { product, rows in
        // Tables that are joined each multiply what there is.
        rows.map { (product ?? 1) * $0 } ?? product
      }.map { Int($0.rounded()) } ?? 0
    }
  }

  /// The columns `rows` and `filtered` (a percentage) of EXPLAIN, which stand before `Extra`.
  private static func expectedRows(_ row: inout Row) throws -> Double? {
    row.skip(row.count - 3)
    let rows = row.skipNull() ? nil : try row.double()
    return try rows.map { try $0 * (row.skipNull() ? 100 : row.double()) / 100 }
  }
}
