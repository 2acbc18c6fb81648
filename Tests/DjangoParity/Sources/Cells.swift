import Foundation
import MartletCore
import MartletSQL

/// Cells as texts that `compare.py` holds against Django's values.
enum Cells {
  /// The next cell of a row, read as the kind that the query says it has.
  static func read(_ kind: String, _ row: inout Row) throws -> String? {
    switch kind {
    case "int": text(try Int64?.read(&row)?.sqlValue)
    case "double": text(try Double?.read(&row)?.sqlValue)
    case "bool": text(try Bool?.read(&row)?.sqlValue)
    case "text": text(try String?.read(&row)?.sqlValue)
    case "timestamp": text(try Date?.read(&row)?.sqlValue)
    case "duration": text(try Duration?.read(&row)?.sqlValue)
    case "decimal": text(try Decimal?.read(&row)?.sqlValue)
    case "date": text(try CalendarDate?.read(&row)?.sqlValue)
    case "time": text(try TimeOfDay?.read(&row)?.sqlValue)
    case "uuid": text(try UUID?.read(&row)?.sqlValue)
    default: throw SpecError(description: "kind \(kind)")
    }
  }

  /// A value as text.
  static func text(_ value: SQLValue?) -> String? {
    switch value {
    case nil, .null: nil
    case .bool(let value): value ? "true" : "false"
    case .int(let value), .timestamp(let value), .interval(let value): String(value)
    case .double(let value): value.description
    case .decimal(let value): value.description
    case .text(let value), .json(let value): value
    case .uuid(let value): value.hex
    case .date(let value): value.description
    case .time(let value): value.description
    case .uint(let value): String(value)
    case .blob(let bytes): bytes.map { String($0, radix: 16) }.joined(separator: " ")
    case .array(let values, _): values.map { text($0) ?? "null" }.joined(separator: ",")
    case .native(_, let value): value
    }
  }

  /// A tuple of values as a row.
  static func row<each V: ColumnValue>(_ values: (repeat each V)) -> [String?] {
    var cells: [String?] = []
    for value in repeat each values { cells.append(text(value.sqlValue)) }
    return cells
  }
}
