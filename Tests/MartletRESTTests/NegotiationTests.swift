import MartletHTTP
import MartletORM
import MartletREST
import TestDatabases
import Testing

@Suite("negotiation by resources", .onEveryDatabase)
struct NegotiationTests {
  @Test("who does not take JSON is told 406, as a problem, before anything happens")
  func refused() async throws {
    let api = try await API.notes()
    try await Note(title: "a").insert(api.db)
    for accept in ["text/html", "image/*", "application/json;q=0, */*;q=0"] {
      for (method, path, body) in [
        (HTTPMethod.get, "/api/notes", nil), (.get, "/api/notes/1", nil), (.post, "/api/notes", #"{"title":"b"}"#),
        (.patch, "/api/notes/1", #"{"title":"b"}"#), (.put, "/api/notes/1", #"{"title":"b"}"#),
      ] as [(HTTPMethod, String, String?)] {
        let answer = await api.ask(method, path, body, ["Accept": accept])
        #expect(answer.status == 406)
        #expect(answer.header("content-type") == "application/problem+json")
      }
    }
    #expect(try await Note.query.all(api.db).map(\.title) == ["a"])
    #expect(await api.ask(.delete, "/api/notes/1", nil, ["Accept": "text/html"]).status == 204)
  }

  @Test(
    "ranges that hold JSON are fine",
    arguments: ["*/*", "application/*", "text/html, application/json;q=0.1", "application/json; version=2"])
  func accepted(_ accept: String) async throws {
    let api = try await API.notes()
    #expect(await api.ask(.get, "/api/notes", nil, ["Accept": accept]).status == 200)
  }
}
