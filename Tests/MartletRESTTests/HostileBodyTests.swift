import Foundation
import MartletCore
import MartletHTTP
import MartletORM
import MartletREST
import MartletSQL
import TestDatabases
import Testing

@Model(table: "paper")
struct Paper {
  var id: ID
  var body: JSON<AnyJSON>?
  var words: [String] = []
  var numbers: [Int] = []
  static let policy = Policy(Paper.self) { $0.allowAll(.read, .create, .update, .delete) }
}

/// Bodies and headers made to keep a server busy, or to fall between it and its database.
@Suite("hostile bodies and headers", .onEveryDatabase)
struct HostileBodyTests {
  let api: API
  init() async throws {
    api = try await API(
      REST {
        Resource(Paper.self)
        Resource(Thing.self)
        Resource(Country.self)
      }, [Paper.self, Thing.self, Country.self])
  }

  private func post(_ path: String, _ bytes: [UInt8], _ more: HeaderFields = [:]) async throws -> (answer: Answer, time: Duration)
  {
    var headers: HeaderFields = ["Host": "api.test", "Content-Type": "application/json"]
    for field in more { headers[field.name] = field.value }
    let start = ContinuousClock.now
    let response = await api.application.respond(to: Request(.post, path, headers: headers, body: bytes))
    return (Answer(response), ContinuousClock.now - start)
  }
  private func post(_ path: String, _ body: String) async throws -> Answer { try await post(path, Array(body.utf8)).answer }

  @Test("JSON nested a hundred thousand deep is 400 at once", arguments: ["[", "{\"a\":", "[{\"a\":"])
  func deep(_ part: String) async throws {
    for body in [String(repeating: part, count: 100_000), "{\"body\":" + String(repeating: part, count: 100_000)] {
      let (answer, time) = try await post("/papers", Array(body.utf8))
      #expect(answer.status == 400)
      #expect(answer.type == "/problems/malformed-json")
      #expect(time < .seconds(20))
    }
  }

  @Test("JSON in a column may be nested; what a database cannot hold is refused", arguments: [10, 30, 100, 400])
  func nested(_ depth: Int) async throws {
    let value = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    let answer = try await post("/papers", "{\"body\": \(value)}")
    #expect(answer.status == 201 || depth > 30 && (400..<500).contains(answer.status), "\(answer.text.prefix(300))")
    #expect(try await api.get("/papers").status == 200)
  }

  @Test(
    "numbers of any size are values or errors of their fields",
    arguments: [
      "1e999999", "-1e999999", "1e-999999", String(repeating: "9", count: 400), "0." + String(repeating: "3", count: 400),
    ])
  func numbers(_ number: String) async throws {
    for field in ["small", "medium", "large", "ratio", "price", "length"] {
      let answer = try await post("/things", "{\"\(field)\": \(number)}")
      #expect([201, 422].contains(answer.status), "\(field): \(answer.text.prefix(200))")
    }
    for body in ["{\"body\": \(number)}", "{\"body\": {\"a\": [\(number)]}}", "{\"numbers\": [\(number)]}"] {
      let answer = try await post("/papers", body)
      #expect([201, 422].contains(answer.status), "\(body.prefix(30)): \(answer.text.prefix(200))")
    }
    #expect(try await api.get("/papers").status == 200)
    #expect(try await api.get("/things").status == 200)
  }

  @Test("a name that stands twice is 400, also deep inside and written with escapes")
  func duplicates() async throws {
    for body in [#"{"words": [], "words": []}"#, #"{"words": [], "w\u006frds": []}"#, #"{"body": {"a": {"b": 1, "b": 2}}}"#] {
      #expect(try await post("/papers", body).type == "/problems/malformed-json")
    }
  }

  @Test(
    "bytes that are no UTF-8 are 400 wherever they stand",
    arguments: [[0xFF], [0xC3], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80]] as [[UInt8]])
  func invalidUTF8(_ bytes: [UInt8]) async throws {
    let value = Array(#"{"words": [""#.utf8) + bytes + Array(#""]}"#.utf8)
    let name = Array(#"{""#.utf8) + bytes + Array(#"": 1}"#.utf8)
    for body in [value, name, bytes] { #expect(try await post("/papers", body).answer.status == 400) }
    let escaped = bytes.map { "%" + String($0, radix: 16) }.joined()
    #expect(try await api.get("/papers?id=\(escaped)").status == 400)
    #expect(try await api.get("/papers?\(escaped)=1").status == 400)
    #expect(try await api.get("/papers/\(escaped)").status == 400)
  }

  @Test(
    "texts that databases dislike are stored or refused",
    arguments: [#"\u0000"#, #"\ud800"#, #"\udc00\ud800"#, #"\uffff"#, #"\u202e"#])
  func texts(_ text: String) async throws {
    for body in ["{\"words\": [\"\(text)\"]}", "{\"body\": {\"\(text)\": \"\(text)\"}}"] {
      let answer = try await post("/papers", body)
      #expect([201, 400, 422].contains(answer.status), "\(body): \(answer.text.prefix(200))")
    }
    #expect(try await api.get("/papers").status == 200)
  }

  @Test("arrays of a hundred thousand elements end in an answer, in seconds")
  func arrays() async throws {
    func list(_ element: String) -> String { "[" + Array(repeating: element, count: 100_000).joined(separator: ",") + "]" }
    for body in [list("{}"), list("1"), "{\"words\": \(list("1"))}", "{\"numbers\": \(list("\"x\""))}", "{\"id\": \(list("1"))}"]
    {
      let (answer, time) = try await post("/papers", Array(body.utf8))
      #expect(answer.status == 422, "\(answer.text.prefix(200))")
      #expect(answer.errors.count <= 100)
      #expect(answer.text.utf8.count < 100_000)
      #expect(time < .seconds(20))
    }
    for body in ["{\"words\": \(list("\"w\""))}", "{\"body\": \(list("1"))}"] {
      let (answer, time) = try await post("/papers", Array(body.utf8))
      #expect([201, 413, 422].contains(answer.status), "\(answer.text.prefix(200))")
      #expect(time < .seconds(20))
    }
  }

  @Test(
    "headers of a hundred thousand characters change nothing but the answer",
    arguments: [
      "Accept", "Accept-Language", "If-Match", "If-None-Match", "If-Modified-Since", "Prefer", "Idempotency-Key", "Range",
      "Cookie", "Authorization",
    ])
  func headers(_ name: String) async throws {
    let values = [
      String(repeating: "a", count: 100_000), String(repeating: "\"a\",", count: 25_000),
      String(repeating: "text/html;q=0.1,", count: 6_000), String(repeating: "bytes=0-1,", count: 10_000),
      String(repeating: ";", count: 100_000),
    ]
    for value in values {
      var named: HeaderFields = ["Host": "api.test"]
      named[name] = value
      let (answer, time) = try await post("/countries", Array(#"{"id": ""}"#.utf8), named)
      #expect((200..<500).contains(answer.status), "\(answer.text.prefix(200))")
      #expect(time < .seconds(20))
      let start = ContinuousClock.now
      let response = await api.application.respond(to: Request(.get, "/countries", headers: named))
      #expect((200..<500).contains(response.status.code))
      #expect(ContinuousClock.now - start < .seconds(20))
    }
  }
}
