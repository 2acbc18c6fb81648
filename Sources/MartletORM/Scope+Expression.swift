import MartletSQL

extension Scope {
  /// Writes an expression as a value.
  func writeExpression(_ node: Node) throws {
    switch node {
    case .column(let column): try writeColumn(column)
    case .value(let value): if isQualified { builder.bind(value) } else { builder.write(builder.dialect.literal(value)) }
    case .binary(let op, let l, let r) where !op.isComparison && op != .and && op != .or: try writeArithmetic(op, l, r)
    case .function(let name, let arguments): try writeFunction(name, arguments)
    case .aggregate(let name, let arguments, let distinct, let filter): try writeAggregate(name, arguments, distinct, filter)
    case .cases(let branches, let otherwise): try writeCases(branches, otherwise)
    case .cast(let node, let type):
      builder.write("CAST(")
      try writeExpression(node)
      builder.write(" AS \(castName(type)))")
    case .datePart(let part, let node): try writeDatePart(part, node)
    case .scalarSelect(let plan):
      builder.write("(")
      try builder.write(plan, outer: self)
      builder.write(")")
    case .related(let plan, let function, let arguments): try writeRelated(plan, function, arguments)
    case .raw(let pieces): try writeRaw(pieces, isOperand: true)
    case .invalid(let error): throw error
    default:
      // As a value a condition must be TRUE or FALSE; only in a WHERE may it be NULL, which reads as false there.
      let canBeNull = Scope.conditionCanBeNull(node)
      builder.write(canBeNull ? "COALESCE(" : "(")
      try writePredicate(node)
      builder.write(canBeNull ? ", FALSE)" : ")")
    }
  }

  /// As an operand in parentheses: the text may hold any operator.
  func writeRaw(_ pieces: [RawPiece], isOperand: Bool) throws {
    var needsParentheses = isOperand
    if pieces.count == 1, case .sql(let text) = pieces[0], !text.contains(where: \.isWhitespace) { needsParentheses = false }
    if needsParentheses { builder.write("(") }
    for piece in pieces {
      switch piece {
      case .sql(let text): builder.write(text)
      case .node(let node): try writeExpression(node)
      }
    }
    if needsParentheses { builder.write(")") }
  }

  private func writeArithmetic(_ op: BinaryOperator, _ l: Node, _ r: Node) throws {
    builder.write("(")
    try writeExpression(l)
    builder.write(" \(op.rawValue) ")
    // SQLite answers NULL to a division by zero; nothing to guard.
    try writeExpression(r)
    builder.write(")")
  }

  private func writeFunction(_ name: String, _ arguments: [Node]) throws {
    // SQLite's own LOWER knows ASCII alone; the driver registers one that knows Unicode.
    builder.write((name == "LOWER" ? "martlet_lower" : name) + "(")
    try builder.list(arguments) { try writeExpression($0) }
    builder.write(")")
  }

  private func writeAggregate(_ name: String, _ arguments: [Node], _ distinct: Bool, _ filter: Node?) throws {
    builder.write(name + (distinct ? "(DISTINCT " : "("))
    if arguments.isEmpty { builder.write("*") }
    try builder.list(arguments) { try writeExpression($0) }
    builder.write(")")
    if let filter {
      builder.write(" FILTER (WHERE ")
      try writePredicate(filter)
      builder.write(")")
    }
  }

  private func writeCases(_ branches: [(when: Node, then: Node)], _ otherwise: Node?) throws {
    builder.write("CASE")
    for branch in branches {
      builder.write(" WHEN ")
      try writePredicate(branch.when)
      builder.write(" THEN ")
      try writeExpression(branch.then)
    }
    if let otherwise {
      builder.write(" ELSE ")
      try writeExpression(otherwise)
    }
    builder.write(" END")
  }

  /// SQLite's CAST goes by affinity, so that `varchar` and `char(32)` mean text.
  private func castName(_ type: ColumnType) -> String {
    switch type {
    case .smallInt, .int, .bigInt, .bool, .interval: "INTEGER"
    case .double: "REAL"
    case .decimal: "NUMERIC"
    case .blob: "BLOB"
    default: "TEXT"
    }
  }

  private func writeDatePart(_ part: DatePart, _ node: Node) throws {
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
    if part == .date {
      builder.write("date(")
      try writeExpression(node)
      return builder.write(")")
    }
    // %w counts from Sunday as 0; ISO 8601 from Monday as 1.
    builder.write(part == .weekday ? "((CAST(strftime('%w', " : "CAST(strftime('\(format)', ")
    try writeExpression(node)
    builder.write(part == .weekday ? ") AS INTEGER) + 6) % 7 + 1)" : ") AS INTEGER)")
  }

  /// A subquery tied to the outer row: it never multiplies the outer rows.
  func writeRelated(_ plan: RelatedPlan, _ function: String, _ arguments: [Node]) throws {
    let inner = Scope(plan.target, builder, outer: self)
    let quote = builder.dialect.quote
    let ownerKey = try alias(for: plan.parent) + "." + quote(plan.parent.schema.primaryKey.name)
    let tie = plan.link.tie(inner: inner.alias, targetKey: plan.target.schema.primaryKey.name, quote: quote)
    let selected = try builder.capture {
      if function == "EXISTS" { return builder.write("1") }
      builder.write(function + "(")
      if arguments.isEmpty { builder.write("*") }
      try builder.list(arguments) { try inner.writeExpression($0) }
      builder.write(")")
    }
    let filter = try builder.capture {
      if let filter = plan.filter {
        builder.write(" AND ")
        try inner.writePredicate(filter)
      }
    }
    builder.write(
      (function == "EXISTS" ? "EXISTS (SELECT " : "(SELECT ") + selected + " FROM " + inner.from + tie.join + " WHERE " + tie.key
        + " = "
        + ownerKey + filter + ")")
  }
}

extension SQLBuilder {
  /// Writes a SELECT.
  func write(_ plan: SelectPlan, outer: Scope? = nil) throws {
    let scope = Scope(plan.root, self, outer: outer)
    let selected = try capture { try list(plan.select) { try scope.writeExpression($0) } }
    let filter = try capture {
      if let filter = plan.filter {
        write(" WHERE ")
        try scope.writePredicate(filter)
      }
    }
    let tail = try capture { try writeTail(plan, scope) }
    write((plan.isDistinct ? "SELECT DISTINCT " : "SELECT ") + selected + " FROM " + scope.from + filter + tail)
  }

  private func writeTail(_ plan: SelectPlan, _ scope: Scope) throws {
    var keys = plan.groupBy
    if keys.isEmpty, plan.select.contains(where: \.isAggregate) { keys = plan.select.filter { !$0.isAggregate } }
    if !keys.isEmpty {
      write(" GROUP BY ")
      try list(keys) { try scope.writeExpression($0) }
    }
    if let having = plan.having {
      write(" HAVING ")
      try scope.writePredicate(having)
    }
    try writeOrder(plan.orders, scope)
    // SQLite has no OFFSET without LIMIT; -1 is its "no limit".
    if let limit = plan.limit { write(" LIMIT \(limit)") } else if plan.offset != nil { write(" LIMIT -1") }
    if let offset = plan.offset { write(" OFFSET \(offset)") }
  }

  func writeOrder(_ orders: [Ordering], _ scope: Scope) throws {
    guard !orders.isEmpty else { return }
    write(" ORDER BY ")
    try list(orders) { order in
      try scope.writeExpression(order.node)
      if order.isDescending { write(" DESC") }
      switch order.nulls {
      case .first: write(" NULLS FIRST")
      case .last: write(" NULLS LAST")
      case nil: break
      }
    }
  }
}
