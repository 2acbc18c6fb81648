public import MartletSQL

/// 1, 2, 3 … in the order of the window.
public func rowNumber() -> WindowFunction<Int> { .init(call: WindowCall(name: "ROW_NUMBER", type: .bigInt)) }
/// The place, where peers share one and leave a gap: 1, 1, 3.
public func rank() -> WindowFunction<Int> { .init(call: WindowCall(name: "RANK", type: .bigInt)) }
/// The place, where peers share one and leave no gap: 1, 1, 2.
public func denseRank() -> WindowFunction<Int> { .init(call: WindowCall(name: "DENSE_RANK", type: .bigInt)) }
/// The rank from 0 to 1.
public func percentRank() -> WindowFunction<Double> { .init(call: WindowCall(name: "PERCENT_RANK", type: .double)) }
/// Which share of the rows is not after this one.
public func cumeDist() -> WindowFunction<Double> { .init(call: WindowCall(name: "CUME_DIST", type: .double)) }
/// The number of the row's part, from 1, when the partition is cut into so many parts of one size.
public func ntile(_ parts: Int) -> WindowFunction<Int> {
  let argument: Node =
    (1...Int(Int32.max)).contains(parts)
    ? .raw([.sql(String(parts))], .int) : .invalid(ORMError(.invalidExpression, "ntile(\(parts)): at least one part"))
  return .init(call: WindowCall(name: "NTILE", arguments: [argument], type: .bigInt))
}

extension Expr where V: ColumnValue {
  /// The value `offset` rows before; NULL where there is no such row.
  public func lag(_ offset: Int = 1) -> WindowFunction<V?> { .init(call: shift("LAG", offset)) }
  /// The value `offset` rows before; another where there is no such row.
  public func lag(_ offset: Int = 1, default absent: V) -> WindowFunction<V> {
    .init(call: shift("LAG", offset, .constant(absent)))
  }
  /// The value `offset` rows after; NULL where there is no such row.
  public func lead(_ offset: Int = 1) -> WindowFunction<V?> { .init(call: shift("LEAD", offset)) }
  /// The value `offset` rows after; another where there is no such row.
  public func lead(_ offset: Int = 1, default absent: V) -> WindowFunction<V> {
    .init(call: shift("LEAD", offset, .constant(absent)))
  }
  /// The value in the first row of the frame.
  public var firstValue: WindowFunction<V?> { .init(call: framed("FIRST_VALUE")) }
  /// The value in the last row of the frame; without a frame, that ends at the current row's last peer.
  public var lastValue: WindowFunction<V?> { .init(call: framed("LAST_VALUE")) }
  /// The value in the nth row of the frame, from 1.
  public func nthValue(_ place: Int) -> WindowFunction<V?> {
    .init(call: framed("NTH_VALUE", [number(place, from: 1, "nthValue")]))
  }

  private func framed(_ name: String, _ more: [Node] = []) -> WindowCall {
    WindowCall(name: name, arguments: [node] + more, type: V.columnType, isNullable: true, hasFrame: true)
  }
  private func shift(_ name: String, _ offset: Int, _ absent: Node? = nil) -> WindowCall {
    WindowCall(
      name: name, arguments: [node, number(offset, from: 0, name.lowercased())], absent: absent, type: V.columnType,
      isNullable: absent == nil || Scope.isNullable(node))
  }
  private func number(_ value: Int, from least: Int, _ name: String) -> Node {
    (least...Int(Int32.max)).contains(value)
      ? .raw([.sql(String(value))], .int) : .invalid(ORMError(.invalidExpression, "\(name)(\(value)): \(least) or more"))
  }
}
