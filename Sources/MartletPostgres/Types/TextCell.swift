import MartletCore
import MartletSQL

/// Values in PostgreSQL's text form, as the same cells that the binary form gives.
///
/// A statement that runs for the first time on a connection gets its rows so, because its columns are not known when it is
/// sent; later runs ask for binary.
enum TextCell {
  static func decode(_ value: UnsafeRawBufferPointer, _ kind: CellKind, _ place: Int, _ arena: inout RowArena) throws -> RowCell {
    func parsed<T>(_ result: T?, _ what: String) throws -> T {
      guard let result else {
        throw RowError(
          index: place, message: "'\(String(decoding: value.prefix(60), as: UTF8.self))' cannot be read as \(what)")
      }
      return result
    }
    switch kind {
    case .text, .other, .jsonb, .numeric, .uuid: return .text(value)
    case .int2, .int4, .int8, .oid: return .int(try parsed(integer(value), "an integer"))
    case .bool: return .int(value.first == UInt8(ascii: "t") ? 1 : 0)
    case .float8: return .double(try parsed(Double(String(decoding: value, as: UTF8.self)), "a number"))
    // By way of Float: the nearest double would be another number than the binary form gives.
    case .float4: return .double(Double(try parsed(Float(String(decoding: value, as: UTF8.self)), "a number")))
    case .bytea: return .blob(try parsed(bytes(value, &arena), "bytes"))
    case .timestamp: return .int(try parsed(TimeText.moment(value), "a timestamp (is DateStyle still ISO?)"))
    case .date:
      if value.last == UInt8(ascii: "y") { return .text(value) }
      return .int(try parsed(TimeText.day(value), "a date (is DateStyle still ISO?)"))
    case .time: return .int(try parsed(TimeText.time(value), "a time"))
    case .interval:
      if let microseconds = IsoInterval.microseconds(value) { return .int(microseconds) }
      return .text(value)
    }
  }

  private static func integer(_ value: UnsafeRawBufferPointer) -> Int64? {
    var result: Int64 = 0
    let isNegative = value.first == UInt8(ascii: "-")
    let digits = isNegative ? value.dropFirst() : value[...]
    guard !digits.isEmpty else { return nil }
    for byte in digits {
      guard (48...57).contains(byte) else { return nil }
      let (tens, overflow) = result.multipliedReportingOverflow(by: 10)
      let (sum, overflowToo) =
        isNegative ? tens.subtractingReportingOverflow(Int64(byte - 48)) : tens.addingReportingOverflow(Int64(byte - 48))
      guard !overflow, !overflowToo else { return nil }
      result = sum
    }
    return result
  }

  /// `\x` and hexadecimal digits; or the older form with backslashes, where `bytea_output` says so.
  private static func bytes(_ value: UnsafeRawBufferPointer, _ arena: inout RowArena) -> UnsafeRawBufferPointer? {
    let target = arena.take(value.count)
    var count = 0, index = 0
    if value.count >= 2, value[0] == UInt8(ascii: "\\"), value[1] == UInt8(ascii: "x") {
      guard value.count % 2 == 0 else { return nil }
      index = 2
      while index < value.count {
        guard let high = hexDigit(value[index]), let low = hexDigit(value[index + 1]) else { return nil }
        target[count] = high << 4 | low
        count += 1
        index += 2
      }
    } else {
      while index < value.count {
        if value[index] != UInt8(ascii: "\\") {
          target[count] = value[index]
          index += 1
        } else if index + 1 < value.count, value[index + 1] == UInt8(ascii: "\\") {
          target[count] = UInt8(ascii: "\\")
          index += 2
        } else {
          guard index + 3 < value.count else { return nil }
          var byte = 0
          for digit in value[(index + 1)...(index + 3)] {
            guard (48...55).contains(digit) else { return nil }
            byte = byte * 8 + Int(digit - 48)
          }
          target[count] = UInt8(truncatingIfNeeded: byte)
          index += 4
        }
        count += 1
      }
    }
    return UnsafeRawBufferPointer(rebasing: target[..<count])
  }

  /// Plain comparisons: patterns of ranges make a debug build take seconds for megabytes of bytes, on an event loop.
  private static func hexDigit(_ byte: UInt8) -> UInt8? {
    if byte &- 48 < 10 { return byte &- 48 }
    let letter = byte | 0x20
    return letter &- 97 < 6 ? letter &- 87 : nil
  }
}

/// Reads `2026-11-23 20:21:00.5+01:30 BC` and its parts: `DateStyle = ISO`.
struct TimeText {
  private let bytes: UnsafeRawBufferPointer
  private var index = 0

  private init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  /// Microseconds since 1970 in UTC; the ends of the range for the infinities.
  static func moment(_ bytes: UnsafeRawBufferPointer) -> Int64? {
    var text = TimeText(bytes)
    return text.moment()
  }
  /// Days since 1970.
  static func day(_ bytes: UnsafeRawBufferPointer) -> Int64? {
    var text = TimeText(bytes)
    return text.dayAlone()
  }
  /// Microseconds since midnight.
  static func time(_ bytes: UnsafeRawBufferPointer) -> Int64? {
    var text = TimeText(bytes)
    return text.timeAlone()
  }

