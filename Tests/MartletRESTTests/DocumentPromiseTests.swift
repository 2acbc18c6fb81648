import MartletCore
import MartletHTTP
import MartletORM
import MartletREST
import MartletSQL
import TestDatabases
import Testing

/// What Schemathesis found where the document and the server said different things.
@Suite("what the document promises", .onEveryDatabase)
struct DocumentPromiseTests {
  let api: API
  init() async throws { api = try await API.blog() }

  private var document: JSONTree {
    OpenAPIDocument(
      RouteList {
        REST("api") {
          Resource(Article.self)
          Resource(Country.self)
          Resource(Thing.self)
          Resource(Film.self)
        }
        Get("own/{slug}") { (_, slug: String) in slug }.fails(with: [String: String].self)
          .parameter("limit", Int.self, "How many", in: 1...100)
      }
    ).tree
  }
  private func schema(_ name: String, _ field: String) -> JSONTree? {
    document["components"]?["schemas"]?[name]?["properties"]?[field]
  }
  private func operation(_ path: String, _ method: String) -> JSONTree? { document["paths"]?[path]?[method] }

  @Test("the instance of a problem is a URI reference, whatever the path holds")
  func instance() async throws {
    let answer = try await api.get("/api/articles/%C3%A9%20%22%F0%9F%98%80")
    #expect(answer.status == 404)
    #expect(answer.json["instance"]?.string == "/api/articles/%C3%A9%20%22%F0%9F%98%80")
  }

  @Test("a key that no path could name is refused", arguments: ["\\u0001", "\\\\", ".", "a/..", "\\u001f"])
  func keys(_ key: String) async throws {
    let answer = try await api.send(.post, "/api/countries", "{\"id\": \"\(key)\", \"name\": \"N\"}")
    #expect(answer.status == 422)
    #expect(answer.errors.first?.hasPrefix("id: ") == true, "\(answer.text)")
  }

  @Test("seconds are any number that fits", arguments: [("1e2", "PT1M40S"), ("0.1234567", "PT0.123457S"), ("-1.5E0", "-PT1.5S")])
  func seconds(_ number: String, _ written: String) async throws {
    let answer = try await api.send(.post, "/api/things", "{\"length\": \(number)}")
    #expect(answer.json["length"]?.string == written, "\(answer.text)")
    for large in ["1e300", "9000000000001", "-9000000000001"] {
      #expect(try await api.send(.post, "/api/things", "{\"length\": \(large)}").errors == ["length: invalid"])
    }
  }

  @Test("what is refused is not in the document: blank texts, other names, times of no clock, numbers beyond a decimal's")
  func schemas() {
    #expect(schema("ArticleCreate", "title")?["pattern"]?.string == #"[^\s\u0085]"#)
    #expect(schema("ArticleUpdate", "id")?["readOnly"] == true)
    for name in ["ArticleCreate", "ArticleReplace", "ArticleUpdate"] {
      #expect(document["components"]?["schemas"]?[name]?["additionalProperties"] == false)
    }
    #expect(schema("Thing", "clock")?["pattern"]?.string?.hasPrefix("^([01]") == true)
    #expect(schema("ThingCreate", "price")?["exclusiveMaximum"]?.plain == "10000")
    #expect(schema("ThingCreate", "price")?["multipleOf"]?.plain == "0.01")
    #expect(schema("Film", "words")?["items"]?["type"] == "string")
  }

  @Test("what was created leads to what can be done with it")
  func links() {
    let links = operation("/api/articles", "post")?["responses"]?["201"]?["links"]
    #expect(
      links?["deleteArticles"]?.text == #"{"operationId":"deleteArticles","parameters":{"id":"$response.body#/id"}}"#)
    #expect(links?["retrieveArticles"] != nil && links?["updateArticles"] != nil && links?["replaceArticles"] != nil)
  }

  @Test("a route's own form of failures stands beside problem documents, and a number's range in its parameter")
  func ownRoutes() {
    let content = operation("/own/{slug}", "get")?["responses"]?["default"]?["content"]
    #expect(content?["application/json"] != nil && content?["application/problem+json"] != nil)
    guard case .array(let parameters)? = operation("/own/{slug}", "get")?["parameters"] else {
      Issue.record("no parameters")
      return
    }
    #expect(parameters.last?["schema"]?.text == #"{"type":"integer","format":"int64","minimum":1,"maximum":100}"#)
    #expect(parameters.first?["schema"]?["pattern"]?.string == #"^[^\u0000-\u001F\\]+$"#)
  }
}
