import MartletSQL

/// The rows of a to-many relation for many owners at once: one statement, whatever their number.
package struct ChildRows: Sendable {
  /// The root of the rows.
  package var root: Path
  package var link: ToManyLink
  package var filter: Node?
  package var orders: [Ordering] = []
  /// How many rows each owner gets at most.
  package var limit: Int?

  package init(root: Path, link: ToManyLink, filter: Node? = nil) {
    self.root = root
    self.link = link
    self.filter = filter
  }

  /// Selects the key of the owner, in as many cells as it has columns, and then the nodes, in the order of the rows.
  func statement(_ nodes: [Node], owners: some Collection<[SQLValue]>, _ dialect: any SQLDialect) throws -> SQLStatement {
    let builder = SQLBuilder(dialect), scope = Scope(root, builder)
    let tie = link.tie(inner: scope.alias, targetKey: root.schema.primaryKey.name, quote: dialect.quote)
    let orders = orders.isEmpty ? [Ordering(node: .key(of: root), isDescending: false)] : orders
    // Joined tables share column names, so inside the window's subquery each gets a name of its own.
    let columns = try builder.capture {
      try builder.list(nodes.enumerated()) { index, node in
        try scope.writeExpression(node)
        if limit != nil { builder.write(" AS c\(index)") }
      }
    }
    // The sort keys stand in the SELECT list where a window numbers the rows, and at the end where not.
    let windowOrder = limit == nil ? "" : try builder.capture { try builder.writeOrder(orders, scope) }
    let condition = try builder.capture {
      builder.write(" WHERE ")
      builder.writeMembership(of: tie.keys, Array(owners))
      if let filter {
        builder.write(" AND ")
        try scope.writePredicate(filter)
      }
    }
    let selected = columns.isEmpty ? "" : ", " + columns
    if let limit {
      let names = nodes.indices.map { ", c\($0)" }.joined()
      let owner = tie.keys.count == 1 ? ["k"] : tie.keys.indices.map { "k\($0)" }, keys = owner.joined(separator: ", ")
      let named = zip(tie.keys, owner).map { "\($0) AS \($1)" }.joined(separator: ", ")
      builder.write(
        "SELECT \(keys)" + names + " FROM (SELECT \(named)" + selected
          + ", ROW_NUMBER() OVER (PARTITION BY \(tie.keys.joined(separator: ", "))\(windowOrder)) AS rn FROM " + scope.from
          + tie.join + condition + ") AS numbered WHERE rn <= \(limit) ORDER BY \(keys), rn")
    } else {
      let tail = try builder.capture { try builder.writeOrder(orders, scope) }
      builder.write("SELECT \(tie.keys.joined(separator: ", "))" + selected + " FROM " + scope.from + tie.join + condition + tail)
    }
    return try builder.statement(.read)
  }
}
