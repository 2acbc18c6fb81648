import Foundation
import Testing

@testable import MartletHTTP

@Suite struct JSONEncodingTests {
  private func text(_ value: some Encodable) throws -> String {
    String(decoding: try JSONCoding.encode(value), as: UTF8.self)
  }

  @Test("properties stand in the order of their declaration, nil ones left out")
  func order() throws {
    struct Value: Encodable {
      struct Inner: Encodable { var z = 1, a = [1, 2], empty: [Int] = [], none: [String: Int] = [:] }
      enum Kind: String, Encodable { case big }
      var zulu = "z", alpha: Int? = nil, mike = Inner(), kind = Kind.big, ok = true, list: [Int?] = [1, nil]
    }
    #expect(
      try text(Value())
        == #"{"zulu":"z","mike":{"z":1,"a":[1,2],"empty":[],"none":{}},"kind":"big","ok":true,"list":[1,null]}"#)
  }

  @Test("scalars, dates, UUIDs, URLs, data and decimals stand alone as well as inside")
  func scalars() throws {
    #expect(try text("a") == #""a""#)
    #expect(try text(Int?.none) == "null")
    #expect(try text([1.0, 0.5, 1e21, -0.25]) == "[1,0.5,1e+21,-0.25]")
    #expect(try text(UInt64.max) == "18446744073709551615")
    #expect(try text(UUID(uuidString: "6F1A3C1E-0000-4000-8000-00000000ABCD")) == #""6f1a3c1e-0000-4000-8000-00000000abcd""#)
    #expect(try text([URL(string: "https://a/b?c")]) == #"["https://a/b?c"]"#)
    #expect(try text(Data([1, 2, 3])) == #""AQID""#)
    #expect(try text(Decimal(string: "1234567890.10")) == "1234567890.1")
    #expect(throws: EncodingError.self) { try text(Double.nan) }
    #expect(throws: EncodingError.self) { try text(["x": Double.infinity]) }
  }

  @Test("containers that stay open beside others land in their places")
  func nested() throws {
    struct Value: Encodable {
      enum Key: String, CodingKey { case a, b, c, d }
      func encode(to encoder: any Encoder) throws {
        var outer = encoder.container(keyedBy: Key.self)
        var a = outer.nestedContainer(keyedBy: Key.self, forKey: .a)
        var b = outer.nestedUnkeyedContainer(forKey: .b)
        try outer.encode(3, forKey: .c)
        try b.encode("in b")
        try a.encode("in a", forKey: .a)
        var inner = b.nestedContainer(keyedBy: Key.self)
        try b.encode(2)
        try inner.encode(true, forKey: .d)
        try a.encodeNil(forKey: .d)
        try 5.encode(to: outer.superEncoder(forKey: .d))
      }
    }
    #expect(try text(Value()) == #"{"a":{"a":"in a","d":null},"b":["in b",{"d":true},2],"c":3,"d":5}"#)
  }

  @Test("a subclass and its superclass may share one container")
  func classes() throws {
    class Base: Encodable { var a = 1 }
    final class Derived: Base {
      enum Key: String, CodingKey { case b }
      override func encode(to encoder: any Encoder) throws {
        try super.encode(to: encoder)
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(2, forKey: .b)
      }
    }
    #expect(try text([Derived()]) == #"[{"a":1,"b":2}]"#)
  }

  @Test("every text comes back as it was")
  func escapes() throws {
    let all = String(String.UnicodeScalarView((0..<0x250).compactMap(Unicode.Scalar.init))) + "\u{2028}🐦\"\\/"
    #expect(try text("\u{1}\u{1f}\n\t\r\u{8}\u{c}\"\\/") == #""\u0001\u001f\n\t\r\b\f\"\\/""#)
    let back = try JSONDecoder().decode([String].self, from: Data(try JSONCoding.encode([all])))
    #expect(back == [all])
  }
}
