public import MartletSQL

extension Expr where V: ColumnValue {
  /// The texts of a group one after the other, in an order of their own; NULLs are left out, and NULL over no rows.
  ///
  /// ```swift
  /// Post.query.select { ($0.author.name, $0.title.joined(separator: ", ", order: $0.publishedAt.asc)) }
  /// ```
  /// - Parameter distinct: Each text once. PostgreSQL then takes the text itself as order alone.
  public func joined(separator: String, distinct: Bool = false, order: Ordering...) -> Expr<String?> {
    .init(
      .custom(AggregateNode(kind: .joined(separator: separator), value: node, isDistinct: distinct, orders: order)))
  }
}

/// A type whose values JSON has: what can be collected into a list.
public protocol JSONScalarValue: ColumnValue, Codable {}
extension String: JSONScalarValue {}
extension Int: JSONScalarValue {}
extension Int64: JSONScalarValue {}
extension Int32: JSONScalarValue {}
extension Int16: JSONScalarValue {}
extension Double: JSONScalarValue {}
extension Optional: JSONScalarValue where Wrapped: JSONScalarValue {}

extension Expr where V: JSONScalarValue {
  /// The values of a group as a list, NULLs included, in an order of their own; NULL over no rows.
  public func collected(order: Ordering...) -> Expr<JSON<[V]>?> {
    .init(.custom(AggregateNode(kind: .jsonArray, value: node, orders: order)))
  }
}

extension Expr where V == Bool {
  /// Whether it holds in every row of a group; NULL over no rows.
  public var every: Expr<Bool?> { .init(.custom(AggregateNode(kind: .every, value: node))) }
  /// Whether it holds in at least one row of a group; NULL over no rows.
  public var some: Expr<Bool?> { .init(.custom(AggregateNode(kind: .some, value: node))) }
}

extension Expr where V: NumberColumnValue {
  /// The standard deviation of a group that is the whole population; NULL over no rows.
  public var standardDeviation: Expr<Double?> { statistic(.deviation(isSample: false)) }
  /// The standard deviation that a sample suggests; NULL over fewer than two rows.
  public var sampleStandardDeviation: Expr<Double?> { statistic(.deviation(isSample: true)) }
  /// The variance of a group that is the whole population; NULL over no rows.
  public var variance: Expr<Double?> { statistic(.variance(isSample: false)) }
  /// The variance that a sample suggests; NULL over fewer than two rows.
  public var sampleVariance: Expr<Double?> { statistic(.variance(isSample: true)) }

  private func statistic(_ kind: AggregateNode.Kind) -> Expr<Double?> { .init(.custom(AggregateNode(kind: kind, value: node))) }
}
