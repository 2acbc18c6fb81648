import Foundation
import MartletCore
package import MartletSQL

/// Values in PostgreSQL's text form, as parts of arrays, ranges and composites.
package enum PostgresText {
  /// The text that the value's type reads; `nil` for NULL.
  package static func text(_ value: SQLValue) -> String? {
    if case .null = value { return nil }
    return notNull(value)
  }
  private static func notNull(_ value: SQLValue) -> String {
    switch value {
    case .null: ""
    case .bool(let value): value ? "t" : "f"
    case .int(let value): String(value)
    case .uint(let value): String(value)
    case .double(let value): NumberText.text(value)
    case .decimal(let value): value.description
    case .text(let value), .json(let value), .native(_, let value): value
    case .blob(let bytes): "\\x" + bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    case .uuid(let value): value.uuidString.lowercased()
    case .timestamp(.max): "infinity"
    case .timestamp(.min): "-infinity"
    case .timestamp(let value): TimestampText.rfc3339(microseconds: value)
    case .date(let value): value.description
    case .time(let value): value.description
    case .interval(let value): IntervalText(microseconds: value).iso8601
    case .array(let values, _): array(values.map(text))
    }
  }

  /// `{1,NULL,"a\"b"}`
  package static func array(_ elements: [String?]) -> String {
    "{" + elements.map { $0.map { quoted($0, doubling: false) } ?? "NULL" }.joined(separator: ",") + "}"
  }

  /// `(1,,"a ""b""")`: NULL is nothing at all.
  package static func record(_ fields: [String?]) -> String {
    "(" + fields.map { $0.map { quoted($0, doubling: true) } ?? "" }.joined(separator: ",") + ")"
  }

  /// In quotes always, which is right for every text.
  static func quoted(_ text: String, doubling: Bool) -> String {
    let (mark, slash) = (UInt8(ascii: "\""), UInt8(ascii: "\\"))
    return "\"" + QuotedText.escaped(text, (slash, slash), (mark, doubling ? mark : slash)) + "\""
  }

  /// The parts of a record's or a range's text between its brackets: an empty part is `nil`, an empty text is `""`.
  static func parts(_ text: Substring) -> [String?]? {
    var parts: [String?] = [], part = "", isWritten = false, isQuoted = false
    var rest = text.unicodeScalars
    while let scalar = rest.popFirst() {
      switch scalar {
      case "\\":
        guard let escaped = rest.popFirst() else { return nil }
        part.unicodeScalars.append(escaped)
        isWritten = true
      case "\"":
        isWritten = true
        if isQuoted, rest.first == "\"" {
          rest.removeFirst()
          part.append("\"")
        } else {
          isQuoted.toggle()
        }
      case "," where !isQuoted:
        parts.append(isWritten ? part : nil)
        (part, isWritten) = ("", false)
      default:
        part.unicodeScalars.append(scalar)
        isWritten = true
      }
    }
    guard !isQuoted else { return nil }
    return parts + [isWritten ? part : nil]
  }
}

extension Row {
  /// The next cell's text, for types that PostgreSQL writes as text.
  mutating func text(of type: String) throws -> String {
    if case .text(let bytes) = try next() { return String(decoding: bytes, as: UTF8.self) }
    throw mismatch(type)
  }
}
