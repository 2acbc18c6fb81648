/// Why a text is no array, for people.
package struct ArrayTextError: Error {
  package var message: String
  init(_ message: String) { self.message = message }
}

extension ArrayText {
  /// The texts of an array's elements, from PostgreSQL's text (`{1,NULL,"a\"b"}`) or from JSON (`[1,null,"a\"b"]`).
  package static func elements(_ bytes: UnsafeRawBufferPointer) throws(ArrayTextError) -> [String?] {
    var reader = ArrayReader(bytes)
    return try reader.read()
  }

  /// Reads the elements one by one as a column of their type is read.
  static func read<Element: ColumnValue>(
    _ bytes: UnsafeRawBufferPointer, _: Element.Type
  ) throws(ArrayTextError) -> [Element] {
    let texts = try elements(bytes)
    var result: [Element] = []
    result.reserveCapacity(texts.count)
    for (place, text) in texts.enumerated() {
      do { result.append(try value(text)) } catch let error as RowError {
        throw ArrayTextError("element \(place + 1) of the array: \(error.message)")
      } catch {
        throw ArrayTextError("element \(place + 1) of the array: \(error)")
      }
    }
    return result
  }

  /// Reads one value from its text in an array, a range or a composite; NULL where there is none.
  package static func value<Value: ColumnValue>(_ text: String?, as type: Value.Type = Value.self) throws -> Value {
    try cell(text, of: Value.columnType) { cell in try element(cell) }
  }

  private static func element<Element: ColumnValue>(_ cell: RowCell) throws -> Element {
    try withUnsafePointer(to: cell) {
      var row = Row(cells: $0, count: 1)
      return try Element.read(&row)
    }
  }

  private static func cell<Result>(_ text: String?, of type: ColumnType, _ body: (RowCell) throws -> Result) throws -> Result {
    guard var text else { return try body(.null) }
    guard type == .blob else { return try text.withUTF8 { try body(.text(UnsafeRawBufferPointer($0))) } }
    guard let bytes = unhexed(text) else { throw RowError(index: 0, message: "expected bytes as hexadecimal digits") }
    return try bytes.withUnsafeBytes { try body(.blob($0)) }
  }

  /// `6a6b`, or `\x6a6b` as PostgreSQL writes it.
  private static func unhexed(_ text: String) -> [UInt8]? {
    let digits = text.hasPrefix("\\x") ? text.utf8.dropFirst(2) : text.utf8[...]
    guard digits.count % 2 == 0 else { return nil }
    var result: [UInt8] = [], high: UInt8?
    for digit in digits {
      guard let value = Character(Unicode.Scalar(digit)).hexDigitValue.map(UInt8.init) else { return nil }
      if let first = high {
        result.append(first << 4 | value)
        high = nil
      } else {
        high = value
      }
    }
    return result
  }
}

/// Takes an array's text apart.
private struct ArrayReader {
  private var rest: Slice<UnsafeRawBufferPointer>

  init(_ bytes: UnsafeRawBufferPointer) { rest = bytes[...] }

  mutating func read() throws(ArrayTextError) -> [String?] {
    space()
    switch rest.first {
    case UInt8(ascii: "{"): return try postgres()
    // `[0:2]={…}` says where the counting begins; JSON has no colon there.
    case UInt8(ascii: "[") where rest.last == UInt8(ascii: "}") && isDimension(): return try postgres()
    case UInt8(ascii: "["): return try json()
    default: throw unreadable()
    }
  }

  private func unreadable() -> ArrayTextError { ArrayTextError("the text is neither an array of PostgreSQL's nor of JSON") }
  private func nested() -> ArrayTextError {
    ArrayTextError("the array holds arrays; only arrays of one dimension can be read, others as String")
  }

  private mutating func space() {
    while let byte = rest.first, byte == 32 || (9...13).contains(byte) { rest = rest.dropFirst() }
  }
  private mutating func take(_ byte: UInt8) -> Bool {
    guard rest.first == byte else { return false }
    rest = rest.dropFirst()
    return true
  }

  // MARK: PostgreSQL, "8.15.6. Array Input and Output Syntax"

