import MartletSQL

/// Predicates in two-valued logic: negations are pushed down to the comparisons, and `OR x IS NULL` is added only where
/// a side can be NULL, so that SQL agrees with Swift.
extension Scope {
  /// Writes an expression as a condition that is never NULL.
  func writePredicate(_ node: Node, negated: Bool = false) throws {
    switch node {
    case .not(let inner): try writePredicate(inner, negated: !negated)
    case .binary(.and, _, _): try writeChain(node, .and, negated ? " OR " : " AND ", negated)
    case .binary(.or, _, _): try writeChain(node, .or, negated ? " AND " : " OR ", negated)
    case .binary(let op, let l, let r) where op.isComparison: try writeComparison(op, l, r, negated)
    case .isNull(let inner):
      try writeExpression(inner.parts[0])
      builder.write(negated ? " IS NOT NULL" : " IS NULL")
    case .inList(let inner, let values): try writeInList(inner, values, negated)
    case .inSelect(let inner, let plan): try writeInSelect(inner, plan, negated)
    case .exists(let plan):
      builder.write(negated ? "NOT EXISTS (" : "EXISTS (")
      try builder.write(plan, outer: self)
      builder.write(")")
    case .match(let text, let kind, let pattern, let ignoringCase): try writeMatch(text, kind, pattern, ignoringCase, negated)
    case .value(.bool(let value)): builder.write(value != negated ? "TRUE" : "FALSE")
    default: try writeTruth(node, negated)
    }
  }

  /// All operands of a chain side by side: parentheses nested a hundred deep overflow SQLite's parser.
  private func writeChain(_ node: Node, _ op: BinaryOperator, _ word: String, _ negated: Bool) throws {
    var operands: [Node] = [], waiting = [node]
    while let next = waiting.popLast() {
      if case .binary(op, let l, let r) = next {
        waiting += [r, l]
      } else {
        operands.append(next)
      }
    }
    builder.write("(")
    try builder.list(operands, separator: word) { try writePredicate($0, negated: negated) }
    builder.write(")")
  }

  private func writeTruth(_ node: Node, _ negated: Bool) throws {
    let nullable = Scope.isNullable(node)
    if case .raw(let pieces, _) = node {
      builder.write(negated ? "NOT COALESCE(" : "COALESCE(")
      try writeRaw(pieces, isOperand: false)
      builder.write(", FALSE)")
    } else if negated {
      builder.write(nullable ? "NOT COALESCE(" : "NOT ")
      try writeExpression(node)
      if nullable { builder.write(", FALSE)") }
    } else if nullable {
      builder.write("COALESCE(")
      try writeExpression(node)
      builder.write(", FALSE)")
    } else {
      try writeExpression(node)
    }
  }
}
