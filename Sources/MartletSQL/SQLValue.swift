public import Foundation
public import MartletCore

/// A value on its way to a database: what a statement binds.
///
/// Each dialect decides how a case is stored (``SQLDialect/encode(_:)``): a timestamp is text on
/// SQLite and a `timestamptz` on PostgreSQL.
public enum SQLValue: Sendable, Hashable {
  /// SQL's NULL.
  case null
  case bool(Bool)
  case int(Int64)
  /// An unsigned 64-bit integer.
  case uint(UInt64)
  case double(Double)
  /// An exact decimal number.
  case decimal(Decimal)
  case text(String)
  case blob([UInt8])
  case uuid(UUID)
  /// A moment: microseconds since 1970-01-01T00:00:00Z.
  case timestamp(Int64)
  /// A day without a time.
  case date(CalendarDate)
  /// A time of day without a day.
  case time(TimeOfDay)
  /// A length of time in microseconds.
  case interval(Int64)
  /// JSON text.
  case json(String)
  /// A list of values of one column type: an array on PostgreSQL, JSON text elsewhere.
  indirect case array([SQLValue], of: ColumnType)
  /// A value of a type that only one database has, by that type's name in DDL and its text: `('inet', '10.0.0.1/8')`.
  case native(type: String, text: String)

  /// Whether this is SQL's NULL.
  public var isNull: Bool { if case .null = self { true } else { false } }
}

/// What a column holds, apart from any dialect.
public enum ColumnType: Sendable, Hashable {
  /// 16 bits, Django's `SmallIntegerField`.
  case smallInt
  /// 32 bits, Django's `IntegerField`.
  case int
  /// 64 bits, Django's `BigIntegerField`.
  case bigInt
  /// 64 bits without a sign: `numeric(20)` on PostgreSQL, `bigint unsigned` on MySQL, 20 digits of text on SQLite.
  case unsignedBigInt
  case bool
  /// 64-bit floating point.
  case double
  /// Exact: `precision` digits in all, `scale` of them after the point.
  case decimal(precision: Int, scale: Int)
  /// Text of at most so many characters (Unicode scalars).
  case varchar(Int)
  /// Text without a limit.
  case text
  case blob
  case uuid
  /// A moment in UTC, to the microsecond.
  case timestamp
  case date
  case time
  /// A length of time, in microseconds.
  case interval
  case json
  /// A list: an array on PostgreSQL, JSON elsewhere.
  indirect case array(ColumnType)
  /// A type that only one database has, by its name in DDL: `inet`, `int4range`.
  case native(String)
}
