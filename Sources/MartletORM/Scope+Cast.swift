import MartletSQL

extension Scope {
  /// `CAST`. A fraction is cut off on the way to an integer, on every database.
  func writeCast(_ node: Node, _ type: ColumnType) throws {
    let source = Scope.type(of: node), family = builder.dialect.family
    let fromFraction = source == .double || source?.isDecimal == true
    // Numbers become a condition by comparing: CAST would keep the 5, or knows no such cast.
    if type == .bool, source?.isInteger == true || fromFraction {
      builder.write("(")
      try writeExpression(node)
      return builder.write(" <> 0)")
    }
    builder.write("CAST(")
    switch family {
    case .sqlite: try writeExpression(node)
    // PostgreSQL rounds, and so does MySQL.
    case .postgres where type.isInteger && fromFraction: try writeCall("TRUNC", [node])
    case .mysql where type.isInteger && fromFraction:
      builder.write("TRUNCATE(")
      try writeExpression(node)
      builder.write(", 0)")
    // Booleans are numbers on the other two, also as text.
    case .postgres where source == .bool && type != .bool:
      builder.write("CAST(")
      try writeExpression(node)
      builder.write(" AS integer)")
    case .postgres, .mysql: try writeExpression(node)
    }
    builder.write(" AS \(castName(type)))")
  }

  private func castName(_ type: ColumnType) -> String {
    switch builder.dialect.family {
    case .sqlite: sqliteCastName(type)
    case .postgres: if case .varchar = type { "text" } else { builder.dialect.typeName(type) }
    case .mysql: mysqlCastName(type)
    }
  }

  /// SQLite's CAST goes by affinity, so that `varchar` and `char(32)` mean text.
  private func sqliteCastName(_ type: ColumnType) -> String {
    switch type {
    case .smallInt, .int, .bigInt, .bool, .interval: "INTEGER"
    case .double: "REAL"
    case .decimal: "NUMERIC"
    case .blob: "BLOB"
    default: "TEXT"
    }
  }

  private func mysqlCastName(_ type: ColumnType) -> String {
    switch type {
    case .smallInt, .int, .bigInt, .bool, .interval: "SIGNED"
    case .unsignedBigInt: "UNSIGNED"
    case .double: "DOUBLE"
    case .decimal(let precision, let scale): "DECIMAL(\(precision), \(scale))"
    case .blob: "BINARY"
    case .timestamp: "DATETIME(6)"
    case .date: "DATE"
    case .time: "TIME(6)"
    default: "CHAR"
    }
  }
}
