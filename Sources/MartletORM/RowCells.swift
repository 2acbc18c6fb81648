import Foundation
import MartletCore
package import MartletSQL

/// Rows made of values in memory, read by the same decoders as rows of a database.
package enum RowCells {
  /// Lends a row with these values.
  package static func withRow<Result>(_ values: [SQLValue], _ body: (inout Row) throws -> Result) rethrows -> Result {
    // Bytes first, so that no buffer moves while cells point into it.
    let bytes = values.map { value -> [UInt8] in
      switch value {
      case .text(let text), .json(let text), .native(_, let text): Array(text.utf8)
      case .uint(let number): Array(String(number).utf8)
      case .array(let values, _): Array(ArrayText.json(values).utf8)
      case .decimal(let number): Array(number.description.utf8)
      case .uuid(let id): Array(id.hex.utf8)
      case .date(let date): Array(date.description.utf8)
      case .blob(let bytes): bytes
      default: []
      }
    }
    return try withPointers(bytes[...], []) { pointers in
      let cells = zip(values, pointers).map { value, bytes -> RowCell in
        switch value {
        case .null: .null
        case .bool(let value): .int(value ? 1 : 0)
        case .int(let value), .timestamp(let value), .interval(let value): .int(value)
        case .time(let value): .int(value.microseconds)
        case .double(let value): .double(value)
        case .blob: .blob(bytes)
        case .text, .json, .decimal, .uuid, .date, .uint, .array, .native: .text(bytes)
        }
      }
      return try cells.withUnsafeBufferPointer { buffer in
        guard let base = buffer.baseAddress else {
          var empty = RowCell.null
          return try withUnsafePointer(to: &empty) { pointer in
            var row = Row(cells: pointer, count: 0)
            return try body(&row)
          }
        }
        var row = Row(cells: base, count: buffer.count)
        return try body(&row)
      }
    }
  }

  private static func withPointers<Result>(
    _ bytes: ArraySlice<[UInt8]>, _ pointers: [UnsafeRawBufferPointer], _ body: ([UnsafeRawBufferPointer]) throws -> Result
  ) rethrows -> Result {
    guard let first = bytes.first else { return try body(pointers) }
    return try first.withUnsafeBytes { try withPointers(bytes.dropFirst(), pointers + [$0], body) }
  }

  /// A cell's value, to keep.
  static func copy(_ cell: RowCell) throws -> SQLValue {
    switch cell {
    case .null: .null
    case .int(let value): .int(value)
    case .double(let value): .double(value)
    case .text(let bytes): .text(String(decoding: bytes, as: UTF8.self))
    case .blob(let bytes): .blob(Array(bytes))
    }
  }
}
