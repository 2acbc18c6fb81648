/// Eight bytes of a text at once, for tests that nearly every word of it passes.
///
/// The tests are the well-known ones on a machine word ("Bit Twiddling Hacks", "Determine if a word has a byte less than n"). They
/// may suspect a word without cause, but never overlook a byte.
package struct ByteWord: Sendable {
  private let bits: UInt64

  /// The eight bytes from `place` on.
  @inline(__always) package init(_ bytes: UnsafeRawBufferPointer, at place: Int) {
    bits = bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)
  }

  private static let ones: UInt64 = 0x0101_0101_0101_0101
  private static let high: UInt64 = 0x8080_8080_8080_8080

  /// Whether a byte may be below 0x20.
  @inline(__always) package var mayHoldControls: Bool { (bits &- 0x2020_2020_2020_2020) & ~bits & Self.high != 0 }
  /// Whether a byte may have this value.
  @inline(__always) package func mayHold(_ byte: UInt8) -> Bool {
    let other = bits ^ (UInt64(byte) &* Self.ones)
    return (other &- Self.ones) & ~other & Self.high != 0
  }
  /// Whether a JSON string can hold the bytes as they are.
  @inline(__always) var isPlainJSON: Bool {
    !mayHoldControls && !mayHold(UInt8(ascii: "\"")) && !mayHold(UInt8(ascii: "\\"))
  }

  /// Whether a JSON string can hold the bytes as they are. Never says yes without cause.
  static func isPlainJSON(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard bytes.count >= 8 else { return !bytes.contains { mustBeEscaped($0) } }
    var place = 0
    // The last word overlaps the one before.
    while place + 8 < bytes.count {
      if !ByteWord(bytes, at: place).isPlainJSON { return false }
      place += 8
    }
    return ByteWord(bytes, at: bytes.count - 8).isPlainJSON
  }
  /// The same for bytes that may be no UTF-8, where all of them are below 0x80.
  static func isPlainASCII(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard bytes.count >= 8 else {
      for byte in bytes where byte >= 0x80 || mustBeEscaped(byte) { return false }
      return true
    }
    var place = 0
    while place + 8 < bytes.count {
      let word = ByteWord(bytes, at: place)
      if word.bits & high != 0 || !word.isPlainJSON { return false }
      place += 8
    }
    let last = ByteWord(bytes, at: bytes.count - 8)
    return last.bits & high == 0 && last.isPlainJSON
  }
  /// What RFC 8259, section 7, wants to be escaped.
  @inline(__always) static func mustBeEscaped(_ byte: UInt8) -> Bool {
    byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
  }

  /// Whether one of the bytes has this value.
  package static func contains(_ byte: UInt8, in bytes: UnsafeRawBufferPointer) -> Bool {
    var place = 0
    while place + 8 <= bytes.count, !ByteWord(bytes, at: place).mayHold(byte) { place += 8 }
    return bytes[place...].contains(byte)
  }

  /// Whether all bytes are below 0x80.
  static func isASCII(_ bytes: UnsafeRawBufferPointer) -> Bool {
    var place = 0
    while place + 8 <= bytes.count {
      if ByteWord(bytes, at: place).bits & high != 0 { return false }
      place += 8
    }
    return bytes[place...].allSatisfy { $0 < 0x80 }
  }
}
