import MartletHTTP
import Testing

@Suite("content negotiation")
struct ContentNegotiationTests {
  private let both = ContentNegotiation("application/json", "text/csv")

  @Test(
    "the client's favourite among what is offered",
    arguments: [
      (nil, "application/json"), ("", "application/json"), ("*/*", "application/json"), ("*", "application/json"),
      ("text/csv", "text/csv"), ("text/*", "text/csv"), ("TEXT/CSV", "text/csv"),
      ("text/csv;q=0.5, application/json;q=0.4", "text/csv"), ("text/csv;q=0.5, application/json;q=0.5", "application/json"),
      ("text/html, application/xml;q=0.9, */*;q=0.8", "application/json"), ("text/html, text/*;q=0.1", "text/csv"),
      ("application/json;q=0, */*", "text/csv"), ("application/json; version=2", "application/json"),
      ("text/csv;header=\"a,b;q=0\"", "text/csv"), ("application/json;q=0.001", "application/json"),
      ("*/*;q=0.1, text/csv;q=0.1", "application/json"), ("nonsense", "application/json"), (",,,", "application/json"),
      ("text/csv;q=2", "text/csv"),
    ] as [(String?, String)])
  func chosen(_ field: String?, _ type: String) {
    #expect(both.choice(forAccept: field) == type)
  }

  @Test(
    "nothing is chosen where nothing is accepted",
    arguments: [
      "text/html", "image/*", "*/*;q=0", "application/json;q=0, text/csv;q=0.0", "application/xml, text/plain;q=0.5",
      "text/csv;q=x",
    ])
  func refused(_ field: String) {
    #expect(both.choice(forAccept: field) == nil)
    #expect(throws: HTTPError.self) { try both.choice(for: Request(.get, "/", headers: ["Accept": field])) }
  }

  @Test("an Accept of a hundred thousand ranges is read in one pass")
  func long() {
    let field = Array(repeating: "text/html;q=0.1", count: 100_000).joined(separator: ",")
    #expect(both.choice(forAccept: field) == nil)
  }
}
