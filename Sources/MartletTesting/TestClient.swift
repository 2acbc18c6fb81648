import Foundation
public import MartletAuth
public import MartletCLI
import MartletCore
public import MartletHTTP
import MartletSQL
import MartletWeb
import Synchronization

/// Sends requests to an app in memory: all of its middleware and routes, no socket.
///
/// ```swift
/// let client = try TestClient(application)
/// let created = try await client.post("/api/articles", json: ["title": "Hello"])
/// #expect(created.status == .created)
/// #expect(try created.json(Article.self).slug == "hello")
/// ```
/// It keeps cookies between requests as a browser does, one jar per client, and sends the CSRF token that a page's
/// script would send.
public struct TestClient: Sendable {
  /// The app as the client asks it.
  public let http: HTTPApplication
  /// Sent with every request.
  public var headers: HeaderFields = ["Host": "localhost"]
  /// The statements of all requests so far.
  public let statements: StatementRecorder
  private let application: Application
  private let jar = CookieJar()

  /// A client of an app. The access log is off; the app's hosts are answered, and `localhost` too.
  /// - Throws: ``HTTPError`` where the app's routes clash.
  public init(_ application: Application) throws {
    let recorder = StatementRecorder()
    var application = application
    application.server.accessLog = .off
    application.server.allowedHosts += ["localhost"]
    application.database = application.database.observing { recorder.record($0) }
    http = try application.http()
    self.application = application
    statements = recorder
  }

  /// The same client, sending `Authorization: <scheme> <token>`.
  public func authorized(_ token: String, scheme: String = "Bearer") -> TestClient {
    var copy = self
    copy.headers["Authorization"] = "\(scheme) \(token)"
    return copy
  }

  /// Logs a user in as the app's own login page would: a session in the database, its cookie in the jar.
  ///
  /// ```swift
  /// let ada = try await Users(hashers: .insecureForTests).create(username: "ada", password: "…", in: db)
  /// try await client.login(ada)
  /// ```
  /// - Throws: ``TestFailure`` where the app has no users or sessions among its models.
  public func login(_ user: User) async throws {
    var door = application
    door.middleware = []
    door.routes = RouteList {
      Get("login") { request -> Response in
        try await request.login(user)
        // The next unsafe request needs a token; a page with a form would have asked for it.
        _ = request.csrfToken
        return Response(status: .noContent)
      }
    }
    let response = await (try door.http()).respond(to: Request(.get, "/login", headers: headers))
    guard response.status == .noContent else {
      throw TestFailure("cannot log in: \(String(decoding: try await response.body.collect(), as: UTF8.self))")
    }
    for line in response.headers.values(for: "Set-Cookie") { jar.store(line) }
  }

  /// The cookies that the app has set.
  public var cookies: [String: String] { jar.cookies.withLock { $0 } }

  /// Sends a request.
  public func send(
    _ method: HTTPMethod, _ path: String, headers: HeaderFields = HeaderFields(), body: [UInt8] = []
  ) async throws -> TestResponse {
    var fields = self.headers
    for field in headers { fields[field.name] = field.value }
    let cookies = cookies
    if !cookies.isEmpty, !fields.contains("Cookie") {
      fields["Cookie"] = cookies.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: "; ")
    }
    if !method.isSafe, let token = cookies["csrftoken"] { fields.setDefault("X-CSRFToken", token) }
    let response = await http.respond(to: Request(method, path, headers: fields, body: body))
    for line in response.headers.values(for: "Set-Cookie") { jar.store(line) }
    return TestResponse(
      request: "\(method) \(path)", status: response.status, headers: response.headers, bytes: try await response.body.collect())
  }

  /// Sends GET.
  public func get(_ path: String, headers: HeaderFields = HeaderFields()) async throws -> TestResponse {
    try await send(.get, path, headers: headers)
  }
  /// Sends DELETE.
  public func delete(_ path: String, headers: HeaderFields = HeaderFields()) async throws -> TestResponse {
    try await send(.delete, path, headers: headers)
  }
  /// Sends POST without a body.
  public func post(_ path: String, headers: HeaderFields = HeaderFields()) async throws -> TestResponse {
    try await send(.post, path, headers: headers)
  }
  /// Sends POST with a JSON body.
  public func post(_ path: String, json: some Encodable, headers: HeaderFields = HeaderFields()) async throws -> TestResponse {
    try await send(.post, path, json: json, headers: headers)
  }
  /// Sends PUT with a JSON body.
  public func put(_ path: String, json: some Encodable, headers: HeaderFields = HeaderFields()) async throws -> TestResponse {
    try await send(.put, path, json: json, headers: headers)
  }
  /// Sends PATCH with a JSON body.
  public func patch(_ path: String, json: some Encodable, headers: HeaderFields = HeaderFields()) async throws -> TestResponse {
    try await send(.patch, path, json: json, headers: headers)
  }
  /// Sends POST with the fields of a form, `application/x-www-form-urlencoded`.
  public func post(_ path: String, form: [(String, String)], headers: HeaderFields = HeaderFields()) async throws -> TestResponse
  {
    var fields = headers
    fields["Content-Type"] = "application/x-www-form-urlencoded"
    let body = form.map { "\(TestClient.escaped($0.0))=\(TestClient.escaped($0.1))" }.joined(separator: "&")
    return try await send(.post, path, headers: fields, body: Array(body.utf8))
  }
  /// Sends a JSON body by any method.
  public func send(
    _ method: HTTPMethod, _ path: String, json: some Encodable, headers: HeaderFields = HeaderFields()
  ) async throws -> TestResponse {
    var fields = headers
    fields.setDefault("Content-Type", "application/json")
    return try await send(method, path, headers: fields, body: try JSONCoding.encode(json))
  }

  /// Fails unless the requests of `body` run exactly `count` statements.
  ///
  /// ```swift
  /// try await client.expectStatements(2) { try await client.get("/api/articles?limit=20") }
  /// ```
  /// - Throws: ``UnexpectedStatements`` naming them all; what `body` throws.
  @discardableResult
  public func expectStatements<Result>(
    _ count: Int, file: String = #fileID, line: UInt = #line, _ body: () async throws -> Result
  ) async throws -> Result {
    let before = statements.events.count
    let result = try await body()
    try UnexpectedStatements.check(Array(statements.events.dropFirst(before)), count, file: file, line: line)
    return result
  }

  private static func escaped(_ text: String) -> String {
    text.utf8.map { byte in
      let isPlain = byte < 128 && (Character(Unicode.Scalar(byte)).isLetter || Character(Unicode.Scalar(byte)).isNumber)
      return isPlain ? String(Unicode.Scalar(byte)) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
    }.joined()
  }
}

/// A browser's cookies for one host, without paths and expiry but for removal.
private final class CookieJar: Sendable {
  let cookies = Mutex<[String: String]>([:])

  func store(_ line: String) {
    let parts = line.split(separator: ";").map { $0.trimmingCharacters(in: .whitespaces) }
    guard let pair = parts.first, let equals = pair.firstIndex(of: "=") else { return }
    let name = String(pair[..<equals]), value = String(pair[pair.index(after: equals)...])
    let isRemoval = parts.contains { $0.lowercased() == "max-age=0" }
    cookies.withLock { $0[name] = isRemoval ? nil : value }
  }
}
