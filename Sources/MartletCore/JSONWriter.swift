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
/// response.body = json.bytes          // {"id":7,"tags":["swift"]}
/// ```
public struct JSONWriter: Sendable {
  /// What was written so far, in UTF-8.
  public internal(set) var bytes: [UInt8] = []
  /// Whether the next key or element stands behind another one. One flag is enough: opening a container
  /// or writing a key clears it, finishing a value (a closed container is one) sets it.
  @usableFromInline var needsComma = false

  /// An empty writer with room for `capacity` bytes.
  public init(capacity: Int = 512) { bytes.reserveCapacity(capacity) }

  /// What was written so far, as text.
  public var text: String { String(decoding: bytes, as: UTF8.self) }

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
    bytes.append(UInt8(ascii: ":"))
    needsComma = false
  }
  /// The name of the object's next member, rendered beforehand: for names that are written for every row.
  public mutating func key(_ name: JSONKey) {
    name.rendered.withUnsafeBufferPointer { rendered in
      bytes.append(contentsOf: needsComma ? rendered : UnsafeBufferPointer(rebasing: rendered.dropFirst()))
    }
    needsComma = false
  }

  // MARK: Scalars

  /// A string. Escapes only what RFC 8259 section 7 requires: quotes, backslashes and control characters.
  public mutating func string(_ value: String) {
    separate()
    bytes.append(UInt8(ascii: "\""))
    var value = value
    value.withUTF8 { escape($0) }
    bytes.append(UInt8(ascii: "\""))
  }
  /// A string from raw UTF-8, a database's cell for example; what is not UTF-8 becomes U+FFFD.
  public mutating func string(utf8 value: UnsafeRawBufferPointer) {
    guard ByteWord.isASCII(value) else { return string(String(decoding: value, as: UTF8.self)) }
    separate()
    bytes.append(UInt8(ascii: "\""))
    value.withMemoryRebound(to: UInt8.self) { escape($0) }
    bytes.append(UInt8(ascii: "\""))
  }
  /// `true` or `false`.
  public mutating func bool(_ value: Bool) { literal(value ? "true" : "false") }
  /// `null`.
  public mutating func null() { literal("null") }

  /// An integer.
  public mutating func number(_ value: Int) { number(Int64(value)) }
  /// An integer. Beyond ±2⁵³ readers that keep numbers as doubles, browsers among them, round it.
  public mutating func number(_ value: Int64) {
    separate()
    digits(of: value.magnitude, isNegative: value < 0)
  }
  /// An integer.
  public mutating func number(_ value: UInt64) {
    separate()
    digits(of: value, isNegative: false)
  }
  /// The shortest text that reads back as the same double; `null` for infinities and NaN, which JSON has not.
  public mutating func number(_ value: Double) {
    guard value.isFinite else { return null() }
    separate()
    var text = value.description
    text.withUTF8 { bytes.append(contentsOf: $0) }
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
    separate()
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 38) { buffer in
      var place = 1
      buffer[0] = UInt8(ascii: "\"")
      buffer[37] = UInt8(ascii: "\"")
      withUnsafeBytes(of: value.uuid) { bytes in
        for (index, byte) in bytes.enumerated() {
          if index == 4 || index == 6 || index == 8 || index == 10 {
            buffer[place] = UInt8(ascii: "-")
            place += 1
          }
          buffer[place] = HexDigits.digit(byte >> 4)
          buffer[place + 1] = HexDigits.digit(byte & 15)
          place += 2
        }
      }
      bytes.append(contentsOf: buffer)
    }
  }

  /// A value that is JSON already, as a JSON column holds it. It is copied as it stands.
  public mutating func raw(_ json: some Sequence<UInt8>) {
    separate()
    bytes.append(contentsOf: json)
  }

  // MARK: Pieces

  /// Leaves a gap where a value will stand that is written elsewhere; what follows is set off from it by a comma.
  /// - Returns: The gap's place in ``bytes``.
  package mutating func gap() -> Int {
    separate()
    return bytes.count
  }
  /// A value whose bytes the closure appends.
  package mutating func value(_ append: (inout [UInt8]) throws -> Void) rethrows {
    separate()
    try append(&bytes)
  }
  /// Begins a text of its own behind what was written: without a comma.
  package mutating func beginText() { needsComma = false }

  @inline(__always) mutating func separate() {
    if needsComma { bytes.append(UInt8(ascii: ",")) }
    needsComma = true
  }
  private mutating func open(_ bracket: UInt8) {
    separate()
    bytes.append(bracket)
    needsComma = false
  }
  private mutating func close(_ bracket: UInt8) {
    bytes.append(bracket)
    needsComma = true
  }
  private mutating func literal(_ text: String) {
    separate()
    var text = text
    text.withUTF8 { bytes.append(contentsOf: $0) }
  }

  /// Copies runs of plain bytes in one go; the rest is rare.
  private mutating func escape(_ utf8: UnsafeBufferPointer<UInt8>) {
    let words = UnsafeRawBufferPointer(utf8)
    var start = 0, i = 0
    while i < utf8.count {
      if i + 8 <= utf8.count, ByteWord(words, at: i).isPlainJSON {
        i += 8
        continue
      }
      let end = min(i + 8, utf8.count)
      while i < end {
        let byte = utf8[i]
        if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
          bytes.append(contentsOf: UnsafeBufferPointer(rebasing: utf8[start..<i]))
          appendEscape(of: byte)
          start = i + 1
        }
        i += 1
      }
    }
    bytes.append(contentsOf: UnsafeBufferPointer(rebasing: utf8[start...]))
  }
  private mutating func appendEscape(of byte: UInt8) {
    bytes.append(UInt8(ascii: "\\"))
    switch byte {
    case 0x08: bytes.append(UInt8(ascii: "b"))
    case 0x09: bytes.append(UInt8(ascii: "t"))
    case 0x0A: bytes.append(UInt8(ascii: "n"))
    case 0x0C: bytes.append(UInt8(ascii: "f"))
    case 0x0D: bytes.append(UInt8(ascii: "r"))
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(byte)
    default:
      let low = byte & 0x0F
      bytes.append(contentsOf: [UInt8(ascii: "u"), 48, 48, 48 + (byte >> 4), low < 10 ? 48 + low : 87 + low])
    }
  }

  private mutating func digits(of magnitude: UInt64, isNegative: Bool) {
    if magnitude < 10, !isNegative { return bytes.append(48 + UInt8(truncatingIfNeeded: magnitude)) }
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 21) { buffer in
      var rest = magnitude, place = 21
      repeat {
        place -= 1
        buffer[place] = 48 + UInt8(truncatingIfNeeded: rest % 10)
        rest /= 10
      } while rest > 0
      if isNegative {
        place -= 1
        buffer[place] = UInt8(ascii: "-")
      }
      bytes.append(contentsOf: UnsafeMutableBufferPointer(rebasing: buffer[place...]))
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
  let rendered: [UInt8]
  /// The name itself.
  package let name: String

  /// Renders a name.
  public init(_ name: String) {
    self.name = name
    var writer = JSONWriter(capacity: name.utf8.count + 8)
    writer.needsComma = true
    writer.key(name)
    rendered = writer.bytes
  }
  /// Renders a name.
  public init(stringLiteral name: String) { self.init(name) }
}
