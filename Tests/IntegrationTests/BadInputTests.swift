import Martlet
import MartletTesting
import Testing

@testable import ConduitApp

@Suite("Conduit: bad input")
struct BadInputTests {
  @Test(
    "what is no JSON, or JSON of another shape, is a 4xx that says what is wrong",
    arguments: [
      "", "{", "nul", #"{"article": }"#, "[]", "5", #""text""#, #"{"article": []}"#, #"{"article": null}"#, #"{"other": {}}"#,
    ])
  func bodies(text: String) async throws {
    let test = try await ConduitTest()
    let (_, ada) = try await test.user("ada")
    let response = try await ada.send(
      .post, "/api/articles", headers: ["Content-Type": "application/json"], body: Array(text.utf8))
    #expect([.badRequest, .unprocessableContent].contains(response.status), "\(response)")
    #expect(try !response.json(ErrorAnswer.self).errors.isEmpty)
  }

  @Test("values of the wrong type name their field")
  func types() async throws {
    let test = try await ConduitTest()
    let (_, ada) = try await test.user("ada")
    for (field, value) in [("title", "5"), ("body", #"["b"]"#), ("description", "{}")] {
      let fields = ["title", "description", "body"].map { #""\#($0)": \#($0 == field ? value : #""x""#)"# }
      let text = #"{"article": {\#(fields.joined(separator: ", "))}}"#
      let response = try await ada.send(
        .post, "/api/articles", headers: ["Content-Type": "application/json"], body: Array(text.utf8))
      #expect(try Array(response.errors(.unprocessableContent).keys) == [field])
    }
  }

  @Test("unknown routes, wrong methods, other media types and foreign hosts are told apart")
  func routes() async throws {
    let client = try await ConduitTest().client
    let missing = try await client.get("/api/nothing").expect(.notFound)
    #expect(missing.headers["content-type"]?.hasPrefix("application/problem+json") == true)
    let method = try await client.delete("/api/tags").expect(.methodNotAllowed)
    #expect(method.headers["allow"]?.contains("GET") == true)
    let text = try await client.send(.post, "/api/users", headers: ["Content-Type": "text/xml"], body: Array("<x/>".utf8))
    try text.expect(.unsupportedMediaType)
    // What another site's form could send needs a CSRF token, whatever its fields are called.
    let form = try await client.post("/api/users", form: [("user", "x")])
    try form.expect(.forbidden)
    try await client.get("/api/tags", headers: ["Host": "evil.example"]).expect(.badRequest)
  }
}
