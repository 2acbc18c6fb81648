/// Puts digits of known width into a scratch buffer, whose subscript checks the bounds in debug builds.
package struct DigitText {
  private let buffer: UnsafeMutableBufferPointer<UInt8>
  package private(set) var count = 0

  package init(_ buffer: UnsafeMutableBufferPointer<UInt8>) { self.buffer = buffer }

  @inline(__always) package mutating func append(_ byte: UInt8) {
    buffer[count] = byte
    count += 1
  }
  @inline(__always) package mutating func append(_ bytes: UnsafeRawBufferPointer) {
    guard let source = bytes.baseAddress, bytes.count > 0 else { return }
    // Checks the bounds in debug builds.
    let target = UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: buffer[count..<(count + bytes.count)]))
    target.baseAddress.unsafelyUnwrapped.copyMemory(from: source, byteCount: bytes.count)
    count += bytes.count
  }
  /// 0 to 99.
  @inline(__always) package mutating func append(pair value: Int) {
    append(48 + UInt8(truncatingIfNeeded: value / 10))
    append(48 + UInt8(truncatingIfNeeded: value % 10))
  }
  /// A day of the years 0 to 9999.
  package mutating func append(_ day: CalendarDate) {
    append(pair: day.year / 100)
    append(pair: day.year % 100)
    append(UInt8(ascii: "-"))
    append(pair: day.month)
    append(UInt8(ascii: "-"))
    append(pair: day.day)
  }
  /// Hours, minutes and seconds, and six digits of fraction where there is one.
  package mutating func append(timeOfDay microseconds: Int64) {
    let seconds = Int(microseconds / 1_000_000), fraction = Int(microseconds % 1_000_000)
    append(pair: seconds / 3600)
    append(UInt8(ascii: ":"))
    append(pair: seconds / 60 % 60)
    append(UInt8(ascii: ":"))
    append(pair: seconds % 60)
    guard fraction > 0 else { return }
    append(UInt8(ascii: "."))
    append(pair: fraction / 10_000)
    append(pair: fraction / 100 % 100)
    append(pair: fraction % 100)
  }
  /// A whole number without a sign.
  package mutating func append(number value: UInt64) {
    var width = 1, bound: UInt64 = 10
    while width < 20, value >= bound {
      width += 1
      let (next, overflows) = bound.multipliedReportingOverflow(by: 10)
      if overflows { break }
      bound = next
    }
    var rest = value, place = count + width
    repeat {
      place -= 1
      buffer[place] = 48 + UInt8(truncatingIfNeeded: rest % 10)
      rest /= 10
    } while place > count
    count += width
  }
}
