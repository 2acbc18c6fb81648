import Foundation
import MartletCore
import Testing

@testable import MartletAuth

/// The keys and the clock under which Django 5.2.19 wrote the texts of these tests.
enum Vectors {
  static let keys = SecretKeys(
    "django-insecure-martlet-test-key-0123456789abcdef", fallbacks: ["an-old-key-that-was-rotated-out-of-use-0000000"])
  static let clock = TimeSource.fixed(Date(timeIntervalSince1970: 1_700_000_000.25))
  static func clock(after seconds: Double) -> TimeSource { .fixed(Date(timeIntervalSince1970: 1_700_000_000.25 + seconds)) }
}

@Suite("Signing")
struct SigningTests {
  let keys = Vectors.keys

  @Test("a signature is the one that Django's Signer makes")
  func signer() throws {
    #expect(Signer(keys).sign("hello") == "hello:g99CO2xdLvITAEwKZRISVV-oyJ-8nTE2bCsex1tSVPQ")
    #expect(Signer(keys, salt: "extra").sign("hello") == "hello:ymPtshRX0HZeDNmKNV_rLoZGBwE66_HCEwD9PRaizqc")
    #expect(try Signer(keys).unsign("hello:g99CO2xdLvITAEwKZRISVV-oyJ-8nTE2bCsex1tSVPQ") == "hello")
  }

  @Test("a signature with a time is the one that Django's TimestampSigner makes")
  func timestampSigner() throws {
    #expect(
      TimestampSigner(keys, timeSource: Vectors.clock).sign("hello") == "hello:1r31eq:aUTjUmfEkvIv0ARJ__HPOnwFReErojU-jQ-B27boV4I"
    )
    let signer = TimestampSigner(keys, salt: "s", timeSource: Vectors.clock)
    #expect(signer.sign("wörld") == "wörld:1r31eq:Oji6KXiuyS09UcwKJq0UW_5ggxoL-YWW5h06EYHbWXI")
    #expect(try signer.unsignWithTime(signer.sign("a:b")).value == "a:b")
    #expect(try signer.unsignWithTime(signer.sign("a")).signedAt == Date(timeIntervalSince1970: 1_700_000_000))
  }

  @Test(
    "a changed value, signature, time or salt is refused",
    arguments: [
      "hellO:1r31eq:aUTjUmfEkvIv0ARJ__HPOnwFReErojU-jQ-B27boV4I", "hello:1r31eq:aUTjUmfEkvIv0ARJ__HPOnwFReErojU-jQ-B27boV4J",
      "hello:1r31er:aUTjUmfEkvIv0ARJ__HPOnwFReErojU-jQ-B27boV4I", "hello:1r31eq:aUTjUmfEkvIv0ARJ__HPOnwFReErojU-jQ-B27boV4I=",
      "hello:1r31eq:", "hello", "", ":", "::",
    ])
  func tampered(_ text: String) {
    let error = #expect(throws: AuthError.self) { try TimestampSigner(keys, timeSource: Vectors.clock).unsign(text) }
    #expect(error?.kind == .badSignature)
  }

  @Test("a value is refused past its age and accepted up to it")
  func age() throws {
    let text = "hello:1r31eq:aUTjUmfEkvIv0ARJ__HPOnwFReErojU-jQ-B27boV4I"
    #expect(try TimestampSigner(keys, timeSource: Vectors.clock(after: 59)).unsign(text, maxAge: .seconds(60)) == "hello")
    let error = #expect(throws: AuthError.self) {
      try TimestampSigner(keys, timeSource: Vectors.clock(after: 60)).unsign(text, maxAge: .seconds(60))
    }
    #expect(error?.kind == .signatureExpired)
  }

  @Test("what a rotated key signed is still accepted, and only while it is a fallback")
  func fallbacks() throws {
    let old = "eyJhIjoxfQ:1r31eq:ePD09UpLjwrHo9Y2ntE5Xb24yfvAK2lgWn7jJkBM6Y4"
    #expect(try Signing.loads(old, as: [String: Int].self, keys: keys, salt: "my.salt") == ["a": 1])
    let error = #expect(throws: AuthError.self) {
      try Signing.loads(old, as: [String: Int].self, keys: SecretKeys(keys.current), salt: "my.salt")
    }
    #expect(error?.kind == .badSignature)
  }

  @Test("dumps writes the text that Django's dumps writes")
  func dumps() throws {
    #expect(
      try Signing.dumps(["a": 1], keys: keys, salt: "my.salt", timeSource: Vectors.clock)
        == "eyJhIjoxfQ:1r31eq:47ZcerAHpg_mE0_-g79CFL9aVOMFp6ELCF_ZZX4TyBs")
    #expect(
      try Signing.dumps(["k": "v"], keys: keys, compress: true, timeSource: Vectors.clock)
        == "eyJrIjoidiJ9:1r31eq:10HEH2D6kywXDfx-Hpq3uYYUruaRj0i_lOWwZDg54_w")
  }

  @Test("loads reads what Django's dumps wrote: nested, beyond ASCII, compressed")
  func loads() throws {
    struct Nested: Codable, Equatable { var d: Double }
    struct Payload: Codable {
      var a: Int
      var c: Nested
    }
    let text =
      "eyJhIjoxLCJiIjpbdHJ1ZSxudWxsLCJcdTAwZmNcdTIwMjhcdWQ4M2RcdWRlMDAiXSwiYyI6eyJkIjoxLjV9fQ:1r31eq:y9wLAKrgqVY4QGiTXGuLJUZFvv0QGGo6kThDynpxoYk"
    let payload = try Signing.loads(text, as: Payload.self, keys: keys)
    #expect(payload.a == 1 && payload.c == Nested(d: 1.5))
    let json = try Signing.loads(text, keys: keys, salt: Signing.defaultSalt, maxAge: nil, timeSource: .system)
    #expect(json.text == #"{"a":1,"b":[true,null,"\u00fc\u2028\ud83d\ude00"],"c":{"d":1.5}}"#)

    let compressed = ".eJyrVipJrShRslJKTEoeRUQipVoA41Z2WA:1r31eq:H_g3OcUTFqn9l_Xs25yypxMb2uacAfl2AVrXAc8lYAc"
    let expected = ["text": String(repeating: "abc", count: 100)]
    #expect(try Signing.loads(compressed, as: [String: String].self, keys: keys) == expected)
    let ours = try Signing.dumps(expected, keys: keys, compress: true)
    #expect(ours.hasPrefix(".") && ours.count < 120)
    #expect(try Signing.loads(ours, as: [String: String].self, keys: keys) == expected)
  }

  @Test("a payload of another type is an error of its own")
  func wrongType() throws {
    let text = try Signing.dumps(["a": 1], keys: keys)
    let error = #expect(throws: AuthError.self) { try Signing.loads(text, as: [Int].self, keys: keys) }
    #expect(error?.kind == .malformedPayload)
    let notJSON = TimestampSigner(keys, salt: Signing.defaultSalt).sign(base64URL(Array("nope".utf8)))
    #expect(throws: AuthError.self) { try Signing.loads(notJSON, as: String.self, keys: keys) }
    let notZlib = TimestampSigner(keys, salt: Signing.defaultSalt).sign("." + base64URL(Array("nope".utf8)))
    #expect(throws: AuthError.self) { try Signing.loads(notZlib, as: String.self, keys: keys) }
  }

  @Test(
    "base 62 is Django's",
    arguments: [(0, "0"), (61, "z"), (62, "10"), (1_700_000_000, "1r31eq"), (-5, "-5")] as [(Int64, String)])
  func base62(_ number: Int64, _ text: String) {
    #expect(Base62.encode(number) == text)
    #expect(Base62.decode(text) == number)
  }

  @Test("base 62 refuses foreign characters and numbers past 64 bits", arguments: ["", "-", "a b", "é", "zzzzzzzzzzzzzzzzzzzz"])
  func base62Refuses(_ text: String) { #expect(Base62.decode(text) == nil) }

  @Test("secret keys never show in descriptions")
  func hidden() {
    var dumped = ""
    dump(keys, to: &dumped)
    for text in ["\(keys)", String(reflecting: keys), dumped] {
      #expect(!text.contains("insecure") && !text.contains("rotated"))
    }
  }
}

