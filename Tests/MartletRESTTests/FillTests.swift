import MartletCore
import MartletHTTP
import MartletORM
import MartletREST
import MartletSQL
import TestDatabases
import Testing

@Suite("values that the server gives", .onEveryDatabase)
struct FillTests {
  private func api() async throws -> EventAPI {
    try await EventAPI(
      REST {
        EventAPI.resource().fill {
          $0.source
        } with: { context in
          context.request.headers["X-User"] ?? "nobody"
        }
      })
  }

  @Test("whoever creates a row owns it, and a hidden column is filled")
  func owner() async throws {
    let api = try await api()
    let answer = try await api.send(.post, "/events", EventAPI.event("a"), user: 2)
    #expect(answer.status == 201, "\(answer.text)")
    #expect(answer.json["owner"]?.plain == "2")
    let row = try await Event.get(1, api.db)
    #expect(row.owner.id == 2)
    #expect(row.source == "2")
  }

  @Test("a filled field is not required, refused on create, and may be repeated on change")
  func readOnly() async throws {
    let api = try await api()
    #expect(try await api.send(.post, "/events", EventAPI.event("a", more: #""owner": 1"#)).errors == ["owner: read_only"])
    #expect(
      try await api.send(.post, "/events", "{}").errors == [
        "title: required", "code: required", "starts: required", "ends: required",
      ])
    let text = try await api.send(.post, "/events", EventAPI.event("a")).text
    #expect(try await api.send(.put, "/events/1", text).text == text)
    #expect(try await api.send(.patch, "/events/1", #"{"owner": 2}"#).errors == ["owner: read_only"])
  }

  @Test("an anonymous caller owns nothing: 401")
  func anonymous() async throws {
    let api = try await api()
    let answer = try await api.send(.post, "/events", EventAPI.event("a"), user: nil)
    #expect(answer.status == 401)
    #expect(try await Event.query.count(api.db) == 0)
  }

  @Test("an owner costs no statement, and the check for columns that nothing fills is content")
  func cost() async throws {
    let api = try await api()
    let count = try await api.count { _ = try await api.send(.post, "/events", EventAPI.event("a")) }
    #expect(count == 1, "\(api.statements.texts)")
    let good = REST.check(REST { EventAPI.resource().readOnly { $0.seats } })
    #expect(good.isEmpty, "\(good)")
    let bad = REST.check(REST { Resource(Event.self).hidden { $0.owner } })
    #expect(bad.map(\.id) == ["rest.E002"])
  }

  @Test("a fill of another model's column is a mistake that check names")
  func mistake() throws {
    let found = REST.check(
      REST {
        EventAPI.resource().fill {
          $0.owner.name
        } with: { _ in
          "x"
        }
      })
    #expect(found.map(\.id) == ["rest.E001"])
  }
}
