import MartletCore
import MartletHTTP
import Testing

@testable import MartletWeb

@Suite struct CSRFTests {
  private let secret = "abcdefghijklmnopqrstuvwxyzABCDEF"

  private func app(_ protection: CSRFProtection = CSRFProtection()) throws -> HTTPApplication {
    var configuration = HTTPServerConfiguration()
    configuration.allowedHosts = ["*"]
    configuration.accessLog = .off
    configuration.trustedProxies = ["10.0.0.1"]
    return try HTTPApplication(
      router: Router {
        Get("form") { request in request.csrfField }
        Get("plain") { _ in "plain" }
        Post("save") { request in "saved" }
        Post("upload") { request in try await request.form()["title"] ?? "none" }
        Post("login") { request in
          request[CSRFRotation.self]?()
          return "in"
        }
      }, configuration: configuration, middleware: [protection])
  }

  private func post(
    _ path: String = "/save", cookies: String? = nil, headers: HeaderFields = HeaderFields(), body: String = ""
  ) -> Request {
    var headers = headers
    headers["Host"] = "example.com"
    headers["Cookie"] = cookies
    return Request(.post, path, headers: headers, body: Array(body.utf8))
  }

  @Test("masked tokens differ each time and have the same secret; Django's own tokens are read")
  func masks() {
    let first = CSRFToken.mask(secret), second = CSRFToken.mask(secret)
    #expect(first != second && first.count == 64)
    #expect(CSRFToken.secret(of: first) == secret && CSRFToken.secret(of: second) == secret)
    #expect(CSRFToken.secret(of: secret) == secret)
    #expect(CSRFToken.secret(of: "short") == nil && CSRFToken.secret(of: String(repeating: "-", count: 64)) == nil)
    // The vector of Django 5.2's own tests (tests/csrf_tests/tests.py): MASKED_TEST_SECRET1 and TEST_SECRET.
    #expect(
      CSRFToken.secret(of: "1bcdefghij2bcdefghij3bcdefghij4bcdefghij5bcdefghij6bcdefghijABCD")
        == "lcccccccX2kcccccccY2jcccccccssIC")
  }

  @Test("a page that shows the token sets the cookie, another page does not")
  func cookie() async throws {
    let app = try app()
    let page = await app.respond(to: Request(.get, "/form", headers: ["Host": "x"]))
    let set = try #require(page.headers["set-cookie"])
    #expect(set.hasPrefix("csrftoken=") && set.contains("Max-Age=31449600; Path=/; SameSite=Lax") && !set.contains("HttpOnly"))
    #expect(page.headers["vary"]?.contains("Cookie") == true)
    let again = await app.respond(to: Request(.get, "/form", headers: ["Host": "x", "Cookie": "csrftoken=\(secret)"]))
    #expect(again.headers["set-cookie"] == nil)
    #expect(await app.respond(to: Request(.get, "/plain", headers: ["Host": "x"])).headers["set-cookie"] == nil)
  }

  @Test("an unsafe request with the session's cookie needs the token, as header or as field")
  func session() async throws {
    let app = try app()
    let cookies = "sessionid=s; csrftoken=\(secret)"
    let json: HeaderFields = ["Content-Type": "application/json"]
    let missing = await app.respond(to: post(cookies: cookies, headers: json))
    #expect(missing.status == .forbidden)
    #expect(String(decoding: try await missing.body.collect(), as: UTF8.self).contains("/problems/csrf-failed"))
    #expect(await app.respond(to: post(cookies: cookies, headers: ["X-CSRFToken": CSRFToken.mask(secret)])).status == .ok)
    #expect(await app.respond(to: post(cookies: cookies, headers: ["X-CSRFToken": secret])).status == .ok)
    #expect(await app.respond(to: post(cookies: cookies, headers: ["X-CSRFToken": CSRFToken.newSecret()])).status == .forbidden)
    #expect(await app.respond(to: post(cookies: "sessionid=s", headers: ["X-CSRFToken": secret])).status == .forbidden)
    let form: HeaderFields = ["Content-Type": "application/x-www-form-urlencoded"]
    let field = "title=t&csrfmiddlewaretoken=" + CSRFToken.mask(secret)
    // The check and the handler both read the form.
    let saved = await app.respond(to: post("/upload", cookies: cookies, headers: form, body: field))
    #expect(String(decoding: try await saved.body.collect(), as: UTF8.self) == "t")
  }

  @Test("a token request and a plain API call are exempt, a form without a session is not")
  func exemptions() async throws {
    let app = try app()
    #expect(await app.respond(to: post(cookies: "sessionid=s", headers: ["Authorization": "Token abc"])).status == .ok)
    #expect(await app.respond(to: post(cookies: "sessionid=s", headers: ["Authorization": "Basic abc"])).status == .forbidden)
    #expect(await app.respond(to: post(headers: ["Authorization": "Basic abc"])).status == .forbidden)
    #expect(await app.respond(to: post(headers: ["Content-Type": "application/json"], body: "{}")).status == .ok)
    let form: HeaderFields = ["Content-Type": "application/x-www-form-urlencoded"]
    #expect(await app.respond(to: post("/login", headers: form, body: "user=a")).status == .forbidden)
    var protection = CSRFProtection()
    protection.exempt = { $0.path == "/login" }
    #expect(await (try self.app(protection)).respond(to: post("/login", headers: form, body: "user=a")).status == .ok)
  }

  @Test("a foreign origin is refused even with the token, a trusted one is not")
  func origins() async throws {
    var protection = CSRFProtection()
    protection.trustedOrigins = ["https://app.example.org", "https://*.example.net"]
    let app = try app(protection)
    for (origin, good) in [
      ("http://example.com", true), ("https://example.com", false), ("http://example.com.evil.org", false), ("null", false),
      ("https://app.example.org", true), ("https://a.b.example.net", true), ("https://example.net", false),
      ("https://evilexample.net", false), ("http://a.example.net", false),
    ] {
      let sent = post(cookies: "sessionid=s; csrftoken=\(secret)", headers: ["X-CSRFToken": secret, "Origin": origin])
      #expect(await app.respond(to: sent).status == (good ? .ok : .forbidden), "\(origin)")
    }
  }

  @Test("on HTTPS a request without an origin needs a referer of this site")
  func referer() throws {
    #expect(CSRFProtection.origin(of: "https://example.com/a?b") == "https://example.com")
    #expect(CSRFProtection.origin(of: "https://example.com:8443") == "https://example.com:8443")
    #expect(CSRFProtection.origin(of: "https://user@example.com/") == nil)
    #expect(CSRFProtection.origin(of: "nonsense") == nil)
  }

  @Test("on HTTPS the referer is checked behind a proxy that says so")
  func secureReferer() async throws {
    let app = try app()
    for (referer, good) in [
      ("https://example.com/page", true), ("https://evil.org/", false), ("http://example.com/", false), (nil, false),
    ] as [(String?, Bool)] {
      var headers: HeaderFields = [
        "Host": "example.com", "X-Forwarded-Proto": "https", "Cookie": "sessionid=s; csrftoken=\(secret)", "X-CSRFToken": secret,
      ]
      headers["Referer"] = referer
      let sent = Request(
        method: .post, target: "/save", headers: headers, peer: "10.0.0.1", declaredLength: 0, source: { nil })
      #expect(await app.respond(to: sent).status == (good ? .ok : .forbidden), "\(referer ?? "none")")
    }
  }

  @Test("a login gets another secret")
  func rotation() async throws {
    let app = try app()
    let sent = post("/login", cookies: "csrftoken=\(secret)", headers: ["Content-Type": "application/json"], body: "{}")
    let cookie = try #require(await app.respond(to: sent).headers["set-cookie"])
    #expect(cookie.hasPrefix("csrftoken=") && !cookie.contains(secret))
  }
}
