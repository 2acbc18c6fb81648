import MartletCore
import MartletHTTP
import MartletORM
import MartletREST
import MartletSQL
import TestDatabases
import Testing

@Suite("writing rows together with their parent", .onEveryDatabase)
struct NestedWriteTests {
  let api: EventAPI
  init() async throws {
    api = try await EventAPI(
      REST {
        EventAPI.resource().bulk().nested {
          $0.tickets
          $0.labels
          $0.plan
        }
      })
    try await Label.insert([Label(name: "music"), Label(name: "talk"), Label(name: "secret", isSecret: true)], api.db)
  }
  private func create(_ more: String, _ code: String = "a") async throws -> Answer {
    try await api.send(.post, "/events", EventAPI.event(code, more: more))
  }
  private func patch(_ body: String) async throws -> Answer { try await api.send(.patch, "/events/1", body) }
  private func tickets() async throws -> [String] {
    try await Ticket.query.order { $0.id.asc }.all(api.db).map { "\($0.id) \($0.seat) \($0.price)" }
  }
  private func labels(of event: Event.ID = 1) async throws -> [String] {
    let rows = try await Event.filter { $0.id == event }.with { $0.labels.order { $0.id.asc } }.all(api.db)
    return try rows.flatMap { try $0.labels.get() }.map(\.name)
  }

  @Test("children are created with their parent, by value and by key")
  func create() async throws {
    let answer = try await create(
      #""tickets": [{"seat": "A1"}, {"seat": "A2", "price": 5}], "labels": [1, {"name": "new"}], "plan": {"text": "Doors at nine"}"#
    )
    #expect(answer.status == 201, "\(answer.text)")
    #expect(try await tickets() == ["1 A1 0", "2 A2 5"])
    #expect(try await labels() == ["music", "new"])
    #expect(try await Plan.get(1, api.db).text == "Doors at nine")
  }

