import Foundation
import MartletCore
import Testing

@Suite("Days, times and moments")
struct CivilTimeTests {
  @Test("every day of years 1 to 9999 is the day behind its number, and numbers follow days without a gap")
  func everyDay() throws {
    let first = try #require(CalendarDate(year: 1, month: 1, day: 1)).daysSince1970
    let last = try #require(CalendarDate(year: 9999, month: 12, day: 31)).daysSince1970
    #expect(first == -719_162)
    #expect(last == 2_932_896)
    var wrong = 0, previous: CalendarDate?
    for days in first...last {
      let day = CalendarDate(daysSince1970: days)
      if day.daysSince1970 != days || CalendarDate(year: day.year, month: day.month, day: day.day) != day { wrong += 1 }
      if let previous, !(previous < day) { wrong += 1 }
      previous = day
    }
    #expect(wrong == 0)
  }

  @Test("a day's text reads back as the day")
  func dayTexts() {
    for _ in 0..<3000 {
      let day = CalendarDate(daysSince1970: .random(in: -719_162...2_932_896))
      #expect(CalendarDate(day.description) == day)
    }
  }

  @Test(
    "days that no calendar has are refused",
    arguments: [
      "2025-02-29", "1900-02-29", "2026-04-31", "2026-00-10", "2026-13-01", "2026-01-00", "0000-01-01", "10000-01-01", "2026-1-1",
      "2026-01-1x", "+026-01-01", "2026/01/01", "", "2026-01-01-", "२०२६-01-01",
    ])
  func noDays(_ text: String) {
    #expect(CalendarDate(text) == nil)
  }

  @Test("29 February exists in leap years")
  func leapYears() {
    #expect(CalendarDate("2024-02-29") != nil)
    #expect(CalendarDate("2000-02-29") != nil)
  }

  @Test("a time's text reads back as the time, with and without a fraction")
  func timeTexts() throws {
    for _ in 0..<3000 {
      let time = try #require(TimeOfDay(microseconds: .random(in: 0..<86_400_000_000)))
      #expect(TimeOfDay(time.description) == time)
    }
    #expect(TimeOfDay("20:21")?.description == "20:21:00")
    #expect(TimeOfDay("20:21:07.5")?.description == "20:21:07.500000")
  }

  @Test(
    "times that no clock shows are refused",
    arguments: ["24:00", "23:60", "23:59:60", "1:00", "12", "12:00:00.", "12:00:00.1234567", "12:00.5", "-1:00", "12:00:00,5"])
  func noTimes(_ text: String) {
    #expect(TimeOfDay(text) == nil)
  }

  @Test("a moment's two texts read back as the moment, to the microsecond")
  func momentTexts() {
    for _ in 0..<3000 {
      let moment = Int64.random(in: -62_135_596_800_000_000...253_402_300_799_999_999)
      #expect(TimestampText.parse(TimestampText.rfc3339(microseconds: moment)) == moment)
      #expect(TimestampText.parse(TimestampText.sqlite(microseconds: moment)) == moment)
    }
  }

  @Test("offsets are taken off and a missing zone is UTC")
  func offsets() {
    let utc = TimestampText.parse("2026-11-23T20:21:00Z")
    #expect(utc == 1_795_465_260_000_000)
    #expect(TimestampText.parse("2026-11-23T22:21:00+02:00") == utc)
    #expect(TimestampText.parse("2026-11-23T15:51:00-0430") == utc)
    #expect(TimestampText.parse("2026-11-23 20:21:00") == utc)
    #expect(TimestampText.parse("2026-11-23t20:21:00z") == utc)
  }

  @Test(
    "texts that are no moment are refused",
    arguments: [
      "", "2026-11-23", "2026-11-23T", "2026-11-23T25:00:00Z", "2026-02-30T00:00:00Z", "2026-11-23T20:21:00+99:00",
      "2026-11-23T20:21:00+02:60", "2026-11-23X20:21:00Z", "2026-11-23T20:21:00Zz", "not a moment at all",
    ])
  func noMoments(_ text: String) {
    #expect(TimestampText.parse(text) == nil)
  }
}

@Suite("Names")
struct NamingTests {
  @Test(
    "Swift names become snake case, acronyms kept together",
    arguments: [
      ("publishedAt", "published_at"), ("htmlURL", "html_url"), ("BlogPost", "blog_post"), ("URLField", "url_field"),
      ("id", "id"),
      ("already_snake", "already_snake"), ("", ""),
    ])
  func snake(name: String, expected: String) {
    #expect(Naming.snakeCase(name) == expected)
  }

  @Test("snake case becomes camel case", arguments: [("published_at", "publishedAt"), ("id", "id"), ("a_b_c", "aBC"), ("", "")])
  func camel(name: String, expected: String) {
    #expect(Naming.camelCase(name) == expected)
  }

  @Test("camel case survives snake case and back", arguments: ["publishedAt", "authorName", "x", "isStaff"])
  func roundTrip(_ name: String) {
    #expect(Naming.camelCase(Naming.snakeCase(name)) == name)
  }

  @Test(
    "the last word gets its English plural",
    arguments: [
      ("blog post", "blog posts"), ("category", "categories"), ("day", "days"), ("person", "people"), ("box", "boxes"),
      ("bus", "buses"),
      ("sales analysis", "sales analyses"), ("news", "news"),
    ])
  func plurals(word: String, expected: String) {
    #expect(Naming.plural(word) == expected)
  }

  @Test("a type's name becomes words")
  func words() {
    #expect(Naming.words("BlogPost") == "blog post")
  }

  @Test("a Date of any size has microseconds whose text can be read back")
  func boundedDates() {
    for seconds in [1e300, -1e300, .infinity, -.infinity, .nan, 253_402_300_799.999999] {
      let moment = Date(timeIntervalSince1970: seconds).microsecondsSince1970
      #expect(TimestampText.parse(TimestampText.sqlite(microseconds: moment)) == moment)
    }
    #expect(TimestampText.parse("9999-12-31T23:59:59-01:00") == nil)
  }
}
