import MartletCore
import Testing

@testable import MartletHTTP

@Suite struct RouterTests {
  @Test("a literal wins over a placeholder, a placeholder over the rest, and the next is tried for another method")
  func precedence() async throws {
    let app = try application {
      Get("a/{x}") { (_, x: String) in "capture \(x)" }
      Get("a/b") { _ in "literal" }
      Get("a/{rest...}") { (_, rest: String) in "rest \(rest)" }
      Put("a/{x}") { (_, x: String) in "put \(x)" }
      Get("a/b/c") { _ in "deep" }
    }
    #expect(try await app.respond(to: request(.get, "/a/b")).text == "literal")
    #expect(try await app.respond(to: request(.get, "/a/z")).text == "capture z")
    #expect(try await app.respond(to: request(.get, "/a/b/d")).text == "rest b/d")
    #expect(try await app.respond(to: request(.get, "/a/b/c")).text == "deep")
    #expect(try await app.respond(to: request(.put, "/a/b")).text == "put b")
  }

  @Test("a trailing slash changes nothing, a doubled one does")
  func slashes() async throws {
    let app = try application {
      Get("/") { _ in "root" }
      Get("a") { _ in "a" }
    }
    #expect(try await app.respond(to: request(.get, "/a/")).text == "a")
    #expect(try await app.respond(to: request(.get, "/")).text == "root")
    #expect(await app.respond(to: request(.get, "//a")).status == .notFound)
  }

  @Test("HEAD is answered by GET without the body but with its length")
  func head() async throws {
    let app = try application { Get("a") { _ in "four" } }
    let response = await app.respond(to: request(.head, "/a"))
    #expect(response.status == .ok)
    #expect(response.headers["content-length"] == "4")
    #expect(try await response.body.collect().isEmpty)
  }

  @Test("OPTIONS and a wrong method name the methods that are allowed")
  func allow() async throws {
    let app = try application {
      Get("a") { _ in "a" }
      Delete("a") { _ in }
    }
    let options = await app.respond(to: request(.options, "/a"))
    #expect(options.status == .noContent)
    #expect(options.headers["allow"] == "DELETE, GET, HEAD, OPTIONS")
    let wrong = await app.respond(to: request(.post, "/a"))
    #expect(wrong.status == .methodNotAllowed)
    #expect(wrong.headers["allow"] == "DELETE, GET, HEAD, OPTIONS")
    #expect(try await wrong.problem.type == "/problems/method-not-allowed")
  }

  @Test("groups nest paths and middleware, the outermost first")
  func groups() async throws {
    func tag(_ name: String) -> MiddlewareFunction {
      MiddlewareFunction { request, next in
        var response = try await next(request)
        response.headers["X-Order"] = name + (response.headers["x-order"] ?? "")
        return response
      }
    }
    let app = try application(middleware: [tag("0")]) {
      Group("api/{version}", middleware: tag("1"), tag("2")) {
        Group("admin") {
          Get("users/{id}") { (request, id: Int) in "\(request.parameters["version"] ?? "") \(id)" }
          Get("all/{id}") { (request, version: String, id: Int) in "\(version) \(id)" }
        }
        .middleware(tag("3"))
      }
    }
    let response = await app.respond(to: request(.get, "/api/v1/admin/users/7"))
    #expect(try await response.text == "v1 7")
    #expect(response.headers["x-order"] == "0123")
    #expect(try await app.respond(to: request(.get, "/api/v1/admin/all/7")).text == "v1 7")
    #expect(await app.respond(to: request(.get, "/nowhere")).headers["x-order"] == nil)
  }

  @Test("conditions and loops in a builder contribute routes")
  func builder() throws {
    let debug = false
    let list = RouteList {
      if debug { Get("debug") { _ in "" } }
      for name in ["x", "y"] { Get(name) { _ in name } }
      switch debug {
      case true: Get("t") { _ in "" }
      case false: Get("f") { _ in "" }
      }
    }
    #expect(list.descriptions.map(\.path) == ["/x", "/y", "/f"])
  }

  @Test("mistakes in routes are found by id and name their place")
  func mistakes() throws {
    let list = RouteList {
      Get("a/{x}") { (_, x: String, y: String) in x + y }
      Get("b/{x}/{x}") { _ in "" }
      Get("c/{id}") { _ in "" }
      Get("c/{slug}") { _ in "" }
      Get("d/x{id}") { _ in "" }
      Get("e/{rest...}/f") { _ in "" }
      Get("f/{}") { _ in "" }
    }
    let found = Router.check(list)
    #expect(found.map(\.id) == ["http.E001", "http.E002", "http.E003", "http.E004", "http.E005", "http.E004"])
    #expect(found.allSatisfy { $0.level == .error && $0.hint != nil })
    #expect(found[0].object?.contains("RouterTests.swift:") == true)
    let error = #expect(throws: HTTPError.self) { try Router(list) }
    #expect(error?.kind == .invalidRoutes)
  }

  @Test("a named route builds its path with escaped values")
  func reverse() throws {
    let router = try Router {
      Get("articles/{slug}", name: "article") { (_, slug: String) in slug }
      Get("files/{path...}", name: "file") { (_, path: String) in path }
    }
    #expect(router.path(named: "article", "a/b c") == "/articles/a%2Fb%20c")
    #expect(router.path(named: "file", "a/b c") == "/files/a/b%20c")
    #expect(router.path(named: "article") == nil)
    #expect(router.path(named: "other", "x") == nil)
  }

  @Test("a component of another module describes flat routes with an operation, types and metadata")
  func component() throws {
    struct Resource: RouteComponent {
      var descriptions: [RouteDescription] {
        Get("items/{id}", operation: "retrieve") { (_, id: Int) in id }.metadata("tag", "items").descriptions
      }
    }
    let route = try Router { Group("api") { Resource() } }.routes[0]
    #expect(route.path == "/api/items/{id}")
    #expect(route.operation as? String == "retrieve")
    #expect(route.metadata["tag"] as? String == "items")
    #expect(route.placeholders == ["id"])
    #expect(route.parameterTypes.map { $0.parameterSchema.type } == ["integer"])
    #expect(route.source.file == "MartletHTTPTests/RouterTests.swift")
  }
}
