import MartletSQL

extension SQLBuilder {
  /// `ORDER BY`. Where nothing is said, NULLs come first in ascending and last in descending order, on every database.
  func writeOrder(_ orders: [Ordering], _ scope: Scope) throws {
    guard !orders.isEmpty else { return }
    write(" ORDER BY ")
    try list(orders.flatMap(\.parts)) { order in
      switch dialect.family {
      case .sqlite: try writeKey(order, nulls: order.nulls, scope)
      // PostgreSQL takes NULLs for the largest values.
      case .postgres:
        let usual: Ordering.Nulls? = Scope.isNullable(order.node) ? (order.isDescending ? .last : .first) : nil
        try writeKey(order, nulls: order.nulls ?? usual, scope)
      // No NULLS FIRST there: whether it is NULL is a key of its own, where the usual place is not the one asked for.
      case .mysql:
        if let nulls = order.nulls, (nulls == .first) == order.isDescending {
          try scope.writeExpression(order.node)
          write(nulls == .first ? " IS NULL DESC, " : " IS NULL, ")
        }
        try writeKey(order, nulls: nil, scope)
      }
    }
  }

  private func writeKey(_ order: Ordering, nulls: Ordering.Nulls?, _ scope: Scope) throws {
    try scope.writeExpression(order.node)
    if order.isDescending { write(" DESC") }
    switch nulls {
    case .first: write(" NULLS FIRST")
    case .last: write(" NULLS LAST")
    case nil: break
    }
  }
}