@Suite("Payload JSON")
struct PayloadValueTests {
  @Test(
    "what Python wrote comes back byte for byte",
    arguments: [
      #"{"b":1,"a":2}"#, #"[1.0,1e+22,-0.5,12345678901234567890123]"#,
      #"["\u00e9\ud83d\ude00\u2028\u007f"]"#.replacing("\\u007f", with: "\u{7F}"),
      #"{"q":"\"\\/\n\r\t\b\f\u0001"}"#, "[]", "{}", #"[[],{},null,true,false,""]"#,
    ])
  func roundTrip(_ text: String) throws {
    #expect(try #require(PayloadValue(json: Array(text.utf8))).text == text)
  }

  @Test(
    "what is no JSON is refused",
    arguments: [
      "", "{", "[1,]", "{\"a\":}", "{a:1}", "01x", "1.", "-", "1e", "\"\\x\"", "\"\\u12\"", "\"open", "tru", "nul", "[1] 2",
      "\"\n\"",
      String(repeating: "[", count: 100_000),
    ])
  func refuses(_ text: String) { #expect(PayloadValue(json: Array(text.utf8)) == nil) }

  @Test("UTF-8 between escapes is kept")
  func mixed() throws {
    #expect(PayloadValue(json: Array(#""aé\u00e9\ud83d\ude00z漢""#.utf8)) == .string("aéé😀z漢"))
  }
}
