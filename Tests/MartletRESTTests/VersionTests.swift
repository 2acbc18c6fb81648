import Foundation
import MartletCore
import MartletHTTP
import MartletORM
import MartletREST
import TestDatabases
import Testing

@Suite("versions and deprecation", .onEveryDatabase)
struct VersionTests {
  private static let march = Date(timeIntervalSince1970: 1_772_323_200)
  private static let september = Date(timeIntervalSince1970: 1_788_220_800.9)

  private static var routes: some RouteComponent {
    Group("x") {
      Versions(default: "2") {
        Version("1") {
          REST("api") {
            Resource(Note.self).hidden { $0.body }
            Resource(Country.self)
          }.deprecated(since: march, sunset: september, link: "https://api.test/v2>")
          Get("things/{name}") { (_, name: String) in "one \(name)" }
        }
        Version("2") {
          REST("api") {
            Resource(Note.self).fields {
              $0.id; $0.title
            }
          }
          Get("things/{id}") { (request, id: Int) in "two \(id) \(request.apiVersion ?? "-") \(request.parameters["id"] ?? "-")" }
          Get("new") { _ in "new" }
        }
      }
    }
  }
  private func make() async throws -> API {
    let api = try await API(Self.routes, API.exchangeModels + [Country.self])
    try await Note(title: "a", body: "b").insert(api.db)
    return api
  }

  @Test("the header field or Accept names the version, else it is the default; the answer says which")
  func chosen() async throws {
    let api = try await make()
    let asked: [(KeyValuePairs<String, String>, String)] = [
      ([:], "2"), (["API-Version": "1"], "1"), (["api-version": "2"], "2"), (["Accept": "application/json; version=1"], "1"),
      (["Accept": "application/json;version=\"1\";q=0.5, application/json;version=2"], "2"),
      (["Accept": "application/json; version=2", "API-Version": "1"], "1"), (["Accept": "*/*"], "2"),
      (["Accept": "application/json;version=3, application/json;version=1;q=0.1"], "1"),
    ]
    for (fields, version) in asked {
      let answer = await api.ask(.get, "/x/api/notes/1", nil, fields)
      #expect(answer.status == 200)
      #expect(answer.header("api-version") == version)
      #expect((answer.json["body"] == nil) == true && (answer.json["price"] == nil) == (version == "2"))
      #expect(answer.header("vary") == "API-Version, Accept, Accept-Encoding" || answer.header("vary") == "API-Version, Accept")
    }
  }

  @Test("an unknown version is refused, and the known ones are named")
  func unknown() async throws {
    let api = try await make()
    let byField = await api.ask(.get, "/x/api/notes/1", nil, ["API-Version": "3"])
    #expect(byField.status == 400 && byField.errors == ["API-Version: invalid_choice"])
    #expect(byField.json["detail"]?.plain.contains("The versions are 1, 2.") == true)
    let byAccept = await api.ask(.get, "/x/api/notes/1", nil, ["Accept": "application/json; version=3"])
    #expect(byAccept.status == 406)
    #expect(byAccept.json["detail"]?.plain.contains("The versions are 1, 2.") == true)
  }

  @Test("a path may have other placeholders in another version, or be missing there")
  func paths() async throws {
    let api = try await make()
    #expect(await api.ask(.get, "/x/things/7").text == "two 7 2 7")
    #expect(await api.ask(.get, "/x/things/seven").status == 404)
    #expect(await api.ask(.get, "/x/things/seven", nil, ["API-Version": "1"]).text == "one seven")
    #expect(await api.ask(.get, "/x/new").text == "new")
    #expect(await api.ask(.get, "/x/new", nil, ["API-Version": "1"]).status == 404)
    #expect(await api.ask(.get, "/x/api/countries").status == 404)
    #expect(await api.ask(.get, "/x/api/countries", nil, ["API-Version": "1"]).status == 200)
    #expect(await api.ask(.delete, "/x/new").status == 405)
  }

  @Test("a deprecated route says since when, until when, and where to read more, also when it refuses")
  func deprecation() async throws {
    let api = try await make()
    for (path, status) in [("/x/api/notes/1", 200), ("/x/api/notes/9", 404)] {
      let answer = await api.ask(.get, path, nil, ["API-Version": "1"])
      #expect(answer.status == status)
      #expect(answer.header("deprecation") == "@1772323200")
      #expect(answer.header("sunset") == "Tue, 01 Sep 2026 00:00:00 GMT")
      #expect(
        answer.header("link") == "<https://api.test/v2>; rel=\"deprecation\", <https://api.test/v2>; rel=\"sunset\"")
    }
    #expect(await api.ask(.get, "/x/api/notes/1").header("deprecation") == nil)
    // Input that breaks rules fails by another kind of error.
    let invalid = await api.ask(.post, "/x/api/notes", #"{"title":""}"#, ["API-Version": "1"])
    #expect(invalid.status == 422 && invalid.errors == ["title: blank"])
    #expect(invalid.header("deprecation") == "@1772323200" && invalid.header("sunset") != nil && invalid.header("link") != nil)
  }

