import Foundation
import MartletCore
import MartletHTTP
import MartletORM
import MartletSQL
import Synchronization

@testable import MartletAuth

/// A clock that tests move.
final class MovableClock: Sendable {
  private let moment: Mutex<Date>
  init(_ moment: Date = MovableClock.start) { self.moment = Mutex(moment) }
  /// 2026-11-24T00:00:00Z, shortly after Django wrote the rows of ``DjangoTables``.
  static let start = Date(timeIntervalSince1970: 1_795_478_400)
  var source: TimeSource { TimeSource { [self] in moment.withLock { $0 } } }
  var now: Date { moment.withLock { $0 } }
  func advance(_ duration: Duration) { moment.withLock { $0 += duration / .seconds(1) } }
}

/// An app on Django's tables with sessions, logins and tokens.
struct AuthWorld {
  let db: Database
  let clock = MovableClock()
  let statements = StatementLog()
  let keys: SecretKeys
  let users = Users(hashers: .insecureForTests)
  var options = SessionOptions()

  init(keys: SecretKeys = Vectors.keys, withRows: Bool = true) async throws {
    let log = statements
    let plain = withRows ? try await DjangoTables.databaseWithRows() : try await DjangoTables.database()
    db = plain.with(timeSource: clock.source).observing { log.append($0.sql) }
    self.keys = keys
  }

  var tokens: TokenIssuer { TokenIssuer(keys, lifetime: .seconds(3600), timeSource: clock.source) }

  /// Answers by these routes, with the middleware around them.
  func respond(
    to request: Request, middleware: [any Middleware]? = nil, @RoutesBuilder _ routes: () -> RouteList
  ) async throws -> Response {
    var configuration = HTTPServerConfiguration()
    configuration.debug = true
    configuration.accessLogSink = { _ in }
    let db = db
    let standard: [any Middleware] = [SessionMiddleware(keys, options: options), AuthenticationMiddleware(users: users)]
    let application = try HTTPApplication(
      router: try Router(routes), configuration: configuration, middleware: middleware ?? standard,
      prepare: { $0[DatabaseContext.self] = db })
    return await application.respond(to: request)
  }

  /// `GET /` answered by a closure, with or without a session's cookie.
  func get(
    _ key: String? = nil, headers: HeaderFields = HeaderFields(), middleware: [any Middleware]? = nil,
    _ handler: @escaping @Sendable (Request) async throws -> Response = { _ in Response() }
  ) async throws -> Response {
    var headers = headers
    headers["Host"] = "localhost"
    if let key { headers["Cookie"] = "sessionid=\(key)" }
    return try await respond(to: Request(.get, "/", headers: headers), middleware: middleware) {
      Get("") { request in try await handler(request) }
    }
  }

  /// The keys of all stored sessions.
  func storedKeys() async throws -> [String] {
    try await SessionRecord.query.all(db).map(\.id.description).sorted()
  }
}

/// The statements that ran.
final class StatementLog: Sendable {
  private let lines = Mutex<[String]>([])
  func append(_ line: String) { lines.withLock { $0.append(line) } }
  var all: [String] { lines.withLock { $0 } }
  func clear() { lines.withLock { $0 = [] } }
}

extension Response {
  /// The value of the session's cookie that the response sets; empty where it removes it.
  var sessionCookie: String? {
    setCookie.map { String($0.dropFirst("sessionid=".count).prefix { $0 != ";" }) }
  }
  /// The whole `Set-Cookie` of the session.
  var setCookie: String? { headers.values(for: "set-cookie").first { $0.hasPrefix("sessionid=") } }
  var text: String {
    get async throws { String(decoding: try await body.collect(), as: UTF8.self) }
  }
}
