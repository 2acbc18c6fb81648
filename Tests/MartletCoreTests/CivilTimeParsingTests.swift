import Foundation
import MartletCore
import Testing

/// The readers of bytes against a plain one of texts.
@Suite("Parsing days, times and moments")
struct CivilTimeParsingTests {
  private static func digits(_ text: Substring, _ widths: ClosedRange<Int>) -> Int? {
    widths.contains(text.utf8.count) && text.utf8.allSatisfy { (48...57).contains($0) } ? Int(text) : nil
  }
  private static func day(_ text: String) -> CalendarDate? {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 3, let year = digits(parts[0], 4...4), let month = digits(parts[1], 2...2),
      let day = digits(parts[2], 2...2)
    else { return nil }
    return CalendarDate(year: year, month: month, day: day)
  }
  private static func time(_ text: String) -> TimeOfDay? {
    let halves = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    let parts = halves[0].split(separator: ":", omittingEmptySubsequences: false).map { digits($0, 2...2) }
    guard (2...3).contains(parts.count), let hour = parts[0], let minute = parts[1],
      let second = parts.count == 3 ? parts[2] : 0
    else { return nil }
    guard halves.count == 2 else { return TimeOfDay(hour: hour, minute: minute, second: second) }
    guard parts.count == 3, let fraction = digits(halves[1], 1...6) else { return nil }
    let scale = (halves[1].utf8.count..<6).reduce(1) { scale, _ in scale * 10 }
    return TimeOfDay(hour: hour, minute: minute, second: second, microsecond: fraction * scale)
  }
  private static func moment(_ text: String) -> Int64? {
    let characters = Array(text)
    guard characters.count >= 16, "Tt ".contains(characters[10]), let day = day(String(characters[..<10])) else { return nil }
    var end = characters.count, offset: Int64 = 0
    if "Zz".contains(characters[end - 1]) {
      end -= 1
    } else if let sign = characters[16...].lastIndex(where: { $0 == "+" || $0 == "-" }) {
      guard let zone = digits(Substring(String(characters[(sign + 1)...].filter { $0 != ":" })), 4...4), zone % 100 < 60,
        zone < 2400
      else { return nil }
      offset = Int64(zone / 100 * 60 + zone % 100) * (characters[sign] == "+" ? 60_000_000 : -60_000_000)
      end = sign
    }
    guard let time = time(String(characters[11..<end])) else { return nil }
    let moment = Int64(day.daysSince1970) * 86_400_000_000 + time.microseconds - offset
    return (-62_135_596_800_000_000..<253_402_300_800_000_000).contains(moment) ? moment : nil
  }

  @Test("texts with any character changed, added or left out are read, or refused, as the plain reader does")
  func mutations() {
    var random = SystemRandomNumberGenerator()
    let seeds = [
      "2026-11-23 20:21:00.123456", "2026-11-23T20:21:00Z", "2026-11-23T20:21:00.5+02:00", "0001-01-01 00:00:00",
      "2024-02-29 20:21",
      "9999-12-31T23:59:59.999999-01:30", "2026-11-23 20:21:00+0200", "2026-11-23 20:21:00+02",
    ]
    let alphabet = Array("0123456789-+:.TtZz ,é")
    for seed in seeds {
      for _ in 0..<3_000 {
        var text = Array(seed)
        for _ in 0..<Int.random(in: 0...2, using: &random) {
          let place = Int.random(in: 0..<text.count, using: &random), character = alphabet.randomElement(using: &random) ?? "0"
          switch Int.random(in: 0..<3, using: &random) {
          case 0: text[place] = character
          case 1: text.insert(character, at: place)
          default: text.remove(at: place)
          }
        }
        let whole = String(text)
        #expect(TimestampText.parse(whole) == Self.moment(whole), "\(whole)")
        let head = String(text.prefix(10)), tail = String(text.dropFirst(11))
        #expect(CalendarDate(head) == Self.day(head), "\(head)")
        #expect(TimeOfDay(tail) == Self.time(tail), "\(tail)")
      }
    }
  }

  @Test("a text that is a part of another, or has no storage in one piece, is read as well")
  func substrings() {
    let text = "at 2026-11-23T20:21:00Z."
    #expect(TimestampText.parse(text.dropFirst(3).dropLast()) == TimestampText.parse("2026-11-23T20:21:00Z"))
    #expect(CalendarDate(text.dropFirst(3).prefix(10)) == CalendarDate("2026-11-23"))
    let bridged = NSString(string: "2026-11-23T20:21:00Z") as String
    #expect(TimestampText.parse(bridged) == TimestampText.parse("2026-11-23T20:21:00Z"))
  }

  @Test("texts of moments keep their form")
  func texts() {
    #expect(TimestampText.rfc3339(microseconds: 1_795_465_260_000_000) == "2026-11-23T20:21:00Z")
    #expect(TimestampText.sqlite(microseconds: 1_795_465_260_000_001) == "2026-11-23 20:21:00.000001")
    #expect(TimestampText.rfc3339(microseconds: -1) == "1969-12-31T23:59:59.999999Z")
    #expect(TimestampText.sqlite(microseconds: -62_135_596_800_000_000) == "0001-01-01 00:00:00")
    #expect(TimestampText.rfc3339(microseconds: 253_402_300_800_000_000) == "10000-01-01T00:00:00Z")
    #expect(CalendarDate(year: 7, month: 3, day: 1)?.description == "0007-03-01")
  }
}
