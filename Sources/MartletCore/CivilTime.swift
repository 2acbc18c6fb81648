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
  public var description: String { padded(year, 4) + "-" + padded(month, 2) + "-" + padded(day, 2) }

  /// A day in the form `2026-11-23`.
  public init?(_ text: some StringProtocol) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0].utf8.count == 4, parts[1].utf8.count == 2, parts[2].utf8.count == 2,
      let year = digits(parts[0]), let month = digits(parts[1]), let day = digits(parts[2])
    else { return nil }
    self.init(year: year, month: month, day: day)
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
  public var description: String {
    let seconds = Int(microseconds / 1_000_000), fraction = Int(microseconds % 1_000_000)
    let clock = padded(seconds / 3600, 2) + ":" + padded(seconds / 60 % 60, 2) + ":" + padded(seconds % 60, 2)
    return fraction == 0 ? clock : clock + "." + padded(fraction, 6)
  }

  /// A time in the form `20:21`, `20:21:00` or `20:21:00.123456`.
  public init?(_ text: some StringProtocol) {
    let halves = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    let parts = halves[0].split(separator: ":", omittingEmptySubsequences: false)
    guard (2...3).contains(parts.count), parts.allSatisfy({ $0.utf8.count == 2 }),
      let hour = digits(parts[0]), let minute = digits(parts[1]),
      let second = parts.count == 3 ? digits(parts[2]) : 0
    else { return nil }
    var fraction = 0
    if halves.count == 2 {
      guard parts.count == 3, (1...6).contains(halves[1].utf8.count), let value = digits(halves[1]) else { return nil }
      fraction = value
      for _ in halves[1].utf8.count..<6 { fraction *= 10 }
    }
    self.init(hour: hour, minute: minute, second: second, microsecond: fraction)
  }

  /// Earlier before later.
  public static func < (l: TimeOfDay, r: TimeOfDay) -> Bool { l.microseconds < r.microseconds }
}

/// Texts of moments in UTC, to the microsecond.
public enum TimestampText {
  /// RFC 3339: `2026-11-23T20:21:00Z`, with six digits of fraction where there is one.
  public static func rfc3339(microseconds: Int64) -> String { text(microseconds, separator: "T") + "Z" }
  /// Django's form on SQLite: `2026-11-23 20:21:00[.ffffff]`, UTC and without a zone.
  public static func sqlite(microseconds: Int64) -> String { text(microseconds, separator: " ") }

  /// The years 1 to 9999.
  private static let readable: Range<Int64> = -62_135_596_800_000_000..<253_402_300_800_000_000

  private static func text(_ microseconds: Int64, separator: String) -> String {
    var days = microseconds / 86_400_000_000, rest = microseconds % 86_400_000_000
    if rest < 0 {
      rest += 86_400_000_000
      days -= 1
    }
    let time = TimeOfDay(microseconds: rest)?.description ?? ""
    return CalendarDate(daysSince1970: Int(days)).description + separator + time
  }

  /// Reads both forms, with `T` or a space, with `Z`, an offset (`+02:00`) or nothing, which is UTC.
  ///
  /// - Returns: Microseconds since 1970, or `nil` where the text has another form, or an offset takes it out of the years
  ///   1 to 9999: such a moment has no text that could be read back.
  public static func parse(_ text: some StringProtocol) -> Int64? {
    let bytes = Array(text.utf8)
    guard bytes.count >= 16, bytes[10] == UInt8(ascii: "T") || bytes[10] == UInt8(ascii: " ") || bytes[10] == UInt8(ascii: "t"),
      let date = CalendarDate(String(decoding: bytes[..<10], as: UTF8.self))
    else { return nil }
    var end = bytes.count, offset: Int64 = 0
    if bytes[end - 1] == UInt8(ascii: "Z") || bytes[end - 1] == UInt8(ascii: "z") {
      end -= 1
    } else if let sign = bytes[16...].lastIndex(where: { $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "-") }) {
      let zone = String(decoding: bytes[(sign + 1)...], as: UTF8.self).filter { $0 != ":" }
      guard zone.utf8.count == 4, let value = digits(zone), value % 100 < 60, value / 100 < 24 else { return nil }
      offset = Int64(value / 100 * 60 + value % 100) * 60_000_000 * (bytes[sign] == UInt8(ascii: "+") ? 1 : -1)
      end = sign
    }
    guard let time = TimeOfDay(String(decoding: bytes[11..<end], as: UTF8.self)) else { return nil }
    let moment = Int64(date.daysSince1970) * 86_400_000_000 + time.microseconds - offset
    return readable.contains(moment) ? moment : nil
  }
}

private func padded(_ value: Int, _ width: Int) -> String {
  let text = String(value)
  return text.utf8.count >= width ? text : String(repeating: "0", count: width - text.utf8.count) + text
}

/// Only ASCII digits: `Int("+5")` would accept a sign.
private func digits(_ text: some StringProtocol) -> Int? {
  guard !text.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
  return Int(text)
}