  @Test("a failure says its version, too, and what it varies by")
  func failures() async throws {
    let api = try await make()
    for (method, path, body, status) in [
      (HTTPMethod.get, "/x/api/notes/9", nil, 404), (.post, "/x/api/notes", #"{"title":""}"#, 422),
      (.post, "/x/api/notes", "{", 400),
    ] {
      for version in ["1", "2"] {
        let answer = await api.ask(method, path, body, ["API-Version": version])
        #expect(answer.status == status)
        #expect(answer.header("api-version") == version)
        #expect(answer.header("vary")?.hasPrefix("API-Version, Accept") == true)
      }
    }
    let missing = await api.ask(.get, "/x/new", nil, ["API-Version": "1"])
    #expect(missing.status == 404 && missing.header("api-version") == "1")
    let unknown = await api.ask(.get, "/x/new", nil, ["API-Version": "3"])
    #expect(unknown.status == 400 && unknown.header("api-version") == nil)
    for answer in [missing, unknown] { #expect(answer.header("vary")?.hasPrefix("API-Version, Accept") == true) }
  }

  @Test("who may call a version's route is told by the guards around the versions and by those within")
  func access() throws {
    let routes = Group(middleware: Guard(access: .authenticated)) {
      Versions(default: "2") {
        Version("1") { Get("a") { _ in "a" }.summary("One") }
        Version("2") {
          Group(middleware: Guard(access: RouteAccess(anonymous: .never, authenticated: .never, staff: .always))) {
            Get("a") { _ in "a" }
          }
        }
      }
    }
    func operation(_ routes: some RouteComponent, _ version: String) -> JSONTree? {
      OpenAPIDocument(routes, info: OpenAPIInfo(title: "x", security: [.bearer()]), version: version).tree["paths"]?["/a"]?["get"]
    }
    func access(_ operation: JSONTree?) -> [String] {
      ["anonymous", "authenticated", "staff"].map { operation?["x-martlet-access"]?[$0]?.plain ?? "-" }
    }
    #expect(access(operation(routes, "1")) == ["never", "always", "always"])
    #expect(access(operation(routes, "2")) == ["never", "never", "always"])
    for version in ["1", "2"] { #expect(operation(routes, version)?["security"] != nil) }
    // What one version notes is not said of another; what is noted of all is said of each.
    func noted(_ change: (Versions) -> RouteList) -> RouteList {
      change(
        Versions(default: "2") {
          Version("1") { Get("a") { _ in "a" } }
          Version("2") { Get("a") { _ in "a" }.needsAuthentication().summary("Two") }
        })
    }
    let apart = noted { RouteList($0.descriptions) }, all = noted { $0.needsAuthentication().tags("t") }
    #expect(access(operation(apart, "1")) == ["always", "always", "always"])
    #expect(operation(apart, "1")?["summary"] == nil && operation(apart, "1")?["security"] == nil)
    #expect(access(operation(apart, "2")) == ["never", "always", "always"] && operation(apart, "2")?["summary"] == "Two")
    for version in ["1", "2"] {
      #expect(access(operation(all, version)) == ["never", "always", "always"])
      #expect(operation(all, version)?["tags"] == ["t"])
    }
  }

  /// Says who passes.
  private struct Guard: AccessGuard {
    let access: RouteAccess
    func handle(_ request: Request, next: RequestHandler) async throws -> Response { try await next(request) }
  }

  @Test("each version has its document, with the field as a parameter and deprecated operations marked")
  func documents() throws {
    let one = OpenAPIDocument(Self.routes, version: "1").tree["paths"], two = OpenAPIDocument(Self.routes).tree["paths"]
    let old = one?["/x/api/notes/{id}"]?["get"], new = two?["/x/api/notes/{id}"]?["get"]
    #expect(old?["deprecated"] == true && new?["deprecated"] == nil)
    #expect(old?["responses"]?["200"]?["headers"]?["Sunset"] != nil)
    #expect(one?["/x/api/countries"] != nil && two?["/x/api/countries"] == nil)
    #expect(one?["/x/things/{name}"] != nil && two?["/x/things/{id}"] != nil && two?["/x/things/{name}"] == nil)
    for operation in [old, new] {
      guard case .array(let parameters)? = operation?["parameters"] else {
        Issue.record("no parameters")
        continue
      }
      let field = parameters.first { $0["name"] == "API-Version" }
      #expect(field?["in"] == "header" && field?["schema"]?["enum"] == ["1", "2"] && field?["schema"]?["default"] == "2")
    }
  }

  @Test("the document of each version is served")
  func served() async throws {
    let api = try await API(
      Group {
        Self.routes
        APIDocs("docs", info: OpenAPIInfo(title: "x"))
      }, API.exchangeModels + [Country.self])
    #expect(await api.ask(.get, "/openapi.json").json["paths"]?["/x/new"] != nil)
    #expect(await api.ask(.get, "/openapi.json?version=1").json["paths"]?["/x/new"] == nil)
    #expect(await api.ask(.get, "/openapi.json?version=9").status == 404)
  }

  @Test("mistakes of versions and of dates are findings")
  func mistakes() throws {
    let wrong = Versions(default: "3") {
      Version("1") { Get("a") { _ in "a" } }
      Version("1") { Get("b") { _ in "b" } }
    }
    #expect(Set(Router.check(wrong).map(\.id)) == ["http.E006", "http.E007"])
    #expect(throws: HTTPError.self) { try Router(wrong) }
    let early = Get("a") { _ in "a" }.deprecated(since: Self.september, sunset: Self.march)
    #expect(REST.check(early).map(\.id) == ["rest.E022"])
    let hidden = Versions(default: "1") {
      Version("1") { REST("api") { Resource(Country.self) } }
      Version("2") { REST("api") { Resource(Memo.self) } }
    }
    #expect(REST.check(hidden).map(\.id) == ["rest.W001"])
  }
}
