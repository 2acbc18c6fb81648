import MartletCore
import Testing

@testable import MartletHTTP

private struct Secret: Error { var password = "hunter2" }

@Suite struct ErrorTests {
  @RoutesBuilder private var routes: RouteList {
    Get("secret") { _ -> String in throw Secret() }
    Get("problem") { _ -> String in throw ValidationError("title", code: "required", "This field is required.") }
    Get("missing") { _ -> String in throw HTTPError.notFound("There is no article “x”.") }
    Get("login") { _ -> String in throw HTTPError.unauthorized("Send a token.", challenge: "Token") }
    Get("statement") { request -> String in
      request[DebugTraceKey.self]?.record("SELECT 1 <b>")
      throw Secret()
    }
  }

  @Test("every thrown error is a problem document with the request's path and id")
  func document() async throws {
    let app = try application { routes }
    let response = await app.respond(to: request(.get, "/problem?x=1", headers: ["X-Request-ID": "id-1"]))
    #expect(response.status == .unprocessableContent)
    #expect(response.headers["x-request-id"] == "id-1")
    #expect(
      try await response.text
        == #"{"type":"/problems/validation-error","title":"The input is not valid","status":422,"instance":"/problem","#
        + #""errors":[{"field":"title","code":"required","message":"This field is required."}],"requestId":"id-1"}"#)
    let missing = await app.respond(to: request(.get, "/missing"))
    #expect(try await missing.problem.detail == "There is no article “x”.")
    #expect(await app.respond(to: request(.get, "/login")).headers["www-authenticate"] == "Token")
  }

  @Test("an error of unknown kind is a 500 that says nothing, logged once with the request's id")
  func unknown() async throws {
    let log = CapturedLog()
    let app = try application(log: log) { routes }
    let response = await app.respond(to: request(.get, "/secret", headers: ["X-Request-ID": "id-2", "Accept": "text/html"]))
    #expect(response.status == .internalServerError)
    #expect(response.headers["content-type"] == "application/problem+json")
    #expect(try await response.text.contains("hunter2") == false)
    #expect(try await response.problem.detail == nil)
    #expect(log.lines.count == 1)
    #expect(log.lines[0].hasPrefix("error: GET /secret failed:"))
    #expect(log.lines[0].contains("hunter2") && log.lines[0].hasSuffix("request_id=id-2"))
  }

  @Test("the debug page shows error, request and statements, escaped and without secrets, in development only")
  func debug() async throws {
    let app = try application {
      $0.debug = true
    } _: {
      routes
    }
    let headers: HeaderFields = ["Accept": "text/html", "Cookie": "sessionid=abc", "Authorization": "Token t", "X-Tag": "<i>"]
    let response = await app.respond(to: request(.get, "/statement", headers: headers))
    #expect(response.status == .internalServerError)
    #expect(response.headers["content-type"] == "text/html; charset=utf-8")
    let html = try await response.text
    #expect(html.contains("hunter2"))
    #expect(html.contains("MartletHTTPTests/ErrorTests.swift:"))
    #expect(html.contains("SELECT 1 &lt;b&gt;") && html.contains("&lt;i&gt;"))
    #expect(!html.contains("sessionid=abc") && !html.contains("Token t"))
    // A program gets JSON, with the error in development.
    let json = await app.respond(to: request(.get, "/secret", headers: ["Accept": "application/json"]))
    #expect(try await json.problem.detail?.contains("hunter2") == true)
    // A client's mistake has no debug page.
    #expect(
      await app.respond(to: request(.get, "/missing", headers: headers)).headers["content-type"] == "application/problem+json")
  }

  @Test("bad input is a precise 4xx problem and nothing in the log but one line")
  func badInput() async throws {
    let cases: [(Request, Int, String)] = [
      (request(.get, "/nowhere"), 404, "not-found"),
      (request(.post, "/missing"), 405, "method-not-allowed"),
      (request(.post, "/json", headers: ["Content-Type": "application/json"], body: "{"), 400, "malformed-json"),
      (request(.post, "/json", headers: ["Content-Type": "application/json"], body: "[1]"), 422, "validation-error"),
      (request(.post, "/json", headers: ["Content-Type": "text/plain"], body: "x"), 415, "unsupported-media-type"),
      (
        request(.post, "/json", headers: ["Content-Type": "application/json"], body: String(repeating: " ", count: 101)), 413,
        "content-too-large"
      ),
      (request(.get, "/missing", headers: ["Host": "evil.example"]), 400, "invalid-host"),
      (request(.get, "/missing", headers: ["Host": "a b"]), 400, "invalid-host"),
      (Request(.get, "/missing"), 400, "invalid-host"),
      (request(.get, "/static/../../etc/passwd"), 400, "invalid-path"),
      (request(.get, "/static/%2e%2e/%2e%2e/etc/passwd"), 400, "invalid-path"),
      (request(.get, "/static/..%2f..%2fetc/passwd"), 400, "invalid-path"),
      (request(.get, "/static/..%5c..%5cetc"), 400, "invalid-path"),
      (request(.get, "/%00"), 400, "invalid-path"),
      (request(.get, "/%ff%fe"), 400, "invalid-path"),
      (request(.get, "/page?page=-1"), 400, "invalid-parameter"),
      (request(.get, "/page?page=one"), 400, "invalid-parameter"),
      (request(.get, "/page?page=%zz"), 400, "invalid-parameter"),
    ]
    for (sent, status, type) in cases {
      let log = CapturedLog()
      let app = try application(log: log) {
        $0.allowedHosts = ["localhost"]
        $0.accessLog = .text
        $0.accessLogSink = { log.append($0) }
        $0.bodyLimits.memory = 100
        $0.staticFiles = [StaticFiles(at: "static", directory: "/usr/include")]
      } _: {
        routes
        Post("json") { request in try await request.json([String: Int].self) }
        Get("page") { request in try request.query.value("page", as: Int.self, default: 1, in: 1...1000) }
      }
      let response = await app.respond(to: sent)
      #expect(response.status.code == status, "\(sent.method) \(sent.target)")
      #expect(response.headers["content-type"] == "application/problem+json")
      let problem = try await response.problem
      #expect(problem.type == "/problems/" + type, "\(sent.target)")
      #expect(problem.detail?.isEmpty == false || problem.errors?.isEmpty == false)
      #expect(log.lines.count == 1, "\(log.lines)")
      #expect(log.lines.first?.contains(" \(status) ") == true)
    }
  }
}
