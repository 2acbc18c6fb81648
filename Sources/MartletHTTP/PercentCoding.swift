/// `%2F` of a byte.
func percentEncoded(_ byte: UInt8) -> [UInt8] {
  let hex = Array("0123456789ABCDEF".utf8)
  return [UInt8(ascii: "%"), hex[Int(byte >> 4)], hex[Int(byte & 15)]]
}

package enum PercentCoding {
  /// The text with its escapes resolved, or `nil` for a malformed escape, a NUL or what is not UTF-8.
  static func decode(_ text: some StringProtocol, plusIsSpace: Bool = false) -> String? {
    let source = text.utf8
    if !source.contains(where: { $0 == UInt8(ascii: "%") || $0 == 0 || (plusIsSpace && $0 == UInt8(ascii: "+")) }) {
      return String(text)
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(source.count)
    var index = source.startIndex
    while index != source.endIndex {
      var byte = source[index]
      index = source.index(after: index)
      if byte == UInt8(ascii: "%") {
        guard index != source.endIndex, let high = nibble(source[index]) else { return nil }
        index = source.index(after: index)
        guard index != source.endIndex, let low = nibble(source[index]) else { return nil }
        index = source.index(after: index)
        byte = high << 4 | low
      } else if plusIsSpace, byte == UInt8(ascii: "+") {
        byte = 32
      }
      guard byte != 0 else { return nil }
      bytes.append(byte)
    }
    return String(validating: bytes, as: UTF8.self)
  }

  /// The text as one segment of a path or one part of a query: everything but RFC 3986 `unreserved` escaped.
  package static func encode(_ text: String, keeping extra: StaticString = "") -> String {
    let kept = Array("\(extra)".utf8)
    func plain(_ byte: UInt8) -> Bool {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
        UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
        true
      default: kept.contains(byte)
      }
    }
    if text.utf8.allSatisfy(plain) { return text }
    return String(decoding: text.utf8.flatMap { plain($0) ? [$0] : percentEncoded($0) }, as: UTF8.self)
  }

  static func nibble(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
