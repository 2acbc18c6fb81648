/// A day of the proleptic Gregorian calendar, without a time or a zone. SQL's `DATE`.
public struct CalendarDate: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// Year, 1 to 9999.
  public var year: Int
  /// Month, 1 to 12.
  public var month: Int
  /// Day of the month, 1 to 31.
  public var day: Int

  /// The day, or `nil` where the calendar has no such day.
  public init?(year: Int, month: Int, day: Int) {
    guard (1...9999).contains(year), (1...12).contains(month), day >= 1,
      day <= CalendarDate.length(ofMonth: month, year: year)
    else { return nil }
    self.year = year
    self.month = month
    self.day = day
  }

  /// The day that many days after 1970-01-01, in UTC.
  public init(daysSince1970 days: Int) {
    // Howard Hinnant, "chrono-compatible low-level date algorithms", civil_from_days.
    let z = days + 719_468
    let era = (z >= 0 ? z : z - 146_096) / 146_097
    let dayOfEra = z - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shifted = (5 * dayOfYear + 2) / 153
    day = dayOfYear - (153 * shifted + 2) / 5 + 1
    month = shifted < 10 ? shifted + 3 : shifted - 9
    year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  }

  /// Days since 1970-01-01.
  public var daysSince1970: Int {
    let y = month <= 2 ? year - 1 : year
    let era = (y >= 0 ? y : y - 399) / 400
    let yearOfEra = y - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }

  /// `2026-11-23`
  public var description: String {
    guard (0...9999).contains(year), (0...99).contains(month), (0...99).contains(day) else {
      return padded(year, 4) + "-" + padded(month, 2) + "-" + padded(day, 2)
    }
    return digitText(10) { $0.append(self) }
  }

  /// By year, month, day.
  public static func < (l: CalendarDate, r: CalendarDate) -> Bool {
    (l.year, l.month, l.day) < (r.year, r.month, r.day)
  }

  static func length(ofMonth month: Int, year: Int) -> Int {
    switch month {
    case 4, 6, 9, 11: 30
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    default: 31
    }
  }
}

/// A time of day to the microsecond, without a date or a zone. SQL's `TIME`.
public struct TimeOfDay: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// Microseconds since midnight, 0 to 86,399,999,999.
  public let microseconds: Int64

  /// The time that many microseconds after midnight, or `nil` outside of a day.
  public init?(microseconds: Int64) {
    guard (0..<86_400_000_000).contains(microseconds) else { return nil }
    self.microseconds = microseconds
  }
  /// The time, or `nil` where a part is out of its range.
  public init?(hour: Int, minute: Int, second: Int = 0, microsecond: Int = 0) {
    guard (0..<24).contains(hour), (0..<60).contains(minute), (0..<60).contains(second),
      (0..<1_000_000).contains(microsecond)
    else { return nil }
    microseconds = Int64(((hour * 60 + minute) * 60 + second)) * 1_000_000 + Int64(microsecond)
  }

  /// `20:21:00` or `20:21:00.123456`
  public var description: String { digitText(15) { $0.append(timeOfDay: microseconds) } }

  /// Earlier before later.
  public static func < (l: TimeOfDay, r: TimeOfDay) -> Bool { l.microseconds < r.microseconds }
}

/// Texts of moments in UTC, to the microsecond.
public enum TimestampText {
  /// RFC 3339: `2026-11-23T20:21:00Z`, with six digits of fraction where there is one.
  public static func rfc3339(microseconds: Int64) -> String {
    text(microseconds, separator: UInt8(ascii: "T"), zone: UInt8(ascii: "Z"))
  }
  /// Django's form on SQLite: `2026-11-23 20:21:00[.ffffff]`, UTC and without a zone.
  public static func sqlite(microseconds: Int64) -> String { text(microseconds, separator: UInt8(ascii: " "), zone: nil) }

  /// The text with `separator` between day and time, and `zone` behind them.
  private static func text(_ microseconds: Int64, separator: UInt8, zone: UInt8?) -> String {
    var days = microseconds / 86_400_000_000, rest = microseconds % 86_400_000_000
    if rest < 0 {
      rest += 86_400_000_000
      days -= 1
    }
    let day = CalendarDate(daysSince1970: Int(days))
    guard (0...9999).contains(day.year) else {
      let tail = String(decoding: [separator], as: UTF8.self) + (TimeOfDay(microseconds: rest)?.description ?? "")
      return day.description + tail + (zone.map { String(decoding: [$0], as: UTF8.self) } ?? "")
    }
    return digitText(28) { text in
      text.append(day)
      text.append(separator)
      text.append(timeOfDay: rest)
      if let zone { text.append(zone) }
    }
  }
}

/// A text of at most `capacity` ASCII bytes.
private func digitText(_ capacity: Int, _ write: (inout DigitText) -> Void) -> String {
  String(unsafeUninitializedCapacity: capacity) { buffer in
    var text = DigitText(buffer)
    write(&text)
    return text.count
  }
}

private func padded(_ value: Int, _ width: Int) -> String {
  let text = String(value)
  return text.utf8.count >= width ? text : String(repeating: "0", count: width - text.utf8.count) + text
}
