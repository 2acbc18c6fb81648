import Foundation
import MartletCore
import Synchronization

/// `Sun, 06 Nov 1994 08:49:37 GMT`: the IMF-fixdate of RFC 9110 §5.6.7.
package enum HTTPDate {
  private static let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
  private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

  package static func text(secondsSince1970 seconds: Int) -> String {
    let day = Int((Double(seconds) / 86_400).rounded(.down)), rest = seconds - day * 86_400
    let date = CalendarDate(daysSince1970: day)
    let clock = TimeOfDay(microseconds: Int64(rest) * 1_000_000)?.description ?? "00:00:00"
    let weekday = days[((day % 7) + 7) % 7]
    return "\(weekday), \(date.day < 10 ? "0" : "")\(date.day) \(months[date.month - 1]) \(date.year) \(clock) GMT"
  }

  /// Seconds since 1970, or `nil` for another form. Clients repeat what they were sent, so the two
  /// obsolete forms are not read.
  static func parse(_ text: String) -> Int? {
    let parts = text.trimmed.split(separator: " ")
    guard parts.count == 6, parts[0].hasSuffix(","), parts[5] == "GMT", let day = Int(parts[1]), let year = Int(parts[3]),
      let month = months.firstIndex(of: String(parts[2])), let time = TimeOfDay(parts[4]),
      let date = CalendarDate(year: year, month: month + 1, day: day)
    else { return nil }
    return date.daysSince1970 * 86_400 + Int(time.microseconds / 1_000_000)
  }

  private static let cached = Mutex<(second: Int, text: String)>((0, ""))
  /// The current time, formatted once a second.
  static func now() -> String {
    let second = Int(Date().timeIntervalSince1970)
    return cached.withLock { cached in
      if cached.second != second { cached = (second, text(secondsSince1970: second)) }
      return cached.text
    }
  }
}
