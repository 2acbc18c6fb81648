import Foundation
import MartletCore
import Synchronization
import Testing

@testable import MartletHTTP

@Suite struct PolicyTests {
  @RoutesBuilder private var routes: RouteList {
    Get("a") { request in "\(request.scheme) \(request.host ?? "-") \(request.peer ?? "-")" }
  }

  @Test("only allowed hosts are served, subdomains by a leading dot")
  func hosts() async throws {
    let app = try application {
      $0.allowedHosts = ["example.com", ".example.org", "[::1]"]
    } _: {
      routes
    }
    for good in ["example.com", "EXAMPLE.com:8000", "example.com.", "example.org", "a.b.example.org", "[::1]:80"] {
      #expect(await app.respond(to: request(.get, "/a", headers: ["Host": good])).status == .ok, "\(good)")
    }
    for bad in ["a.example.com", "example.com.evil.org", "evilexample.org", "example.com:x", "example.com:123456", "[::1", "é"] {
      #expect(await app.respond(to: request(.get, "/a", headers: ["Host": bad])).status == .badRequest, "\(bad)")
    }
    // Health checks come by address: no host is asked of them.
    #expect(await app.respond(to: request(.get, "/healthz", headers: ["Host": "10.0.0.7"])).status == .ok)
  }

  @Test("without allowed hosts nothing is served, but local names in development")
  func noHosts() async throws {
    for debug in [false, true] {
      let app = try application {
        $0.allowedHosts = []
        $0.debug = debug
      } _: {
        routes
      }
      let expected: HTTPStatus = debug ? .ok : .badRequest
      #expect(await app.respond(to: request(.get, "/a", headers: ["Host": "localhost:8000"])).status == expected)
      #expect(await app.respond(to: request(.get, "/a", headers: ["Host": "127.0.0.1"])).status == expected)
      #expect(await app.respond(to: request(.get, "/a", headers: ["Host": "example.com"])).status == .badRequest)
    }
  }

  @Test("forwarded headers count from trusted proxies only, and the last untrusted address is the client")
  func proxies() async throws {
    let app = try application {
      $0.trustedProxies = ["10.0.0.0/8", "fd00::/8"]
    } _: {
      routes
    }
    func ask(_ peer: String) async throws -> String {
      let headers: HeaderFields = [
        "Host": "inner", "X-Forwarded-For": "6.6.6.6, 1.2.3.4, 10.1.1.1", "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "example.com",
      ]
      let sent = Request(method: .get, target: "/a", headers: headers, peer: peer, declaredLength: 0) { nil }
      return try await app.respond(to: sent).text
    }
    #expect(try await ask("10.0.0.1") == "https example.com 1.2.3.4")
    #expect(try await ask("::ffff:10.0.0.1") == "https example.com 1.2.3.4")
    #expect(try await ask("fd12::1") == "https example.com 1.2.3.4")
    #expect(try await ask("11.0.0.1") == "http inner 11.0.0.1")
    #expect(throws: HTTPError.self) { try TrustedProxies(["10.0.0.0/33"]) }
    #expect(throws: HTTPError.self) { try TrustedProxies(["proxy.local"]) }
    #expect(try TrustedProxies(["::1"]).contains("0:0:0:0:0:0:0:1"))
  }

  @Test("every response has the security headers, errors too, and a handler's own stay")
  func securityHeaders() async throws {
    let app = try application {
      $0.securityHeaders.strictTransport = .seconds(3600)
      $0.trustedProxies = ["10.0.0.1"]
    } _: {
      Get("own") { _ in Response.text("x").setting("X-Frame-Options", "SAMEORIGIN") }
    }
    let response = await app.respond(to: request(.get, "/nowhere"))
    #expect(response.headers["x-content-type-options"] == "nosniff")
    #expect(response.headers["x-frame-options"] == "DENY")
    #expect(response.headers["referrer-policy"] == "same-origin")
    #expect(response.headers["cross-origin-opener-policy"] == "same-origin")
    #expect(response.headers["content-security-policy"]?.contains("default-src 'self'") == true)
    #expect(response.headers["strict-transport-security"] == nil)
    #expect(await app.respond(to: request(.get, "/own")).headers.values(for: "x-frame-options") == ["SAMEORIGIN"])
    let secure = Request(
      method: .get, target: "/own", headers: ["Host": "x", "X-Forwarded-Proto": "https"], peer: "10.0.0.1", declaredLength: 0
    ) { nil }
    #expect(await app.respond(to: secure).headers["strict-transport-security"] == "max-age=3600")
  }

