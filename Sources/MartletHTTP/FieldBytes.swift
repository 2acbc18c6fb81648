import MartletCore

// Comparisons and checks of header fields, eight bytes at a time. Every request looks for a dozen names among a dozen fields.

/// Whether two texts are the same but for the case of ASCII letters.
enum FieldBytes {
  /// ASCII letters without regard to case; every other byte as it is.
  @inline(__always) static func equal(_ a: String, _ b: String) -> Bool {
    a.utf8.count == b.utf8.count && sameLetters(a, b)
  }

  /// Compares texts of one length.
  @inline(never) private static func sameLetters(_ a: String, _ b: String) -> Bool {
    var a = a, b = b
    return a.withUTF8 { a in b.withUTF8 { b in same(UnsafeRawBufferPointer(a), UnsafeRawBufferPointer(b)) } }
  }

  private static func same(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Bool {
    let count = min(a.count, b.count)
    var place = 0
    while place + 8 <= count {
      guard same(a.loadUnaligned(fromByteOffset: place, as: UInt64.self), b.loadUnaligned(fromByteOffset: place, as: UInt64.self))
      else { return false }
      place += 8
    }
    while place < count {
      guard same(UInt64(a[place]), UInt64(b[place])) else { return false }
      place += 1
    }
    return true
  }

  /// Eight bytes at once: where they differ, they do so in bit 0x20 alone, and are letters.
  @inline(__always) private static func same(_ a: UInt64, _ b: UInt64) -> Bool {
    let difference = a ^ b
    if difference == 0 { return true }
    guard difference & ~(0x20 &* ones) == 0 else { return false }
    let low = (a | 0x20 &* ones) & (0x7F &* ones)
    // Bit 0x80 of a byte is set from "a" on, and again beyond "z". No sum carries into the next byte.
    let letters = (low &+ 0x1F &* ones) & ~(low &+ 0x05 &* ones) & ~a & high
    return (difference << 2) & ~letters == 0
  }

  /// A set of names that may say that it has one which it has not, never the other way round: a bit by length and first letter.
  struct Marks: Sendable {
    private var bits: UInt64 = 0

    private static func bit(_ name: String) -> UInt64 {
      1 << ((UInt64(truncatingIfNeeded: name.utf8.count) &* 5 &+ UInt64((name.utf8.first ?? 0) | 0x20)) & 63)
    }
    mutating func insert(_ name: String) { bits |= Marks.bit(name) }
    func mayContain(_ name: String) -> Bool { bits & Marks.bit(name) != 0 }
    func isDisjoint(with other: Marks) -> Bool { bits & other.bits == 0 }
    mutating func formUnion(_ other: Marks) { bits |= other.bits }
  }

  private static let ones: UInt64 = 0x0101_0101_0101_0101
  private static let high: UInt64 = 0x8080_8080_8080_8080

  /// RFC 9110 §5.5 `field-vchar`, space and tab. The transport sends no response with anything else in it.
  @inline(__always) static func isValueByte(_ byte: UInt8) -> Bool { (byte >= 32 && byte != 127) || byte == 9 }

  /// Whether every byte may stand in a field's value.
  static func isValue(_ text: String) -> Bool {
    var text = text
    return text.withUTF8 { bytes in
      let bytes = UnsafeRawBufferPointer(bytes)
      var place = 0
      while place + 8 <= bytes.count {
        let word = ByteWord(bytes, at: place)
        if word.mayHoldControls || word.mayHold(0x7F) {
          for byte in bytes[place..<(place + 8)] where !isValueByte(byte) { return false }
        }
        place += 8
      }
      return bytes[place...].allSatisfy { isValueByte($0) }
    }
  }

  /// Whether a text is a token: RFC 9110 §5.6.2.
  static func isToken(_ text: String) -> Bool {
    var text = text
    return text.withUTF8 { bytes in !bytes.isEmpty && bytes.allSatisfy { isTokenByte($0) } }
  }
}

/// RFC 9110 §5.6.2 `tchar`.
@inline(__always) func isTokenByte(_ byte: UInt8) -> Bool {
  byte < 128 && (byte < 64 ? tokenBytes.low >> UInt64(byte) : tokenBytes.high >> UInt64(byte - 64)) & 1 == 1
}

/// A bit for each ASCII character: letters, digits and ``!#$%&'*+-.^_`|~``.
private let tokenBytes: (low: UInt64, high: UInt64) = (0x03FF_6CFA_0000_0000, 0x57FF_FFFF_C7FF_FFFE)
