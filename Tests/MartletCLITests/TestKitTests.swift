import Martlet
import MartletTesting
import Testing

@Suite("The test kit, on an app in memory")
struct TestKitTests {
  private func client(_ variables: [String: String] = [:]) async throws -> TestClient {
    try TestClient(await Bookshop.application(.testing(variables)).onTestDatabase())
  }

  @Test("requests reach the routes, and the routes the database")
  func requests() async throws {
    let client = try await client()
    #expect(try await client.get("/books").expect(.ok).json([String].self) == [])
    #expect(try await client.post("/books").status == .created)
    #expect(try await client.get("/books").value("0") == "Notes by Ada")
    #expect(try await client.get("/me").value("name") == "nobody")
    #expect(try await client.get("/me").value("environment") == "development")
  }

  @Test("two clients have two databases")
  func isolation() async throws {
    let first = try await client(), second = try await client()
    try await first.post("/books").expect(.created)
    #expect(try await first.get("/books").json([String].self).count == 1)
    #expect(try await second.get("/books").json([String].self).isEmpty)
  }

  @Test("a loaded relation costs one statement, whatever the number of rows; another count fails and names them")
  func statementCounts() async throws {
    let client = try await client()
    for _ in 0..<3 { try await client.post("/books").expect(.created) }
    try await client.expectStatements(1) { try await client.get("/books") }
    let error = await #expect(throws: UnexpectedStatements.self) {
      try await client.expectStatements(4) { try await client.get("/books") }
    }
    let text = try #require(error).description
    #expect(text.contains("expected 4 statements, 1 ran:"))
    #expect(text.contains("  1. SELECT "))
    #expect(text.contains("TestKitTests.swift:"))
  }

  @Test("a database counts its statements, too")
  func databaseCounts() async throws {
    let db = try await TestDatabase.make(Author.self, Book.self)
    let ada = try await db.expectStatements(1) { try await Author(name: "Ada").insert($0) }
    #expect(ada.name == "Ada")
    await #expect(throws: UnexpectedStatements.self) {
      try await db.expectStatements(1) { db in
        _ = try await Author.query.count(db)
        _ = try await Author.query.count(db)
      }
    }
  }

  @Test("a login is a session of the app: the viewer is known, and unsafe requests need the token that the client sends")
  func login() async throws {
    let application = try await Bookshop.application(.testing()).onTestDatabase()
    let users = Users(hashers: .insecureForTests)
    let ada = try await users.create(username: "ada", password: "vaporous-lantern", in: application.database)
    let client = try TestClient(application)
    try await client.login(ada)
    let cookie = try #require(client.cookies["sessionid"])
    #expect(cookie.count > 32 && cookie.contains(":"), "the cookie is signed")
    #expect(try await client.get("/me").value("name") == "ada")
    try await client.post("/books").expect(.created)
    let forged = try await client.post("/books", headers: ["X-CSRFToken": String(repeating: "a", count: 32)])
    #expect(forged.status == .forbidden)
    #expect(forged.value("type") == "/problems/csrf-failed")
  }

  @Test("beside Django the session's cookie can be the bare key; a signed one with another key is nobody's")
  func cookieForms() async throws {
    var application = try await Bookshop.application(.testing()).onTestDatabase()
    let ada = try await Users(hashers: .insecureForTests).create(username: "ada", password: nil, in: application.database)
    let signed = try TestClient(application)
    try await signed.login(ada)
    let cookie = try #require(signed.cookies["sessionid"])
    let forged = try await TestClient(application).get("/me", headers: ["Cookie": "sessionid=x\(cookie)"])
    #expect(forged.value("name") == "nobody")
    application.sessions.cookieForm = .key
    let bare = try TestClient(application)
    try await bare.login(ada)
    #expect(bare.cookies["sessionid"]?.count == 32)
    #expect(try await bare.get("/me").value("name") == "ada")
  }

  @Test("a session's cookie of another name is protected from forged requests like any other")
  func renamedCookie() async throws {
    var application = try await Bookshop.application(.testing()).onTestDatabase()
    application.sessions.cookieName = "shop"
    let ada = try await Users(hashers: .insecureForTests).create(username: "ada", password: nil, in: application.database)
    let client = try TestClient(application)
    try await client.login(ada)
    let cookie = try #require(client.cookies["shop"])
    let forged = try await TestClient(application).post(
      "/books", headers: ["Cookie": "shop=\(cookie)", "X-CSRFToken": String(repeating: "a", count: 32)])
    #expect(forged.value("type") == "/problems/csrf-failed")
  }

  @Test("an app without users cannot log anyone in, and says so")
  func noUsers() async throws {
    let application = try await MigratedBookshop.application(.testing()).onTestDatabase()
    let client = try TestClient(application)
    let db = try await TestDatabase.make(AuthModels.all)
    let ada = try await Users(hashers: .insecureForTests).create(username: "ada", password: nil, in: db)
    await #expect(throws: TestFailure.self) { try await client.login(ada) }
  }

  @Test("an unexpected status shows the request and the body")
  func unexpectedStatus() async throws {
    let client = try await client()
    let error = await #expect(throws: TestFailure.self) { try await client.get("/nothing").expect(.ok) }
    #expect(error?.description.hasPrefix("expected 200, got GET /nothing → 404\n") == true)
  }

  @Test("a request made by hand has no database, and its statements say so")
  func noDatabase() async throws {
    let error = await #expect(throws: DatabaseError.self) { try await Author.query.count(Request(.get, "/").db) }
    #expect(error?.description.contains("this request carries no database") == true)
  }
}

