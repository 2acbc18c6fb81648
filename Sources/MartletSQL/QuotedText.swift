/// Names and texts between marks, in which each mark inside is doubled.
///
/// By bytes: `replacing` compares characters, and a mark with an accent behind it is another character than the mark, which the
/// database does not know.
package enum QuotedText {
  /// The text in marks.
  package static func text(_ text: String, mark: UInt8) -> String {
    var text = text
    return text.withUTF8 { utf8 in
      let marks = utf8.reduce(0) { $0 + ($1 == mark ? 1 : 0) }
      return String(unsafeUninitializedCapacity: utf8.count + marks + 2) { target in
        var place = 0
        func put(_ byte: UInt8) {
          target[place] = byte
          place += 1
        }
        put(mark)
        for byte in utf8 {
          put(byte)
          if byte == mark { put(mark) }
        }
        put(mark)
        return place
      }
    }
  }
}

extension QuotedText {
  /// The text with each of these ASCII bytes written twice, or behind another one.
  package static func escaped(_ text: String, _ escapes: (byte: UInt8, by: UInt8)...) -> String {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count + 8)
    for byte in text.utf8 {
      if let escape = escapes.first(where: { $0.byte == byte }) { bytes.append(escape.by) }
      bytes.append(byte)
    }
    return String(decoding: bytes, as: UTF8.self)
  }
  /// A literal of standard SQL: `'it''s'`.
  package static func literal(_ text: String) -> String { Self.text(text, mark: UInt8(ascii: "'")) }
  /// A literal where a backslash escapes: `C:\it's` is `'C:\\it''s'`.
  package static func literal(escapingBackslashes text: String) -> String {
    let (mark, slash) = (UInt8(ascii: "'"), UInt8(ascii: "\\"))
    return "'" + escaped(text, (mark, mark), (slash, slash)) + "'"
  }
}

/// Martlet's own dialects, whose names and placeholders are written without asking them for each.
package enum OwnDialect {
  /// The mark around names; `nil` for dialects from elsewhere.
  package static func nameMark(_ dialect: any SQLDialect) -> UInt8? {
    let kind: Any.Type = type(of: dialect)
    if kind == PostgresDialect.self || kind == SQLiteDialect.self { return UInt8(ascii: "\"") }
    return kind == MySQLDialect.self ? UInt8(ascii: "`") : nil
  }
}
