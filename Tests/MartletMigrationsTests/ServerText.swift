import MartletSQL

/// A table as a server describes it, with every expression: a line for each column, index and constraint, sorted, as their
/// order means nothing.
enum ServerText {
  static func lines(of table: String, _ db: Database) async throws -> [String] {
    try await db.dialect.family == .postgres ? postgres(table, db) : mysql(table, db)
  }

  private static func postgres(_ table: String, _ db: Database) async throws -> [String] {
    let name = db.dialect.quote(table)
    let texts = [
      """
      SELECT concat_ws(' ', a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated, \
      pg_get_expr(d.adbin, d.adrelid)) FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum \
      WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped
      """,
      "SELECT conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = to_regclass($1)",
      "SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = to_regclass($1)",
    ]
    let schema = try await db.column(String.self, "SELECT current_schema()::text").first ?? ""
    var lines: [String] = []
    for text in texts {
      lines += try await db.column(String.self, text, [.text(name)]).map { $0.replacing(schema + ".", with: "") }
    }
    return lines.sorted()
  }

  private static func mysql(_ table: String, _ db: Database) async throws -> [String] {
    let texts = try await db.query(SQLStatement("SHOW CREATE TABLE \(db.dialect.quote(table))", effect: .read)) { row in
      _ = try row.text()
      return try row.text()
    }
    return (texts.first ?? "").split(separator: "\n").map { line in
      let line = line.hasSuffix(",") ? line.dropLast() : line
      return line.split(separator: " ").filter { !$0.hasPrefix("AUTO_INCREMENT=") }.joined(separator: " ")
    }.sorted()
  }
}
