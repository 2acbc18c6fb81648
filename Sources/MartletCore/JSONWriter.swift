public import Foundation

/// Writes JSON (RFC 8259) into a growing byte buffer, without a value tree and without intermediate strings.
///
/// Commas come by themselves. The caller pairs `begin` with `end` and writes a key before each value of an
/// object; ``object(_:)`` and ``array(_:)`` do the pairing.
///
/// ```swift
/// var json = JSONWriter()
/// json.object {
///   $0.key("id")
///   $0.number(7)
///   $0.key("tags")
///   $0.array { for tag in tags { $0.string(tag) } }
/// }
/// response.body = json.finish()          // {"id":7,"tags":["swift"]}
/// ```
public struct JSONWriter: Sendable {
  /// Room for what is written, of which the first ``count`` bytes are. A piece asks for room once and is then put there
  /// byte by byte: `Array.append` looks at the owner and the capacity for each.
  var room: [UInt8]
  /// How many bytes were written so far.
  package internal(set) var count = 0
  /// Whether the next key or element stands behind another one. One flag is enough: opening a container
  /// or writing a key clears it, finishing a value (a closed container is one) sets it.
  var needsComma = false

  /// An empty writer with room for `capacity` bytes.
  public init(capacity: Int = 512) { room = [UInt8](repeating: 0, count: max(0, capacity)) }

  /// What was written so far, in UTF-8: a copy. ``finish()`` makes none.
  public var bytes: [UInt8] { Array(room[..<count]) }
  /// What was written so far, as text.
  public var text: String { withBytes { String(decoding: $0, as: UTF8.self) } }
  /// What was written, in UTF-8; ends the writer.
  public consuming func finish() -> [UInt8] {
    room.removeLast(room.count - count)
    return room
  }

  // MARK: Containers

  /// Opens an object: `{`.
  public mutating func beginObject() { open(UInt8(ascii: "{")) }
  /// Closes the innermost object: `}`.
  public mutating func endObject() { close(UInt8(ascii: "}")) }
  /// Opens an array: `[`.
  public mutating func beginArray() { open(UInt8(ascii: "[")) }
  /// Closes the innermost array: `]`.
  public mutating func endArray() { close(UInt8(ascii: "]")) }

  /// An object with the members that `members` writes.
  /// - Throws: What `members` throws.
  public mutating func object(_ members: (inout JSONWriter) throws -> Void) rethrows {
    beginObject()
    try members(&self)
    endObject()
  }
  /// An array with the elements that `elements` writes.
  /// - Throws: What `elements` throws.
  public mutating func array(_ elements: (inout JSONWriter) throws -> Void) rethrows {
    beginArray()
    try elements(&self)
    endArray()
  }

  /// The name of the object's next member.
  public mutating func key(_ name: String) {
    string(name)
    put(1) { $0.append(UInt8(ascii: ":")) }
    needsComma = false
  }
  /// The name of the object's next member, rendered beforehand: for names that are written for every row.
  public mutating func key(_ name: JSONKey) {
    let skipped = needsComma ? 0 : 1
    put(name.rendered.count) { text in
      name.rendered.withUnsafeBytes { text.append(UnsafeRawBufferPointer(rebasing: $0[skipped...])) }
    }
    needsComma = false
  }

  // MARK: Scalars

  /// A string. Escapes only what RFC 8259 section 7 requires: quotes, backslashes and control characters.
  public mutating func string(_ value: String) {
    var value = value
    value.withUTF8 { quote(UnsafeRawBufferPointer($0)) }
  }
  /// A string from raw UTF-8, a database's cell for example; what is not UTF-8 becomes U+FFFD.
  public mutating func string(utf8 value: UnsafeRawBufferPointer) {
    if ByteWord.isPlainASCII(value) { return quotePlain(value) }
    guard ByteWord.isASCII(value) else { return string(String(decoding: value, as: UTF8.self)) }
    quoteEscaped(value)
  }
  /// `true` or `false`.
  public mutating func bool(_ value: Bool) { literal(value ? "true" : "false") }
  /// `null`.
  public mutating func null() { literal("null") }

