import MartletSQL

extension Scope {
  /// A part of a moment in UTC, or of a date.
  func writeDatePart(_ part: DatePart, _ node: Node) throws {
    switch builder.dialect.family {
    case .sqlite: try writeSQLiteDatePart(part, node)
    case .postgres: try writePostgresDatePart(part, node)
    case .mysql: try writeMySQLDatePart(part, node)
    }
  }

  private func writeSQLiteDatePart(_ part: DatePart, _ node: Node) throws {
    let format =
      switch part {
      case .year: "%Y"
      case .month: "%m"
      case .day: "%d"
      case .hour: "%H"
      case .minute: "%M"
      case .second: "%S"
      case .weekday: "%w"
      case .date: ""
      }
    if part == .date { return try writeCall("date", [node]) }
    // %w counts from Sunday as 0; ISO 8601 from Monday as 1.
    builder.write(part == .weekday ? "((CAST(strftime('%w', " : "CAST(strftime('\(format)', ")
    try writeExpression(node)
    builder.write(part == .weekday ? ") AS INTEGER) + 6) % 7 + 1)" : ") AS INTEGER)")
  }

  private func writePostgresDatePart(_ part: DatePart, _ node: Node) throws {
    let field =
      switch part {
      case .weekday: "ISODOW"
      default: part.rawValue.uppercased()
      }
    builder.write("CAST(")
    if part != .date { builder.write(part == .second ? "FLOOR(EXTRACT(\(field) FROM " : "EXTRACT(\(field) FROM ") }
    try writeExpression(node)
    // Whatever the session's time zone is.
    if Scope.type(of: node) == .timestamp { builder.write(" AT TIME ZONE 'UTC'") }
    builder.write(part == .date ? " AS date)" : part == .second ? ")) AS integer)" : ") AS integer)")
  }

  /// Columns hold UTC.
  private func writeMySQLDatePart(_ part: DatePart, _ node: Node) throws {
    switch part {
    case .year: try writeCall("YEAR", [node])
    case .month: try writeCall("MONTH", [node])
    case .day: try writeCall("DAYOFMONTH", [node])
    case .hour: try writeCall("HOUR", [node])
    case .minute: try writeCall("MINUTE", [node])
    case .second: try writeCall("SECOND", [node])
    case .date: try writeCall("DATE", [node])
    case .weekday:
      builder.write("(")
      try writeCall("WEEKDAY", [node])
      builder.write(" + 1)")
    }
  }
}
