public import Foundation
public import MartletCore
public import MartletSQL

/// A type that PostgreSQL has ranges of.
public protocol PostgresRangeBound: ColumnValue, Comparable {
  /// The name of the range's type: `int4range`.
  static var rangeType: String { get }
  /// The next value, where values can be counted; `nil` for the last one, and for types without a next one.
  var rangeSuccessor: Self? { get }
}

extension PostgresRangeBound {
  /// None: between two values there is always another.
  public var rangeSuccessor: Self? { nil }
}
extension Int32: PostgresRangeBound {
  public static var rangeType: String { "int4range" }
  public var rangeSuccessor: Int32? { self == .max ? nil : self + 1 }
}
extension Int64: PostgresRangeBound {
  public static var rangeType: String { "int8range" }
  public var rangeSuccessor: Int64? { self == .max ? nil : self + 1 }
}
extension Int: PostgresRangeBound {
  public static var rangeType: String { "int8range" }
  public var rangeSuccessor: Int? { self == .max ? nil : self + 1 }
}
extension Decimal: PostgresRangeBound {
  public static var rangeType: String { "numrange" }
}
extension Date: PostgresRangeBound {
  public static var rangeType: String { "tstzrange" }
}
extension CalendarDate: PostgresRangeBound {
  public static var rangeType: String { "daterange" }
  public var rangeSuccessor: CalendarDate? {
    self.year == 9999 && month == 12 && day == 31 ? nil : CalendarDate(daysSince1970: daysSince1970 + 1)
  }
}

/// A range of PostgreSQL's: `int4range`, `int8range`, `numrange`, `daterange` or `tstzrange`.
///
/// ```swift
/// var booked: PostgresRange<Date>          // tstzrange
/// room.booked = PostgresRange(start..<end)
/// ```
///
/// As on the server, ranges of values that can be counted have one form, `[1,4)` for the values 1 to 3, and all ranges
/// without a value are the same one.
public struct PostgresRange<Bound: PostgresRangeBound>: ArrayElement, CustomStringConvertible {
  /// Where a range begins or ends.
  public enum Edge: Sendable, Hashable {
    /// Nowhere.
    case unbounded
    /// At a value that belongs to the range.
    case inclusive(Bound)
    /// At a value that does not.
    case exclusive(Bound)

    var value: Bound? {
      switch self {
      case .unbounded: nil
      case .inclusive(let value), .exclusive(let value): value
      }
    }
    var isInclusive: Bool { if case .inclusive = self { true } else { false } }
  }
  /// The beginning; `nil` for the range without a value.
  public let lower: Edge?
  /// The end; `nil` for the range without a value.
  public let upper: Edge?

  /// The range without a value.
  public static var empty: PostgresRange { PostgresRange(ends: nil) }
  private init(ends: (lower: Edge, upper: Edge)?) {
    lower = ends?.lower
    upper = ends?.upper
  }
  /// A range; `nil` where it would end before it begins, which PostgreSQL refuses.
  public init?(_ lower: Edge, _ upper: Edge) {
    if let first = lower.value, let last = upper.value, first > last { return nil }
    var lower = lower, upper = upper
    if case .exclusive(let value) = lower, let next = value.rangeSuccessor { lower = .inclusive(next) }
    if case .inclusive(let value) = upper, let next = value.rangeSuccessor { upper = .exclusive(next) }
    if let first = lower.value, let last = upper.value, first > last || first == last && !(lower.isInclusive && upper.isInclusive)
    {
      self.init(ends: nil)
      return
    }
    self.init(ends: (lower, upper))
  }
  /// `a..<b`
  public init(_ range: Range<Bound>) {
    self = PostgresRange(.inclusive(range.lowerBound), .exclusive(range.upperBound)) ?? .empty
  }
  /// `a...b`
  public init(_ range: ClosedRange<Bound>) {
    self = PostgresRange(.inclusive(range.lowerBound), .inclusive(range.upperBound)) ?? .empty
  }

  /// Whether no value is in it.
  public var isEmpty: Bool { lower == nil }
  /// Whether a value is in it.
  public func contains(_ value: Bound) -> Bool {
    guard let lower, let upper else { return false }
    let begins = lower.value.map { $0 < value || lower.isInclusive && $0 == value } ?? true
    return begins && (upper.value.map { value < $0 || upper.isInclusive && $0 == value } ?? true)
  }

  /// PostgreSQL's text: `["1","4")`, `(,)`, `empty`.
  public var description: String {
    guard let lower, let upper else { return "empty" }
    func text(_ edge: Edge) -> String {
      edge.value.flatMap { PostgresText.text($0.sqlValue) }.map { PostgresText.quoted($0, doubling: true) } ?? ""
    }
    return (lower.isInclusive ? "[" : "(") + text(lower) + "," + text(upper) + (upper.isInclusive ? "]" : ")")
  }

  public static var columnType: ColumnType { .native(Bound.rangeType) }
  public var sqlValue: SQLValue { .native(type: Bound.rangeType, text: description) }
  public static func read(_ row: inout Row) throws -> PostgresRange {
    let text = try row.text(of: "a range")
    if text == "empty" { return .empty }
    guard let first = text.first, let last = text.last, text.utf8.count >= 3, first == "[" || first == "(",
      last == "]" || last == ")",
      let parts = PostgresText.parts(text.dropFirst().dropLast()), parts.count == 2
    else { throw row.mismatch("a range") }
    do {
      let lower = try parts[0].map { try ArrayText.value($0, as: Bound.self) }
      let upper = try parts[1].map { try ArrayText.value($0, as: Bound.self) }
      let range = PostgresRange(
        lower.map { first == "[" ? .inclusive($0) : .exclusive($0) } ?? .unbounded,
        upper.map { last == "]" ? .inclusive($0) : .exclusive($0) } ?? .unbounded)
      guard let range else { throw row.mismatch("a range") }
      return range
    } catch let error as RowError {
      throw row.refusal("a bound of the range: \(error.message)")
    }
  }
}
