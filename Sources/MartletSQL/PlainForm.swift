package import MartletCore

/// How a cell becomes JSON straight from what the driver hands over: as most cells of a list do.
public enum PlainForm: Sendable {
  /// An integer, as a number.
  case integer
  /// A floating-point number.
  case double
  /// An integer, as `true` or `false`.
  case bool
  /// A text.
  case text
  /// Microseconds since 1970, as an RFC 3339 string in UTC.
  case moment
}

extension Row {
  /// Writes the next cell as `writeJSON` of its type does, without asking the type: every list consists of such cells.
  /// - Returns: `false` where the cell is not what the form expects; then nothing was read and nothing written.
  package mutating func writePlain(_ form: PlainForm, to json: inout JSONWriter) -> Bool {
    guard index < count else { return false }
    switch (cells[index], form) {
    case (.null, _): json.null()
    case (.int(let value), .integer): json.number(value)
    case (.int(let value), .bool): json.bool(value != 0)
    case (.int(let value), .moment):
      // Where a `Date` keeps every microsecond: 1900 to 2099.
      guard (-2_208_988_800_000_000..<4_102_444_800_000_000).contains(value) else { return false }
      json.timestamp(microseconds: value)
    case (.double(let value), .double): json.number(value)
    case (.text(let bytes), .text): json.string(utf8: bytes)
    default: return false
    }
    index += 1
    return true
  }
}
