import MartletHTTP

/// Reads JSON (RFC 8259) into a ``JSONTree``. Names may not stand twice in an object: which of the two was meant is a guess.
package struct JSONParser {
  private enum Stop: Error {
    case malformed
    case duplicate(String)
  }
  private let bytes: [UInt8]
  private var index = 0
  private static let depthLimit = 512

  private init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// The value.
  /// - Throws: ``HTTPError`` (400, `malformed-json`) with line and column.
  package static func parse(_ bytes: [UInt8]) throws -> JSONTree {
    var parser = JSONParser(bytes)
    do {
      let value = try parser.value(depth: 0)
      parser.space()
      if parser.index == bytes.count { return value }
    } catch Stop.duplicate(let name) {
      throw HTTPError(.malformedJSON, "The name “\(name.prefix(80))” stands twice in one object.")
    } catch is Stop {}
    throw JSONSyntax.firstFault(in: bytes)?.error ?? HTTPError(.malformedJSON, "A text holds half of a surrogate pair.")
  }

  private var current: UInt8? { index < bytes.count ? bytes[index] : nil }
  private mutating func space() {
    while let byte = current, byte == 32 || byte == 9 || byte == 10 || byte == 13 { index += 1 }
  }
  /// Whether the next byte was this one; passes over it.
  private mutating func take(_ byte: UInt8) -> Bool {
    guard current == byte else { return false }
    index += 1
    return true
  }

  private mutating func value(depth: Int) throws -> JSONTree {
    guard depth < JSONParser.depthLimit else { throw Stop.malformed }
    space()
    switch current {
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: return .number(try number())
    }
  }
  private mutating func word(_ word: StaticString, _ value: JSONTree) throws -> JSONTree {
    for byte in "\(word)".utf8 { guard take(byte) else { throw Stop.malformed } }
    return value
  }
  private mutating func object(depth: Int) throws -> JSONTree {
    index += 1
    var members: [JSONTree.Member] = [], names: Set<String> = []
    space()
    if take(UInt8(ascii: "}")) { return .object([]) }
    repeat {
      space()
      guard current == UInt8(ascii: "\"") else { throw Stop.malformed }
      let name = try string()
      guard names.insert(name).inserted else { throw Stop.duplicate(name) }
      space()
      guard take(UInt8(ascii: ":")) else { throw Stop.malformed }
      members.append(JSONTree.Member(name, try value(depth: depth + 1)))
      space()
    } while take(UInt8(ascii: ","))
    guard take(UInt8(ascii: "}")) else { throw Stop.malformed }
    return .object(members)
  }
  private mutating func array(depth: Int) throws -> JSONTree {
    index += 1
    var elements: [JSONTree] = []
    space()
    if take(UInt8(ascii: "]")) { return .array([]) }
    repeat {
      elements.append(try value(depth: depth + 1))
      space()
    } while take(UInt8(ascii: ","))
    guard take(UInt8(ascii: "]")) else { throw Stop.malformed }
    return .array(elements)
  }

  private mutating func digits() throws {
    let start = index
    while let byte = current, (48...57).contains(byte) { index += 1 }
    if index == start { throw Stop.malformed }
  }
  private mutating func number() throws -> String {
    let start = index
    _ = take(UInt8(ascii: "-"))
    if !take(UInt8(ascii: "0")) { try digits() }
    if take(UInt8(ascii: ".")) { try digits() }
    if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
      if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
      try digits()
    }
    return String(decoding: bytes[start..<index], as: UTF8.self)
  }

  private mutating func string() throws -> String {
    index += 1
    var start = index, result: [UInt8] = []
    while let byte = current {
      switch byte {
      case UInt8(ascii: "\""):
        result.append(contentsOf: bytes[start..<index])
        index += 1
        guard let text = String(validating: result, as: UTF8.self) else { throw Stop.malformed }
        return text
      case 0..<32: throw Stop.malformed
      case UInt8(ascii: "\\"):
        result.append(contentsOf: bytes[start..<index])
        index += 1
        result.append(contentsOf: try escape())
        start = index
      default: index += 1
      }
    }
    throw Stop.malformed
  }
  private mutating func escape() throws -> [UInt8] {
    guard let byte = current else { throw Stop.malformed }
    index += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
    case UInt8(ascii: "b"): return [8]
    case UInt8(ascii: "f"): return [12]
    case UInt8(ascii: "n"): return [10]
    case UInt8(ascii: "r"): return [13]
    case UInt8(ascii: "t"): return [9]
    case UInt8(ascii: "u"):
      var code = try hexadecimal()
      if (0xD800..<0xDC00).contains(code), take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) {
        let low = try hexadecimal()
        guard (0xDC00..<0xE000).contains(low) else { throw Stop.malformed }
        code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
      }
      guard let scalar = Unicode.Scalar(code) else { throw Stop.malformed }
      return Array(String(Character(scalar)).utf8)
    default: throw Stop.malformed
    }
  }
  private mutating func hexadecimal() throws -> UInt32 {
    guard index + 4 <= bytes.count, bytes[index..<index + 4].allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
      let code = UInt32(String(decoding: bytes[index..<index + 4], as: UTF8.self), radix: 16)
    else { throw Stop.malformed }
    index += 4
    return code
  }
}
