import Foundation
import MartletCore

/// PostgreSQL's SQL (12 and newer), with the column types of Django's backend.
public struct PostgresDialect: SQLDialect {
  /// PostgreSQL.
  public init() {}
  public var name: String { "postgresql" }
  public var family: SQLFamily { .postgres }
  public var capabilities: SQLCapabilities {
    [
      .insertReturning, .updateReturning, .deleteReturning, .transactionalDDL, .alterColumn, .isolationLevels, .lockOf,
      .skipLocked, .lockNoWait, .noKeyLocks, .partialIndexes, .textKeys, .deferredReferences,
      .groupsFrames, .lateralJoins, .fullJoins, .bagOperations, .rollup, .sha224, .commonTablesInWrites, .nativeArrays,
      .exactDecimals, .negativeZero, .infinity, .notANumber,
    ]
  }
  /// The protocol counts parameters in 16 bits.
  public var maxBindings: Int { 65_535 }
  public func quote(_ name: String) -> String { QuotedText.text(name, mark: UInt8(ascii: "\"")) }
  public func placeholder(_ index: Int) -> String { "$\(index)" }

  /// Types that only the server knows are named; the driver declares the types of all others.
  public func bound(_ value: SQLValue, placeholder: String) -> String {
    if case .native(let type, _) = value { "\(placeholder)::\(typeName(.native(type)))" } else { placeholder }
  }

  public func typeName(_ type: ColumnType) -> String {
    switch type {
    case .smallInt: "smallint"
    case .int: "integer"
    case .bigInt: "bigint"
    case .unsignedBigInt: "numeric(20, 0)"
    case .bool: "boolean"
    case .double: "double precision"
    case .decimal(let precision, let scale): "numeric(\(precision), \(scale))"
    case .varchar(let length): "varchar(\(length))"
    case .text: "text"
    case .blob: "bytea"
    case .uuid: "uuid"
    case .timestamp: "timestamp with time zone"
    case .date: "date"
    case .time: "time"
    case .interval: "interval"
    case .json: "jsonb"
    case .array(let element): typeName(element) + "[]"
    case .native(let name): NativeTypeName.sql(name, quote: quote)
    }
  }

  public func literal(_ value: SQLValue) -> String {
    func quoted(_ text: String, _ type: String) -> String { QuotedText.literal(text) + "::" + type }
    return switch value {
    case .null: "NULL"
    case .bool(let value): value ? "TRUE" : "FALSE"
    case .int(let value): String(value)
    case .uint(let value): String(value)
    case .double(let value):
      value.isFinite ? value.description : quoted(value.isNaN ? "NaN" : value < 0 ? "-Infinity" : "Infinity", "float8")
    case .decimal(let value): value.description
    // An E string: a backslash means the same whatever standard_conforming_strings says.
    case .text(let text):
      (text.utf8.contains(UInt8(ascii: "\\")) ? "E" : "") + QuotedText.literal(escapingBackslashes: text)
    case .blob(let bytes): "'\\x" + bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() + "'::bytea"
    case .uuid(let value): quoted(value.uuidString.lowercased(), "uuid")
    case .timestamp(let value): quoted(TimestampText.rfc3339(microseconds: value), "timestamptz")
    case .date(let value): quoted(value.description, "date")
    case .time(let value): quoted(value.description, "time")
    case .interval(let value): "'\(value) microseconds'::interval"
    case .json(let text): quoted(text, "jsonb")
    case .array(let values, let element):
      "ARRAY[" + values.map(literal).joined(separator: ", ") + "]::" + typeName(element) + "[]"
    case .native(let type, let text): quoted(text, typeName(.native(type)))
    }
  }

  /// As it is: the driver writes the binary form of each case.
  public func encode(_ value: SQLValue) -> SQLValue { value }

  public func begin(_ options: TransactionOptions) -> [String] {
    ["BEGIN" + (options.isolation.map { " ISOLATION LEVEL \($0.rawValue)" } ?? "") + (options.readOnly ? " READ ONLY" : "")]
  }
}
