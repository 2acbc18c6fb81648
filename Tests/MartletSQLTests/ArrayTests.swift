import Foundation
import MartletCore
import MartletSQL
import Testing

@Suite struct ArrayTests {
  @Test("arrays are columns of their element's type, and bytes stay bytes")
  func types() {
    #expect([String].columnType == .array(.text))
    #expect([Int?].columnType == .array(.bigInt))
    #expect([UInt64].columnType == .array(.unsignedBigInt))
    #expect([[UInt8]].columnType == .array(.blob))
    #expect([UInt8].columnType == .blob)
    #expect([UInt8]([1, 2]).sqlValue == .blob([1, 2]))
    #expect(["a"].sqlValue == .array([.text("a")], of: .text))
    #expect([1, nil].sqlValue == .array([.int(1), .null], of: .bigInt))
    #expect(![String].isNullable)
    #expect(Optional<[String]>.isNullable)
  }

  @Test("bytes read blobs and texts")
  func bytes() throws {
    #expect(try read([UInt8].self, .blob([0, 255])) == [0, 255])
    #expect(try read([UInt8].self, .text("[1]")) == Array("[1]".utf8))
    #expect(refusal([UInt8].self, .int(1)) != nil)
  }

  @Test("PostgreSQL's texts of arrays")
  func postgres() throws {
    #expect(
      try read([String?].self, .text(#"{1,NULL,"a\"b","NULL", x y ,\N,"",null}"#)) == [
        "1", nil, "a\"b", "NULL", "x y", "N", "", nil,
      ])
    #expect(try read([Int].self, .text("{}")) == [])
    #expect(try read([Int].self, .text("[0:2]={1,-2,3}")) == [1, -2, 3])
    #expect(try read([Int].self, .text("[-5:-4]={7,8}")) == [7, 8])
    #expect(try read([Bool].self, .text("{t,f}")) == [true, false])
    #expect(try read([Double].self, .text("{1.5,Infinity,-Infinity,1e-300}")) == [1.5, .infinity, -.infinity, 1e-300])
    #expect(try read([[UInt8]].self, .text(#"{"\\x00ff","\\x"}"#)) == [[0, 255], []])
    #expect(try read([Date].self, .text(#"{"1970-01-01 00:00:01.000001+00"}"#)) == [Date(microsecondsSince1970: 1_000_001)])
    #expect(try read([Duration].self, .text(#"{"1 day 00:00:01",PT2S}"#)) == [.seconds(86_401), .seconds(2)])
    #expect(try read([JSON<[String: Int]>].self, .text(#"{"{\"a\": 1}"}"#)) == [JSON(["a": 1])])
  }

  @Test("texts that are no arrays are refused with a reason")
  func refused() {
    #expect(
      refusal([Int].self, .text("{{1},{2}}"))
        == "the array holds arrays; only arrays of one dimension can be read, others as String")
    #expect(
      refusal([Int].self, .text("[[1]]")) == "the array holds arrays; only arrays of one dimension can be read, others as String")
    #expect(refusal([Int].self, .text("{1,NULL}")) == "element 2 of the array: expected an integer, found NULL")
    #expect(refusal([Int].self, .text("[\"x\"]")) == "element 1 of the array: expected an integer, found the text 'x'")
    #expect(refusal([Int].self, .int(1)) == "expected an array, found an integer")
    for text in [
      "", " ", "{", "}", "{1", "{1,", "{1,}", "{,}", "{1}x", "{\"a", "{\"a\\", "{a\\", "{a\"b\"}", "[0:1]=", "[0:1]=[1]", "[",
      "[1", "[1,]",
      "[1]x", "[\"a", "[\"\\", "[\"\\x\"]", "[\"\\u12\"]", "[\"\\ud800\"]", "[\"\\ud800\\u0041\"]", "[\"\\udc00\"]", "1", "null",
    ] {
      #expect(refusal([String].self, .text(text)) != nil, "\(text)")
    }
  }

  /// Writes as JSON, reads back.
  private func roundTrip<Element: ArrayElement>(_ values: [Element]) throws -> [Element] {
    guard case .array(let elements, _) = values.sqlValue else { return [] }
    return try read([Element].self, .text(ArrayText.json(elements)))
  }
  private func same<Element: ArrayElement>(_ values: [Element]) throws { #expect(try roundTrip(values) == values) }

  @Test("JSON of arrays reads back exactly, at the extremes of each type")
  func json() throws {
    try same([Int64.min, -1, 0, .max])
    try same([UInt64.min, .max])
    try same([Int?.none, 5])
    try same([true, false])
    let doubles = [0.0, -0.0, .infinity, -.infinity, .leastNonzeroMagnitude, .greatestFiniteMagnitude, 0.1, 1e16, 1e-7, .pi]
    #expect(try roundTrip(doubles).map(\.bitPattern) == doubles.map(\.bitPattern))
    #expect(try roundTrip([Double.nan])[0].isNaN)
    try same([Float.leastNonzeroMagnitude, .greatestFiniteMagnitude, 0.1])
    try same(["", "a\"b\\c/\n\t\u{0}\u{1f}\u{7f}", "NULL", "null", "😀é日本\u{301}", "{}", "[]"])
    try same([UUID(), UUID()])
    try same(
      ["99999999999999999999999999999999999999", "-0.00000000000000000000000000000000000001"].map { Decimal(string: $0)! })
    try same([-62_135_596_800_000_000, -1, 0, 1, 1_700_000_000_123_456].map { Date(microsecondsSince1970: $0) })
    try same([CalendarDate("0001-01-01")!, CalendarDate("9999-12-31")!])
    try same([TimeOfDay(microseconds: 0)!, TimeOfDay(microseconds: 86_399_999_999)!])
    try same([Duration.microseconds(Int64.min), .microseconds(Int64.max)])
    try same([[UInt8](), [0, 1, 254, 255]])
    try same([JSON(["a": [1, 2]]), JSON(["\"": []])])
  }

  @Test("escapes of JSON that other writers use")
  func escapes() throws {
    #expect(try read([String].self, .text(#" [ "\u0041\ud83d\ude00\/\b\f" , "é" ] "#)) == ["A😀/\u{8}\u{c}", "é"])
  }

  @Test("no text makes the reader of arrays trap")
  func mutations() {
    let seeds = [#"{1,NULL,"a\"b"}"#, "[0:2]={1,2,3}", #"["\u0041\ud83d\ude00",1,null,true]"#, "{}", "[]"].map { Array($0.utf8) }
    var random = SystemRandomNumberGenerator()
    for _ in 0..<20_000 {
      var bytes = seeds.randomElement(using: &random)!
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        let place = Int.random(in: 0..<bytes.count + 1, using: &random)
        if Bool.random(using: &random), place < bytes.count {
          bytes.remove(at: place)
        } else {
          bytes.insert(Array("{}[]\"\\,:=u0d8N ".utf8).randomElement(using: &random)!, at: place)
        }
      }
      bytes.withUnsafeBytes { buffer in
        do throws(ArrayTextError) { _ = try ArrayText.elements(buffer) } catch { #expect(!error.message.isEmpty) }
      }
    }
  }
}
