import Foundation
import MartletCore
import MartletHTTP
import MartletMigrations
import MartletORM
import MartletREST
import MartletSQL
import Synchronization
import TestDatabases

/// An API over a fresh database of the kind that the test runs on, asked without a socket.
struct API: Sendable {
  let db: Database
  let application: HTTPApplication
  private let who: Mutexed

  private final class Mutexed: Sendable {
    let viewer = Mutex(Viewer.anonymous)
  }

  init(
    _ routes: some RouteComponent, _ models: [any Model.Type] = API.models, _ statements: StatementLog? = nil
  ) async throws {
    let db = try await TestDatabases.make(EveryDatabase.kind).with(timeSource: .fixed(Date(timeIntervalSince1970: 1_000_000)))
    let operations = try MigrationPlanner.pendingOperations(models: models, migrations: [])
    try await MigrationExecutor([Migration("0001_api", operations: operations)]).migrate(db)
    let who = Mutexed()
    self.db = db
    self.who = who
    application = try HTTPApplication(router: Router(routes), configuration: API.configuration) { request in
      request[DatabaseContext.self] = statements.map { log in db.observing { log.record($0.sql) } } ?? db
      request.viewer = who.viewer.withLock { $0 }
    }
  }

  static var configuration: HTTPServerConfiguration {
    var configuration = HTTPServerConfiguration()
    configuration.allowedHosts = ["api.test"]
    return configuration
  }

  static let models: [any Model.Type] = [Writer.self, Article.self, Remark.self, Memo.self, Country.self, Thing.self]

  /// The API that most tests use.
  static func blog() async throws -> API {
    try await API(
      REST("api") {
        Resource(Article.self)
          .readOnly { $0.views }
          .filters {
            $0.id
            $0.status
            $0.views
            $0.title
            $0.publishedAt
            $0.author
            $0.author.name
            $0.editor.name
          }
          .search {
            $0.title
            $0.author.name
          }
          .ordering {
            $0.publishedAt
            $0.views
            $0.author.name
            $0.id
          }
          .pageSize(2, max: 3)
        Resource(Writer.self)
        Resource(Remark.self)
        Resource(Memo.self)
        Resource(Country.self)
        Resource(Thing.self)
      })
  }

  /// Sends a request as a viewer.
  func send(
    _ method: HTTPMethod, _ target: String, _ body: String? = nil, as viewer: Viewer = .anonymous,
    type: String = "application/json", headers more: HeaderFields = HeaderFields()
  ) async throws -> Answer {
    who.viewer.withLock { $0 = viewer }
    var headers: HeaderFields = ["Host": "api.test"]
    if body != nil { headers["Content-Type"] = type }
    for field in more { headers.append(field.name, field.value) }
    let response = await application.respond(
      to: Request(method, target, headers: headers, body: Array((body ?? "").utf8)))
    return try await Answer(reading: response)
  }
  func get(_ target: String, as viewer: Viewer = .anonymous) async throws -> Answer { try await send(.get, target, as: viewer) }
}

/// A response, read.
struct Answer {
  let response: Response
  let status: Int
  let text: String

  init(_ response: Response) {
    self.response = response
    status = response.status.code
    if case .bytes(let bytes) = response.body.source { text = String(decoding: bytes, as: UTF8.self) } else { text = "<stream>" }
  }
  /// A response whose body is read to its end.
  init(reading response: Response) async throws {
    self.response = response
    status = response.status.code
    text = String(decoding: try await response.body.collect(), as: UTF8.self)
  }
  var json: JSONTree { (try? JSONParser.parse(Array(text.utf8))) ?? .null }
  var type: String? { json["type"]?.string }
  /// `field: code`, in order.
  var errors: [String] {
    guard case .array(let errors)? = json["errors"] else { return [] }
    return errors.map { "\($0["field"]?.string ?? ""): \($0["code"]?.string ?? "")" }
  }
  /// The messages of the errors, in order.
  var messages: [String] {
    guard case .array(let errors)? = json["errors"] else { return [] }
    return errors.map { $0["message"]?.string ?? "" }
  }
  /// The rows of a list.
  var results: [JSONTree] { if case .array(let rows)? = json["results"] { rows } else { [] } }
  /// One text or number of every row.
  func column(_ name: String) -> [String] { results.map { $0[name]?.plain ?? "-" } }
}

extension JSONTree {
  var string: String? { if case .string(let text) = self { text } else { nil } }
  /// The value as text without quotes.
  var plain: String { string ?? text }
}

/// Two writers and a shy one, four articles.
struct Sample {
  let ann: Writer, bo: Writer, shy: Writer
  var asAnn: Viewer { Viewer(id: .int(ann.id.raw ?? 0), name: "ann") }
  var asBo: Viewer { Viewer(id: .int(bo.id.raw ?? 0), name: "bo") }
  let staff = Viewer(id: .int(99), name: "staff", isStaff: true)
  let root = Viewer(id: .int(100), name: "root", isSuperuser: true)

  init(_ api: API) async throws {
    let writers = try await Writer.insert(
      [
        Writer(name: "Ann", email: "ann@x"), Writer(name: "Bo", email: "bo@x"), Writer(name: "Shy", email: "shy@x", isShy: true),
      ], api.db)
    (ann, bo, shy) = (writers[0], writers[1], writers[2])
    func day(_ n: Int) -> Date { Date(timeIntervalSince1970: Double(n) * 86_400) }
    try await Article.insert(
      [
        Article(
          title: "One", slug: "one", status: .published, views: 10, author: Ref(ann), publishedAt: day(1), createdAt: day(0)),
        Article(
          title: "Two", slug: "two", status: .published, views: 30, author: Ref(bo), editor: Ref(shy), publishedAt: day(3),
          createdAt: day(0)),
        Article(
          title: "Three", slug: "three", status: .published, views: 20, author: Ref(shy), publishedAt: day(2), createdAt: day(0)),
        Article(title: "Draft", slug: "draft", author: Ref(ann), createdAt: day(0)),
      ], api.db)
  }
}