@Suite("An app over HTTP")
struct CompositionTests {
  @Test("hosts outside of ALLOWED_HOSTS are refused")
  func hosts() async throws {
    let settings = try Settings.testing(["ALLOWED_HOSTS": "shop.example"])
    let client = try TestClient(await Bookshop.application(settings).onTestDatabase())
    #expect(try await client.get("/me", headers: ["Host": "shop.example"]).status == .ok)
    let refused = try await client.get("/me", headers: ["Host": "evil.example"])
    #expect(refused.status == .badRequest)
    #expect(refused.value("type") == "/problems/invalid-host")
  }

  @Test("security headers are on every response, and HTTPS insistence where HSTS_MAX_AGE says so")
  func headers() async throws {
    let settings = try Settings.testing(["HSTS_MAX_AGE": "1d", "TRUSTED_PROXIES": "10.0.0.1"])
    let application = try await Bookshop.application(settings)
    #expect(application.server.securityHeaders.strictTransport == .seconds(86_400))
    #expect(application.server.trustedProxies == ["10.0.0.1"])
    let response = try await TestClient(application.onTestDatabase()).get("/me")
    #expect(response.headers["X-Content-Type-Options"] == "nosniff")
    #expect(response.headers["X-Frame-Options"] == "DENY")
  }

  @Test("the origins of CORS_ORIGINS may call, others may not")
  func cors() async throws {
    let settings = try Settings.testing(["CORS_ORIGINS": "https://app.example"])
    let client = try TestClient(await Bookshop.application(settings).onTestDatabase())
    let allowed = try await client.get("/me", headers: ["Origin": "https://app.example"])
    #expect(allowed.headers["Access-Control-Allow-Origin"] == "https://app.example")
    #expect(
      try await client.get("/me", headers: ["Origin": "https://evil.example"]).headers["Access-Control-Allow-Origin"] == nil)
  }

  @Test("a body larger than MAX_BODY_SIZE is refused")
  func bodyLimit() async throws {
    let application = try await EchoApp.application(.testing(["MAX_BODY_SIZE": "1KB"]))
    let client = try TestClient(application)
    #expect(try await client.post("/echo", json: ["text": "short"]).status == .ok)
    #expect(try await client.post("/echo", json: ["text": String(repeating: "x", count: 2000)]).status == .contentTooLarge)
  }

  @Test("the process is healthy at once, and ready when its migrations are applied")
  func health() async throws {
    let application = try await MigratedBookshop.application(.testing())
    let client = try TestClient(application)
    #expect(try await client.get("/healthz").status == .ok)
    let waiting = try await client.get("/readyz")
    #expect(waiting.status == .serviceUnavailable)
    #expect(waiting.text.contains("database: ok\nmigrations: failed"))
    try await application.migrationExecutor().migrate(application.database)
    #expect(try await client.get("/readyz").expect(.ok).text == "database: ok\nmigrations: ok\n")
  }

  @Test("in development the error page shows the statements of the request; in production nothing of it is told")
  func debugPage() async throws {
    let html: HeaderFields = ["Accept": "text/html"]
    let development = try TestClient(await Bookshop.application(.testing()).onTestDatabase())
    let page = try await development.get("/fail", headers: html)
    #expect(page.status == .internalServerError)
    #expect(page.text.contains("SELECT nonsense FROM nowhere"))
    let settings = try Settings.testing([
      "ENVIRONMENT": "production", "SECRET_KEY": DevelopmentSecret.make(), "ALLOWED_HOSTS": "localhost",
    ])
    let production = try TestClient(await Bookshop.application(settings).onTestDatabase())
    let told = try await production.get("/fail", headers: html)
    #expect(told.status == .internalServerError)
    #expect(!told.text.contains("nonsense"))
  }

  @Test("an app's own middleware sees the viewer; configure may change everything")
  func ownMiddleware() async throws {
    let client = try TestClient(await EchoApp.application(.testing()))
    let response = try await client.get("/who")
    #expect(response.text == "anonymous")
    #expect(response.headers["X-Shop"] == "configured")
  }
}

private struct EchoApp: Backend {
  var models: Models {}
  var routes: some Routes {
    Post("echo") { request in String(decoding: try await request.body.collect(), as: UTF8.self) }
    Get("who") { request in request.viewer.isAuthenticated ? "somebody" : "anonymous" }
  }
  func configure(_ application: inout Application) async throws {
    application.middleware.append(
      MiddlewareFunction { request, next in try await next(request).setting("X-Shop", "configured") })
  }
}