  private mutating func moment() -> Int64? {
    if bytes.elementsEqual(BinaryCell.staticText("infinity")) { return .max }
    if bytes.elementsEqual(BinaryCell.staticText("-infinity")) { return .min }
    guard let date = yearMonthDay(), skip(UInt8(ascii: " ")), let time = timeOfDay(), let offset = zone(), let isBC = era(),
      index == bytes.count
    else { return nil }
    guard let days = days(date, isBC) else { return nil }
    let (midnight, overflow) = days.multipliedReportingOverflow(by: 86_400_000_000)
    let (moment, overflowToo) = midnight.addingReportingOverflow(time - offset)
    return overflow || overflowToo ? nil : moment
  }

  private mutating func dayAlone() -> Int64? {
    guard let date = yearMonthDay(), let isBC = era(), index == bytes.count else { return nil }
    return days(date, isBC)
  }

  private mutating func timeAlone() -> Int64? {
    guard let time = timeOfDay(), index == bytes.count else { return nil }
    return time
  }

  private func days(_ date: (year: Int, month: Int, day: Int), _ isBC: Bool) -> Int64? {
    guard (1...12).contains(date.month), (1...31).contains(date.day) else { return nil }
    var day = CalendarDate(daysSince1970: 0)
    day.year = isBC ? 1 - date.year : date.year
    day.month = date.month
    day.day = date.day
    return Int64(day.daysSince1970)
  }

  private mutating func yearMonthDay() -> (year: Int, month: Int, day: Int)? {
    guard let year = number(4...7), skip(UInt8(ascii: "-")), let month = number(2...2), skip(UInt8(ascii: "-")),
      let day = number(2...2)
    else { return nil }
    return (year, month, day)
  }

  private mutating func timeOfDay() -> Int64? {
    guard let hour = number(2...2), skip(UInt8(ascii: ":")), let minute = number(2...2), skip(UInt8(ascii: ":")),
      let second = number(2...2)
    else { return nil }
    var micro = 0
    if skip(UInt8(ascii: ".")) {
      let start = index
      guard let digits = number(1...6) else { return nil }
      micro = digits
      for _ in (index - start)..<6 { micro *= 10 }
    }
    return Int64(((hour * 60 + minute) * 60 + second) * 1_000_000 + micro)
  }

  /// The zone's distance from UTC in microseconds; 0 where there is none.
  private mutating func zone() -> Int64? {
    let isWest = index < bytes.count && bytes[index] == UInt8(ascii: "-")
    guard isWest || index < bytes.count && bytes[index] == UInt8(ascii: "+") else { return 0 }
    index += 1
    guard let hours = number(2...2) else { return nil }
    var seconds = hours * 3600
    for unit in [60, 1] where skip(UInt8(ascii: ":")) {
      guard let part = number(2...2) else { return nil }
      seconds += part * unit
    }
    return Int64(isWest ? -seconds : seconds) * 1_000_000
  }

  private mutating func era() -> Bool? {
    guard index < bytes.count else { return false }
    guard bytes[index...].elementsEqual(BinaryCell.staticText(" BC")) else { return nil }
    index = bytes.count
    return true
  }

  private mutating func skip(_ byte: UInt8) -> Bool {
    guard index < bytes.count, bytes[index] == byte else { return false }
    index += 1
    return true
  }

  private mutating func number(_ lengths: ClosedRange<Int>) -> Int? {
    let start = index
    var value = 0
    while index < bytes.count, index - start < lengths.upperBound, (48...57).contains(bytes[index]) {
      value = value * 10 + Int(bytes[index] - 48)
      index += 1
    }
    return index - start >= lengths.lowerBound ? value : nil
  }
}

/// Reads intervals in the form of `IntervalStyle = iso_8601`.
enum IsoInterval {
  /// The microseconds of an interval without months and days; `nil` for any other.
  static func microseconds(_ value: UnsafeRawBufferPointer) -> Int64? {
    guard value.count > 3, value[0] == UInt8(ascii: "P"), value[1] == UInt8(ascii: "T") else { return nil }
    var total: Int64 = 0, index = 2
    while index < value.count {
      let isNegative = value[index] == UInt8(ascii: "-")
      if isNegative { index += 1 }
      var whole: Int64 = 0, fraction: Int64 = 0, places = 0, isFraction = false
      while index < value.count, value[index] == UInt8(ascii: ".") || (48...57).contains(value[index]) {
        if value[index] == UInt8(ascii: ".") {
          isFraction = true
        } else if isFraction {
          guard places < 6 else { return nil }
          fraction = fraction * 10 + Int64(value[index] - 48)
          places += 1
        } else {
          guard whole < 100_000_000_000_000 else { return nil }
          whole = whole * 10 + Int64(value[index] - 48)
        }
        index += 1
      }
      guard index < value.count else { return nil }
      while places < 6 {
        fraction *= 10
        places += 1
      }
      let unit: Int64
      switch value[index] {
      case UInt8(ascii: "H"): unit = 3_600_000_000
      case UInt8(ascii: "M"): unit = 60_000_000
      case UInt8(ascii: "S"): unit = 1_000_000
      default: return nil
      }
      // The least interval is Int64.min microseconds: summed with its sign, it does not overflow.
      let (product, overflow) = whole.multipliedReportingOverflow(by: isNegative ? -unit : unit)
      let (sum, overflowToo) = total.addingReportingOverflow(product)
      let (next, overflowThen) = sum.addingReportingOverflow(isNegative ? -fraction : fraction)
      guard !overflow, !overflowToo, !overflowThen else { return nil }
      total = next
      index += 1
    }
    return total
  }
}
