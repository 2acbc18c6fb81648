import MartletSQL

extension Scope {
  /// Writes an expression as a value. Each kind of expression has a file of its own, where the dialects stand side by side.
  func writeExpression(_ node: Node) throws {
    switch node {
    case .column(let column): try writeColumn(column)
    case .value(let value): if isQualified { builder.bind(value) } else { builder.write(builder.dialect.literal(value)) }
    case .binary(let op, let l, let r) where !op.isComparison && op != .and && op != .or: try writeArithmetic(op, l, r)
    case .function(let function, let arguments): try writeFunction(function, arguments)
    case .aggregate(let name, let arguments, let distinct, let filter): try writeAggregate(name, arguments, distinct, filter)
    case .cases(let branches, let otherwise): try writeCases(branches, otherwise)
    case .cast(let node, let type): try writeCast(node, type)
    case .datePart(let part, let node): try writeDatePart(part, node)
    case .scalarSelect(let plan):
      builder.write("(")
      try builder.write(plan, outer: self)
      builder.write(")")
    case .related(let plan, let result): try writeRelated(plan, result)
    case .raw(let pieces, _): try writeRaw(pieces, isOperand: true)
    case .custom(let node): try writeCustom(node)
    case .invalid(let error): throw error
    default: try writeCondition(node)
    }
  }

  /// As a value a condition must be TRUE or FALSE; only in a WHERE may it be NULL, which reads as false there.
  private func writeCondition(_ node: Node) throws {
    let canBeNull = Scope.conditionCanBeNull(node)
    builder.write(canBeNull ? "COALESCE(" : "(")
    try writePredicate(node)
    builder.write(canBeNull ? ", FALSE)" : ")")
  }

  private func writeCustom(_ node: any ExpressionNode) throws {
    let wasSecret = builder.isSecret
    builder.isSecret = wasSecret || node.children.contains { Scope.isSecret($0) }
    defer { builder.isSecret = wasSecret }
    try node.write(in: self)
  }

  /// As an operand in parentheses: the text may hold any operator.
  func writeRaw(_ pieces: [RawPiece], isOperand: Bool) throws {
    var needsParentheses = isOperand
    if pieces.count == 1, case .sql(let text) = pieces[0], !text.contains(where: \.isWhitespace) { needsParentheses = false }
    if needsParentheses { builder.write("(") }
    for piece in pieces {
      switch piece {
      case .sql(let text): builder.write(text)
      case .name(let name): builder.writeName(name)
      case .node(let node): try writeExpression(node)
      }
    }
    if needsParentheses { builder.write(")") }
  }

  func writeCases(_ branches: [(when: Node, then: Node)], _ otherwise: Node?) throws {
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
}
