public import Foundation
public import MartletCore
public import MartletSQL

extension Expr {
  /// The value, or `other` where there is none.
  public func coalesce<W: ColumnValue>(_ other: W) -> Expr<W> where V == W? {
    .init(.function(.coalesce, [node, .constant(other)]))
  }
  /// The value, or the other expression's where there is none.
  public func coalesce<W>(_ other: Expr<W>) -> Expr<W> where V == W? { .init(.function(.coalesce, [node, other.node])) }
  /// The value as another type, by SQL's `CAST`. What cannot be read becomes 0 on SQLite.
  public func cast<W: ColumnValue>(to type: W.Type) -> Expr<W> { .init(.cast(node, W.columnType)) }
}

/// The start of a `CASE`: `when($0.views > 100, then: "popular").otherwise("new")`.
public func when<V: ColumnValue>(_ condition: Expr<Bool>, then value: V) -> CaseExpression<V> {
  CaseExpression(branches: [(condition.node, .constant(value))])
}
/// The start of a `CASE` with an expression as its value.
public func when<V>(_ condition: Expr<Bool>, then value: Expr<V>) -> CaseExpression<V> {
  CaseExpression(branches: [(condition.node, value.node)])
}

/// SQL's `CASE`, while it is written: the first condition that holds decides.
public struct CaseExpression<V>: Sendable {
  var branches: [(when: Node, then: Node)]

  /// One more branch.
  public func when(_ condition: Expr<Bool>, then value: Expr<V>) -> CaseExpression<V> {
    CaseExpression(branches: branches + [(condition.node, value.node)])
  }
  /// The value where no condition holds.
  public func otherwise(_ value: Expr<V>) -> Expr<V> { .init(.cases(branches, otherwise: value.node)) }
  /// NULL where no condition holds.
  public var otherwiseNull: Expr<V?> { .init(.cases(branches, otherwise: nil)) }
}
extension CaseExpression where V: ColumnValue {
  /// One more branch.
  public func when(_ condition: Expr<Bool>, then value: V) -> CaseExpression<V> {
    CaseExpression(branches: branches + [(condition.node, .constant(value))])
  }
  /// The value where no condition holds.
  public func otherwise(_ value: V) -> Expr<V> { .init(.cases(branches, otherwise: .constant(value))) }
}

extension Expr where V == Date {
  /// The year, in UTC.
  public var year: Expr<Int> { .init(.datePart(.year, node)) }
  /// 1 to 12, in UTC.
  public var month: Expr<Int> { .init(.datePart(.month, node)) }
  /// 1 to 31, in UTC.
  public var day: Expr<Int> { .init(.datePart(.day, node)) }
  /// 0 to 23, in UTC.
  public var hour: Expr<Int> { .init(.datePart(.hour, node)) }
  /// 0 to 59.
  public var minute: Expr<Int> { .init(.datePart(.minute, node)) }
  /// 0 to 59, without the fraction.
  public var second: Expr<Int> { .init(.datePart(.second, node)) }
  /// 1 (Monday) to 7 (Sunday), ISO 8601, in UTC.
  public var weekday: Expr<Int> { .init(.datePart(.weekday, node)) }
  /// The day, in UTC.
  public var date: Expr<CalendarDate> { .init(.datePart(.date, node)) }
}
extension Expr where V == Date? {
  /// The year, in UTC.
  public var year: Expr<Int?> { .init(.datePart(.year, node)) }
  /// 1 to 12, in UTC.
  public var month: Expr<Int?> { .init(.datePart(.month, node)) }
  /// 1 to 31, in UTC.
  public var day: Expr<Int?> { .init(.datePart(.day, node)) }
  /// 0 to 23, in UTC.
  public var hour: Expr<Int?> { .init(.datePart(.hour, node)) }
  /// 1 (Monday) to 7 (Sunday), ISO 8601, in UTC.
  public var weekday: Expr<Int?> { .init(.datePart(.weekday, node)) }
  /// The day, in UTC.
  public var date: Expr<CalendarDate?> { .init(.datePart(.date, node)) }
}
extension Expr where V == CalendarDate {
  /// The year.
  public var year: Expr<Int> { .init(.datePart(.year, node)) }
  /// 1 to 12.
  public var month: Expr<Int> { .init(.datePart(.month, node)) }
  /// 1 to 31.
  public var day: Expr<Int> { .init(.datePart(.day, node)) }
}
