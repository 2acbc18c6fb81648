import Foundation
import MartletCore

/// SQLite's SQL, with values stored as Django stores them (see `docs/coming-from-django.md`).
public struct SQLiteDialect: SQLDialect {
  /// SQLite.
  public init() {}
  public var name: String { "sqlite" }
  public var family: SQLFamily { .sqlite }
  public var capabilities: SQLCapabilities {
    [
      .insertReturning, .updateReturning, .deleteReturning, .transactionalDDL, .partialIndexes, .textKeys, .deferredReferences,
      .groupsFrames, .fullJoins, .sha1, .commonTablesInWrites, .virtualColumns, .infinity,
    ]
  }
  /// `SQLITE_MAX_VARIABLE_NUMBER` since 3.32.
  public var maxBindings: Int { 32_766 }
  public func quote(_ name: String) -> String { QuotedText.text(name, mark: UInt8(ascii: "\"")) }
  public func placeholder(_ index: Int) -> String { "?" }

  /// Decimals are bound as text; outside of a comparison with a column only a cast makes them numbers.
  public func bound(_ value: SQLValue, placeholder: String) -> String {
    if case .decimal = value { "CAST(\(placeholder) AS NUMERIC)" } else { placeholder }
  }

  /// The names that Django's SQLite backend uses.
  public func typeName(_ type: ColumnType) -> String {
    switch type {
    case .smallInt: "smallint"
    case .int: "integer"
    case .bigInt, .interval: "bigint"
    case .bool: "bool"
    case .double: "real"
    case .decimal: "decimal"
    case .varchar(let length): "varchar(\(length))"
    case .text, .json: "text"
    case .blob: "BLOB"
    case .uuid: "char(32)"
    case .unsignedBigInt: "char(20)"
    case .array: "text"
    case .native(let name): NativeTypeName.sql(name, quote: quote)
    case .timestamp: "datetime"
    case .date: "date"
    case .time: "time"
    }
  }

  public func literal(_ value: SQLValue) -> String {
    switch encode(value) {
    case .int(let value): String(value)
    // Beyond the largest number: SQLite's own text of infinity.
    case .double(let value): value.isInfinite ? (value < 0 ? "-9e999" : "9e999") : value.description
    case .text(let value): QuotedText.literal(value)
    case .blob(let bytes): "x'" + bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() + "'"
    default: "NULL"
    }
  }

  public func encode(_ value: SQLValue) -> SQLValue {
    switch value {
    case .null, .int, .double, .text, .blob: value
    case .bool(let value): .int(value ? 1 : 0)
    // Django binds the text; the column's NUMERIC affinity turns it into INTEGER or REAL where that loses nothing.
    case .decimal(let value): .text(value.description)
    case .uuid(let value): .text(value.hex)
    case .timestamp(let value): .text(TimestampText.sqlite(microseconds: value))
    case .date(let value): .text(value.description)
    case .time(let value): .text(value.description)
    case .interval(let value): .int(value)
    case .json(let value): .text(value)
    // Twenty digits: texts of one length sort as their numbers do, and nothing above 2^63 becomes a REAL.
    case .uint(let value): .text(UnsignedText.padded(value))
    case .array(let values, _): .text(ArrayText.json(values))
    case .native(_, let text): .text(text)
    }
  }

  /// Writers take the lock at once: a deferred transaction that upgrades can fail with SQLITE_BUSY in the middle.
  public func begin(_ options: TransactionOptions) -> [String] { [options.readOnly ? "BEGIN DEFERRED" : "BEGIN IMMEDIATE"] }
}