  /// An integer.
  public mutating func number(_ value: Int) { number(Int64(value)) }
  /// An integer. Beyond ±2⁵³ readers that keep numbers as doubles, browsers among them, round it.
  public mutating func number(_ value: Int64) {
    let magnitude = value.magnitude
    element(20) { text in
      if value < 0 { text.append(UInt8(ascii: "-")) }
      text.append(number: magnitude)
    }
  }
  /// An integer.
  public mutating func number(_ value: UInt64) {
    element(20) { $0.append(number: value) }
  }
  /// The shortest text that reads back as the same double; `null` for infinities and NaN, which JSON has not.
  public mutating func number(_ value: Double) {
    guard value.isFinite else { return null() }
    guard let units = JSONWriter.tenThousandths(value) else { return literal(value.description) }
    element(24) { text in
      if value.sign == .minus { text.append(UInt8(ascii: "-")) }
      text.append(number: units / 10_000)
      text.append(UInt8(ascii: "."))
      var rest = units % 10_000, unit: UInt64 = 1000
      repeat {
        text.append(48 + UInt8(truncatingIfNeeded: rest / unit))
        rest %= unit
        unit /= 10
      } while rest > 0
    }
  }
  /// What a double is in ten-thousandths, where its shortest decimal has at most four places: as prices and measures have.
  ///
  /// Division rounds correctly (IEEE 754, section 5.4.1), so a whole number divided by 10,000 is the double that the decimal
  /// reads as; and decimals of up to 15 digits are different doubles, so no shorter one reads as this.
  private static func tenThousandths(_ value: Double) -> UInt64? {
    let magnitude = value.magnitude
    guard magnitude < 1e11 else { return nil }
    let units = (magnitude * 10_000).rounded()
    return units / 10_000 == magnitude ? UInt64(units) : nil
  }
  /// A decimal as a JSON number, with all its digits; `null` for NaN.
  public mutating func number(_ value: Decimal) {
    guard !value.isNaN else { return null() }
    literal(value.description)
  }
  /// A decimal as a string: exact for readers that keep numbers as doubles.
  public mutating func string(_ value: Decimal) {
    guard !value.isNaN else { return null() }
    string(value.description)
  }
  /// 36 characters in lower case.
  public mutating func string(_ value: UUID) {
    element(38) { text in
      text.append(UInt8(ascii: "\""))
      withUnsafeBytes(of: value.uuid) { bytes in
        for (index, byte) in bytes.enumerated() {
          if index == 4 || index == 6 || index == 8 || index == 10 { text.append(UInt8(ascii: "-")) }
          text.append(HexDigits.digit(byte >> 4))
          text.append(HexDigits.digit(byte & 15))
        }
      }
      text.append(UInt8(ascii: "\""))
    }
  }

  /// A value that is JSON already, as a JSON column holds it. It is copied as it stands.
  public mutating func raw(_ json: some Sequence<UInt8>) {
    separate()
    if json.withContiguousStorageIfAvailable({ append(UnsafeRawBufferPointer($0)) }) == nil {
      Array(json).withUnsafeBytes { append($0) }
    }
  }

  // MARK: Pieces

