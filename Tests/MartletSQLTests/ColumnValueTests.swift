import Foundation
import MartletCore
import MartletSQL
import Testing

@Suite struct ColumnValueTests {
  @Test("unsigned integers read numbers and digits, padded or not, up to the last")
  func unsigned() throws {
    #expect(UInt64.columnType == .unsignedBigInt)
    #expect(UInt64.max.sqlValue == .uint(.max))
    #expect(try read(UInt64.self, .int(.max)) == UInt64(Int64.max))
    #expect(try read(UInt64.self, .text("18446744073709551615")) == .max)
    #expect(try read(UInt64.self, .text("00000000000000000007")) == 7)
    #expect(try read(UInt.self, .text("9223372036854775808")) == 1 << 63)
    for wrong in [
      Cell.int(-1), .text("-1"), .text("18446744073709551616"), .text(""), .text("7.0"), .text("٣"), .null, .double(1),
    ] {
      #expect(refusal(UInt64.self, wrong) != nil, "\(wrong)")
    }
  }

  @Test("small integers refuse what is out of their range")
  func small() throws {
    #expect(try read(UInt8.self, .int(255)) == 255)
    #expect(refusal(UInt8.self, .int(256)) == "expected an integer from 0 to 255, found an integer")
    #expect(try read(UInt16.self, .int(65_535)) == .max)
    #expect(refusal(UInt16.self, .int(-1)) != nil)
    #expect(try read(UInt32.self, .int(4_294_967_295)) == .max)
    #expect(refusal(UInt32.self, .int(1 << 32)) != nil)
    #expect(try read(Int8.self, .int(-128)) == .min)
    #expect(refusal(Int8.self, .int(128)) != nil)
    #expect(UInt8(7).sqlValue == .int(7))
  }

  @Test("integers read the digits that databases make of sums")
  func digits() throws {
    #expect(try read(Int.self, .text("-9223372036854775808")) == .min)
    #expect(try read(Int64.self, .text("9223372036854775807")) == .max)
    for wrong in ["9223372036854775808", "-", "+", "1e3", " 1", "1 ", "0x10"] {
      #expect(refusal(Int.self, .text(wrong)) != nil, "\(wrong)")
    }
  }

  @Test("doubles read exact numbers, infinities and NaN, and no other text")
  func doubles() throws {
    #expect(try read(Double.self, .text("1234.5000")) == 1234.5)
    #expect(try read(Double.self, .text("-Infinity")) == -.infinity)
    #expect(try read(Double.self, .text("NaN")).isNaN)
    #expect(try read(Float.self, .double(Double(Float.pi))) == .pi)
    for wrong in ["", ".", "e5", "1e", "nan", "inf", "0x1p3", "1,5", "1 "] {
      #expect(refusal(Double.self, .text(wrong)) != nil, "\(wrong)")
    }
  }

