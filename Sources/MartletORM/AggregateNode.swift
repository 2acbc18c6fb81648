import MartletSQL

/// The aggregates that the dialects write in ways of their own.
struct AggregateNode: ExpressionNode {
  enum Kind: Sendable {
    case joined(separator: String)
    case jsonArray
    case every, some
    case deviation(isSample: Bool)
    case variance(isSample: Bool)
  }
  var kind: Kind
  var value: Node
  var isDistinct = false
  var orders: [Ordering] = []
  var filter: Node?

  var children: [Node] { [value] + orders.map(\.node) + (filter.map { [$0] } ?? []) }
  func with(children: [Node]) -> any ExpressionNode {
    var copy = self
    copy.value = children[0]
    copy.orders = zip(orders, children[1...]).map { $0.on($1) }
    if filter != nil { copy.filter = children[children.count - 1] }
    return copy
  }
  var isAggregate: Bool { true }
  var isNullable: Bool { true }
  var type: ColumnType? {
    switch kind {
    case .joined: .text
    case .jsonArray: .json
    case .every, .some: .bool
    case .deviation, .variance: .double
    }
  }

  func write(in scope: Scope) throws {
    let over = scope.takeOver(), builder = scope.builder
    if over != nil, builder.dialect.family != .sqlite, isDistinct || !orders.isEmpty {
      throw ORMError(.invalidExpression, "an aggregate with an order of its own or distinct values cannot have a window")
    }
    let call = try builder.capture {
      switch builder.dialect.family {
      case .sqlite: try writeSQLite(scope)
      case .postgres: try writePostgres(scope)
      case .mysql: try writeMySQL(scope)
      }
      if let filter, builder.dialect.family != .mysql {
        builder.write(" FILTER (WHERE ")
        try scope.writePredicate(filter)
        builder.write(")")
      }
      if let over { builder.write(" OVER (" + over + ")") }
    }
    switch (kind, builder.dialect.family) {
    case (.deviation, .postgres), (.variance, .postgres): builder.write("CAST(" + call + " AS double precision)")
    case (.jsonArray, .mysql) where builder.dialect.name == "mysql": builder.write("CAST(CONCAT('[', " + call + ", ']') AS JSON)")
    default: builder.write(call)
    }
  }

  private func writePostgres(_ scope: Scope) throws {
    let builder = scope.builder
    let name =
      switch kind {
      case .joined: "STRING_AGG"
      case .jsonArray: "JSONB_AGG"
      case .every: "BOOL_AND"
      case .some: "BOOL_OR"
      case .deviation(let isSample): isSample ? "STDDEV_SAMP" : "STDDEV_POP"
      case .variance(let isSample): isSample ? "VAR_SAMP" : "VAR_POP"
      }
    builder.write(name + (isDistinct ? "(DISTINCT " : "("))
    try scope.writeExpression(value)
    if case .joined(let separator) = kind {
      builder.write("::text, ")
      builder.bind(.text(separator))
    }
    try builder.writeOrder(orders, scope)
    builder.write(")")
  }

  private func writeMySQL(_ scope: Scope) throws {
    let builder = scope.builder, isArray = if case .jsonArray = kind { true } else { false }
    let hasArrayOrder = builder.dialect.name == "mariadb"
    let name =
      switch kind {
      case .joined: "GROUP_CONCAT"
      case .jsonArray: hasArrayOrder ? "JSON_ARRAYAGG" : "GROUP_CONCAT"
      case .every: "MIN"
      case .some: "MAX"
      case .deviation(let isSample): isSample ? "STDDEV_SAMP" : "STDDEV_POP"
      case .variance(let isSample): isSample ? "VAR_SAMP" : "VAR_POP"
      }
    builder.write(name + (isDistinct ? "(DISTINCT " : "("))
    if let filter {
      builder.write("CASE WHEN ")
      try scope.writePredicate(filter)
      builder.write(" THEN ")
    }
    let isQuoted = isArray && !hasArrayOrder && Scope.type(of: value)?.isText != false
    if isQuoted { builder.write("JSON_QUOTE(") }
    try scope.writeExpression(value)
    if isQuoted { builder.write(")") }
    // Of integers the result has four digits there, unless they are made floating point before.
    switch kind {
    case .deviation, .variance: builder.write(" + 0e0")
    default: break
    }
    if filter != nil { builder.write(" END") }
    try builder.writeOrder(orders, scope)
    // The grammar takes a literal alone there: hexadecimal digits mean the same under every sql_mode.
    if case .joined(let separator) = kind {
      let digits = separator.utf8.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
      builder.write(" SEPARATOR " + (digits.isEmpty ? "''" : "0x" + digits))
    }
    builder.write(")")
  }

  /// SQLite has an order in aggregates since 3.44 alone, and no deviations: the driver registers functions for both.
  private func writeSQLite(_ scope: Scope) throws {
    let builder = scope.builder
    switch kind {
    case .every: try scope.writeCall("min", [value])
    case .some: try scope.writeCall("max", [value])
    case .deviation(let isSample): try scope.writeCall(isSample ? "martlet_stddev_samp" : "martlet_stddev_pop", [value])
    case .variance(let isSample): try scope.writeCall(isSample ? "martlet_var_samp" : "martlet_var_pop", [value])
    case .joined, .jsonArray:
      let separator: SQLValue = if case .joined(let text) = kind { .text(text) } else { .null }
      // For each key: its direction, and where its NULLs go.
      let keys = orders.map { order in
        (order.isDescending ? "d" : "a") + ((order.nulls.map { $0 == .first } ?? !order.isDescending) ? "f" : "l")
      }
      builder.write("martlet_group(")
      builder.bind(separator)
      builder.write(", \(isDistinct ? 1 : 0), '\(keys.joined())', ")
      try builder.list([value] + orders.map(\.node)) { try scope.writeExpression($0) }
      builder.write(")")
    }
  }
}
