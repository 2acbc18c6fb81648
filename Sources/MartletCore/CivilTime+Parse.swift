// Texts of days, times and moments, read byte by byte: SQLite keeps every moment as such a text, so that reading them is a good
// part of what decoding its rows costs.

extension CalendarDate {
  /// A day in the form `2026-11-23`.
  public init?(_ text: some StringProtocol) {
    guard let value = withBytes(text, { CalendarDate(utf8: $0) }) else { return nil }
    self = value
  }
  /// A day in the form `2026-11-23`, in UTF-8.
  package init?(utf8 bytes: UnsafeRawBufferPointer) {
    guard bytes.count == 10, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-") else { return nil }
    guard let century = pair(bytes, 0), let year = pair(bytes, 2), let month = pair(bytes, 5), let day = pair(bytes, 8) else {
      return nil
    }
    self.init(year: century * 100 + year, month: month, day: day)
  }
}

extension TimeOfDay {
  /// A time in the form `20:21`, `20:21:00` or `20:21:00.123456`.
  public init?(_ text: some StringProtocol) {
    guard let value = withBytes(text, { TimeOfDay(utf8: $0) }) else { return nil }
    self = value
  }
  /// A time in the form `20:21`, `20:21:00` or `20:21:00.123456`, in UTF-8.
  package init?(utf8 bytes: UnsafeRawBufferPointer) {
    guard bytes.count >= 5, bytes[2] == UInt8(ascii: ":"), let hour = pair(bytes, 0), let minute = pair(bytes, 3) else {
      return nil
    }
    var second = 0, fraction = 0
    if bytes.count > 5 {
      guard bytes.count >= 8, bytes[5] == UInt8(ascii: ":"), let value = pair(bytes, 6) else { return nil }
      second = value
    }
    if bytes.count > 8 {
      guard (10...15).contains(bytes.count), bytes[8] == UInt8(ascii: ".") else { return nil }
      for place in 9..<15 {
        fraction *= 10
        guard place < bytes.count else { continue }
        let digit = bytes[place] &- 48
        guard digit < 10 else { return nil }
        fraction += Int(digit)
      }
    }
    self.init(hour: hour, minute: minute, second: second, microsecond: fraction)
  }
}

extension TimestampText {
  /// Reads both forms, with `T` or a space, with `Z`, an offset (`+02:00`) or nothing, which is UTC.
  ///
  /// - Returns: Microseconds since 1970, or `nil` where the text has another form, or an offset takes it out of the years
  ///   1 to 9999: such a moment has no text that could be read back.
  public static func parse(_ text: some StringProtocol) -> Int64? { withBytes(text) { parse(utf8: $0) } }

  /// Reads the same forms in UTF-8.
  ///
  /// - Parameter allowsHours: Whether a zone may have no minutes: `+02`.
  package static func parse(utf8 bytes: UnsafeRawBufferPointer, allowsHours: Bool = false) -> Int64? {
    guard bytes.count >= 16, bytes[10] == UInt8(ascii: "T") || bytes[10] == UInt8(ascii: " ") || bytes[10] == UInt8(ascii: "t"),
      let date = CalendarDate(utf8: UnsafeRawBufferPointer(rebasing: bytes[..<10]))
    else { return nil }
    var end = bytes.count, offset: Int64 = 0
    if bytes[end - 1] | 0x20 == UInt8(ascii: "z") {
      end -= 1
    } else if let sign = bytes[16...].lastIndex(where: { $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "-") }) {
      guard let minutes = zone(UnsafeRawBufferPointer(rebasing: bytes[(sign + 1)...]), allowsHours: allowsHours) else {
        return nil
      }
      offset = minutes * 60_000_000 * (bytes[sign] == UInt8(ascii: "+") ? 1 : -1)
      end = sign
    }
    guard let time = TimeOfDay(utf8: UnsafeRawBufferPointer(rebasing: bytes[11..<end])) else { return nil }
    let moment = Int64(date.daysSince1970) * 86_400_000_000 + time.microseconds - offset
    return readable.contains(moment) ? moment : nil
  }

  /// The years 1 to 9999.
  private static let readable: Range<Int64> = -62_135_596_800_000_000..<253_402_300_800_000_000

  /// The minutes of `0200` or `02:00`, wherever the colons stand.
  private static func zone(_ bytes: UnsafeRawBufferPointer, allowsHours: Bool) -> Int64? {
    var value: Int64 = 0, digits = 0
    for byte in bytes where byte != UInt8(ascii: ":") {
      let digit = byte &- 48
      guard digit < 10, digits < 4 else { return nil }
      value = value * 10 + Int64(digit)
      digits += 1
    }
    if digits == 2, bytes.count == 2, allowsHours {
      value *= 100
      digits = 4
    }
    guard digits == 4, value % 100 < 60, value / 100 < 24 else { return nil }
    return value / 100 * 60 + value % 100
  }
}

/// Two ASCII digits: `Int("+5")` would accept a sign.
@inline(__always) private func pair(_ bytes: UnsafeRawBufferPointer, _ place: Int) -> Int? {
  let high = bytes[place] &- 48, low = bytes[place + 1] &- 48
  return high < 10 && low < 10 ? Int(high) * 10 + Int(low) : nil
}

/// The text's bytes, without a copy where its storage allows that.
@inline(__always) private func withBytes<R>(_ text: some StringProtocol, _ read: (UnsafeRawBufferPointer) -> R) -> R {
  if let result = text.utf8.withContiguousStorageIfAvailable({ read(UnsafeRawBufferPointer($0)) }) { return result }
  return Array(text.utf8).withUnsafeBytes(read)
}
