/// Finds where a text stops being JSON (RFC 8259), to tell a client the line and the column. Used only
/// after a decoder has failed, so speed does not count.
package struct JSONSyntax {
  /// The first place that is wrong.
  package struct Fault {
    let message: String
    let offset: Int
    let line: Int
    let column: Int

    package var error: HTTPError {
      HTTPError(.malformedJSON, "\(message) at line \(line), column \(column) (byte \(offset)).")
    }
  }

  private struct Stop: Error { let message: String }
  private let bytes: [UInt8]
  private var index = 0
  /// Foundation's decoder refuses deeper nesting too.
  private static let depthLimit = 512

  private init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// The first fault, or `nil` for valid JSON.
  package static func firstFault(in bytes: [UInt8]) -> Fault? {
    var scanner = JSONSyntax(bytes)
    do throws(Stop) {
      try scanner.value(depth: 0)
      scanner.space()
      if scanner.index < bytes.count { throw Stop(message: "There is more after the value") }
      return String(validating: bytes, as: UTF8.self) == nil
        ? Fault(message: "The text is not UTF-8", offset: 0, line: 1, column: 1) : nil
    } catch {
      let before = bytes[..<min(scanner.index, bytes.count)]
      let line = before.count { $0 == 10 } + 1
      let lineStart = before.lastIndex(of: 10).map { $0 + 1 } ?? 0
      // A column counts characters, not bytes: continuation bytes of UTF-8 are passed over.
      let column = before[lineStart...].count { $0 & 0xC0 != 0x80 } + 1
      return Fault(message: error.message, offset: scanner.index, line: line, column: column)
    }
  }

  private var current: UInt8? { index < bytes.count ? bytes[index] : nil }
  private mutating func space() {
    while let byte = current, byte == 32 || byte == 9 || byte == 10 || byte == 13 { index += 1 }
  }
  private func unexpected(_ wanted: String) -> Stop {
    guard let byte = current else { return Stop(message: "The text ends where \(wanted) should be") }
    let what = (33...126).contains(byte) ? "“\(Character(Unicode.Scalar(byte)))”" : "an unexpected character"
    return Stop(message: "There is \(what) where \(wanted) should be")
  }

  private mutating func value(depth: Int) throws(Stop) {
    guard depth < JSONSyntax.depthLimit else { throw Stop(message: "The nesting is too deep") }
    space()
    switch current {
    case UInt8(ascii: "{"): try object(depth: depth)
    case UInt8(ascii: "["): try array(depth: depth)
    case UInt8(ascii: "\""): try string()
    case UInt8(ascii: "t"): try word("true")
    case UInt8(ascii: "f"): try word("false")
    case UInt8(ascii: "n"): try word("null")
    case UInt8(ascii: "-"), .some(UInt8(ascii: "0")...UInt8(ascii: "9")): try number()
    default: throw unexpected("a value")
    }
  }
  private mutating func object(depth: Int) throws(Stop) {
    index += 1
    space()
    if current == UInt8(ascii: "}") {
      index += 1
      return
    }
    while true {
      space()
      guard current == UInt8(ascii: "\"") else { throw unexpected("a name in quotes") }
      try string()
      space()
      guard current == UInt8(ascii: ":") else { throw unexpected("“:”") }
      index += 1
      try value(depth: depth + 1)
      space()
      if current == UInt8(ascii: "}") { break }
      guard current == UInt8(ascii: ",") else { throw unexpected("“,” or “}”") }
      index += 1
    }
    index += 1
  }
  private mutating func array(depth: Int) throws(Stop) {
    index += 1
    space()
    if current == UInt8(ascii: "]") {
      index += 1
      return
    }
    while true {
      try value(depth: depth + 1)
      space()
      if current == UInt8(ascii: "]") { break }
      guard current == UInt8(ascii: ",") else { throw unexpected("“,” or “]”") }
      index += 1
    }
    index += 1
  }
  private mutating func word(_ word: StaticString) throws(Stop) {
    for byte in "\(word)".utf8 {
      guard current == byte else { throw unexpected("“\(word)”") }
      index += 1
    }
  }
  private mutating func digits() throws(Stop) {
    guard let byte = current, (48...57).contains(byte) else { throw unexpected("a digit") }
    while let byte = current, (48...57).contains(byte) { index += 1 }
  }
  private mutating func number() throws(Stop) {
    if current == UInt8(ascii: "-") { index += 1 }
    if current == UInt8(ascii: "0") { index += 1 } else { try digits() }
    if current == UInt8(ascii: ".") {
      index += 1
      try digits()
    }
    if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
      index += 1
      if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { index += 1 }
      try digits()
    }
  }
  private mutating func string() throws(Stop) {
    index += 1
    while let byte = current {
      switch byte {
      case UInt8(ascii: "\""):
        index += 1
        return
      case 0..<32: throw Stop(message: "There is an unescaped control character in a text")
      case UInt8(ascii: "\\"):
        index += 1
        switch current {
        case UInt8(ascii: "u"):
          for _ in 0..<4 {
            index += 1
            guard let byte = current, PercentCoding.nibble(byte) != nil else { throw unexpected("a hexadecimal digit") }
          }
        case .some(let byte) where "\"\\/bfnrt".utf8.contains(byte): break
        default: throw unexpected("an escape such as “\\n”")
        }
        index += 1
      default: index += 1
      }
    }
    throw unexpected("the closing quote")
  }
}
