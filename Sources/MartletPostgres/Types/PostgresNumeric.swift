public import Foundation
public import MartletSQL

/// A number of PostgreSQL's `numeric` with all its digits, also beyond the 38 that `Decimal` keeps, and `NaN`, `Infinity` and
/// `-Infinity`. Two are equal where their texts are: `1.5` is not `1.50`.
public struct PostgresNumeric: ArrayElement, CustomStringConvertible {
  /// The digits: `-12.50`.
  public let text: String

  /// A number in digits, with a sign, a point, or neither; `NaN`, `Infinity`, `-Infinity`. `nil` for other texts.
  public init?(_ text: String) {
    if !["NaN", "Infinity", "-Infinity"].contains(text) {
      let digits = text.utf8.dropFirst(text.hasPrefix("-") ? 1 : 0)
      let halves = digits.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
      guard (1...2).contains(halves.count), halves.allSatisfy({ !$0.isEmpty && $0.allSatisfy { (48...57).contains($0) } }) else {
        return nil
      }
    }
    self.text = text
  }
  /// A decimal number.
  public init(_ value: Decimal) { text = value.description }
  /// The number, where it fits `Decimal` without loss.
  public var decimal: Decimal? { try? ArrayText.value(text) }
  /// The digits.
  public var description: String { text }

  public static var columnType: ColumnType { .native("numeric") }
  public var sqlValue: SQLValue { .native(type: "numeric", text: text) }
  public static func read(_ row: inout Row) throws -> PostgresNumeric {
    if case .int(let value) = try row.next() { return PostgresNumeric(Decimal(value)) }
    row.skip(-1)
    guard let value = PostgresNumeric(try row.text(of: "a number")) else { throw row.mismatch("a number") }
    return value
  }
}
