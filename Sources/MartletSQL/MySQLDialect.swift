import Foundation
import MartletCore

/// The SQL of MySQL 8 and MariaDB 10.11, with the column types of Django's backend.
public struct MySQLDialect: SQLDialect, Hashable {
  /// Which of the two servers it is.
  public enum Flavor: String, Sendable, Hashable { case mySQL = "mysql", mariaDB = "mariadb" }
  /// Which of the two servers it is.
  public var flavor: Flavor

  /// The SQL of this server.
  public init(_ flavor: Flavor) { self.flavor = flavor }

  public var name: String { flavor.rawValue }
  public var family: SQLFamily { .mysql }
  public var capabilities: SQLCapabilities {
    switch flavor {
    case .mariaDB:
      [
        .insertReturning, .deleteReturning, .alterColumn, .isolationLevels, .skipLocked, .lockNoWait, .bagOperations, .rollup,
        .sha1, .sha224, .virtualColumns, .exactDecimals,
      ]
    case .mySQL:
      [
        .alterColumn, .isolationLevels, .lockOf, .skipLocked, .lockNoWait, .lateralJoins, .bagOperations, .rollup, .sha1, .sha224,
        .commonTablesInWrites, .virtualColumns, .exactDecimals,
      ]
    }
  }
  /// The protocol counts parameters in 16 bits.
  public var maxBindings: Int { 65_535 }
  public func quote(_ name: String) -> String { QuotedText.text(name, mark: UInt8(ascii: "`")) }
  public func placeholder(_ index: Int) -> String { "?" }
  /// As it is: the driver binds every value in its own type, decimals too.
  public func bound(_ value: SQLValue, placeholder: String) -> String { placeholder }

  /// The collation of sessions and tables: by code points, so that case, accents and blanks at the end tell texts apart, as on
  /// the other databases (ADR 0008). `utf8mb4_bin`, which both servers have, would ignore the blanks.
  public var collation: String { flavor == .mariaDB ? "utf8mb4_nopad_bin" : "utf8mb4_0900_bin" }
  /// What follows the columns in `CREATE TABLE`.
  public var tableOptions: String { "ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE \(collation)" }

  public func typeName(_ type: ColumnType) -> String {
    switch type {
    case .smallInt: "smallint"
    case .int: "integer"
    case .bigInt, .interval: "bigint"
    case .unsignedBigInt: "bigint unsigned"
    case .bool: "bool"
    case .double: "double precision"
    case .decimal(let precision, let scale): "decimal(\(precision), \(scale))"
    case .varchar(let length): "varchar(\(length))"
    case .text: "longtext"
    case .blob: "longblob"
    case .uuid: flavor == .mariaDB ? "uuid" : "char(32)"
    case .timestamp: "datetime(6)"
    case .date: "date"
    case .time: "time(6)"
    case .json, .array: "json"
    case .native(let name): NativeTypeName.sql(name, quote: quote)
    }
  }

  public func literal(_ value: SQLValue) -> String {
    switch encode(value) {
    case .null: "NULL"
    case .int(let value): String(value)
    case .uint(let value): String(value)
    case .double(let value): value.description
    case .decimal(let value): value.description
    case .text(let text): quoted(text)
    case .blob(let bytes): "x'" + bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() + "'"
    case .timestamp(let value): "TIMESTAMP" + quoted(TimestampText.sqlite(microseconds: value))
    case .date(let value): "DATE" + quoted(value.description)
    case .time(let value): "TIME" + quoted(value.description)
    default: "NULL"
    }
  }

  public func encode(_ value: SQLValue) -> SQLValue {
    switch value {
    case .null, .int, .uint, .double, .decimal, .text, .blob, .timestamp, .date, .time: value
    case .bool(let value): .int(value ? 1 : 0)
    case .uuid(let value): .text(flavor == .mariaDB ? value.uuidString.lowercased() : value.hex)
    case .interval(let value): .int(value)
    case .json(let text), .native(_, let text): .text(text)
    case .array(let values, _): .text(ArrayText.json(values))
    }
  }

  /// The isolation level is a statement of its own, for the next transaction.
  public func begin(_ options: TransactionOptions) -> [String] {
    (options.isolation.map { ["SET TRANSACTION ISOLATION LEVEL \($0.rawValue)"] } ?? [])
      + ["START TRANSACTION" + (options.readOnly ? " READ ONLY" : "")]
  }

  /// Backslashes are escapes unless sql_mode says otherwise.
  private func quoted(_ text: String) -> String { QuotedText.literal(escapingBackslashes: text) }
}