  @Test("a child with a key is changed, one without is created, one left out is deleted")
  func change() async throws {
    _ = try await create(#""tickets": [{"seat": "A1"}, {"seat": "A2"}, {"seat": "A3"}]"#)
    let answer = try await patch(#"{"tickets": [{"id": 2, "price": 9}, 1, {"seat": "A3"}]}"#)
    #expect(answer.status == 200, "\(answer.text)")
    #expect(try await tickets() == ["1 A1 0", "2 A2 9", "4 A3 0"], "the seat of the deleted row is free")
    #expect(try await patch(#"{"seats": 4}"#).status == 200)
    #expect(try await tickets().count == 3, "a relation that is not named stays")
    let put = try await api.send(.put, "/events/1", EventAPI.event("a", more: #""tickets": []"#))
    #expect(put.status == 200, "\(put.text)")
    #expect(try await tickets().isEmpty)
  }

  @Test("many-to-many: the list is what is tied")
  func links() async throws {
    _ = try await create(#""labels": [1, 2]"#)
    #expect(try await patch(#"{"labels": [2, {"name": "new"}]}"#).status == 200)
    #expect(try await labels() == ["talk", "new"])
    #expect(try await patch(#"{"labels": []}"#).status == 200)
    #expect(try await labels().isEmpty)
    #expect(try await Label.query.count(api.db) == 4, "the rows themselves stay")
  }

  @Test("one-to-one: an object creates or changes, null deletes")
  func one() async throws {
    _ = try await create(#""plan": {"text": "One"}"#)
    #expect(try await patch(#"{"plan": {"text": "Two"}}"#).status == 200)
    #expect(try await Plan.query.all(api.db).map(\.text) == ["Two"])
    #expect(try await patch(#"{"plan": null}"#).status == 200)
    #expect(try await Plan.query.count(api.db) == 0)
    #expect(try await patch(#"{"plan": null}"#).status == 200)
    #expect(try await patch(#"{"plan": [1]}"#).errors == ["plan: invalid"])
  }

  @Test("errors of children stand beside those of the parent, and nothing is written")
  func errors() async throws {
    let answer = try await create(
      #""helper": 99, "tickets": [{"seat": "toolong"}, {"price": 1, "nope": 2}, "x", {"id": 7, "seat": "A"}, {"seat": "B", "event": 2}], "#
        + #""labels": [99, 3, 1, 1, {"name": "music"}], "plan": {"text": " "}"#)
    #expect(answer.status == 422)
    #expect(
      answer.errors == [
        "helper: does_not_exist", "tickets.2: incorrect_type", "tickets.3: does_not_exist", "tickets.0.seat: max_length",
        "tickets.1.nope: unknown_field", "tickets.1.seat: required", "tickets.4.event: read_only", "labels.3: duplicate",
        "labels.0: does_not_exist", "labels.1: does_not_exist", "labels.4.name: unique", "plan.text: blank",
      ])
    #expect(try await Event.query.count(api.db) == 0)
    #expect(try await create(#""tickets": 7"#).errors == ["tickets: not_a_list"])
    let many = (0..<101).map { #"{"seat": "\#($0)"}"# }.joined(separator: ",")
    #expect(try await create(#""tickets": [\#(many)]"#).errors == ["tickets: max_length"])
  }

  @Test("children of another parent cannot be taken, changed or deleted")
  func foreign() async throws {
    _ = try await create(#""tickets": [{"seat": "A1"}]"#)
    _ = try await create(#""tickets": [{"seat": "B1"}]"#, "b")
    #expect(try await patch(#"{"tickets": [{"id": 2, "price": 1}]}"#).errors == ["tickets.0: does_not_exist"])
    #expect(try await patch(#"{"tickets": [2]}"#).errors == ["tickets.0: does_not_exist"])
    #expect(try await patch(#"{"tickets": []}"#).status == 200)
    #expect(try await tickets() == ["2 B1 0"])
  }

  @Test("what the viewer may not read stays: hidden children and hidden links")
  func hidden() async throws {
    _ = try await create("")
    try await Ticket.insert([Ticket(seat: "H", isHidden: true, event: .id(1))], api.db)
    let event = try await Event.get(1, api.db)
    try await event.add([try await Label.get(3, api.db)], to: { $0.labels }, api.db)
    #expect(try await patch(#"{"tickets": [], "labels": [1]}"#).status == 200)
    #expect(try await tickets() == ["1 H 0"])
    #expect(try await labels() == ["music", "secret"])
    #expect(try await patch(#"{"tickets": [{"id": 1}]}"#).errors == ["tickets.0: does_not_exist"])
  }

  @Test("the policy is asked for every child, and a refusal undoes the parent")
  func policy() async throws {
    let dear = try await create(#""tickets": [{"seat": "A"}, {"seat": "B", "price": 1000}]"#)
    #expect(dear.status == 403)
    #expect(dear.errors == ["tickets.1: permission_denied"])
    #expect(try await Event.query.count(api.db) == 0)
    let path = try await create(#""tickets": [{"seat": "A", "price": 600}], "labels": [1]"#).response.headers["Location"] ?? ""
    func patch(_ body: String) async throws -> Answer { try await api.send(.patch, path, body) }
    let kept = try await patch(#"{"title": "New", "tickets": []}"#)
    #expect(kept.status == 403, "a dear ticket may not be deleted")
    #expect(try await Event.query.one(api.db).title == "a")
    #expect(try await patch(#"{"labels": [{"id": 1, "name": "renamed"}]}"#).status == 403)
    #expect(try await patch(#"{"labels": [{"id": 1, "name": "music"}]}"#).status == 200, "sent back as it was")
  }

  @Test("who may not create or change a child at all learns nothing of what is taken")
  func noOracle() async throws {
    let api = try await EventAPI(
      REST {
        EventAPI.resource().bulk().nested {
          $0.helper
          $0.labels
        }
      })
    let answer = try await api.send(.post, "/events", EventAPI.event("a", more: #""seats": "x", "helper": {"name": "New"}"#))
    #expect(answer.status == 403, "hosts are made by no one")
    #expect(answer.errors == ["helper: permission_denied"])
    try await Label.insert([Label(name: "music"), Label(name: "secret", isSecret: true)], api.db)
    let renamed = try await api.send(
      .post, "/events", EventAPI.event("a", more: #""seats": "x", "labels": [{"id": 1, "name": "secret"}]"#))
    #expect(renamed.status == 403)
    #expect(renamed.errors == ["labels.0: permission_denied"])
    let list = "[\(EventAPI.event("a")), \(EventAPI.event("b", more: #""helper": {"name": "New"}"#)), {}]"
    let lenient = try await api.send(.post, "/events", list, prefer: "handling=lenient")
    #expect(lenient.results.map { $0["status"]?.plain ?? "" } == ["201", "403", "422"])
    #expect(try await Event.query.count(api.db) == 1)
  }

  @Test("a value that a child needs for itself and that is taken: 409, by the child's place")
  func taken() async throws {
    let answer = try await create(#""tickets": [{"seat": "A"}, {"seat": "A"}]"#)
    #expect(answer.status == 409)
    #expect(answer.errors == ["tickets.1.event: unique", "tickets.1.seat: unique"])
    #expect(try await create(#""labels": [{"name": "music"}]"#).errors == ["labels.0.name: unique"])
  }

  @Test("children of many parents go together")
  func bulk() async throws {
    let one = EventAPI.event("a", more: #""tickets": [{"seat": "A"}, {"seat": "B"}]"#)
    let two = EventAPI.event("b", more: #""tickets": [{"seat": "A"}]"#)
    let count = try await api.count {
      let answer = try await api.send(.post, "/events", "[\(one), \(two)]")
      #expect(answer.status == 201)
    }
    #expect(count <= 5, "events, tickets, and the policy of the tickets: \(api.statements.texts)")
    #expect(try await Ticket.query.order { $0.id.asc }.all(api.db).map(\.event.id) == [1, 1, 2])
    let bad = EventAPI.event("c", more: #""tickets": [{"seat": "toolong"}]"#)
    #expect(try await api.send(.post, "/events", "[\(EventAPI.event("d")), \(bad)]").errors == ["1.tickets.0.seat: max_length"])
    let lenient = try await api.send(.post, "/events", "[\(EventAPI.event("d")), \(bad)]", prefer: "handling=lenient")
    #expect(lenient.results.map { $0["status"]?.plain ?? "" } == ["201", "422"])
  }

  @Test("a child reads as its own resource declares: fields, values of the server, rules, hooks, and nested rows")
  func ownResource() async throws {
    let tickets = Resource(Ticket.self).readOnly { $0.price }
      .before(.create) { ticket, _ in ticket.price = 77 }
      .validate { ticket, errors in if ticket.seat == "Z" { errors.add(\.seat, code: "no_row", "There is no row Z.") } }
    let api = try await EventAPI(
      REST {
        EventAPI.resource().nested(tickets) { $0.tickets }
        Resource(Host.self).actions(.list)
      })
    let event = EventAPI.event("a", more: #""tickets": [{"seat": "A", "price": 3}, {"seat": "Z"}]"#)
    #expect(try await api.send(.post, "/events", event).errors == ["tickets.0.price: read_only", "tickets.1.seat: no_row"])
    #expect(try await api.send(.post, "/events", EventAPI.event("a", more: #""tickets": [{"seat": "A"}]"#)).status == 201)
    #expect(try await Ticket.get(1, api.db).price == 77)
  }

  @Test("a reference takes a key, an object that creates its row, or one with a key that changes it")
  func reference() async throws {
    let api = try await EventAPI(REST { Resource(Ticket.self).nested(EventAPI.resource()) { $0.event } })
    func send(_ method: HTTPMethod, _ path: String, _ event: String, seat: String = "A") async throws -> Answer {
      try await api.send(method, path, #"{"seat": "\#(seat)", "event": \#(event)}"#)
    }
    let created = try await send(.post, "/tickets", EventAPI.event("a"))
    #expect(created.status == 201, "\(created.text)")
    #expect(created.json["event"]?.plain == "1")
    #expect(try await Event.get(1, api.db).owner.id == 1, "the resource of the other row fills its owner in")
    #expect(try await send(.post, "/tickets", "1", seat: "B").status == 201)
    #expect(try await send(.put, "/tickets/2", #"{"id": 1, "seats": 77}"#, seat: "C").status == 200)
    #expect(try await Event.get(1, api.db).seats == 77)
    #expect(try await send(.patch, "/tickets/2", EventAPI.event("b")).json["event"]?.plain == "2")
    #expect(
      try await send(.patch, "/tickets/2", EventAPI.event("b")).errors == [
        "event.code: unique", "event.owner: unique", "event.title: unique",
      ])
    #expect(try await send(.post, "/tickets", "{}").errors.first == "event.title: required")
    #expect(try await send(.post, "/tickets", #"{"id": 99}"#).errors == ["event: does_not_exist"])
    #expect(try await send(.post, "/tickets", "[1]").errors == ["event: incorrect_type"])
    #expect(try await api.send(.post, "/tickets", #"{"seat": "D"}"#).errors == ["event: required"])
    let refused = try await api.send(.post, "/tickets", #"{"seat": "E", "event": {"id": 1, "seats": 1}}"#, user: 2)
    #expect(refused.errors == ["event: does_not_exist"], "what the viewer may not read is not there")
    #expect(try await Ticket.query.count(api.db) == 2)
  }

  @Test("links of many parents are read and written together")
  func bulkLinks() async throws {
    let body = "[\(EventAPI.event("a", more: #""labels": [1, 2]"#)), \(EventAPI.event("b", more: #""labels": [2]"#))]"
    let created = try await api.count {
      let answer = try await api.send(.post, "/events", body)
      #expect(answer.status == 201)
    }
    #expect(created <= 4, "labels, events, links: \(api.statements.texts)")
    let changed = try await api.count {
      let answer = try await api.send(.patch, "/events", #"[{"id": 1, "labels": [2]}, {"id": 2, "labels": [1, 2]}]"#)
      #expect(answer.status == 200)
    }
    #expect(changed <= 5, "events, labels, links, one that goes, those that come: \(api.statements.texts)")
    #expect(try await labels(of: 1) == ["talk"])
    #expect(try await labels(of: 2) == ["music", "talk"])
  }

  @Test("a relation that cannot be written is a mistake that check names")
  func mistake() async throws {
    #expect(REST.check(REST { Resource(Ticket.self).nested(Resource(Host.self)) { $0.event.owner } }).map(\.id) == ["rest.E001"])
    let through = REST { EventAPI.resource().nested { $0.guests } }
    #expect(REST.check(through).map(\.id) == ["rest.E001"], "a model in between has a policy of its own")
    let api = try await EventAPI(through)
    #expect(
      try await api.send(.post, "/events", EventAPI.event("a", more: #""guests": [1]"#)).errors == ["guests: unknown_field"])
    let hidden = REST { EventAPI.resource().nested(Resource(Ticket.self).hidden { $0.event }) { $0.tickets } }
    #expect(REST.check(hidden).isEmpty, "the parent fills the reference in")
    #expect(
      REST.check(REST { EventAPI.resource().nested(Resource(Ticket.self).hidden { $0.seat }) { $0.tickets } }).map(\.id) == [
        "rest.E002"
      ])
  }

  @Test("the document shows what a nested relation takes")
  func document() throws {
    let tree = OpenAPIDocument(
      RouteList {
        REST {
          EventAPI.resource().nested {
            $0.tickets
            $0.plan
          }
        }
      }
    ).tree
    let schemas = tree["components"]?["schemas"]
    let tickets = schemas?["EventCreate"]?["properties"]?["tickets"]
    #expect(tickets?.text.contains("EventTicketInput") == true)
    #expect(tickets?["maxItems"]?.plain == "100")
    #expect(schemas?["EventTicketInput"]?["properties"]?["seat"] != nil)
    #expect(schemas?["EventTicketInput"]?["properties"]?["event"] == nil)
    #expect(schemas?["EventUpdate"]?["properties"]?["plan"] != nil)
  }
}
