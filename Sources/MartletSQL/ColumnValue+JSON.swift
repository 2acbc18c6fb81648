public import Foundation
public import MartletCore

// Cells become JSON without the value in between, where its text is the same. `Tests/MartletORMTests/ReadPropertyTests`
// holds each of these against the JSON of the decoded value, byte for byte.

extension ColumnValue {
  /// Decodes the cell and writes the value that it would bind: right for every type.
  public static func writeJSON(from row: inout Row, to json: inout JSONWriter) throws {
    json.value(try read(&row).sqlValue)
  }
}

extension Int64 {
  /// An integer.
  public static var plainForm: PlainForm? { .integer }
  /// The number.
  public static func writeJSON(from row: inout Row, to json: inout JSONWriter) throws { json.number(try row.int()) }
}
extension Int {
  /// An integer.
  public static var plainForm: PlainForm? { .integer }
  /// The number.
  public static func writeJSON(from row: inout Row, to json: inout JSONWriter) throws { json.number(try read(&row)) }
}
extension Int32 {
  /// The number.
  public static func writeJSON(from row: inout Row, to json: inout JSONWriter) throws { json.number(Int64(try read(&row))) }
}
extension Int16 {
  /// The number.
  public static func writeJSON(from row: inout Row, to json: inout JSONWriter) throws { json.number(Int64(try read(&row))) }
}
extension Double {
  /// A floating-point number.
  public static var plainForm: PlainForm? { .double }
  /// The number; `null` for what JSON has no number for.
  public static func writeJSON(from row: inout Row, to json: inout JSONWriter) throws { json.number(try row.double()) }
}
extension Bool {
  /// True or false.
  public static var plainForm: PlainForm? { .bool }
  /// `true` or `false`.
  public static func writeJSON(from row: inout Row, to json: inout JSONWriter) throws { json.bool(try row.bool()) }
}
extension String {
  /// A text.
  public static var plainForm: PlainForm? { .text }
  /// The cell's bytes, escaped.
  public static func writeJSON(from row: inout Row, to json: inout JSONWriter) throws {
    guard case .text(let bytes) = try row.next() else { throw row.mismatch("text") }
    json.string(utf8: bytes)
  }
}
extension Date {
  /// A moment.
  public static var plainForm: PlainForm? { .moment }
  /// RFC 3339 in UTC, to the microsecond that a `Date` keeps.
  public static func writeJSON(from row: inout Row, to json: inout JSONWriter) throws {
    json.timestamp(microseconds: try read(&row).microsecondsSince1970)
  }
}
extension UUID {
  /// 36 characters in lower case.
  public static func writeJSON(from row: inout Row, to json: inout JSONWriter) throws {
    let value: UUID
    switch try row.next() {
    case .text(let bytes):
      guard let parsed = UUID(hexBytes: bytes) else { throw row.mismatch("a UUID") }
      value = parsed
    case .blob(let bytes) where bytes.count == 16: value = UUID(uuid: bytes.loadUnaligned(as: uuid_t.self))
    default: throw row.mismatch("a UUID")
    }
    json.string(value)
  }
}
extension Optional where Wrapped: ColumnValue {
  /// The form of the value.
  public static var plainForm: PlainForm? { Wrapped.plainForm }
  /// `null`, or the value.
  public static func writeJSON(from row: inout Row, to json: inout JSONWriter) throws {
    if row.skipNull() { json.null() } else { try Wrapped.writeJSON(from: &row, to: &json) }
  }
}