  @Test("booleans read integers and the texts of PostgreSQL and JSON")
  func booleans() throws {
    for yes in [Cell.int(1), .int(-5), .text("t"), .text("true"), .text("1")] { #expect(try read(Bool.self, yes)) }
    for no in [Cell.int(0), .text("f"), .text("false"), .text("0")] { #expect(try !read(Bool.self, no)) }
    for wrong in [Cell.text("yes"), .text("truely"), .double(1), .null] { #expect(refusal(Bool.self, wrong) != nil) }
  }

  @Test("decimals keep 38 digits and refuse to round")
  func decimals() throws {
    for text in [
      "99999999999999999999999999999999999999", "-12345678901234567890123456789.123456789",
      "0.00000000000000000000000000000000000001", "0", "-0.5",
    ] {
      #expect(try read(Decimal.self, .text(text)).description == text)
    }
    #expect(try read(Decimal.self, .text("1.50000")).description == "1.5")
    #expect(try read(Decimal.self, .text("1E+5")) == 100_000)
    #expect(try read(Decimal.self, .text("NaN")).isNaN)
    let tooLong = "the number has more digits than Decimal keeps; declare the property as PostgresNumeric"
    #expect(refusal(Decimal.self, .text("340282366920938463463374607431768211456")) == tooLong)
    #expect(refusal(Decimal.self, .text("1e200")) == tooLong)
    #expect(refusal(Decimal.self, .text("1e-200")) == tooLong)
    for wrong in ["Infinity", "12abc", "", ".", "-", "1.2.3", "1e", "1e99999999999999999999"] {
      #expect(refusal(Decimal.self, .text(wrong)) != nil, "\(wrong)")
    }
  }

  @Test("moments read microseconds and texts, and infinity names the type that holds it")
  func moments() throws {
    #expect(try read(Date.self, .int(1_500_000)) == Date(timeIntervalSince1970: 1.5))
    for text in ["1970-01-01 00:00:01.5", "1970-01-01T00:00:01.5Z", "1970-01-01 00:00:01.5+00", "1970-01-01 02:00:01.5+02:00"] {
      #expect(try read(Date.self, .text(text)) == Date(timeIntervalSince1970: 1.5), "\(text)")
    }
    #expect(refusal(Date.self, .int(.max)) == "the moment infinity is no Date; declare the property as PostgresTimestamp")
    #expect(refusal(Date.self, .int(.min)) == "the moment -infinity is no Date; declare the property as PostgresTimestamp")
    #expect(refusal(Date.self, .text("infinity")) != nil)
    // 0001-01-01, 9999-12-31 and both ends of PostgreSQL's range.
    for moment: Int64 in [-62_135_596_800_000_000, 253_402_300_799_999_999, -210_866_803_200_000_000, 9_223_372_036_854_775_806] {
      let date = try read(Date.self, .int(moment))
      #expect(abs(date.timeIntervalSince1970 - Double(moment) / 1_000_000) < 0.001)
    }
  }

  @Test("days read numbers of days and texts of the years 1 to 9999")
  func days() throws {
    #expect(try read(CalendarDate.self, .int(0)).description == "1970-01-01")
    #expect(try read(CalendarDate.self, .int(-719_162)).description == "0001-01-01")
    #expect(try read(CalendarDate.self, .int(2_932_896)).description == "9999-12-31")
    #expect(try read(CalendarDate.self, .text("2026-11-24")).description == "2026-11-24")
    for wrong in [Cell.int(-719_163), .int(2_932_897), .int(.max), .int(.min), .text("infinity"), .text("0044-03-15 BC")] {
      #expect(refusal(CalendarDate.self, wrong) != nil, "\(wrong)")
    }
  }

  @Test("lengths of time read microseconds, ISO 8601 and PostgreSQL's style, and refuse months")
  func intervals() throws {
    #expect(try read(Duration.self, .int(-1)) == .microseconds(-1))
    for (text, seconds) in [
      ("P1DT2H3M4.5S", 93_784.5), ("PT-0.000001S", -0.000001), ("P-1DT1H", -82_800), ("PT0S", 0), ("1 day 02:03:04.5", 93_784.5),
      ("-00:00:01", -1), ("-1 days +00:00:01", -86_399), ("2500000", 2.5), ("P2W", 1_209_600),
    ] as [(String, Double)] {
      #expect(try read(Duration.self, .text(text)) == .microseconds(Int64((seconds * 1_000_000).rounded())), "\(text)")
    }
    #expect(
      refusal(Duration.self, .text("P1M"))
        == "an interval with months has no fixed length; declare the property as PostgresInterval")
    for wrong in [
      "", "P", "PT", "P1", "P1H", "PT1D", "P1.5D", "1 dayz", "1:2", "P99999999999999999999D", "PT99999999999999999999S", "P1DX",
    ] {
      #expect(refusal(Duration.self, .text(wrong)) != nil, "\(wrong)")
    }
    #expect(Duration.seconds(Int64.max).sqlValue == .interval(.max))
    #expect(Duration.seconds(Int64.min).sqlValue == .interval(.min))
  }

  @Test("texts of intervals read back, whatever the signs of their parts")
  func intervalTexts() throws {
    var random = SystemRandomNumberGenerator()
    for round in 0..<2000 {
      func part(_ range: ClosedRange<Int64>) -> Int64 {
        round % 3 == 0 ? .random(in: -3...3, using: &random) : .random(in: range, using: &random)
      }
      let value = IntervalText(
        months: part(-2_147_483_648...2_147_483_647), days: part(-2_147_483_648...2_147_483_647),
        microseconds: round < 2 ? (round == 0 ? .min : .max) : part(.min ... .max))
      let back = Array(value.iso8601.utf8).withUnsafeBytes { IntervalText.parse($0) }
      #expect(back == value, "\(value.iso8601)")
    }
  }
}
