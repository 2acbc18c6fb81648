import MartletCore
import MartletHTTP
import MartletORM
import MartletREST
import MartletSQL
import TestDatabases
import Testing

@Suite("custom actions", .onEveryDatabase)
struct CustomActionTests {
  struct Growth: Decodable, Sendable { var seats: Int }
  struct Summary: Codable, Sendable { var events: Int }
  struct Minimum: Decodable, Sendable { var seats: Int }

  let api: EventAPI
  init() async throws {
    api = try await EventAPI(REST { Self.resource })
    _ = try await api.send(.post, "/events", EventAPI.event("a"))
    _ = try await api.send(.post, "/events", EventAPI.event("b"), user: 2)
  }

  static var resource: Resource<Event> {
    EventAPI.resource()
      .action("open", summary: "Let people in") { event, _ in event.isOpen = true }
      .action("grow", input: Growth.self) { event, growth, _ in
        if growth.seats < 0 { throw ValidationError("seats", code: "min_value", "Not fewer.") }
        event.seats += growth.seats
      }
      .action("give") { event, _ in event.owner = .id(2) }
      .action("clear") { event, context in
        try await Ticket.filter { $0.event.id == event.id }.delete(context.db)
        return HTTPStatus.noContent
      }
      .action("rename", method: .put, input: Growth.self) { event, input, _ in event.code = input.seats == 1 ? "b" : "c" }
      .action("sold", method: .get, needs: .read) { event, context in
        Summary(events: try await Ticket.filter { $0.event.id == event.id }.count(context.db))
      }
      .action("touch", method: .delete, input: Growth.self) { event, growth, _ in event.seats = growth.seats }
      .collectionAction("open-all") { events, context in _ = try await events.update(context.db) { $0.isOpen.set(to: true) } }
      .collectionAction("summary", method: .get, needs: .read, input: Minimum.self) { events, input, context in
        Summary(events: try await events.filter { $0.seats >= input.seats }.count(context.db))
      }
  }

  @Test("what an action changes in its row is saved, and the row is the answer")
  func row() async throws {
    let answer = try await api.send(.post, "/events/1/open")
    #expect(answer.status == 200, "\(answer.text)")
    #expect(answer.json["is_open"]?.plain == "true")
    #expect(try await Event.get(1, api.db).isOpen)
  }

  @Test("a row that the viewer may not read is not there; one that they may not change is 403, or 401 for nobody")
  func policy() async throws {
    #expect(try await api.send(.post, "/events/2/open").status == 404)
    #expect(try await api.send(.post, "/events/1/open").status == 200)
    #expect(try await api.send(.post, "/events/1/open", user: 2).status == 403)
    #expect(try await api.send(.post, "/events/1/open", user: nil).status == 401)
    #expect(try await api.send(.get, "/events/1/sold", user: 2).status == 200, "which needs no more than reading")
    #expect(try await api.send(.post, "/events/1/give").status == 403, "the row as it becomes must be allowed too")
    #expect(try await Event.get(1, api.db).owner.id == 1)
  }

  @Test("input is decoded and its mistakes are 422; what the closure throws undoes everything")
  func input() async throws {
    #expect(try await api.send(.post, "/events/1/grow", #"{"seats": 5}"#).json["seats"]?.plain == "15")
    let wrong = try await api.send(.post, "/events/1/grow", #"{"seats": "x"}"#)
    #expect(wrong.status == 422)
    #expect(wrong.errors.first?.hasPrefix("seats: ") == true)
    #expect(try await api.send(.post, "/events/1/grow", #"{"seats": -1}"#).errors == ["seats: min_value"])
    #expect(try await api.send(.post, "/events/1/grow", "{").status == 400)
    #expect(try await Event.get(1, api.db).seats == 15)
  }

  @Test("an action answers a value, or a status alone, by the method that it names")
  func results() async throws {
    _ = try await Ticket(seat: "A1", event: .id(1)).insert(api.db)
    #expect(try await api.send(.get, "/events/1/sold").text == #"{"events":1}"#)
    let cleared = try await api.send(.post, "/events/1/clear")
    #expect(cleared.status == 204)
    #expect(cleared.text.isEmpty)
    #expect(try await Ticket.query.count(api.db) == 0)
    let method = try await api.send(.get, "/events/1/open")
    #expect(method.status == 405)
    #expect(method.response.headers["Allow"] == "OPTIONS, POST")
  }

  @Test("without a body the query string is the input, of a row as well")
  func queryInput() async throws {
    let answer = try await api.send(.delete, "/events/1/touch?seats=3")
    #expect(answer.status == 200, "\(answer.text)")
    #expect(answer.json["seats"]?.plain == "3")
    #expect(try await api.send(.delete, "/events/1/touch?seats=x").status == 422)
  }

  @Test("a value that an action makes and that is taken: 409 with the field")
  func taken() async throws {
    #expect(try await api.send(.put, "/events/1/rename", #"{"seats": 1}"#).errors == ["code: unique"])
    #expect(try await api.send(.put, "/events/1/rename", #"{"seats": 2}"#).json["code"]?.plain == "c")
  }

  @Test("If-Match holds for actions too, and their answer has the new tag")
  func conditions() async throws {
    func send(_ tag: String) async -> Answer {
      Answer(
        await api.application.respond(
          to: Request(.post, "/events/1/open", headers: ["Host": "api.test", "X-User": "1", "If-Match": tag])))
    }
    let old = try await api.send(.get, "/events/1").response.headers["ETag"] ?? ""
    let answer = await send(old)
    #expect(answer.status == 200)
    #expect(answer.response.headers["ETag"] != old)
    #expect(await send(old).status == 412)
  }

  @Test("an action on many rows gets those that the viewer may act on, and no others")
  func many() async throws {
    let answer = try await api.send(.post, "/events/open-all")
    #expect(answer.status == 204)
    #expect(try await Event.get(1, api.db).isOpen)
    #expect(try await Event.get(2, api.db).isOpen == false)
    #expect(try await api.send(.post, "/events/open-all", user: nil).status == 401)
    #expect(try await api.send(.get, "/events/summary?seats=1").text == #"{"events":1}"#)
    #expect(try await api.send(.get, "/events/summary?seats=11").text == #"{"events":0}"#)
    #expect(try await api.send(.get, "/events/summary?seats=x").status == 422)
  }

  @Test("actions stand in the document under stable names")
  func document() throws {
    let tree = OpenAPIDocument(RouteList { REST { Self.resource } }).tree
    let open = tree["paths"]?["/events/{id}/open"]?["post"]
    #expect(open?["operationId"]?.string == "openEvents")
    #expect(open?["summary"]?.string == "Let people in")
    #expect(open?["responses"]?["200"]?["content"] != nil)
    #expect(open?["responses"]?["404"] != nil)
    #expect(open?["x-martlet-access"]?["anonymous"]?.plain == "never", "what the policy says of updates")
    #expect(tree["paths"]?["/events/{id}/sold"]?["get"]?["x-martlet-access"]?["anonymous"]?.plain == "some")
    let all = tree["paths"]?["/events/open-all"]?["post"]
    #expect(all?["operationId"]?.string == "openAllEvents")
    #expect(all?["responses"]?["204"] != nil)
    #expect(tree["paths"]?["/events/{id}/grow"]?["post"]?["requestBody"] != nil)
    let summary = tree["paths"]?["/events/summary"]?["get"]
    #expect(summary?["requestBody"] == nil)
    #expect(summary?["parameters"]?.text.contains(#""name":"seats""#) == true)
  }
}
