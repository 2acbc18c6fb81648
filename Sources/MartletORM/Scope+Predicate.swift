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
      try writeExpression(inner)
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
    if case .raw(let pieces) = node {
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

  private func writeComparison(_ op: BinaryOperator, _ l: Node, _ r: Node, _ negated: Bool) throws {
    let wasSecret = builder.isSecret
    builder.isSecret = wasSecret || Scope.isSecret(l) || Scope.isSecret(r)
    defer { builder.isSecret = wasSecret }
    if case .value(.null) = r { return try writeNullComparison(op, l, negated) }
    if case .value(.null) = l { return try writeNullComparison(op, r, negated) }
    let real = negated ? op.negated : op
    var nullTests: [Node] = []
    if Scope.isNullable(l) { nullTests.append(l) }
    if Scope.isNullable(r) { nullTests.append(r) }
    let isEquality = op == .equal || op == .notEqual
    // Two values that may both be absent: IS compares them as Swift does.
    if isEquality, nullTests.count == 2 {
      try writeExpression(l)
      builder.write(real == .equal ? " IS " : " IS NOT ")
      return try writeExpression(r)
    }
    let needsNull = real == .notEqual || (negated && !isEquality)
    let tests = needsNull ? nullTests : []
    if !tests.isEmpty { builder.write("(") }
    try writeExpression(l)
    builder.write(" \(real.rawValue) ")
    try writeExpression(r)
    // An ordering that is false because of a NULL must be true when negated; a plain one stays NULL, which a condition
    // reads as false, unless it stands inside a CASE or SELECT, where NULL and false are read alike.
    for test in tests {
      builder.write(" OR ")
      try writeExpression(test)
      builder.write(" IS NULL")
    }
    if !tests.isEmpty { builder.write(")") }
  }

  private func writeNullComparison(_ op: BinaryOperator, _ side: Node, _ negated: Bool) throws {
    switch op {
    case .equal, .notEqual:
      if case .value(let value) = side {
        return builder.write(((value.isNull == (op == .equal)) != negated) ? "TRUE" : "FALSE")
      }
      try writeExpression(side)
      builder.write((op == .equal) != negated ? " IS NULL" : " IS NOT NULL")
    default: builder.write(negated ? "TRUE" : "FALSE")
    }
  }

  private func writeInList(_ inner: Node, _ values: [SQLValue], _ negated: Bool) throws {
    let wasSecret = builder.isSecret
    builder.isSecret = wasSecret || Scope.isSecret(inner)
    defer { builder.isSecret = wasSecret }
    let present = values.filter { !$0.isNull }, hasNull = present.count < values.count
    let nullable = Scope.isNullable(inner)
    if present.isEmpty {
      guard hasNull, nullable else { return builder.write(negated ? "TRUE" : "FALSE") }
      try writeExpression(inner)
      return builder.write(negated ? " IS NOT NULL" : " IS NULL")
    }
    let nullTest: String? =
      if !nullable { nil } else if hasNull { negated ? " AND " : " OR " } else { negated ? " OR " : nil }
    if nullTest != nil { builder.write("(") }
    try writeExpression(inner)
    builder.write(negated ? " NOT IN (" : " IN (")
    builder.list(present) { builder.bind($0) }
    builder.write(")")
    if let nullTest {
      builder.write(nullTest)
      try writeExpression(inner)
      builder.write(hasNull && negated ? " IS NOT NULL)" : " IS NULL)")
    }
  }

  /// NOT IN with a NULL in the list is never true: NULLs are filtered out of the subquery.
  private func writeInSelect(_ inner: Node, _ plan: SelectPlan, _ negated: Bool) throws {
    var plan = plan
    if let selected = plan.select.first, Scope.isNullable(selected), !selected.isAggregate {
      plan.filter = plan.filter.map { .and($0, .not(.isNull(selected))) } ?? .not(.isNull(selected))
    }
    // An aggregate of no rows is NULL, and no filter of theirs can leave it out.
    if negated, Scope.selectsNullableAggregate(plan) {
      builder.write("NOT COALESCE(")
      try writeExpression(inner)
      builder.write(" IN (")
      try builder.write(plan, outer: self)
      return builder.write("), FALSE)")
    }
    let addsNull = negated && Scope.isNullable(inner)
    if addsNull { builder.write("(") }
    try writeExpression(inner)
    builder.write(negated ? " NOT IN (" : " IN (")
    try builder.write(plan, outer: self)
    builder.write(")")
    if addsNull {
      builder.write(" OR ")
      try writeExpression(inner)
      builder.write(" IS NULL)")
    }
  }

  /// By `instr` and `substr`, not LIKE: SQLite's LIKE ignores the case of ASCII letters alone, and knows wildcards.
  private func writeMatch(_ text: Node, _ kind: TextMatch, _ pattern: Node, _ ignoringCase: Bool, _ negated: Bool) throws {
    let wasSecret = builder.isSecret
    builder.isSecret = wasSecret || Scope.isSecret(text) || Scope.isSecret(pattern)
    defer { builder.isSecret = wasSecret }
    var nullTests: [Node] = []
    if Scope.isNullable(text) { nullTests.append(text) }
    if Scope.isNullable(pattern) { nullTests.append(pattern) }
    let needsNull = negated && !nullTests.isEmpty
    if needsNull { builder.write("(") }
    func side(_ node: Node) throws {
      if ignoringCase { try writeExpression(.function("LOWER", [node])) } else { try writeExpression(node) }
    }
    switch kind {
    case .equal:
      try side(text)
      builder.write(negated ? " <> " : " = ")
      try side(pattern)
    case .contains:
      builder.write("instr(")
      try side(text)
      builder.write(", ")
      try side(pattern)
      builder.write(negated ? ") = 0" : ") > 0")
    case .prefix:
      builder.write("substr(")
      try side(text)
      builder.write(", 1, length(")
      try side(pattern)
      builder.write(negated ? ")) <> " : ")) = ")
      try side(pattern)
    case .suffix:
      // substr(x, length(x) - length(p) + 1), where a pattern longer than the text must not match its beginning.
      builder.write("substr(")
      try side(text)
      builder.write(", max(length(")
      try side(text)
      builder.write(") - length(")
      try side(pattern)
      builder.write(") + 1, 1))")
      builder.write(negated ? " <> " : " = ")
      try side(pattern)
    }
    if needsNull {
      for test in nullTests {
        builder.write(" OR ")
        try writeExpression(test)
        builder.write(" IS NULL")
      }
      builder.write(")")
    }
  }
}