  /// Lends the bytes that were written so far.
  package func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    try room.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
  }
  /// Leaves a gap where a value will stand that is written elsewhere; what follows is set off from it by a comma.
  /// - Returns: The gap's place in ``bytes``.
  package mutating func gap() -> Int {
    separate()
    return count
  }
  /// A value whose bytes the closure appends by ``append(_:)``.
  package mutating func value(_ write: (inout JSONWriter) throws -> Void) rethrows {
    separate()
    try write(&self)
    needsComma = true
  }
  /// Bytes of a value, as they are.
  package mutating func append(_ bytes: UnsafeRawBufferPointer) { put(bytes.count) { $0.append(bytes) } }
  /// A byte of a value, as it is.
  package mutating func append(_ byte: UInt8) { put(1) { $0.append(byte) } }
  /// Makes room for so many further bytes.
  package mutating func reserve(_ more: Int) { if room.count - count < more { grow(by: more) } }
  /// A part of an object's text, rendered beforehand; what follows is a value without a comma before it.
  package mutating func piece(_ text: [UInt8], _ part: Range<Int>) {
    put(part.count) { piece in text.withUnsafeBytes { piece.append(UnsafeRawBufferPointer(rebasing: $0[part])) } }
    needsComma = false
  }
  /// Begins a text of its own behind what was written: without a comma.
  package mutating func beginText() { needsComma = false }

  /// Puts a piece of at most `most` bytes behind what was written. Nothing checks in release builds that it is no longer.
  @inline(__always) mutating func put(_ most: Int, _ piece: (inout DigitText) -> Void) {
    reserve(most)
    let start = count
    count =
      start
      + room.withUnsafeMutableBufferPointer { room in
        var text = DigitText(UnsafeMutableBufferPointer(rebasing: room[start..<(start + most)]))
        piece(&text)
        return text.count
      }
  }
  /// Puts a value of at most `most` bytes, set off by a comma where it must be.
  @inline(__always) mutating func element(_ most: Int, _ piece: (inout DigitText) -> Void) {
    let needsComma = needsComma
    put(most + 1) { text in
      if needsComma { text.append(UInt8(ascii: ",")) }
      piece(&text)
    }
    self.needsComma = true
  }
  @inline(never) private mutating func grow(by more: Int) {
    // At least twice as much, so that a long text is copied a few times only.
    room.append(contentsOf: repeatElement(0, count: max(more - (room.count - count), room.count, 64)))
  }
  private mutating func separate() { element(0) { _ in } }
  private mutating func open(_ bracket: UInt8) {
    element(1) { $0.append(bracket) }
    needsComma = false
  }
  private mutating func close(_ bracket: UInt8) {
    put(1) { $0.append(bracket) }
    needsComma = true
  }
  private mutating func literal(_ text: String) {
    var text = text
    text.withUTF8 { utf8 in element(utf8.count) { $0.append(UnsafeRawBufferPointer(utf8)) } }
  }
  private mutating func literal(_ text: StaticString) {
    let bytes = UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
    element(bytes.count) { $0.append(bytes) }
  }

  /// A string of UTF-8. Most hold nothing to escape, and are copied in one go.
  private mutating func quote(_ utf8: UnsafeRawBufferPointer) {
    if ByteWord.isPlainJSON(utf8) { quotePlain(utf8) } else { quoteEscaped(utf8) }
  }
  private mutating func quotePlain(_ utf8: UnsafeRawBufferPointer) {
    element(utf8.count + 2) { text in
      text.append(UInt8(ascii: "\""))
      text.append(utf8)
      text.append(UInt8(ascii: "\""))
    }
  }
  private mutating func quoteEscaped(_ utf8: UnsafeRawBufferPointer) {
    // Six bytes stand for one at most: \u001f.
    let escaped = utf8.reduce(0) { $0 + (ByteWord.mustBeEscaped($1) ? 1 : 0) }
    element(utf8.count + 5 * escaped + 2) { text in
      text.append(UInt8(ascii: "\""))
      for byte in utf8 {
        if ByteWord.mustBeEscaped(byte) { Self.append(escapeOf: byte, to: &text) } else { text.append(byte) }
      }
      text.append(UInt8(ascii: "\""))
    }
  }
  private static func append(escapeOf byte: UInt8, to text: inout DigitText) {
    text.append(UInt8(ascii: "\\"))
    switch byte {
    case 0x08: text.append(UInt8(ascii: "b"))
    case 0x09: text.append(UInt8(ascii: "t"))
    case 0x0A: text.append(UInt8(ascii: "n"))
    case 0x0C: text.append(UInt8(ascii: "f"))
    case 0x0D: text.append(UInt8(ascii: "r"))
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): text.append(byte)
    default:
      let low = byte & 0x0F
      for digit in [UInt8(ascii: "u"), 48, 48, 48 + (byte >> 4), low < 10 ? 48 + low : 87 + low] { text.append(digit) }
    }
  }
}

/// A member's name with its quotes, escapes and colon in place.
///
/// ```swift
/// let title: JSONKey = "title"      // once
/// json.key(title)                   // for every row
/// ```
public struct JSONKey: Sendable, Hashable, ExpressibleByStringLiteral {
  /// `,"name":`, comma first, so that one copy is enough for all members but the first.
  package let rendered: [UInt8]
  /// The name itself.
  package let name: String

  /// Renders a name.
  public init(_ name: String) {
    self.name = name
    var writer = JSONWriter(capacity: name.utf8.count + 8)
    writer.needsComma = true
    writer.key(name)
    rendered = writer.finish()
  }
  /// Renders a name.
  public init(stringLiteral name: String) { self.init(name) }
}
