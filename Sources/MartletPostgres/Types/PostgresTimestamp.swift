public import Foundation
public import MartletCore
public import MartletSQL

/// A moment, or one of the two that lie after and before all others: PostgreSQL's `timestamptz` with `infinity`.
public enum PostgresTimestamp: ArrayElement, Comparable, CustomStringConvertible {
  case negativeInfinity
  /// Microseconds since 1970-01-01T00:00:00Z: exact where `Date` rounds (ADR 3).
  case moment(microsecondsSince1970: Int64)
  case infinity

  /// A moment.
  public init(_ date: Date) { self = .moment(microsecondsSince1970: date.microsecondsSince1970) }
  /// The moment; `nil` for the infinities.
  public var date: Date? {
    guard case .moment(let value) = self, value > Int64.min / 2 else { return nil }
    return Date(microsecondsSince1970: value)
  }
  /// `2026-11-23T20:21:00Z`, `infinity`, `-infinity`.
  public var description: String {
    switch self {
    case .infinity: "infinity"
    case .negativeInfinity: "-infinity"
    case .moment(let value): TimestampText.rfc3339(microseconds: value)
    }
  }

  public static var columnType: ColumnType { .timestamp }
  public var sqlValue: SQLValue {
    if case .moment(let value) = self { .timestamp(value) } else { .native(type: "timestamptz", text: description) }
  }
  public static func read(_ row: inout Row) throws -> PostgresTimestamp {
    switch try row.next() {
    case .int(.max): return .infinity
    case .int(.min): return .negativeInfinity
    case .int(let value): return .moment(microsecondsSince1970: value)
    case .text(let bytes):
      switch String(decoding: bytes, as: UTF8.self) {
      case "infinity": return .infinity
      case "-infinity": return .negativeInfinity
      default: if let value = MomentText.parse(bytes) { return .moment(microsecondsSince1970: value) }
      }
    default: break
    }
    throw row.mismatch("a date and time")
  }
}
extension PostgresTimestamp: PostgresRangeBound {
  public static var rangeType: String { "tstzrange" }
}
