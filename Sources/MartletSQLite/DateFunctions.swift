import CSQLite3
import Foundation
import MartletCore
import MartletSQL
import Synchronization

/// Moments as Django stores them, to the microsecond and in time zones. SQLite's own functions know milliseconds and UTC.
enum DateFunctions {
  static func register(_ database: OpaquePointer) {
    QueryFunctions.text("martlet_date_trunc", 3, database) { context, values in
      guard let unit = values.text(0), let moment = values.moment(1) else { return sqlite3_result_null(context) }
      guard let zone = Zones.shared.zone(values.text(2) ?? "UTC"), let cut = ZonedMoment.truncate(moment, unit, zone) else {
        return sqlite3_result_error(context, "an unknown unit or time zone", -1)
      }
      QueryFunctions.answer(context, TimestampText.sqlite(microseconds: cut))
    }
    QueryFunctions.text("martlet_date_part", 3, database) { context, values in
      guard let part = values.text(0), let moment = values.moment(1) else { return sqlite3_result_null(context) }
      guard let zone = Zones.shared.zone(values.text(2) ?? "UTC") else {
        return sqlite3_result_error(context, "an unknown time zone", -1)
      }
      let local = ZonedMoment.local(moment, zone)
      if part == "date" { return QueryFunctions.answer(context, ZonedMoment.day(local).description) }
      guard let number = ZonedMoment.part(part, local) else { return sqlite3_result_error(context, "an unknown part", -1) }
      sqlite3_result_int64(context, number)
    }
    QueryFunctions.text("martlet_date_add", 2, database) { context, values in
      guard let moment = values.moment(0), let microseconds = values.int(1) else { return sqlite3_result_null(context) }
      let (sum, isOver) = moment.addingReportingOverflow(microseconds)
      guard !isOver, ZonedMoment.readable.contains(sum) else {
        return sqlite3_result_error(context, "the moment is out of range", -1)
      }
      QueryFunctions.answer(context, TimestampText.sqlite(microseconds: sum))
    }
    QueryFunctions.text("martlet_date_diff", 2, database) { context, values in
      guard let later = values.moment(0), let earlier = values.moment(1) else { return sqlite3_result_null(context) }
      sqlite3_result_int64(context, later - earlier)
    }
    QueryFunctions.text("martlet_now", 0, database, isPure: false) { context, _ in
      QueryFunctions.answer(context, TimestampText.sqlite(microseconds: Date().microsecondsSince1970))
    }
  }
}

extension FunctionValues {
  func moment(_ index: Int) -> Int64? {
    guard let text = text(index) else { return nil }
    return TimestampText.parse(text) ?? CalendarDate(text).map { Int64($0.daysSince1970) * 86_400_000_000 }
  }
}

/// Time zones by name, kept once found. Guarded by its mutex.
final class Zones: Sendable {
  static let shared = Zones()
  private let known = Mutex<[String: TimeZone]>([:])
  func zone(_ name: String) -> TimeZone? {
    known.withLock { known in
      if let zone = known[name] { return zone }
      guard let zone = TimeZone(identifier: name) else { return nil }
      known[name] = zone
      return zone
    }
  }
}

/// Arithmetic on local time, as microseconds since 1970 by the clock on the wall.
enum ZonedMoment {
  /// The years 1 to 9999.
  static let readable: Range<Int64> = -62_135_596_800_000_000..<253_402_300_800_000_000
  private static let day: Int64 = 86_400_000_000

  static func offset(_ moment: Int64, _ zone: TimeZone) -> Int64 {
    Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(floor(moment, 1_000_000) / 1_000_000)))) * 1_000_000
  }
  static func local(_ moment: Int64, _ zone: TimeZone) -> Int64 { moment + offset(moment, zone) }
  static func day(_ local: Int64) -> CalendarDate { CalendarDate(daysSince1970: Int(floor(local, day) / day)) }

  static func truncate(_ moment: Int64, _ unit: String, _ zone: TimeZone) -> Int64? {
    let here = offset(moment, zone), local = moment + here
    switch unit {
    // Within an hour the zone does not change under the clock's hands.
    case "second": return floor(local, 1_000_000) - here
    case "minute": return floor(local, 60_000_000) - here
    case "hour": return floor(local, 3_600_000_000) - here
    default: break
    }
    let date = day(local)
    let start: CalendarDate?
    switch unit {
    case "day": start = date
    case "week":
      let days = date.daysSince1970
      // 1970-01-01 was a Thursday; weeks begin on Monday.
      start = CalendarDate(daysSince1970: days - ((days + 3) % 7 + 7) % 7)
    case "month": start = CalendarDate(year: date.year, month: date.month, day: 1)
    case "quarter": start = CalendarDate(year: date.year, month: (date.month - 1) / 3 * 3 + 1, day: 1)
    case "year": start = CalendarDate(year: date.year, month: 1, day: 1)
    default: start = nil
    }
    guard let start else { return nil }
    let midnight = Int64(start.daysSince1970) * day
    return midnight - offset(midnight - here, zone)
  }

  static func part(_ part: String, _ local: Int64) -> Int64? {
    let date = day(local), time = local - floor(local, day), days = Int64(date.daysSince1970)
    switch part {
    case "year": return Int64(date.year)
    case "quarter": return Int64((date.month - 1) / 3 + 1)
    case "month": return Int64(date.month)
    case "day": return Int64(date.day)
    case "weekday": return ((days + 3) % 7 + 7) % 7 + 1
    case "dayOfYear": return days - Int64((CalendarDate(year: date.year, month: 1, day: 1) ?? date).daysSince1970) + 1
    case "week": return week(date).week
    case "isoYear": return week(date).year
    case "hour": return time / 3_600_000_000
    case "minute": return time / 60_000_000 % 60
    case "second": return time / 1_000_000 % 60
    case "microsecond": return time % 1_000_000
    default: return nil
    }
  }

  /// ISO 8601: the week of a date is that of its Thursday.
  private static func week(_ date: CalendarDate) -> (year: Int64, week: Int64) {
    let days = date.daysSince1970, weekday = ((days + 3) % 7 + 7) % 7
    let thursday = CalendarDate(daysSince1970: days - weekday + 3)
    let first = CalendarDate(year: thursday.year, month: 1, day: 1)?.daysSince1970 ?? days
    return (Int64(thursday.year), Int64((thursday.daysSince1970 - first) / 7 + 1))
  }

  private static func floor(_ value: Int64, _ unit: Int64) -> Int64 {
    let rest = value % unit
    return rest < 0 ? value - rest - unit : value - rest
  }
}
