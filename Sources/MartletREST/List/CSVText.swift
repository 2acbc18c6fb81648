/// Rows as CSV (RFC 4180): a header, CRLF between lines, quotes where a value needs them.
///
/// A text that a spreadsheet would take for a formula (`=`, `+`, `-`, `@`, tab, carriage return at its start) gets an
/// apostrophe in front, as OWASP's "CSV Injection" advises; numbers stay.
enum CSVText {
  /// A line of texts.
  static func line(_ values: [String]) -> [UInt8] {
    var line: [UInt8] = []
    for (place, value) in values.enumerated() {
      if place > 0 { line.append(UInt8(ascii: ",")) }
      append(text: Array(value.utf8), to: &line)
    }
    return line + [13, 10]
  }

  /// A line of the values of a JSON object that was just written: texts without their quotes, `null` as nothing, objects and
  /// lists as JSON.
  static func append(object: [UInt8], to line: inout [UInt8]) {
    var place = 1, isFirst = true
    while place < object.count, object[place] != UInt8(ascii: "}") {
      if !isFirst { line.append(UInt8(ascii: ",")) }
      isFirst = false
      place = end(of: object, at: place) + 1  // the name and its colon
      let stop = end(of: object, at: place), value = object[place..<stop]
      switch value.first {
      case UInt8(ascii: "\""): append(text: unescaped(value.dropFirst().dropLast()), to: &line)
      case UInt8(ascii: "n"): break
      case UInt8(ascii: "{"), UInt8(ascii: "["): append(quoted: Array(value), to: &line)
      default: line.append(contentsOf: value)
      }
      place = stop
      if place < object.count, object[place] == UInt8(ascii: ",") { place += 1 }
    }
    line.append(contentsOf: [13, 10])
  }

  /// Where the JSON value that begins at a place ends.
  private static func end(of json: [UInt8], at start: Int) -> Int {
    var place = start, depth = 0, isText = false
    while place < json.count {
      let byte = json[place]
      if isText {
        if byte == UInt8(ascii: "\\") { place += 1 } else if byte == UInt8(ascii: "\"") { isText = false }
      } else {
        switch byte {
        case UInt8(ascii: "\""): isText = true
        case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
        case UInt8(ascii: "}"), UInt8(ascii: "]"):
          if depth == 0 { return place }
          depth -= 1
        case UInt8(ascii: ","), UInt8(ascii: ":"): if depth == 0 { return place }
        default: break
        }
      }
      place += 1
    }
    return place
  }

  private static func append(text: [UInt8], to line: inout [UInt8]) {
    if let first = text.first, startsFormula(first), !isNumber(text) {
      return append(quoted: [UInt8(ascii: "'")] + text, to: &line)
    }
    append(quoted: text, to: &line)
  }
  private static func append(quoted value: [UInt8], to line: inout [UInt8]) {
    guard value.contains(where: needsQuotes) || value.first == 32 || value.last == 32 else {
      return line.append(contentsOf: value)
    }
    line.append(UInt8(ascii: "\""))
    for byte in value {
      if byte == UInt8(ascii: "\"") { line.append(byte) }
      line.append(byte)
    }
    line.append(UInt8(ascii: "\""))
  }
  private static func startsFormula(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "="), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "@"), 9, 13: true
    default: false
    }
  }
  private static func needsQuotes(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: ",") || byte == UInt8(ascii: "\"") || byte == 10 || byte == 13
  }
  private static func isNumber(_ text: [UInt8]) -> Bool {
    let digits = text.drop { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "+") }
    return text.count - digits.count == 1 && digits.first.map { (48...57).contains($0) } == true
      && digits.allSatisfy { (48...57).contains($0) || $0 == UInt8(ascii: ".") }
  }

  /// The text of a JSON string that ``JSONWriter`` wrote: `\uXXXX` stands for control characters alone.
  private static func unescaped(_ text: ArraySlice<UInt8>) -> [UInt8] {
    guard text.contains(UInt8(ascii: "\\")) else { return Array(text) }
    var result: [UInt8] = [], rest = text
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "\\"), let escape = rest.popFirst() else {
        result.append(byte)
        continue
      }
      switch escape {
      case UInt8(ascii: "n"): result.append(10)
      case UInt8(ascii: "t"): result.append(9)
      case UInt8(ascii: "r"): result.append(13)
      case UInt8(ascii: "b"): result.append(8)
      case UInt8(ascii: "f"): result.append(12)
      case UInt8(ascii: "u"):
        result.append(UInt8(String(decoding: rest.prefix(4), as: UTF8.self), radix: 16) ?? 0x3F)
        rest = rest.dropFirst(4)
      default: result.append(escape)
      }
    }
    return result
  }
}
