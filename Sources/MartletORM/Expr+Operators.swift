public import MartletSQL

// Two overloads a comparison, and no protocol between: see `Expr`.
extension Expr where V: ColumnValue {
  /// Whether the value is `r`; `nil` is a test for NULL.
  public static func == (l: Self, r: V) -> Expr<Bool> { .init(.binary(.equal, l.node, .constant(r))) }
  /// Whether the value is another than `r`; no value is another.
  public static func != (l: Self, r: V) -> Expr<Bool> { .init(.binary(.notEqual, l.node, .constant(r))) }
  /// Whether the value is less; no value is not.
  public static func < (l: Self, r: V) -> Expr<Bool> { .init(.binary(.less, l.node, .constant(r))) }
  /// Whether the value is greater; no value is not.
  public static func > (l: Self, r: V) -> Expr<Bool> { .init(.binary(.greater, l.node, .constant(r))) }
  /// Whether the value is less or equal; no value is not.
  public static func <= (l: Self, r: V) -> Expr<Bool> { .init(.binary(.lessOrEqual, l.node, .constant(r))) }
  /// Whether the value is greater or equal; no value is not.
  public static func >= (l: Self, r: V) -> Expr<Bool> { .init(.binary(.greaterOrEqual, l.node, .constant(r))) }

  /// Whether both have the same value, or neither has one.
  public static func == (l: Self, r: Self) -> Expr<Bool> { .init(.binary(.equal, l.node, r.node)) }
  /// Whether their values differ, or only one has one.
  public static func != (l: Self, r: Self) -> Expr<Bool> { .init(.binary(.notEqual, l.node, r.node)) }
  /// Whether the left value is less; where one is absent, not.
  public static func < (l: Self, r: Self) -> Expr<Bool> { .init(.binary(.less, l.node, r.node)) }
  /// Whether the left value is greater; where one is absent, not.
  public static func > (l: Self, r: Self) -> Expr<Bool> { .init(.binary(.greater, l.node, r.node)) }
  /// Whether the left value is less or equal; where one is absent, not.
  public static func <= (l: Self, r: Self) -> Expr<Bool> { .init(.binary(.lessOrEqual, l.node, r.node)) }
  /// Whether the left value is greater or equal; where one is absent, not.
  public static func >= (l: Self, r: Self) -> Expr<Bool> { .init(.binary(.greaterOrEqual, l.node, r.node)) }

  /// The sum.
  public static func + (l: Self, r: V) -> Self { .init(.binary(.add, l.node, .constant(r))) }
  /// The difference.
  public static func - (l: Self, r: V) -> Self { .init(.binary(.subtract, l.node, .constant(r))) }
  /// The product.
  public static func * (l: Self, r: V) -> Self { .init(.binary(.multiply, l.node, .constant(r))) }
  /// The sum.
  public static func + (l: Self, r: Self) -> Self { .init(.binary(.add, l.node, r.node)) }
  /// The difference.
  public static func - (l: Self, r: Self) -> Self { .init(.binary(.subtract, l.node, r.node)) }
  /// The product.
  public static func * (l: Self, r: Self) -> Self { .init(.binary(.multiply, l.node, r.node)) }

  /// The quotient; of integers without its fraction. NULL where the divisor is 0.
  public func divided(by divisor: V) -> Expr<V?> { .init(.binary(.divide, node, .constant(divisor))) }
  /// The quotient; of integers without its fraction. NULL where the divisor is 0.
  public func divided(by divisor: Self) -> Expr<V?> { .init(.binary(.divide, node, divisor.node)) }
  /// What an integer division leaves. NULL where the divisor is 0.
  public func remainder(dividingBy divisor: V) -> Expr<V?> { .init(.binary(.modulo, node, .constant(divisor))) }

  /// Whether the value is one of the list. `nil` in the list matches NULL.
  public func `in`(_ values: some Sequence<V>) -> Expr<Bool> {
    var list: [SQLValue] = []
    for value in values {
      if case .invalid(let error) = Node.constant(value) { return .init(.invalid(error)) }
      list.append(value.sqlValue)
    }
    if case .array? = list.first, let parts = node.rowParts {
      return .init(.custom(RowInList(children: parts, rows: list.map { if case .array(let row, _) = $0 { row } else { [] } })))
    }
    return .init(.inList(node, list))
  }
  /// Whether the value is one of the subquery's. A NULL among them matches nothing and hides nothing.
  public func `in`<M>(_ selection: Selection<M, V>) -> Expr<Bool> { .init(.inSelect(node, selection.plan)) }
  /// Whether the value lies in the range, both ends included.
  public func between(_ low: V, _ high: V) -> Expr<Bool> { (self >= low) && (self <= high) }

  /// The same as a nullable expression, to compare with one.
  public var optional: Expr<V?> { .init(node) }
  /// Smallest first. NULLs come first on SQLite unless ``Ordering/nullsLast`` says otherwise.
  public var asc: Ordering { Ordering(node: node, isDescending: false) }
  /// Largest first. NULLs come last on SQLite unless ``Ordering/nullsFirst`` says otherwise.
  public var desc: Ordering { Ordering(node: node, isDescending: true) }
}

extension Expr {
  /// Whether there is no value. Where `V` is not optional, never.
  public var isNull: Expr<Bool> { .init(.isNull(node)) }
  /// Whether there is a value.
  public var isNotNull: Expr<Bool> { .init(.not(.isNull(node))) }
}

extension Expr where V == Bool {
  /// Both hold.
  public static func && (l: Self, r: Self) -> Self { .init(.and(l.node, r.node)) }
  /// At least one holds.
  public static func || (l: Self, r: Self) -> Self { .init(.or(l.node, r.node)) }
  /// It does not hold: true also where SQL would say NULL.
  public static prefix func ! (l: Self) -> Self { .init(.not(l.node)) }
  /// True for every row.
  public static var always: Self { .init(.alwaysTrue) }
  /// True for no row.
  public static var never: Self { .init(.alwaysFalse) }
}
