import MartletSQL

/// Which rows of two queries the result has.
enum SetOperator: String, Sendable {
  case union = "UNION", unionAll = "UNION ALL", intersect = "INTERSECT", intersectAll = "INTERSECT ALL", except = "EXCEPT"
  case exceptAll = "EXCEPT ALL"
}

/// Two queries as one table.
struct CompoundSource: TableSource {
  let left: SelectPlan, right: SelectPlan
  let op: SetOperator

  func write(in builder: SQLBuilder, outer: Scope?) throws {
    if op == .intersectAll || op == .exceptAll { try builder.require(.bagOperations, op.rawValue) }
    if left.select.count != right.select.count {
      throw ORMError(.invalidExpression, "\(op.rawValue) of \(left.select.count) and \(right.select.count) columns")
    }
    builder.write("(")
    try builder.writePart(left)
    builder.write(" \(op.rawValue) ")
    try builder.writePart(right)
    builder.write(")")
  }
}
