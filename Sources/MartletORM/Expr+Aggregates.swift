public import MartletSQL

/// How many rows there are.
public func count() -> Expr<Int> { .init(.aggregate(.count, [], distinct: false, filter: nil)) }

extension Expr where V: ColumnValue {
  /// The sum; NULL over no rows.
  public var sum: Expr<V?> { .init(.aggregate(.sum, [node], distinct: false, filter: nil)) }
  /// The largest; NULL over no rows.
  public var max: Expr<V?> { .init(.aggregate(.max, [node], distinct: false, filter: nil)) }
  /// The smallest; NULL over no rows.
  public var min: Expr<V?> { .init(.aggregate(.min, [node], distinct: false, filter: nil)) }
  /// The mean; NULL over no rows.
  public var average: Expr<Double?> { .init(.aggregate(.average, [node], distinct: false, filter: nil)) }
  /// How many rows have a value.
  public var count: Expr<Int> { .init(.aggregate(.count, [node], distinct: false, filter: nil)) }
  /// How many different values there are.
  public var countDistinct: Expr<Int> { .init(.aggregate(.count, [node], distinct: true, filter: nil)) }
}

extension Expr {
  /// The aggregate over those rows alone: `count().filter($0.approved)` is `COUNT(*) FILTER (WHERE …)`.
  public func filter(_ condition: Expr<Bool>) -> Expr<V> {
    if case .custom(let custom) = node, var aggregate = custom as? AggregateNode {
      aggregate.filter = aggregate.filter.map { .and($0, condition.node) } ?? condition.node
      return .init(.custom(aggregate))
    }
    guard case .aggregate(let name, let arguments, let distinct, let filter) = node else {
      return .init(.invalid(ORMError(.invalidExpression, "filter(_:) goes on an aggregate such as count() or $0.views.sum")))
    }
    return .init(
      .aggregate(name, arguments, distinct: distinct, filter: filter.map { .and($0, condition.node) } ?? condition.node))
  }
}
