import MartletCore
import MartletHTTP
import MartletORM
import MartletREST
import MartletSQL
import TestDatabases
import Testing

@Suite("nested rows are written as the API's own resource of their model says", .onEveryDatabase)
struct NestedResourceTests {
  private static func tickets() -> Resource<Ticket> {
    Resource(Ticket.self).readOnly { $0.price }.hidden { $0.isHidden }
      .before(.create) { ticket, _ in ticket.price = 77 }
      .validate { ticket, errors in if ticket.seat == "Z" { errors.add(\.seat, code: "no_row", "There is no row Z.") } }
  }

  @Test("children: read-only and hidden fields, rules and hooks hold, wherever the resource stands")
  func children() async throws {
    let before = REST {
      Self.tickets()
      EventAPI.resource().nested { $0.tickets }
    }
    let after = REST {
      EventAPI.resource().nested { $0.tickets }
      Self.tickets()
    }
    for routes in [before, after] {
      let api = try await EventAPI(routes)
      let bad = #""tickets": [{"seat": "A", "price": 3}, {"seat": "B", "is_hidden": true}, {"seat": "Z"}]"#
      #expect(
        try await api.send(.post, "/events", EventAPI.event("a", more: bad)).errors == [
          "tickets.0.price: read_only", "tickets.1.is_hidden: unknown_field", "tickets.2.seat: no_row",
        ])
      let created = try await api.send(.post, "/events", EventAPI.event("a", more: #""tickets": [{"seat": "A"}]"#))
      #expect(created.status == 201, "\(created.text)")
      #expect(try await Ticket.get(1, api.db).price == 77)
      #expect(
        try await api.send(.patch, "/events/1", #"{"tickets": [{"id": 1, "price": 3}]}"#).errors == [
          "tickets.0.price: read_only"
        ])
    }
  }

  @Test("links, one-to-one and references alike")
  func others() async throws {
    let api = try await EventAPI(
      REST {
        EventAPI.resource().nested {
          $0.labels
          $0.plan
        }
        Resource(Ticket.self).nested { $0.event }
        Resource(Label.self).readOnly { $0.isSecret }
        Resource(Plan.self).validate { plan, errors in
          if plan.text == "none" { errors.add(\.text, code: "none", "Say something.") }
        }
      })
    let bad = #""labels": [{"name": "x", "is_secret": true}], "plan": {"text": "none"}"#
    #expect(
      try await api.send(.post, "/events", EventAPI.event("a", more: bad)).errors == [
        "labels.0.is_secret: read_only", "plan.text: none",
      ])
    let owned = EventAPI.event("a", more: #""owner": 2"#)
    #expect(
      try await api.send(.post, "/tickets", #"{"seat": "A", "event": \#(owned)}"#).errors == ["event.owner: read_only"])
    let ticket = try await api.send(.post, "/tickets", #"{"seat": "A", "event": \#(EventAPI.event("a"))}"#)
    #expect(ticket.status == 201, "\(ticket.text)")
    #expect(try await Event.get(1, api.db).owner.id == 1)
  }

  @Test("one level deep: resources that nest each other end")
  func cycle() async throws {
    let routes = REST {
      EventAPI.resource().nested { $0.tickets }
      Resource(Ticket.self).nested { $0.event }
    }
    #expect(REST.check(routes).isEmpty)
    let api = try await EventAPI(routes)
    let event = EventAPI.event("a", more: #""tickets": []"#)
    #expect(
      try await api.send(.post, "/tickets", #"{"seat": "A", "event": \#(event)}"#).errors == ["event.tickets: unknown_field"])
  }

  @Test("a resource for reading says what its rows take where others write them")
  func readOnly() async throws {
    let api = try await EventAPI(
      REST {
        EventAPI.resource().nested { $0.tickets }
        Self.tickets().readOnly()
      })
    #expect(try await api.send(.post, "/tickets", #"{"seat": "A", "event": 1}"#).status == 405)
    let created = try await api.send(.post, "/events", EventAPI.event("a", more: #""tickets": [{"seat": "A"}]"#))
    #expect(created.status == 201, "\(created.text)")
    #expect(try await Ticket.get(1, api.db).price == 77)
  }

  @Test("the document shows the fields that the resource takes")
  func document() throws {
    let tree = OpenAPIDocument(
      RouteList {
        REST {
          EventAPI.resource().nested { $0.tickets }
          Self.tickets()
        }
      }
    ).tree
    let ticket = tree["components"]?["schemas"]?["EventTicketInput"]?["properties"]
    #expect(ticket?["seat"] != nil)
    #expect(ticket?["price"] == nil && ticket?["is_hidden"] == nil)
  }
}
