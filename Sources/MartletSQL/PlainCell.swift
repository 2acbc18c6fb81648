package import Foundation
package import MartletCore

/// How most cells become JSON: straight from what the driver hands over.
package enum PlainForm: Sendable {
  case integer, double, bool, text
  /// Microseconds since 1970.
  case moment
}

/// A type whose cells have a plain form.
package protocol PlainCell {
  /// The form; `nil` where the type of which it is made has none.
  static var plainForm: PlainForm? { get }
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

extension Int: PlainCell { package static var plainForm: PlainForm? { .integer } }
extension Int64: PlainCell { package static var plainForm: PlainForm? { .integer } }
extension Double: PlainCell { package static var plainForm: PlainForm? { .double } }
extension Bool: PlainCell { package static var plainForm: PlainForm? { .bool } }
extension String: PlainCell { package static var plainForm: PlainForm? { .text } }
extension Date: PlainCell { package static var plainForm: PlainForm? { .moment } }
extension Optional: PlainCell { package static var plainForm: PlainForm? { (Wrapped.self as? any PlainCell.Type)?.plainForm } }
