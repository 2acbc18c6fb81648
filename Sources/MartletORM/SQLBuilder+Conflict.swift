import MartletSQL

/// What an INSERT does where a row is there already: `ON CONFLICT … DO UPDATE`, `ON DUPLICATE KEY UPDATE`.
struct ConflictClause: Sendable {
  /// The row in the table.
  var table: Path
  /// The row that was to be inserted.
  var new: Path
  /// The columns of the unique constraint. MySQL cannot be told: any unique constraint counts there.
  var target: [String]
  var assignments: [ColumnAssignment]
  /// The key, where the database counts it and cannot return it.
  var countedKey: String?

  func write(_ builder: SQLBuilder) throws {
    let dialect = builder.dialect
    switch dialect.family {
    case .sqlite, .postgres:
      builder.write(" ON CONFLICT (" + target.map(dialect.quote).joined(separator: ", ") + ") DO UPDATE SET ")
    case .mysql:
      if namesNewRow(dialect) { builder.write(" AS new") }
      builder.write(" ON DUPLICATE KEY UPDATE ")
      if let countedKey {
        let key = dialect.quote(countedKey)
        builder.write("\(key) = LAST_INSERT_ID(\(dialect.quote(table.schema.table)).\(key))")
        if !assignments.isEmpty { builder.write(", ") }
      }
    }
    if assignments.isEmpty {
      // DO NOTHING would return no row, and so no key.
      guard countedKey == nil, let first = target.first else { return }
      return builder.write("\(dialect.quote(first)) = " + newValue(first, dialect))
    }
    let scope = Scope(table, builder, namesTable: true)
    // Rewritten first: what the new row has does not change, in whatever order the columns of the old one do.
    let values = try assignments.map { ColumnAssignment(column: $0.column, value: try rewritten($0.value, dialect)) }
    let ordered = dialect.family == .mysql ? try ColumnAssignment.inOrderOfReading(values) : values
    try builder.list(ordered) { assignment in
      builder.writeName(assignment.column.name)
      builder.write(" = ")
      try scope.writeExpression(assignment.value)
    }
  }

  /// MySQL 8.0.19 names the new row; MariaDB has VALUES() alone, which MySQL deprecates.
  private func namesNewRow(_ dialect: any SQLDialect) -> Bool { dialect.name == "mysql" }

  private func newValue(_ column: String, _ dialect: any SQLDialect) -> String {
    switch dialect.family {
    case .sqlite, .postgres: "excluded." + dialect.quote(column)
    case .mysql: namesNewRow(dialect) ? "new." + dialect.quote(column) : "VALUES(\(dialect.quote(column)))"
    }
  }

  /// Columns of `row` become the table's, those of `new` become those of the row that was to be inserted.
  private func rewritten(_ node: Node, _ dialect: any SQLDialect) throws -> Node {
    try node.rewritten { node in
      switch node {
      case .column(let column):
        guard column.path === table || column.path === new else {
          throw ORMError(.invalidExpression, "upsert can use only the columns of its own table")
        }
        guard column.path === new else { return nil }
        return .raw([.sql(newValue(column.name, dialect))], column.schema.type)
      case .inSelect, .exists, .scalarSelect, .related:
        throw ORMError(.invalidExpression, "upsert cannot use a subquery", hint: "compute the value before")
      default: return nil
      }
    }
  }
}
