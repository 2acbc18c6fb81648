import MartletSQL

extension Scope {
  func writeComparison(_ op: BinaryOperator, _ l: Node, _ r: Node, _ negated: Bool) throws {
    let wasSecret = builder.isSecret
    builder.isSecret = wasSecret || Scope.isSecret(l) || Scope.isSecret(r)
    defer { builder.isSecret = wasSecret }
    if try writeRowComparison(op, l, r, negated) { return }
    if case .value(.null) = r { return try writeNullComparison(op, l, negated) }
    if case .value(.null) = l { return try writeNullComparison(op, r, negated) }
    let real = negated ? op.negated : op
    var nullTests: [Node] = []
    if Scope.isNullable(l) { nullTests.append(l) }
    if Scope.isNullable(r) { nullTests.append(r) }
    let isEquality = op == .equal || op == .notEqual
    if isEquality, nullTests.count == 2 { return try writeNullSafeEquality(l, r, negated: real == .notEqual) }
    let needsNull = real == .notEqual || (negated && !isEquality)
    let tests = needsNull ? nullTests : []
    if !tests.isEmpty { builder.write("(") }
    try writeExpression(l)
    builder.write(" ")
    builder.write(real.rawValue)
    builder.write(" ")
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

  /// Two values that may both be absent, compared as Swift does.
  private func writeNullSafeEquality(_ l: Node, _ r: Node, negated: Bool) throws {
    let word =
      switch builder.dialect.family {
      case .sqlite: negated ? " IS NOT " : " IS "
      case .postgres: negated ? " IS DISTINCT FROM " : " IS NOT DISTINCT FROM "
      case .mysql: " <=> "
      }
    let isWrapped = negated && builder.dialect.family == .mysql
    if isWrapped { builder.write("NOT (") }
    try writeExpression(l)
    builder.write(word)
    try writeExpression(r)
    if isWrapped { builder.write(")") }
  }

  private func writeNullComparison(_ op: BinaryOperator, _ side: Node, _ negated: Bool) throws {
    switch op {
    case .equal, .notEqual:
      if case .value(let value) = side {
        return builder.write(((value.isNull == (op == .equal)) != negated) ? "TRUE" : "FALSE")
      }
      try writeExpression(side.parts[0])
      builder.write((op == .equal) != negated ? " IS NULL" : " IS NOT NULL")
    default: builder.write(negated ? "TRUE" : "FALSE")
    }
  }
}
