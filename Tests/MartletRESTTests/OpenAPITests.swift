import Foundation
import MartletCore
import MartletHTTP
import MartletORM
import MartletREST
import Testing

@Suite("the OpenAPI document")
struct OpenAPITests {
  /// Resources of every kind, and routes written by hand.
  static var routes: RouteList {
    RouteList {
      REST("api/v1") {
        Resource(Article.self).readOnly { $0.views }.filters {
          $0.status
          $0.author.name
          $0.publishedAt
        }.pageSize(10, max: 50).describe("What the writers write.")
        Resource(Writer.self).readOnly()
        Resource(Memo.self).actions(.list)
        Resource(Country.self).actions(.create, .retrieve, .replace)
        Resource(Thing.self).actions(.list, .create, .update)
      }
      Group("api") {
        Get("feed/{year}") { (_, year: Int) in [FeedEntry(title: "\(year)", tags: [], parent: nil)] }
          .summary("The year's feed").details("Newest first.").tags("feed")
          .parameter("limit", Int.self, "How many", required: true)
          .returns([FeedEntry].self)
        Put("feed/{year}/{name...}") { (_, _: Int, _: String) in HTTPStatus.noContent }
          .body(NewEntry.self).returns(.noContent).needsAuthentication().tags("feed")
        Get("internal") { _ in "" }.undocumented()
        Get("plain", name: "plain") { _ in "" }
      }
      APIDocs(info: OpenAPIInfo(title: "Blog", version: "2.1", description: "All of it.", servers: ["https://blog.example"]))
    }
  }

  @Test("the document of every kind of route is the golden one")
  func golden() throws { try Golden.expect("openapi.json", OpenAPIDocument(Self.routes).text) }

  @Test("the same routes give the same text")
  func deterministic() {
    #expect(OpenAPIDocument(Self.routes).text == OpenAPIDocument(Self.routes).text)
  }

  @Test("hidden, secret and left-out fields, undocumented routes and the docs' own routes are not in the document")
  func leavesOut() {
    let text = OpenAPIDocument(Self.routes).text
    for word in ["password", "score", "api/internal", "app.js", "openapi.json"] { #expect(!text.contains(word), "\(word)") }
  }

  @Test("a resource of other fields under the same model gets a schema of its own")
  func sameModelTwice() {
    let tree = OpenAPIDocument(
      RouteList {
        REST("a") { Resource(Country.self).readOnly() }
        REST("b") { Resource(Country.self).readOnly().hidden { $0.name } }
        REST("c") { Resource(Country.self).readOnly() }
      }
    ).tree
    guard case .object(let schemas)? = tree["components"]?["schemas"] else {
      Issue.record("the document has no schemas")
      return
    }
    #expect(Set(schemas.map(\.name)) == ["Country", "Country2", "CountryPage", "CountryPage2", "Problem"])
    let ids = ["/a/countries", "/b/countries", "/c/countries"].map { tree["paths"]?[$0]?["get"]?["operationId"]?.string }
    #expect(ids == ["listCountries", "listCountries2", "listCountries3"])
  }

  @Test("a Decodable type is described by what it asks for: nesting, optionals, enums, itself")
  func probe() throws {
    let tree = OpenAPIDocument(RouteList { Post("x") { _ in }.body(NewEntry.self) }, info: OpenAPIInfo(title: "x", security: []))
      .tree
    try Golden.expect("probe.json", (tree["components"]?["schemas"] ?? .null).without("Problem").pretty() + "\n")
    #expect(tree["components"]?["securitySchemes"] == nil)
  }

  @Test("the document is served as JSON beside the page, and knows the other routes of the router")
  func served() async throws {
    let application = try HTTPApplication(router: Router(Group("deep") { Self.routes }), configuration: API.configuration)
    func get(_ path: String) async -> Answer {
      Answer(await application.respond(to: Request(.get, path, headers: ["Host": "api.test"])))
    }
    let document = await get("/deep/openapi.json")
    #expect(document.status == 200)
    #expect(document.response.headers["Content-Type"] == "application/json")
    #expect(document.json["paths"]?["/deep/api/v1/articles/{id}"]?["delete"] != nil)
    let page = await get("/deep/docs")
    #expect(page.response.headers["Content-Type"] == "text/html; charset=utf-8")
    #expect(page.text.contains(#"<meta name="openapi" content="/deep/openapi.json">"#))
    #expect(page.text.contains(#"<script src="/deep/docs/app.js" defer></script>"#))
    let policy = page.response.headers["Content-Security-Policy"] ?? ""
    #expect(policy.contains("default-src 'self'") && !policy.contains("unsafe"))
    #expect(await get("/deep/docs/app.js").response.headers["Content-Type"] == "text/javascript; charset=utf-8")
    #expect(await get("/deep/docs/style.css").response.headers["Content-Type"] == "text/css; charset=utf-8")
  }

  @Test("the page holds no inline script or style, and asks no other host")
  func selfContained() async throws {
    let application = try HTTPApplication(
      router: Router(APIDocs(info: OpenAPIInfo(title: "<b>&"))), configuration: API.configuration)
    for path in ["/docs", "/docs/app.js", "/docs/style.css"] {
      let text = Answer(await application.respond(to: Request(.get, path, headers: ["Host": "api.test"]))).text
      for word in ["http://", "//cdn", "<style", "style=", "onclick=\"", "innerHTML", "eval(", "<b>&"] {
        #expect(!text.contains(word), "\(path) holds \(word)")
      }
    }
  }
}

struct FeedEntry: Codable {
  var title: String
  var tags: [String]
  var parent: ParentEntry?
  struct ParentEntry: Codable { var id: UUID }
}

struct NewEntry: Decodable {
  struct Place: Decodable {
    var latitude: Double
    var longitude: Double
  }
  struct Colour: Codable, Hashable, SchemaDescribing {
    static var jsonSchema: JSONSchema { .text(of: ["red"]) }
    init(from decoder: any Decoder) throws {}
    func encode(to encoder: any Encoder) throws {}
  }
  var title: String
  var when: Date?
  var stage: PublicStage
  var tags: [String]
  var place: Place
  var children: [NewEntry]
  var counts: [String: Int]
  var owner: Writer.ID
  var colour: Colour
}
enum PublicStage: String, Codable, CaseIterable { case draft, published, archived }
