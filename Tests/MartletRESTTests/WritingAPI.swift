import Foundation
import MartletCore
import MartletHTTP
import MartletMigrations
import MartletORM
import MartletREST
import MartletSQL
import Synchronization
import TestDatabases

@Model(table: "host")
struct Host {
  var id: ID
  @Field(maxLength: 40) var name: String
  static let policy = Policy(Host.self) { $0.allowAll(.read) }
}

@Model(table: "event", label: "event")
struct Event {
  var id: ID
  @Field(maxLength: 40) var title: String
  @Field(maxLength: 40, unique: true) var code: String
  var starts: Date
  var ends: Date
  var seats: Int = 10
  var isOpen: Bool = false
  @Field(hidden: true) var source: String = "unknown"
  @Relation(onDelete: .cascade) var owner: Ref<Host>
  @Relation(onDelete: .setNull) var helper: Ref<Host>?
  @HasMany var tickets: Many<Ticket>
  @ManyToMany var labels: Many<Label>
  @HasOne("event") var plan: One<Plan>
  @ManyToMany(through: Guest.self, from: "event", to: "host") var guests: Many<Host>

  static let constraints = MartletORM.constraints(Event.self) { unique($0.owner.id, $0.title) }
  static let policy = Policy(Event.self) {
    $0.allow(.read) { event, viewer in event.isOpen || event.owner.id == viewer.id }
    $0.allow(.create, .update, .delete) { event, viewer in event.owner.id == viewer.id }
  }
}

/// Some tickets nobody sees; dear ones nobody makes, dearer ones nobody deletes.
@Model(table: "ticket")
struct Ticket {
  var id: ID
  @Field(maxLength: 5) var seat: String
  var price: Int = 0
  var isHidden: Bool = false
  @Relation(onDelete: .cascade) var event: Ref<Event>

  static let constraints = MartletORM.constraints(Ticket.self) { unique($0.event.id, $0.seat) }
  static let policy = Policy(Ticket.self) {
    $0.allow(.read) { ticket, _ in ticket.isHidden == false }
    $0.allow(.create, .update) { ticket, viewer in ticket.price < 1000 && ticket.event.owner.id == viewer.id }
    $0.allow(.delete) { ticket, _ in ticket.price < 500 }
  }
}

@Model(table: "event_label")
struct Label {
  var id: ID
  @Field(maxLength: 20, unique: true) var name: String
  var isSecret: Bool = false
  static let policy = Policy(Label.self) {
    $0.allow(.read) { label, _ in label.isSecret == false }
    $0.allow(.create) { _, viewer in viewer.isAuthenticated }
    $0.allow(.update) { _, viewer in viewer.isStaff }
  }
}

@Model(table: "event_plan")
struct Plan {
  var id: ID
  var text: String
  @OneToOne(onDelete: .cascade) var event: Ref<Event>
  static let policy = Policy(Plan.self) { $0.allowAll(.read, .create, .update, .delete) }
}

/// Who comes is for the staff to say.
@Model(table: "event_guest")
struct Guest {
  var id: ID
  @Relation(onDelete: .cascade) var event: Ref<Event>
  @Relation(onDelete: .cascade) var host: Ref<Host>
}

/// An API about events over a fresh database; two hosts, 1 and 2. Requests say who sends them.
struct EventAPI: Sendable {
  let db: Database
  let application: HTTPApplication
  let statements = StatementLog()

  init(_ routes: some RouteComponent) async throws {
    let db = try await TestDatabases.make(EveryDatabase.kind).with(timeSource: .fixed(Date(timeIntervalSince1970: 1_000_000)))
    let models: [any Model.Type] = [Host.self, Event.self, Ticket.self, Label.self, Plan.self, Guest.self]
    let operations = try MigrationPlanner.pendingOperations(models: models, migrations: [])
    try await MigrationExecutor([Migration("0001_events", operations: operations)]).migrate(db)
    try await Host.insert([Host(name: "Ann"), Host(name: "Bo")], db)
    self.db = db
    let log = statements, observed = db.observing { log.record($0.sql) }
    application = try HTTPApplication(router: Router(routes), configuration: API.configuration) { request in
      request[DatabaseContext.self] = observed
      if let id = request.headers["X-User"].flatMap({ Int64($0) }) {
        request.viewer = Viewer(id: .int(id), name: "user\(id)", isStaff: id == 9)
      }
    }
  }

  static func resource() -> Resource<Event> { Resource(Event.self).owner { $0.owner } }

  func send(
    _ method: HTTPMethod, _ target: String, _ body: String? = nil, user: Int? = 1, prefer: String? = nil
  ) async throws -> Answer {
    var headers: HeaderFields = ["Host": "api.test"]
    if let user { headers["X-User"] = String(user) }
    if let prefer { headers["Prefer"] = prefer }
    if body != nil { headers["Content-Type"] = "application/json" }
    return Answer(
      await application.respond(to: Request(method, target, headers: headers, body: Array((body ?? "").utf8))))
  }

  /// The JSON of a new event's fields, without braces.
  static func fields(_ code: String, title: String? = nil) -> String {
    #""title": "\#(title ?? code)", "code": "\#(code)", "starts": "2026-01-01T10:00:00Z", "ends": "2026-01-01T12:00:00Z""#
  }
  static func event(_ code: String, more: String = "") -> String { "{\(fields(code))\(more.isEmpty ? "" : ", " + more)}" }

  /// How many statements a request ran.
  func count(_ body: () async throws -> Void) async throws -> Int {
    let before = statements.texts.count
    try await body()
    return statements.texts.count - before
  }
}
