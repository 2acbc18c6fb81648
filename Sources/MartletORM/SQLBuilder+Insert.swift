import MartletSQL

/// What an INSERT writes.
struct InsertPlan {
  var table: String
  var columns: [ColumnSchema]
  /// The values of each row, in the order of the columns.
  var rows: [[SQLValue]]
  var conflict: ConflictClause?
  /// Columns to give back; none where the dialect has no RETURNING.
  var returning: [ColumnSchema] = []
}

extension SQLBuilder {
  /// Writes an INSERT.
  func write(_ plan: InsertPlan) throws {
    write("INSERT INTO \(dialect.quote(plan.table)) ")
    if plan.columns.isEmpty {
      switch dialect.family {
      case .sqlite, .postgres: write("DEFAULT VALUES")
      case .mysql: write("() VALUES ()")
      }
    } else {
      write("(" + plan.columns.map { dialect.quote($0.name) }.joined(separator: ", ") + ") VALUES ")
      list(plan.rows) { row in
        write("(")
        list(zip(plan.columns, row)) { column, value in bindPlain(value, secret: column.options.secret) }
        write(")")
      }
    }
    try plan.conflict?.write(self)
    if !plan.returning.isEmpty {
      write(" RETURNING " + plan.returning.map { dialect.quote($0.name) }.joined(separator: ", "))
    }
  }

  /// Writes an INSERT of pairs into a link table, which leaves alone the pairs that are there already.
  func writeLinks(_ link: (table: String, owner: String, target: String), _ pairs: [(owner: SQLValue, target: SQLValue)]) {
    let quote = dialect.quote
    write("INSERT INTO \(quote(link.table)) (\(quote(link.owner)), \(quote(link.target))) VALUES ")
    list(pairs) { pair in
      write("(")
      bindPlain(pair.owner, secret: false)
      write(", ")
      bindPlain(pair.target, secret: false)
      write(")")
    }
    switch dialect.family {
    case .sqlite, .postgres: write(" ON CONFLICT (\(quote(link.owner)), \(quote(link.target))) DO NOTHING")
    // Not INSERT IGNORE, which would also ignore a row that is not there to be referred to.
    case .mysql: write(" ON DUPLICATE KEY UPDATE \(quote(link.owner)) = \(quote(link.table)).\(quote(link.owner))")
    }
  }
}
