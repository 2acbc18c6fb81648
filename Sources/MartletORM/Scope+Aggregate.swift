import MartletSQL

extension Scope {
  func writeAggregate(_ aggregate: SQLAggregate, _ arguments: [Node], _ distinct: Bool, _ filter: Node?) throws {
    let over = takeOver(), type = arguments.first.flatMap { Scope.type(of: $0) }
    let cast = resultCast(aggregate, type)
    if cast != nil { builder.write("CAST(") }
    builder.write(aggregate.name + (distinct ? "(DISTINCT " : "("))
    switch builder.dialect.family {
    case .sqlite, .postgres:
      try writeAggregated(aggregate, arguments, type)
      builder.write(")")
      if let filter {
        builder.write(" FILTER (WHERE ")
        try writePredicate(filter)
        builder.write(")")
      }
    // No FILTER there: what a CASE makes NULL is not counted.
    case .mysql:
      if let filter {
        builder.write("CASE WHEN ")
        try writePredicate(filter)
        builder.write(" THEN ")
        if arguments.isEmpty { builder.write("1") } else { try writeAggregated(aggregate, arguments, type) }
        builder.write(" END")
      } else {
        try writeAggregated(aggregate, arguments, type)
      }
      builder.write(")")
    }
    if let over { builder.write(" OVER (" + over + ")") }
    if let cast { builder.write(" AS \(cast))") }
  }

  private func writeAggregated(_ aggregate: SQLAggregate, _ arguments: [Node], _ type: ColumnType?) throws {
    if arguments.isEmpty { return builder.write("*") }
    switch builder.dialect.family {
    case .sqlite: try builder.list(arguments) { try writeExpression($0) }
    // PostgreSQL has no MIN and MAX of booleans and UUIDs.
    case .postgres where (aggregate == .min || aggregate == .max) && (type == .bool || type == .uuid):
      builder.write("CAST(")
      try builder.list(arguments) { try writeExpression($0) }
      builder.write(type == .bool ? " AS integer)" : " AS text)")
    case .postgres: try builder.list(arguments) { try writeExpression($0) }
    // The mean of integers is a decimal of four digits there, unless they are made floating point before.
    case .mysql:
      try builder.list(arguments) { try writeExpression($0) }
      if aggregate == .average { builder.write(" + 0e0") }
    }
  }

  /// The type that PostgreSQL has to be told, where its own is wider: the sum of bigint is numeric there.
  private func resultCast(_ aggregate: SQLAggregate, _ type: ColumnType?) -> String? {
    guard builder.dialect.family == .postgres else { return nil }
    return switch aggregate {
    case .average: "double precision"
    case .sum where type == .bigInt: "bigint"
    case .min where type == .bool, .max where type == .bool: "boolean"
    case .min where type == .uuid, .max where type == .uuid: "uuid"
    default: nil
    }
  }
}

extension SQLAggregate {
  var name: String {
    switch self {
    case .count: "COUNT"
    case .sum: "SUM"
    case .min: "MIN"
    case .max: "MAX"
    case .average: "AVG"
    }
  }
}
