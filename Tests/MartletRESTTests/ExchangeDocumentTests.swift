import MartletHTTP
import MartletORM
import MartletREST
import Testing

@Suite("the exchange in the OpenAPI document")
struct ExchangeDocumentTests {
  private func operation(_ method: String, _ path: String) -> JSONTree? {
    let routes = RouteList(
      REST("api") {
        Resource(Note.self).requireMatch().idempotent(required: true).bulk()
          .action("touch") { note, _ in note.body = "" }
          .action("size", method: .get, needs: .read) { note, _ in note.body.count }
      }.descriptions
        + Post("pay") { _ in HTTPStatus.ok }.idempotent().descriptions)
    return OpenAPIDocument(routes).tree["paths"]?[path]?[method]
  }
  private func headers(_ operation: JSONTree?) -> [String] {
    guard case .array(let parameters)? = operation?["parameters"] else { return [] }
    return parameters.filter { $0["in"] == "header" }.map {
      ($0["name"]?.string ?? "") + ($0["required"] == true ? "!" : "")
    }
  }
  private func statuses(_ operation: JSONTree?) -> [String] {
    guard case .object(let members)? = operation?["responses"] else { return [] }
    return members.map(\.name).sorted()
  }

  @Test("conditions, preferences and keys are parameters, with what they answer")
  func parameters() {
    let one = "/api/notes/{id}"
    #expect(headers(operation("get", one)) == ["If-None-Match"])
    #expect(headers(operation("put", one)) == ["If-Match!", "Prefer"])
    #expect(headers(operation("patch", one)) == ["If-Match!", "Prefer"])
    #expect(headers(operation("delete", one)) == ["If-Match!"])
    #expect(headers(operation("post", "/api/notes")) == ["Prefer", "Idempotency-Key!"])
    #expect(headers(operation("post", "/pay")) == ["Idempotency-Key"])
    #expect(headers(operation("get", "/api/notes")).isEmpty)
    #expect(Set(["200", "304", "406", "412"]).isSubset(of: statuses(operation("get", one))))
    #expect(Set(["200", "204", "406", "412", "415", "428"]).isSubset(of: statuses(operation("patch", one))))
    #expect(Set(["204", "412", "428"]).isSubset(of: statuses(operation("delete", one))))
    #expect(!statuses(operation("delete", one)).contains("406"))
    #expect(headers(operation("post", one + "/touch")) == ["If-Match!"])
    #expect(Set(["412", "428"]).isSubset(of: statuses(operation("post", one + "/touch"))))
    #expect(headers(operation("get", one + "/size")).isEmpty && !statuses(operation("get", one + "/size")).contains("428"))
    for method in ["patch", "delete"] { #expect(statuses(operation(method, "/api/notes")).contains("428")) }
  }

  @Test("a key is as long as the least that a caller may send needs it to be")
  func keys() {
    func least(_ route: RouteList) -> JSONTree? {
      let parameters = OpenAPIDocument(route).tree["paths"]?["/pay"]?["post"]?["parameters"]?.elements
      return parameters?.first { $0["name"] == "Idempotency-Key" }?["schema"]?["minLength"]
    }
    #expect(least(Post("pay") { _ in HTTPStatus.ok }.idempotent()) == 16)
    #expect(least(Post("pay") { _ in HTTPStatus.ok }.idempotent().needsAuthentication()) == 1)
  }

  @Test("a change is a merge patch or JSON, and answers name their header fields")
  func bodies() {
    let patch = operation("patch", "/api/notes/{id}")
    guard case .object(let types)? = patch?["requestBody"]?["content"] else {
      Issue.record("no body")
      return
    }
    #expect(types.map(\.name).sorted() == ["application/json", "application/merge-patch+json"])
    #expect(patch?["responses"]?["200"]?["headers"]?["ETag"] != nil)
    #expect(patch?["responses"]?["204"]?["headers"]?["ETag"] != nil)
    let created = operation("post", "/api/notes")?["responses"]?["201"]?["headers"]
    for name in ["Location", "ETag", "Preference-Applied", "Idempotency-Replayed"] { #expect(created?[name] != nil) }
  }
}