  @Test("CORS answers preflights and marks answers for exact origins, errors too")
  func cors() async throws {
    let app = try application {
      $0.cors = CORSPolicy(origins: ["https://app.example.com"], credentials: true)
    } _: {
      routes
    }
    let preflight: HeaderFields = ["Origin": "https://app.example.com", "Access-Control-Request-Method": "PUT"]
    let allowed = await app.respond(to: request(.options, "/a", headers: preflight))
    #expect(allowed.status == .noContent)
    #expect(allowed.headers["access-control-allow-origin"] == "https://app.example.com")
    #expect(allowed.headers["access-control-allow-credentials"] == "true")
    #expect(allowed.headers["access-control-allow-methods"]?.contains("PUT") == true)
    let foreign: HeaderFields = ["Origin": "https://app.example.com.evil.org", "Access-Control-Request-Method": "PUT"]
    let refused = await app.respond(to: request(.options, "/a", headers: foreign))
    #expect(refused.headers["access-control-allow-origin"] == nil)
    let actual = await app.respond(to: request(.get, "/nowhere", headers: ["Origin": "https://app.example.com"]))
    #expect(actual.status == .notFound)
    #expect(actual.headers["access-control-allow-origin"] == "https://app.example.com")
    #expect(actual.headers["vary"]?.contains("Origin") == true)
    #expect(await app.respond(to: request(.get, "/a")).headers["access-control-allow-origin"] == nil)
  }

  @Test("any origin never goes with credentials")
  func corsWildcard() {
    #expect(CORSPolicy(origins: ["*"]).allowedOrigin(for: "https://x") == "*")
    #expect(CORSPolicy(origins: ["*"], credentials: true).allowedOrigin(for: "https://x") == nil)
  }

  @Test("a session cookie of a handler leaves once, secure on HTTPS")
  func cookies() async throws {
    let app = try application {
      Get("set") { _ in Response.text("x").settingCookie(Cookie("sessionid", "v")).settingCookie(Cookie("b", "w")) }
    }
    let response = await app.respond(to: request(.get, "/set"))
    #expect(
      response.headers.values(for: "set-cookie") == [
        "sessionid=v; Path=/; HttpOnly; SameSite=Lax", "b=w; Path=/; HttpOnly; SameSite=Lax",
      ])
  }

  @Test("/healthz lives, /readyz tells which check fails and stops with a shutdown")
  func health() async throws {
    struct Down: Error {}
    let broken = Mutex(false)
    let log = CapturedLog()
    let app = try application(log: log) {
      $0.readiness = [
        ReadinessCheck("database") { if broken.withLock({ $0 }) { throw Down() } },
        ReadinessCheck("migrations") {},
      ]
    } _: {
      routes
    }
    #expect(try await app.respond(to: request(.get, "/readyz")).text == "database: ok\nmigrations: ok\n")
    broken.withLock { $0 = true }
    let failing = await app.respond(to: request(.get, "/readyz"))
    #expect(failing.status == .serviceUnavailable)
    #expect(try await failing.text == "database: failed\nmigrations: ok\n")
    #expect(log.lines.count == 1)
    app.beginShutdown()
    #expect(try await app.respond(to: request(.get, "/readyz")).text == "shutting down\n")
    #expect(await app.respond(to: request(.get, "/healthz")).status == .ok)
  }

  @Test("the access log has one line a request, as text or JSON, that no client can forge")
  func accessLog() async throws {
    let log = CapturedLog()
    struct Login: Middleware {
      func handle(_ request: Request, next: RequestHandler) async throws -> Response {
        var request = request
        request.viewer = Viewer(id: .int(7), name: "ann")
        return try await next(request)
      }
    }
    for format in [HTTPServerConfiguration.AccessLogFormat.text, .json] {
      let app = try application(middleware: [Login()]) {
        $0.accessLog = format
        $0.accessLogSink = { log.append($0) }
      } _: {
        Get("a") { _ in "four" }
      }
      _ = await app.respond(to: request(.get, "/a?secret=1", headers: ["X-Request-ID": "id-1"]))
      _ = await app.respond(to: request(.get, "/a%20200%20b", headers: ["X-Request-ID": "id-2"]))
    }
    let lines = log.lines
    #expect(lines.count == 4)
    let words = lines[0].split(separator: " ")
    #expect(words[1...3].joined(separator: " ") == "GET /a 200")
    #expect(words[5...7].joined(separator: " ") == "4B id-1 ann")
    #expect(!lines[0].contains("secret"))
    #expect(lines[1].contains("GET /a%20200%20b 404"))
    struct Line: Decodable {
      var method: String, path: String, status: Int, durationMs: Double, bytes: Int, requestId: String, viewer: String?
    }
    let line = try JSONDecoder().decode(Line.self, from: Data(lines[2].utf8))
    #expect(line.method == "GET" && line.path == "/a" && line.status == 200 && line.bytes == 4 && line.viewer == "ann")
    #expect(line.requestId == "id-1" && line.durationMs >= 0)
  }

  @Test("a streamed answer has its line when it has been read, one that nobody reads when it is dropped")
  func streamedAccessLog() async throws {
    let log = CapturedLog()
    let app = try application {
      $0.accessLog = .text
      $0.accessLogSink = { log.append($0) }
    } _: {
      Get("s") { _ in Response(body: .stream { writer in try await writer.write("12345") }) }
    }
    let response = await app.respond(to: request(.get, "/s"))
    #expect(log.lines.isEmpty)
    #expect(try await response.body.collect().count == 5)
    #expect(log.lines.count == 1 && log.lines[0].contains(" 5B "))
    _ = await app.respond(to: request(.get, "/s"))
    #expect(log.lines.count == 2 && log.lines[1].contains(" 0B "))
  }
}
