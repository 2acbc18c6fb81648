import MartletCore
import MartletHTTP
import MartletORM
import MartletREST
import MartletSQL
import Testing

/// A row whose file everyone reads and staff alone replaces.
@Model(table: "sheet")
struct Sheet {
  var id: ID
  var scan: StoredFile?

  static let policy = Policy(Sheet.self) {
    $0.allowAll(.read)
    $0.allow(.update) { _, viewer in viewer.isStaff }
  }
}

@Suite("who may call what, and examples, in the OpenAPI document")
struct OpenAPIAccessTests {
  private static let document = OpenAPIDocument(
    RouteList {
      REST("api") {
        Resource(Article.self)
        Resource(Memo.self).actions(.list, .create)
        Resource(Country.self).actions(.create)
        Resource(Thing.self).actions(.retrieve)
        Resource(Sheet.self).file { $0.scan }
      }
      Get("open") { _ in "" }
      Get("mine") { _ in "" }.needsAuthentication()
    }
  ).tree

  private func access(_ path: String, _ method: String) -> [String] {
    let tree = Self.document["paths"]?[path]?[method]?["x-martlet-access"]
    return ["anonymous", "authenticated", "staff"].map { tree?[$0]?.plain ?? "-" }
  }

  @Test("the policy is asked for an anonymous viewer, for one who logged in, and for staff")
  func policies() {
    #expect(access("/api/articles", "get") == ["some", "some", "always"])
    #expect(access("/api/articles", "post") == ["never", "some", "some"])
    #expect(access("/api/articles/{id}", "patch") == ["never", "some", "some"])
    #expect(access("/api/articles/{id}", "delete") == ["never", "some", "always"])
    #expect(access("/api/memos", "get") == ["never", "never", "always"])
    #expect(access("/api/countries", "post") == ["always", "always", "always"])
    #expect(access("/open", "get") == ["always", "always", "always"])
    #expect(access("/mine", "get") == ["never", "always", "always"])
  }

  @Test("a file may be read by who may read its row, and written by who may update it")
  func files() {
    #expect(access("/api/sheets/{id}/scan", "get") == ["always", "always", "always"])
    #expect(access("/api/sheets/{id}/scan", "put") == ["never", "never", "always"])
    #expect(access("/api/sheets/{id}/scan", "delete") == ["never", "never", "always"])
  }

  @Test("credentials are demanded where nobody gets an answer without them")
  func security() {
    #expect(Self.document["paths"]?["/api/memos"]?["get"]?["security"]?.elements?.contains(.object([])) == false)
    #expect(Self.document["paths"]?["/api/articles"]?["post"]?["security"]?.elements?.contains(.object([])) == false)
    #expect(Self.document["paths"]?["/api/articles"]?["get"]?["security"]?.elements?.first == .object([]))
  }

  @Test("a list of choices is one component, wherever it stands")
  func enums() {
    let schemas = Self.document["components"]?["schemas"], reference: JSONTree = ["$ref": "#/components/schemas/ArticleStatus"]
    #expect(schemas?["ArticleStatus"] == ["enum": ["draft", "published", "archived"], "type": "string"])
    #expect(schemas?["Article"]?["properties"]?["status"] == reference)
    #expect(schemas?["ArticleCreate"]?["properties"]?["status"]?["$ref"] == reference["$ref"])
    #expect(schemas?["ArticleCreate"]?["properties"]?["status"]?["default"] == "draft")
    let filters = Self.document["paths"]?["/api/articles"]?["get"]?["parameters"]?.elements
    #expect(filters?.first { $0["name"] == "status" }?["schema"] == reference)
    #expect(filters?.first { $0["name"] == "status[in]" }?["schema"]?["items"] == reference)
  }

  @Test("fields have examples that fit their types and limits")
  func examples() {
    let article = Self.document["components"]?["schemas"]?["ArticleCreate"]?["properties"]
    #expect(article?["title"]?["examples"] == ["How to ride the wind"])
    #expect(article?["slug"]?["examples"] == ["how-to-ride-the-wind"])
    #expect(article?["published_at"]?["examples"] == ["2026-01-31T12:00:00Z"])
    let thing = Self.document["components"]?["schemas"]?["Thing"]?["properties"]
    #expect(thing?["price"]?["examples"] == ["9.12"])
    #expect(thing?["code"]?["examples"] == ["A1"])
    #expect(thing?["length"]?["examples"] == ["PT1H30M"])
    #expect(thing?["clock"]?["examples"] == ["12:30:00"])
    #expect(thing?["urgency"]?["examples"] == nil)
  }

  @Test("each failure shows the problem that it answers")
  func problems() {
    let responses = Self.document["components"]?["responses"]
    func example(_ name: String) -> JSONTree? { responses?[name]?["content"]?["application/problem+json"]?["example"] }
    #expect(example("NotFound")?["type"] == "/problems/not-found")
    #expect(example("NotFound")?["status"] == 404)
    #expect(example("ValidationFailed")?["errors"]?.elements?.first?["code"] == "required")
  }

  @Test("a log-in that names no operation, or no scheme, is a finding; one that works stands in the document")
  func login() {
    func routes(_ login: APILogin) -> RouteList {
      RouteList {
        Post("login") { _ in "" }.operationID("login")
        APIDocs(info: OpenAPIInfo(title: "x", security: [.bearer()], login: login))
      }
    }
    let right = routes(.token(operation: "login", at: "token", for: "bearer"))
    #expect(REST.check(right).isEmpty)
    #expect(
      OpenAPIDocument(right).tree["info"]?["x-martlet-login"] == ["operationId": "login", "token": "token", "scheme": "bearer"])
    #expect(REST.check(routes(.session(operation: "signIn"))).map(\.id) == ["rest.W020"])
    #expect(REST.check(routes(.token(operation: "login", at: "token", for: "key"))).map(\.id) == ["rest.W021"])
    // The page shows the default version, and so it cannot log in by another's operation.
    let old = RouteList {
      Versions(default: "2") {
        Version("1") { Post("login") { _ in "" }.operationID("login") }
        Version("2") { Get("a") { _ in "" } }
      }
      APIDocs(info: OpenAPIInfo(title: "x", login: .session(operation: "login")))
    }
    #expect(REST.check(old).map(\.id) == ["rest.W020"])
  }
}
