import Foundation
import MartletCore
import Testing

@testable import MartletHTTP

@Suite struct JSONTests {
  struct Input: Codable {
    struct Author: Codable { var name: String }
    var title: String
    var count: Int?
    var author: Author?
    var tags: [String]?
  }

  private func answer(_ body: String, type: String? = "application/json", limit: Int = 1000) async throws -> Response {
    let app = try application {
      $0.bodyLimits.memory = limit
    } _: {
      Post("a") { request in try await request.json(Input.self) }
    }
    var headers = HeaderFields()
    headers["Content-Type"] = type
    return await app.respond(to: request(.post, "/a", headers: headers, body: body))
  }

  @Test("a body that is not JSON is a 400 that says line and column")
  func malformed() async throws {
    let cases = [
      ("{\n  \"title\": \"é\", x\n}", "There is “x” where a name in quotes should be at line 2, column 17 (byte 19)."),
      ("", "The text ends where a value should be at line 1, column 1 (byte 0)."),
      ("{\"title\": \"a\"", "The text ends where “,” or “}” should be at line 1, column 14 (byte 13)."),
      ("{\"title\": \"a\"} x", "There is more after the value at line 1, column 16 (byte 15)."),
      ("{\"title\": 01}", "There is “1” where “,” or “}” should be at line 1, column 12 (byte 11)."),
      ("{\"title\": tru}", "There is “}” where “true” should be at line 1, column 14 (byte 13)."),
      ("{\"title\": \"\\x\"}", "There is “x” where an escape such as “\\n” should be at line 1, column 13 (byte 12)."),
    ]
    for (body, detail) in cases {
      let response = try await answer(body)
      #expect(response.status == .badRequest)
      #expect(response.headers["content-type"] == "application/problem+json")
      let problem = try await response.problem
      #expect(problem.type == "/problems/malformed-json")
      #expect(problem.detail == detail)
    }
    #expect(try await answer(String(repeating: "[", count: 600)).problem.detail?.hasPrefix("The nesting is too deep") == true)
  }

  @Test("a wrong type, a missing or a null field is a 422 that names the field's path")
  func types() async throws {
    let cases: [(String, String, String, String)] = [
      (#"{"count": 1}"#, "title", "required", "This field is required."),
      (#"{"title": null}"#, "title", "null", "This field may not be null."),
      (#"{"title": 5}"#, "title", "invalid", "This is not a text."),
      (#"{"title": "a", "count": "x"}"#, "count", "invalid", "This is not a whole number."),
      (#"{"title": "a", "author": {"name": 1}}"#, "author.name", "invalid", "This is not a text."),
      (#"{"title": "a", "tags": ["a", 2]}"#, "tags.1", "invalid", "This is not a text."),
      (#"[]"#, "", "invalid", "This is not an object."),
    ]
    for (body, field, code, message) in cases {
      let response = try await answer(body)
      #expect(response.status == .unprocessableContent)
      let problem = try await response.problem
      #expect(problem.type == "/problems/validation-error")
      #expect(problem.errors == [.init(field: field, code: code, message: message)], "\(body)")
    }
  }

  @Test("another media type is 415, a larger body 413")
  func refused() async throws {
    #expect(try await answer("title=a", type: "application/x-www-form-urlencoded").status == .unsupportedMediaType)
    #expect(try await answer("{}", type: nil).status == .unsupportedMediaType)
    #expect(try await answer(#"{"title":"a"}"#, type: "application/vnd.api+json; charset=utf-8").status == .ok)
    let large = try await answer(#"{"title":"aaaaaaaaaaaaaaaaa"}"#, limit: 20)
    #expect(large.status == .contentTooLarge)
    #expect(try await large.problem.detail == "The body may have at most 20 bytes.")
  }

  @Test("a chunked body is cut at the limit although it declares no length")
  func chunked() async throws {
    let app = try application {
      $0.bodyLimits.memory = 10
    } _: {
      Post("a") { request in String(decoding: try await request.body.collect(), as: UTF8.self) }
      Post("b") { request in
        _ = try await request.body.collect(100)
        return try await request.body.collect(100).count
      }
      Post("c") { request in
        var sizes: [Int] = []
        for try await chunk in request.body { sizes.append(chunk.count) }
        for try await chunk in request.body { sizes.append(chunk.count) }
        return sizes
      }
    }
    func send(_ path: String, chunks: Int) async -> Response {
      let rest = CollectedBytes(limit: .max)
      let sent = Request(method: .post, target: path, headers: ["Host": "x"], peer: nil, declaredLength: nil) {
        guard rest.bytes.count < chunks else { return nil }
        try rest.append([1])
        return [97, 98, 99, 100]
      }
      return await app.respond(to: sent)
    }
    #expect(try await send("/a", chunks: 2).text == "abcdabcd")
    #expect(await send("/a", chunks: 3).status == .contentTooLarge)
    #expect(try await send("/b", chunks: 3).text == "12")
    // The second loop fails: chunks can be read once.
    #expect(await send("/c", chunks: 2).status == .internalServerError)
  }

  @Test("dates are RFC 3339 to the microsecond, both ways")
  func dates() throws {
    struct Moment: Codable, Equatable { var at: Date }
    let moment = Moment(at: Date(microsecondsSince1970: 1_795_465_260_123_456))
    let bytes = try JSONCoding.encode(moment)
    #expect(String(decoding: bytes, as: UTF8.self) == #"{"at":"2026-11-23T20:21:00.123456Z"}"#)
    #expect(try JSONCoding.decoder().decode(Moment.self, from: Data(bytes)) == moment)
    let offset = Data(#"{"at":"2026-11-23T22:21:00.123456+02:00"}"#.utf8)
    #expect(try JSONCoding.decoder().decode(Moment.self, from: offset) == moment)
  }
}
