import MartletSQL

/// A column and what an UPDATE makes of it.
struct ColumnAssignment: Sendable {
  var column: ColumnSchema
  var value: Node

  /// In an order in which each value reads only columns that are not written yet: MySQL assigns from left to right, and
  /// `SET a = a + 1, b = a` reads the new `a`, where SQL means the old one.
  /// - Throws: ``ORMError`` where there is no such order, as for a swap.
  static func inOrderOfReading(_ assignments: [ColumnAssignment]) throws -> [ColumnAssignment] {
    var left = assignments, ordered: [ColumnAssignment] = []
    while !left.isEmpty {
      // One that no other one still has to read.
      guard
        let next = left.indices.first(where: { i in !left.indices.contains { $0 != i && left[$0].reads(left[i].column.name) } })
      else {
        throw DatabaseError(
          .unsupported(capability: "simultaneousAssignment"),
          "MySQL assigns columns one after the other, and each of \(left.map(\.column.property).joined(separator: ", ")) needs the old value of another",
          hint: "write them in two updates inside a transaction")
      }
      ordered.append(left.remove(at: next))
    }
    return ordered
  }

  private func reads(_ name: String) -> Bool {
    value.contains { node in
      if case .column(let column) = node { column.name == name } else { false }
    }
  }
}

extension SQLBuilder {
  /// `UPDATE "post" AS t0 SET …`; the WHERE follows.
  func writeUpdate(_ assignments: [ColumnAssignment], _ scope: Scope) throws {
    let ordered = dialect.family == .mysql ? try ColumnAssignment.inOrderOfReading(assignments) : assignments
    write("UPDATE \(dialect.quote(scope.root.schema.table)) AS \(scope.alias) SET ")
    // MariaDB reads the table that it writes since 10.3.
    writtenTable = dialect.name == "mysql" ? scope.root.schema.table : nil
    defer { writtenTable = nil }
    try list(ordered) { assignment in
      writeName(assignment.column.name)
      write(" = ")
      if case .value(let value) = assignment.value {
        bindPlain(value, secret: assignment.column.options.secret)
      } else {
        try scope.writeExpression(assignment.value)
      }
    }
    guard !scope.hasJoins else {
      throw ORMError(
        .invalidExpression, "an update cannot set a column to a value of another table", hint: "use a subquery, or sql(\"…\")")
    }
  }

  /// `DELETE FROM "post" AS t0`; the WHERE follows.
  func writeDelete(_ scope: Scope) {
    write("DELETE FROM \(dialect.quote(scope.root.schema.table))")
    if !scope.namesTable { write(" AS \(scope.alias)") }
  }

  /// The WHERE of an update or a delete. A filter that needs joins becomes `key IN (subquery)`.
  func writeKeyFilter(_ plan: SelectPlan, _ scope: Scope) throws {
    var plan = plan
    plan.isDistinct = false
    if plan.limit == nil, plan.offset == nil { plan.orders = [] }
    guard plan.filter != nil || plan.limit != nil || plan.offset != nil else { return }
    if let filter = plan.filter, plan.limit == nil, plan.offset == nil, try !needsKeys(filter, plan.root) {
      write(" WHERE ")
      return try scope.writePredicate(filter)
    }
    let keys = scope.root.schema.primaryKeyColumns.map { "\(scope.alias).\(dialect.quote($0.name))" }.joined(separator: ", ")
    write(" WHERE " + (scope.root.schema.hasCompositeKey ? "(\(keys))" : keys) + " IN (")
    switch dialect.family {
    case .sqlite, .postgres: try write(plan)
    // MySQL neither reads the table it writes nor takes a LIMIT here, but for a table made of the answer; DISTINCT makes
    // sure that there is one.
    case .mysql:
      plan.isDistinct = plan.orders.isEmpty
      write("SELECT * FROM (")
      try write(plan)
      write(") AS chosen")
    }
    write(")")
  }

  private func needsKeys(_ filter: Node, _ root: Path) throws -> Bool {
    if dialect.family == .mysql, filter.hasSubquery { return true }
    let probe = SQLBuilder(dialect), scope = Scope(root, probe)
    try scope.writePredicate(filter)
    return scope.hasJoins
  }
}