  /// Passes over `[l:u]=`, where it stands next.
  private mutating func isDimension() -> Bool {
    guard let equals = rest.firstIndex(of: UInt8(ascii: "=")) else { return false }
    let prefix = rest[..<equals]
    guard prefix.last == UInt8(ascii: "]"), prefix.contains(UInt8(ascii: ":")),
      prefix.allSatisfy({ (48...58).contains($0) || [UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "-")].contains($0) })
    else { return false }
    rest = rest[(equals + 1)...]
    return true
  }

  private mutating func postgres() throws(ArrayTextError) -> [String?] {
    guard take(UInt8(ascii: "{")) else { throw unreadable() }
    var result: [String?] = []
    space()
    if !take(UInt8(ascii: "}")) {
      repeat {
        space()
        if rest.first == UInt8(ascii: "{") { throw nested() }
        result.append(try rest.first == UInt8(ascii: "\"") ? quotedElement() : bareElement())
        space()
      } while take(UInt8(ascii: ","))
      guard take(UInt8(ascii: "}")) else { throw unreadable() }
    }
    space()
    guard rest.isEmpty else { throw unreadable() }
    return result
  }

  private mutating func quotedElement() throws(ArrayTextError) -> String {
    rest = rest.dropFirst()
    var bytes: [UInt8] = []
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "\"") { return String(decoding: bytes, as: UTF8.self) }
      if byte == UInt8(ascii: "\\") {
        guard let escaped = rest.popFirst() else { break }
        bytes.append(escaped)
      } else {
        bytes.append(byte)
      }
    }
    throw unreadable()
  }

  private mutating func bareElement() throws(ArrayTextError) -> String? {
    var bytes: [UInt8] = [], isEscaped = false
    scan: while let byte = rest.first {
      switch byte {
      case UInt8(ascii: ","), UInt8(ascii: "}"): break scan
      case UInt8(ascii: "{"), UInt8(ascii: "\""): throw unreadable()
      case UInt8(ascii: "\\"):
        rest = rest.dropFirst()
        guard let escaped = rest.first else { throw unreadable() }
        bytes.append(escaped)
        isEscaped = true
      default: bytes.append(byte)
      }
      rest = rest.dropFirst()
    }
    while !isEscaped, let last = bytes.last, last == 32 || (9...13).contains(last) { bytes.removeLast() }
    guard !bytes.isEmpty else { throw unreadable() }
    let text = String(decoding: bytes, as: UTF8.self)
    return !isEscaped && bytes.count == 4 && text.uppercased() == "NULL" ? nil : text
  }

  // MARK: JSON, RFC 8259

  private mutating func json() throws(ArrayTextError) -> [String?] {
    rest = rest.dropFirst()
    var result: [String?] = []
    space()
    if !take(UInt8(ascii: "]")) {
      repeat {
        space()
        switch rest.first {
        case UInt8(ascii: "\""): result.append(try jsonString())
        case UInt8(ascii: "["), UInt8(ascii: "{"): throw nested()
        default: result.append(try jsonWord())
        }
        space()
      } while take(UInt8(ascii: ","))
      guard take(UInt8(ascii: "]")) else { throw unreadable() }
    }
    space()
    guard rest.isEmpty else { throw unreadable() }
    return result
  }

  /// A number, `true`, `false` or `null`; the element's type judges what is in it.
  private mutating func jsonWord() throws(ArrayTextError) -> String? {
    let word = rest.prefix { byte in
      (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
        || [UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: ".")].contains(byte)
    }
    guard !word.isEmpty else { throw unreadable() }
    rest = rest[word.endIndex...]
    let text = String(decoding: word, as: UTF8.self)
    return text == "null" ? nil : text
  }

  private mutating func jsonString() throws(ArrayTextError) -> String {
    rest = rest.dropFirst()
    var bytes: [UInt8] = []
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "\""): return String(decoding: bytes, as: UTF8.self)
      case UInt8(ascii: "\\"): try escape(into: &bytes)
      default: bytes.append(byte)
      }
    }
    throw unreadable()
  }

  private mutating func escape(into bytes: inout [UInt8]) throws(ArrayTextError) {
    switch rest.popFirst() {
    case UInt8(ascii: "n"): bytes.append(10)
    case UInt8(ascii: "t"): bytes.append(9)
    case UInt8(ascii: "r"): bytes.append(13)
    case UInt8(ascii: "b"): bytes.append(8)
    case UInt8(ascii: "f"): bytes.append(12)
    case .some(let byte) where [UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/")].contains(byte): bytes.append(byte)
    case UInt8(ascii: "u"):
      var code = try fourDigits()
      if (0xD800..<0xDC00).contains(code) {
        guard take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else { throw unreadable() }
        let low = try fourDigits()
        guard (0xDC00..<0xE000).contains(low) else { throw unreadable() }
        code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
      }
      guard let scalar = Unicode.Scalar(code) else { throw unreadable() }
      bytes.append(contentsOf: Character(scalar).utf8)
    default: throw unreadable()
    }
  }

  private mutating func fourDigits() throws(ArrayTextError) -> UInt32 {
    var code: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = rest.popFirst(), let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { throw unreadable() }
      code = code << 4 | UInt32(digit)
    }
    return code
  }
}
