import Foundation

extension PayloadValue {
  /// Reads JSON (RFC 8259); `nil` where it is none. Nesting past 64 levels is refused.
  init?(json bytes: [UInt8]) {
    var parser = PayloadParser(bytes: bytes)
    guard let value = parser.value(depth: 0) else { return nil }
    parser.skipSpace()
    guard parser.isAtEnd else { return nil }
    self = value
  }
}

/// A recursive-descent parser over bytes.
private struct PayloadParser {
  let bytes: [UInt8]
  var place = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  var isAtEnd: Bool { place == bytes.count }
  private var next: UInt8? { place < bytes.count ? bytes[place] : nil }

  mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { place += 1 }
  }

  mutating func value(depth: Int) -> PayloadValue? {
    guard depth <= 64 else { return nil }
    skipSpace()
    switch next {
    case UInt8(ascii: "{"): return object(depth)
    case UInt8(ascii: "["): return array(depth)
    case UInt8(ascii: "\""): return string().map { .string($0) }
    case UInt8(ascii: "t"): return word("true", .bool(true))
    case UInt8(ascii: "f"): return word("false", .bool(false))
    case UInt8(ascii: "n"): return word("null", .null)
    default: return number()
    }
  }

  private mutating func word(_ text: StaticString, _ value: PayloadValue) -> PayloadValue? {
    let wanted = text.withUTF8Buffer { Array($0) }
    guard bytes[place...].starts(with: wanted) else { return nil }
    place += wanted.count
    return value
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard next == byte else { return false }
    place += 1
    return true
  }

  private mutating func object(_ depth: Int) -> PayloadValue? {
    place += 1
    var members: [PayloadValue.Member] = []
    skipSpace()
    if take(UInt8(ascii: "}")) { return .object([]) }
    while true {
      skipSpace()
      guard next == UInt8(ascii: "\""), let key = string() else { return nil }
      skipSpace()
      guard take(UInt8(ascii: ":")), let value = value(depth: depth + 1) else { return nil }
      // The last of equal keys wins, as in Python.
      members.removeAll { $0.key == key }
      members.append(.init(key: key, value: value))
      skipSpace()
      if take(UInt8(ascii: "}")) { return .object(members) }
      guard take(UInt8(ascii: ",")) else { return nil }
    }
  }

  private mutating func array(_ depth: Int) -> PayloadValue? {
    place += 1
    var items: [PayloadValue] = []
    skipSpace()
    if take(UInt8(ascii: "]")) { return .array([]) }
    while true {
      guard let item = value(depth: depth + 1) else { return nil }
      items.append(item)
      skipSpace()
      if take(UInt8(ascii: "]")) { return .array(items) }
      guard take(UInt8(ascii: ",")) else { return nil }
    }
  }

  private mutating func number() -> PayloadValue? {
    let start = place
    _ = take(UInt8(ascii: "-"))
    guard digits() > 0 else { return nil }
    if take(UInt8(ascii: ".")), digits() == 0 { return nil }
    if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
      place += 1
      if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { place += 1 }
      guard digits() > 0 else { return nil }
    }
    return .number(String(decoding: bytes[start..<place], as: UTF8.self))
  }

  private mutating func digits() -> Int {
    let start = place
    while let byte = next, (0x30...0x39).contains(byte) { place += 1 }
    return place - start
  }

  private mutating func string() -> String? {
    place += 1
    var units: [UInt16] = [], plainStart = place
    var text = ""
    /// Moves the bytes since the last escape, and the escapes before them, to the text.
    func flush(_ end: Int) {
      if !units.isEmpty {
        text += String(decoding: units, as: UTF16.self)
        units.removeAll()
      }
      text += String(decoding: bytes[plainStart..<end], as: UTF8.self)
    }
    while let byte = next {
      place += 1
      if byte == UInt8(ascii: "\"") {
        flush(place - 1)
        return text
      }
      guard byte >= 0x20 else { return nil }
      if byte == UInt8(ascii: "\\") {
        if place - 1 > plainStart { flush(place - 1) }
        guard let unit = escape() else { return nil }
        units.append(unit)
        plainStart = place
      }
    }
    return nil
  }

  private mutating func escape() -> UInt16? {
    guard let byte = next else { return nil }
    place += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return UInt16(byte)
    case UInt8(ascii: "n"): return 0x0A
    case UInt8(ascii: "r"): return 0x0D
    case UInt8(ascii: "t"): return 0x09
    case UInt8(ascii: "b"): return 0x08
    case UInt8(ascii: "f"): return 0x0C
    case UInt8(ascii: "u"):
      guard place + 4 <= bytes.count, let unit = UInt16(String(decoding: bytes[place..<place + 4], as: UTF8.self), radix: 16)
      else {
        return nil
      }
      place += 4
      return unit
    default: return nil
    }
  }
}
