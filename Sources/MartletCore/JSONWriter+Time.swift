extension JSONWriter {
  /// A moment as an RFC 3339 string, `"2026-11-23T20:21:00Z"`, with six digits of fraction where there is one.
  ///
  /// The text is that of ``TimestampText/rfc3339(microseconds:)``, written without making a `String`.
  ///
  /// - Parameter microseconds: Microseconds since 1970-01-01T00:00:00Z.
  public mutating func timestamp(microseconds: Int64) {
    var days = microseconds / 86_400_000_000, rest = microseconds % 86_400_000_000
    if rest < 0 {
      rest += 86_400_000_000
      days -= 1
    }
    let day = CalendarDate(daysSince1970: Int(days))
    // RFC 3339 has four digits for the year.
    guard (0...9999).contains(day.year) else { return string(TimestampText.rfc3339(microseconds: microseconds)) }
    element(32) { text in
      text.append(UInt8(ascii: "\""))
      text.append(day)
      text.append(UInt8(ascii: "T"))
      text.append(timeOfDay: rest)
      text.append(UInt8(ascii: "Z"))
      text.append(UInt8(ascii: "\""))
    }
  }

  /// A day as a string: `"2026-11-23"`.
  public mutating func date(_ value: CalendarDate) {
    guard (0...9999).contains(value.year) else { return string(value.description) }
    element(12) { text in
      text.append(UInt8(ascii: "\""))
      text.append(value)
      text.append(UInt8(ascii: "\""))
    }
  }

  /// A time of day as a string: `"20:21:00"` or `"20:21:00.123456"`.
  public mutating func time(_ value: TimeOfDay) {
    element(17) { text in
      text.append(UInt8(ascii: "\""))
      text.append(timeOfDay: value.microseconds)
      text.append(UInt8(ascii: "\""))
    }
  }
}
