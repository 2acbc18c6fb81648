import Foundation
import MartletCore
import MartletORM
import MartletSQL

@testable import MartletMigrations

/// Fills tables with rows that differ in every column, and reads them back.
enum RowMaker {
  static let count = 4

  /// The value of a column in a row; some are NULL where they may be.
  static func value(_ column: ColumnState, row: Int) -> SQLValue {
    if column.isNullable, row == 3 { return .null }
    if column.references != nil { return .int(Int64((row * 2) % count + 1)) }
    let n = Int64(row) + Int64(column.name.utf8.reduce(0) { $0 &+ Int($1) })
    return switch column.type {
    case .smallInt, .int, .bigInt: .int(n)
    case .interval: .interval(n * 1_000_000)
    case .double: .double(Double(n) + 0.5)
    case .decimal: .decimal(Decimal(n) / 4)
    case .varchar, .text: .text("'\(column.name)' \"\(row)\" é")
    case .blob: .blob([0, UInt8(row), 255])
    case .uuid: .uuid(UUID(uuid: (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, UInt8(truncatingIfNeeded: n), UInt8(row))))
    case .timestamp: .timestamp(n * 1_000_000_007)
    case .date: .date(CalendarDate(daysSince1970: Int(n)))
    case .time: TimeOfDay(microseconds: n).map { .time($0) } ?? .null
    case .json: .json("{\"row\": \(row)}")
    case .bool: .bool(row % 2 == 0)
    case .unsignedBigInt: .uint(UInt64(n))
    case .array(let element): .array([.int(n), .null], of: element)
    case .native(let name): .native(type: name, text: "\(n)")
    }
  }

  static func fill(_ state: SchemaState, _ db: Database) async throws {
    let dialect = db.dialect
    // References are checked at the commit, so that the order of the tables does not matter.
    try await db.transaction { tx in
      // MySQL checks each row at once.
      if dialect.family == .mysql { try await tx.run(SQLStatement("SET foreign_key_checks = 0", effect: .definition)) }
      for table in state.tables.values.sorted(by: { $0.name < $1.name }) {
        let columns = table.columns.map { dialect.quote($0.name) }.joined(separator: ", ")
        let places = table.columns.indices.map { dialect.placeholder($0 + 1) }.joined(separator: ", ")
        for row in 1...count {
          let values = table.columns.map { $0.isPrimaryKey ? SQLValue.int(Int64(row)) : value($0, row: row) }
          try await tx.run(SQLStatement("INSERT INTO \(dialect.quote(table.name)) (\(columns)) VALUES (\(places))", values))
        }
      }
      if dialect.family == .mysql { try await tx.run(SQLStatement("SET foreign_key_checks = 1", effect: .definition)) }
    }
  }

  /// The values of a column by key, as text; `nil` for NULL.
  static func values(_ column: String, of table: String, _ db: Database) async throws -> [Int64: String?] {
    let name = db.dialect.quote(column)
    let value = db.dialect.family == .mysql ? "HEX(CAST(\(name) AS BINARY))" : "CAST(\(name) AS TEXT)"
    let text = "SELECT id, \(value) FROM \(db.dialect.quote(table)) t ORDER BY t.id"
    let rows = try await db.query(SQLStatement(text, effect: .read)) { row in
      let id = try row.int()
      switch try row.next() {
      case .text(let bytes), .blob(let bytes): return (id, String?.some(String(decoding: bytes, as: UTF8.self)))
      default: return (id, nil)
      }
    }
    return Dictionary(uniqueKeysWithValues: rows)
  }
}
