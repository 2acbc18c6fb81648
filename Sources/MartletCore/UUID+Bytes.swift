package import Foundation

extension UUID {
  /// 32 hexadecimal digits, with dashes in the usual places or without; `nil` for anything else.
  package init?(hexBytes text: UnsafeRawBufferPointer) {
    guard text.count == 36 || text.count == 32 else { return nil }
    let hasDashes = text.count == 36
    var uuid: uuid_t = (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    let isValid = withUnsafeMutableBytes(of: &uuid) { bytes in
      var place = 0
      for index in 0..<16 {
        if hasDashes, index == 4 || index == 6 || index == 8 || index == 10 {
          guard text[place] == UInt8(ascii: "-") else { return false }
          place += 1
        }
        let high = Self.digit(text[place]), low = Self.digit(text[place + 1])
        guard high < 16, low < 16 else { return false }
        bytes[index] = high << 4 | low
        place += 2
      }
      return true
    }
    guard isValid else { return nil }
    self.init(uuid: uuid)
  }

  /// The digit's value; 255 for what is none.
  private static func digit(_ byte: UInt8) -> UInt8 {
    switch byte {
    case 48...57: byte - 48
    case 65...70: byte - 55
    case 97...102: byte - 87
    default: 255
    }
  }

  /// The 16 bytes in lower-case hexadecimal, without dashes.
  package var hexDigits: String {
    String(unsafeUninitializedCapacity: 32) { buffer in
      withUnsafeBytes(of: uuid) { HexDigits.write($0, to: buffer) }
      return 32
    }
  }
}

/// Lower-case hexadecimal digits.
package enum HexDigits {
  /// Two digits for each byte.
  package static func write(_ bytes: UnsafeRawBufferPointer, to buffer: UnsafeMutableBufferPointer<UInt8>) {
    for (index, byte) in bytes.enumerated() {
      buffer[2 * index] = digit(byte >> 4)
      buffer[2 * index + 1] = digit(byte & 15)
    }
  }
  /// The digit of 0 to 15.
  @inline(__always) static func digit(_ value: UInt8) -> UInt8 { value < 10 ? 48 + value : 87 + value }
}
