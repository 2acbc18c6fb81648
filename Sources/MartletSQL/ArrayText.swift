import MartletCore

/// Lists as text: JSON where the database has no arrays.
package enum ArrayText {
  /// `[1,null,"a"]`: numbers and booleans as such, everything else as the text that SQLite stores, doubles that JSON has no
  /// number for as `"NaN"`, `"Infinity"` and `"-Infinity"`, bytes as hexadecimal digits.
  package static func json(_ values: [SQLValue]) -> String { "[" + values.map(element).joined(separator: ",") + "]" }

  private static func element(_ value: SQLValue) -> String {
    switch value {
    case .null: return "null"
    case .bool(let value): return value ? "true" : "false"
    case .int(let value): return String(value)
    case .interval(let value): return String(value)
    case .uint(let value): return String(value)
    case .double(let value) where value.isFinite: return value.description
    case .double(let value): return quoted(NumberText.text(value))
    case .array(let values, _): return json(values)
    case .blob(let bytes): return quoted(bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined())
    default:
      if case .text(let text) = SQLiteDialect().encode(value) { return quoted(text) }
      return "null"
    }
  }

  private static func quoted(_ text: String) -> String {
    var writer = JSONWriter()
    writer.string(text)
    return writer.text
  }
}

/// Unsigned integers as text whose order is that of the numbers.
package enum UnsignedText {
  /// Twenty digits.
  package static func padded(_ value: UInt64) -> String {
    let text = String(value)
    return String(repeating: "0", count: 20 - text.utf8.count) + text
  }
}
