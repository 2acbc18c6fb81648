import MartletSQL

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
    try writeGroups(plan, scope)
    try writeOrder(plan.orders, scope)
    writeLimit(plan.limit, offset: plan.offset)
  }

  private func writeGroups(_ plan: SelectPlan, _ scope: Scope) throws {
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
  }

  func writeLimit(_ limit: Int?, offset: Int?) {
    if let limit {
      write(" LIMIT \(limit)")
    } else if offset != nil {
      switch dialect.family {
      // No OFFSET without LIMIT; -1 is "no limit".
      case .sqlite: write(" LIMIT -1")
      case .postgres: break
      // The same; MySQL's manual has this number for it.
      case .mysql: write(" LIMIT 18446744073709551615")
      }
    }
    if let offset { write(" OFFSET \(offset)") }
  }
}
