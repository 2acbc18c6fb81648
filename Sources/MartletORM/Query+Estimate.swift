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
      let factors = try await db.query(statement) { row in try Self.expectedRows(&row) }
      // Tables that are joined each multiply what there is.
      return Int(min(factors.compactMap { $0 }.reduce(1, *), 1e15).rounded())
    }
  }

  /// The columns `rows` and `filtered` (a percentage) of EXPLAIN, which stand before `Extra`; `nil` for subqueries, which
  /// multiply nothing.
  private static func expectedRows(_ row: inout Row) throws -> Double? {
    row.skip(1)
    let kind = row.skipNull() ? "" : try row.text()
    row.skip(row.count - 5)
    guard kind == "SIMPLE" || kind == "PRIMARY", !row.skipNull() else { return nil }
    let rows = try row.double()
    return row.skipNull() ? rows : try rows * row.double() / 100
  }
}
