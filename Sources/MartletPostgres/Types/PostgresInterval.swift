public import MartletSQL

/// An interval with its months and days kept apart, as PostgreSQL keeps them: "a month later" is no number of days.
///
/// `Duration` is the simpler type for lengths without months.
public struct PostgresInterval: ArrayElement, CustomStringConvertible {
  /// Months; twelve are a year.
  public var months: Int32
  /// Days.
  public var days: Int32
  /// Microseconds; more than 24 hours are allowed.
  public var microseconds: Int64

  /// An interval.
  public init(months: Int32 = 0, days: Int32 = 0, microseconds: Int64 = 0) {
    self.months = months
    self.days = days
    self.microseconds = microseconds
  }

  /// ISO 8601 with a sign before each part: `P1Y2M-3DT4H5M6.5S`.
  public var description: String {
    IntervalText(months: Int64(months), days: Int64(days), microseconds: microseconds).iso8601
  }

  public static var columnType: ColumnType { .native("interval") }
  public var sqlValue: SQLValue { .native(type: "interval", text: description) }
  public static func read(_ row: inout Row) throws -> PostgresInterval {
    switch try row.next() {
    case .int(let microseconds): return PostgresInterval(microseconds: microseconds)
    case .text(let bytes):
      if let value = IntervalText.parse(bytes), let months = Int32(exactly: value.months), let days = Int32(exactly: value.days) {
        return PostgresInterval(months: months, days: days, microseconds: value.microseconds)
      }
    default: break
    }
    throw row.mismatch("an interval")
  }
}
