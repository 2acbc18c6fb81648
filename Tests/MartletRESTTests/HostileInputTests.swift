import Foundation
import MartletCore
import MartletHTTP
import MartletORM
import MartletREST
import MartletSQL
import TestDatabases
import Testing

@Suite("hostile input to a resource", .onEveryDatabase)
struct HostileInputTests {
  let api: API
  let sample: Sample
  init() async throws {
    api = try await API.blog()
    sample = try await Sample(api)
  }

  @Test(
    "an exponent of any size in a decimal is an error of the field, not a crash",
    arguments: ["1e-9223372036854775808", "1e9223372036854775807", "1e-99999999999999999999", "0e201"])
  func exponents(_ number: String) async throws {
    for written in [number, "\"\(number)\""] {
      let answer = try await api.send(.post, "/api/things", "{\"price\": \(written)}")
      #expect(answer.status == 422)
      #expect(answer.errors == ["price: invalid"])
    }
  }

  @Test("a moment that its offset moves out of the years 1 to 9999 is refused: it could not be read back")
  func momentsOutOfRange() async throws {
    for moment in ["0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00"] {
      let answer = try await api.send(.post, "/api/things", "{\"moment\": \"\(moment)\"}")
      #expect(answer.errors == ["moment: invalid"], "\(answer.status)")
    }
    #expect(try await api.send(.post, "/api/things", #"{"moment": "0001-01-01T00:00:00Z"}"#).status == 201)
    #expect(try await api.send(.post, "/api/things", #"{"moment": "9999-12-31T23:59:59.999999Z"}"#).status == 201)
    #expect(try await api.get("/api/things").status == 200)
  }

  @Test("a row that a viewer may not read stays out of reach where its key happens to be the viewer's number")
  func keyOfAnotherTable() async throws {
    let draft = try await Article.filter { $0.slug == "draft" }.one(api.db)
    let number = try #require(draft.id.raw)
    let intruder = Viewer(id: .int(number), name: "intruder")
    #expect(try await api.get("/api/articles/\(number)", as: intruder).status == 404)
    let answer = try await api.send(.post, "/api/remarks", "{\"text\": \"Hm\", \"article\": \(number)}", as: intruder)
    #expect(answer.errors == ["article: does_not_exist"], "\(answer.status)")
    #expect(try await Remark.query.count(api.db) == 0)
  }

  @Test("many filters and sort keys end in an answer or a 400, not in a failure of the database")
  func manyParameters() async throws {
    let many = Array(repeating: "id=1", count: 400).joined(separator: "&")
    let answer = try await api.get("/api/articles?" + many)
    #expect(answer.status == 400)
    #expect(answer.type == "/problems/invalid-parameter")
    #expect(try await api.get("/api/articles?" + Array(repeating: "id=1", count: 50).joined(separator: "&")).status == 200)
    let keys = Array(repeating: "views,-id", count: 600).joined(separator: ",")
    let ordered = try await api.get("/api/articles?page_size=3&ordering=" + keys)
    #expect(ordered.status == 200)
    #expect(ordered.column("views") == ["10", "20", "30"])
  }

  @Test("the list of errors stays short however many names a body invents")
  func manyUnknownFields() async throws {
    let body = "{" + (0..<5000).map { "\"x\($0)\": 1" }.joined(separator: ", ") + "}"
    let answer = try await api.send(.post, "/api/things", body)
    #expect(answer.status == 422)
    #expect(answer.errors.count <= 100)
  }
}
