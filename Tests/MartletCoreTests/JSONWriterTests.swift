import Foundation
import MartletCore
import Testing

private func written(_ write: (inout JSONWriter) -> Void) -> String {
  var json = JSONWriter()
  write(&json)
  return json.text
}

@Suite("The JSON writer")
struct JSONWriterTests {
  @Test("commas stand between members and elements, at every depth, and nowhere else")
  func commas() {
    let text = written { json in
      json.object {
        $0.key("a")
        $0.array {
          $0.number(1)
          $0.array { _ in }
          $0.object { _ in }
          $0.null()
        }
        $0.key("b")
        $0.object {
          $0.key("c")
          $0.bool(true)
          $0.key("d")
          $0.bool(false)
        }
      }
    }
    #expect(text == #"{"a":[1,[],{},null],"b":{"c":true,"d":false}}"#)
  }

  @Test("a rendered key takes its comma only behind another member")
  func renderedKeys() {
    let first: JSONKey = "first", quoted = JSONKey("a\"b")
    let text = written { json in
      json.object {
        $0.key(first)
        $0.number(1)
        $0.key(quoted)
        $0.number(2)
      }
    }
    #expect(text == #"{"first":1,"a\"b":2}"#)
  }

  @Test("strings escape quotes, backslashes and control characters, and no slash")
  func escapes() {
    #expect(
      written { $0.string("a/b \"q\" \\ \n\r\t\u{8}\u{C}\u{0}\u{1F}\u{7F}é🐦") }
        == "\"a/b \\\"q\\\" \\\\ \\n\\r\\t\\b\\f\\u0000\\u001f\u{7F}é🐦\"")
    #expect(written { $0.string("") } == "\"\"")
  }

  @Test("every scalar below U+3000 reads back as itself")
  func readsBack() throws {
    var text = ""
    for scalar in (0..<0x3000).compactMap(Unicode.Scalar.init) { text.unicodeScalars.append(scalar) }
    let bytes = {
      var w = JSONWriter(); w.string(text); return w.bytes
    }()
    let read = try JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed) as? String
    #expect(read?.unicodeScalars.elementsEqual(text.unicodeScalars) == true)
  }

  @Test("what must be escaped is found at every place of texts of every length")
  func escapesAnywhere() throws {
    for length in 1..<40 {
      for place in 0..<length {
        for byte in [0x1F, 0x22, 0x5C, 0x20, 0x7F] as [UInt8] {
          var bytes = [UInt8](repeating: UInt8(ascii: "x"), count: length)
          bytes[place] = byte
          let text = written { json in bytes.withUnsafeBytes { json.string(utf8: $0) } }
          #expect(text == written { $0.string(String(decoding: bytes, as: UTF8.self)) })
          let read = try JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed) as? String
          #expect(read.map { Array($0.utf8) } == bytes)
        }
      }
    }
  }

  @Test("a writer grows with what is written; its copies do not share what follows, and finish() gives the same bytes")
  func growth() {
    var json = JSONWriter(capacity: 0), text = "["
    json.beginArray()
    for number in 0..<1000 {
      json.number(number)
      text += (number == 0 ? "" : ",") + String(number)
    }
    var copy = json
    copy.null()
    json.endArray()
    #expect(json.text == text + "]")
    #expect(copy.text == text + ",null")
    #expect(json.bytes == Array(json.text.utf8))
    #expect(json.finish() == Array((text + "]").utf8))
    #expect(JSONWriter().finish().isEmpty)
  }

  @Test("raw UTF-8 is written as it is and repaired where it is broken")
  func rawStrings() {
    func write(_ bytes: [UInt8]) -> String { written { json in bytes.withUnsafeBytes { json.string(utf8: $0) } } }
    #expect(write(Array("plain \"x\"".utf8)) == #""plain \"x\"""#)
    #expect(write(Array("é\n".utf8)) == #""é\n""#)
    #expect(write([0x61, 0xFF, 0x62]) == "\"a\u{FFFD}b\"")
    #expect(write([]) == "\"\"")
  }

  @Test("integers keep all their digits, at both ends of their range")
  func integers() {
    let text = written { json in
      json.array {
        $0.number(0)
        $0.number(9)
        $0.number(-1)
        $0.number(10)
        $0.number(Int64.min)
        $0.number(Int64.max)
        $0.number(UInt64.max)
      }
    }
    #expect(text == "[0,9,-1,10,-9223372036854775808,9223372036854775807,18446744073709551615]")
  }

  @Test("doubles have the text that Swift gives them, whichever way it is made")
  func shortestDoubles() {
    var source = SystemRandomNumberGenerator(),
      values: [Double] = [0, -0.0, 0.0001, 0.00005, 1e-4.nextUp, 1e11, 1e11.nextDown, 99_999_999_999.9999]
    for _ in 0..<20_000 {
      let units = Double(UInt64.random(in: 0..<1_000_000_000_000_000 >> UInt64.random(in: 0..<50), using: &source))
      let value = units / [1, 10, 100, 1000, 10_000, 100_000].randomElement(using: &source)!
      values += [
        value, -value, value.nextUp, value.nextDown, Double(bitPattern: .random(in: 0..<0x7FF0_0000_0000_0000, using: &source)),
      ]
    }
    for value in values { #expect(written { $0.number(value) } == value.description) }
  }

  @Test("doubles read back exactly; infinities and NaN are null", arguments: [0.1, -2.5, 1e300, 5e-300, 3, 1.0 / 3])
  func doubles(_ value: Double) throws {
    let bytes = {
      var w = JSONWriter(); w.number(value); return w.bytes
    }()
    #expect(try JSONDecoder().decode(Double.self, from: Data(bytes)) == value)
    #expect(written { $0.number(Double.nan) } == "null")
    #expect(written { $0.number(-Double.infinity) } == "null")
  }

  @Test("decimals are exact, as numbers and as strings")
  func decimals() throws {
    let value = try #require(Decimal(string: "12345678901234567890.123456789"))
    #expect(written { $0.number(value) } == "12345678901234567890.123456789")
    #expect(written { $0.string(value) } == "\"12345678901234567890.123456789\"")
    #expect(written { $0.number(Decimal.nan) } == "null")
  }

  @Test("moments have the text of TimestampText, on both sides of 1970 and outside of four-digit years")
  func timestamps() {
    var moments: [Int64] = [
      0, -1, 1, 1_700_000_000_123_456, -62_135_596_800_000_000, 253_402_300_799_999_999, 300_000_000_000_000_000,
    ]
    var random = SystemRandomNumberGenerator()
    for _ in 0..<2000 { moments.append(.random(in: -62_135_596_800_000_000...253_402_300_799_999_999, using: &random)) }
    for moment in moments {
      #expect(written { $0.timestamp(microseconds: moment) } == "\"\(TimestampText.rfc3339(microseconds: moment))\"")
    }
  }

  @Test("days, times and UUIDs have the text of their descriptions")
  func otherTexts() throws {
    let day = try #require(CalendarDate(year: 7, month: 2, day: 3))
    let time = try #require(TimeOfDay(hour: 4, minute: 5, second: 6, microsecond: 70))
    let uuid = try #require(UUID(uuidString: "0E984725-C51C-4BF4-9960-E1C80E27ABA0"))
    #expect(written { $0.date(day) } == "\"0007-02-03\"")
    #expect(written { $0.time(time) } == "\"04:05:06.000070\"")
    #expect(written { $0.string(uuid) } == "\"0e984725-c51c-4bf4-9960-e1c80e27aba0\"")
  }

  @Test("JSON that exists already is copied, with its comma")
  func raw() {
    #expect(
      written { json in
        json.array {
          $0.number(1); $0.raw(Array(#"{"a":null}"#.utf8))
        }
      } == #"[1,{"a":null}]"#)
  }
}
