import MartletSQL

extension Scope {
  func writeInList(_ inner: Node, _ values: [SQLValue], _ negated: Bool) throws {
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
    builder.writeMembership(present, negated: negated, asLiterals: !isQualified)
    if let nullTest {
      builder.write(nullTest)
      try writeExpression(inner)
      builder.write(hasNull && negated ? " IS NOT NULL)" : " IS NULL)")
    }
  }

  /// NOT IN with a NULL in the list is never true: NULLs are filtered out of the subquery.
  func writeInSelect(_ inner: Node, _ plan: SelectPlan, _ negated: Bool) throws {
    if let parts = inner.rowParts { return try writeRowInSelect(parts, plan, negated) }
    var plan = plan
    if let selected = plan.select.first, Scope.isNullable(selected), !selected.isAggregate {
      plan.filter = plan.filter.map { .and($0, .not(.isNull(selected))) } ?? .not(.isNull(selected))
    }
    // An aggregate of no rows is NULL, and no filter of theirs can leave it out.
    if negated, Scope.selectsNullableAggregate(plan) {
      builder.write("NOT COALESCE(")
      try writeExpression(inner)
      builder.write(" IN (")
      try builder.writeMembers(plan, outer: self)
      return builder.write("), FALSE)")
    }
    let addsNull = negated && Scope.isNullable(inner)
    if addsNull { builder.write("(") }
    try writeExpression(inner)
    builder.write(negated ? " NOT IN (" : " IN (")
    try builder.writeMembers(plan, outer: self)
    builder.write(")")
    if addsNull {
      builder.write(" OR ")
      try writeExpression(inner)
      builder.write(" IS NULL)")
    }
  }
}

extension Scope {
  /// `(a, b) IN (SELECT a, b …)` of keys, which are never NULL but where a join leaves the row out.
  private func writeRowInSelect(_ parts: [Node], _ plan: SelectPlan, _ negated: Bool) throws {
    let isNullable = parts.contains { Scope.isNullable($0) }
    builder.write((negated ? "NOT " : "") + (isNullable ? "COALESCE((" : "("))
    try builder.list(parts) { try writeExpression($0) }
    builder.write(") IN (")
    try builder.writeMembers(plan, outer: self)
    builder.write(isNullable ? "), FALSE)" : ")")
  }
}

extension SQLBuilder {
  /// The SELECT inside of an IN. MySQL takes no LIMIT there, but for a table made of the answer.
  fileprivate func writeMembers(_ plan: SelectPlan, outer: Scope) throws {
    let isWrapped = dialect.family == .mysql && (plan.limit != nil || plan.offset != nil)
    if isWrapped { write("SELECT * FROM (") }
    try write(plan, outer: outer)
    if isWrapped { write(") AS \(nextAlias())") }
  }

  /// ` IN (…)` of values that are there. On PostgreSQL they are one array, so that lists of any length have one statement.
  func writeMembership(_ values: [SQLValue], negated: Bool, asLiterals: Bool = false) {
    if dialect.family == .postgres, !asLiterals, let type = values[0].columnType, values.allSatisfy({ $0.columnType == type }) {
      write(negated ? " <> ALL(" : " = ANY(")
      bind(.array(values, of: type))
    } else {
      write(negated ? " NOT IN (" : " IN (")
      list(values) { if asLiterals { write(dialect.literal($0)) } else { bind($0) } }
    }
    write(")")
  }
}
