public import Foundation
public import MartletCore

/// A type whose arrays are columns: `var tags: [String]` is `text[]` on PostgreSQL and JSON text on the other databases.
///
/// An app's own column type joins by its name alone, the rest has defaults:
///
/// ```swift
/// extension Color: ArrayElement {}
/// ```
public protocol ArrayElement: ColumnValue {
  /// The type of a column of such an array.
  static var arrayType: ColumnType { get }
  /// The value to bind for an array.
  static func arrayValue(_ elements: [Self]) -> SQLValue
  /// The array in the row's next cell.
  /// - Throws: ``RowError`` where the cell holds none.
  static func readArray(_ row: inout Row) throws -> [Self]
}

extension ArrayElement {
  /// An array of the element's type.
  public static var arrayType: ColumnType { .array(columnType) }
  /// The elements' values.
  public static func arrayValue(_ elements: [Self]) -> SQLValue { .array(elements.map(\.sqlValue), of: columnType) }
  /// Reads PostgreSQL's text of an array as well as JSON.
  public static func readArray(_ row: inout Row) throws -> [Self] {
    let bytes: UnsafeRawBufferPointer
    switch try row.next() {
    case .text(let text), .blob(let text): bytes = text
    default: throw row.mismatch("an array")
    }
    do throws(ArrayTextError) {
      return try ArrayText.read(bytes, Self.self)
    } catch {
      throw row.refusal(error.message)
    }
  }
}

extension Array: ColumnValue where Element: ArrayElement {
  /// An array of the element's type; bytes for `[UInt8]`.
  public static var columnType: ColumnType { Element.arrayType }
  /// The elements; bytes for `[UInt8]`.
  public var sqlValue: SQLValue { Element.arrayValue(self) }
  /// The array in the row's next cell.
  /// - Throws: ``RowError`` where the cell holds none.
  public static func read(_ row: inout Row) throws -> [Element] { try Element.readArray(&row) }
}

extension UInt8: ArrayElement {
  /// Bytes are no list of numbers.
  public static var arrayType: ColumnType { .blob }
  /// Bytes.
  public static func arrayValue(_ elements: [UInt8]) -> SQLValue { .blob(elements) }
  /// The bytes of the row's next cell.
  /// - Throws: ``RowError`` where it holds a number or NULL.
  public static func readArray(_ row: inout Row) throws -> [UInt8] {
    switch try row.next() {
    case .blob(let bytes), .text(let bytes): return Array(bytes)
    default: throw row.mismatch("bytes")
    }
  }
}

/// Elements that may be NULL.
extension Optional: ArrayElement where Wrapped: ArrayElement {}
/// Lists of bytes; no other array may stand in an array.
extension Array: ArrayElement where Element == UInt8 {}

extension String: ArrayElement {}
extension Bool: ArrayElement {}
extension Int: ArrayElement {}
extension Int64: ArrayElement {}
extension Int32: ArrayElement {}
extension Int16: ArrayElement {}
extension Int8: ArrayElement {}
extension UInt: ArrayElement {}
extension UInt64: ArrayElement {}
extension UInt32: ArrayElement {}
extension UInt16: ArrayElement {}
extension Double: ArrayElement {}
extension Float: ArrayElement {}
extension Decimal: ArrayElement {}
extension UUID: ArrayElement {}
extension Date: ArrayElement {}
extension CalendarDate: ArrayElement {}
extension TimeOfDay: ArrayElement {}
extension Duration: ArrayElement {}
extension JSON: ArrayElement {}
