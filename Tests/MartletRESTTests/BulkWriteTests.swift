import MartletCore
import MartletHTTP
import MartletORM
import MartletREST
import MartletSQL
import TestDatabases
import Testing

@Suite("writing many rows at once", .onEveryDatabase)
struct BulkWriteTests {
  let api: EventAPI
  init() async throws {
    api = try await EventAPI(
      REST {
        EventAPI.resource().bulk(max: 50)
          .before(.create) { event, _ in if event.seats == 13 { throw ValidationError("seats", code: "unlucky", "Not 13.") } }
      })
  }
  private func list(_ codes: String..., more: String = "") -> String {
    "[" + codes.map { EventAPI.event($0, more: more) }.joined(separator: ",") + "]"
  }
  private func results(_ answer: Answer) -> [String] {
    answer.results.map { result in
      guard case .array(let errors)? = result["errors"] else { return result["status"]?.plain ?? "" }
      return (result["status"]?.plain ?? "") + errors.map { " \($0["field"]?.plain ?? ""):\($0["code"]?.plain ?? "")" }.joined()
    }
  }

  @Test("a list is created by one statement, and answered in its order")
  func create() async throws {
    let codes = (0..<50).map { "e\($0)" }, body = "[" + codes.map { EventAPI.event($0) }.joined(separator: ",") + "]"
    let count = try await api.count {
      let answer = try await api.send(.post, "/events", body)
      #expect(answer.status == 201)
      guard case .array(let rows) = answer.json else {
        Issue.record("no list: \(answer.text)")
        return
      }
      #expect(rows.map { $0["code"]?.plain ?? "" } == codes)
      #expect(rows.map { $0["id"]?.plain ?? "" } == (1...50).map(String.init))
    }
    // A database without RETURNING is asked for what it filled in.
    #expect(count <= 2, "\(api.statements.texts)")
    #expect(try await Event.query.count(api.db) == 50)
  }

  @Test("one failing item fails all, and its errors say which it is")
  func allOrNothing() async throws {
    let body = "[\(EventAPI.event("a")), 7, {}, \(EventAPI.event("b", more: #""helper": 99, "seats": null"#))]"
    let answer = try await api.send(.post, "/events", body)
    #expect(answer.status == 422)
    #expect(
      answer.errors == [
        "1: invalid", "2.title: required", "2.code: required", "2.starts: required", "2.ends: required", "3.seats: null",
        "3.helper: does_not_exist",
      ])
    #expect(try await api.send(.post, "/events", list("a", "b", more: #""seats": 13"#)).errors == ["0.seats: unlucky"])
    #expect(try await Event.query.count(api.db) == 0)
  }

  @Test("values that are taken, in the table or by an earlier item, are named: 409")
  func taken() async throws {
    _ = try await api.send(.post, "/events", EventAPI.event("a"))
    let answer = try await api.send(.post, "/events", list("b", "a", "c", "b"))
    #expect(answer.status == 409)
    #expect(
      answer.errors == [
        "1.code: unique", "1.owner: unique", "1.title: unique", "3.code: unique", "3.owner: unique", "3.title: unique",
      ])
    #expect(try await Event.query.count(api.db) == 1)
  }

  @Test("too many rows, none, and what is no list are 422")
  func limits() async throws {
    let many = "[" + (0..<51).map { EventAPI.event("e\($0)") }.joined(separator: ",") + "]"
    #expect(try await api.send(.post, "/events", many).errors == [": max_length"])
    #expect(try await api.send(.post, "/events", "[]").errors == [": empty"])
    #expect(try await api.send(.patch, "/events", "{}").errors == [": not_a_list"])
    #expect(try await api.send(.patch, "/events", "[1, {\"seats\": 2}]").errors == ["0: invalid", "1.id: required"])
    #expect(try await api.send(.post, "/events", list("a"), user: nil).status == 401)
    let closed = try await EventAPI(REST { EventAPI.resource() })
    #expect(try await closed.send(.post, "/events", list("a")).errors == [": invalid"])
    #expect(try await closed.send(.patch, "/events", "[]").status == 405)
  }

  @Test("handling=lenient writes what can be written, and tells what became of each")
  func lenient() async throws {
    _ = try await api.send(.post, "/events", EventAPI.event("a"))
    let body =
      "[\(EventAPI.event("b")), \(EventAPI.event("a")), {}, \(EventAPI.event("c", more: #""seats": 13"#)), \(EventAPI.event("d"))]"
    let answer = try await api.send(.post, "/events", body, prefer: "handling=lenient")
    #expect(answer.status == 207)
    #expect(answer.response.headers["Preference-Applied"] == "handling=lenient")
    #expect(
      results(answer) == [
        "201", "409 code:unique owner:unique title:unique", "422 title:required code:required starts:required ends:required",
        "422 seats:unlucky", "201",
      ])
    #expect(answer.results.map { $0["index"]?.plain ?? "" } == ["0", "1", "2", "3", "4"])
    #expect(answer.results[0]["data"]?["code"]?.plain == "b")
    #expect(try await Event.query.count(api.db) == 3)
  }

  @Test("what only the second check of a lenient list finds refuses the row")
  func lenientAgain() async throws {
    let single = Resource(Ticket.self).validate { _, errors, context in
      if try await Ticket.query.count(context.db) > 0 { errors.add(\.seat, code: "sold_out", "One ticket is enough.") }
    }
    let api = try await EventAPI(
      REST {
        EventAPI.resource().bulk().nested(single) { $0.tickets }
          .before(.create) { event, _ in if event.seats == 13 { throw ValidationError("seats", code: "unlucky", "Not 13.") } }
      })
    let ticket = #""tickets": [{"seat": "A"}]"#
    let list =
      "[\(EventAPI.event("a", more: ticket)), \(EventAPI.event("b", more: ticket)), \(EventAPI.event("c", more: #""seats": 13"#))]"
    let answer = try await api.send(.post, "/events", list, prefer: "handling=lenient")
    #expect(answer.results.map { $0["status"]?.plain ?? "" } == ["201", "422", "422"])
    #expect(answer.results.last?["errors"]?.text.contains("unlucky") == true)
    #expect(answer.text.contains(#""field":"tickets.0.seat","code":"sold_out""#), "\(answer.text)")
    #expect(try await Event.query.count(api.db) == 1)
    #expect(try await Ticket.query.count(api.db) == 1)
  }

  @Test("a lenient list without a fault is written by one statement")
  func lenientCost() async throws {
    let count = try await api.count {
      let answer = try await api.send(.post, "/events", list("a", "b", "c"), prefer: "respond-async, handling=lenient")
      #expect(results(answer) == ["201", "201", "201"])
    }
    #expect(count <= 2, "\(api.statements.texts)")
  }

  @Test("rows are changed by their keys, by one statement for those that change the same columns")
  func change() async throws {
    _ = try await api.send(.post, "/events", list("a", "b", "c"))
    let count = try await api.count {
      let answer = try await api.send(
        .patch, "/events", #"[{"id": 2, "seats": 20}, {"id": 1, "seats": 10}, {"id": 3, "seats": 30}]"#)
      #expect(answer.status == 200, "\(answer.text)")
      guard case .array(let rows) = answer.json else {
        Issue.record("no list: \(answer.text)")
        return
      }
      #expect(rows.map { $0["seats"]?.plain ?? "" } == ["20", "10", "30"])
    }
    #expect(count == 2, "one reads, one writes: \(api.statements.texts)")
    #expect(try await Event.query.order { $0.id.asc }.all(api.db).map(\.seats) == [10, 20, 30])
  }

  @Test("a row that is not there, or not readable, or stands twice, fails the list; another's row is 403")
  func changeRefused() async throws {
    _ = try await api.send(.post, "/events", list("a", "b"))
    _ = try await api.send(.post, "/events", EventAPI.event("hidden"), user: 2)
    _ = try await api.send(.post, "/events", EventAPI.event("open", more: #""is_open": true"#), user: 2)
    let body = #"[{"id": 1, "seats": 1}, {"id": 3, "seats": 1}, {"id": 99}, {"id": 1}, {"id": "x"}]"#
    let answer = try await api.send(.patch, "/events", body)
    #expect(answer.status == 422)
    #expect(answer.errors == ["1.id: does_not_exist", "2.id: does_not_exist", "3.id: duplicate", "4.id: invalid"])
    let refused = try await api.send(.patch, "/events", #"[{"id": 1, "seats": 1}, {"id": 4, "seats": 1}]"#)
    #expect(refused.status == 403)
    #expect(refused.errors == ["1: permission_denied"])
    #expect(try await Event.get(1, api.db).seats == 10)
    let lenient = try await api.send(
      .patch, "/events", #"[{"id": 1, "seats": 1}, {"id": 4, "seats": 1}, {"id": 99}]"#, prefer: "handling=lenient")
    #expect(results(lenient) == ["200", "403", "422 id:does_not_exist"])
    #expect(try await Event.get(1, api.db).seats == 1)
  }

  @Test("rows are deleted by a list of keys, all or none")
  func delete() async throws {
    _ = try await api.send(.post, "/events", list("a", "b", "c", "d"))
    _ = try await api.send(.post, "/events", EventAPI.event("open", more: #""is_open": true"#), user: 2)
    #expect(try await api.send(.delete, "/events?id[in]=1,99").errors == ["1.id: does_not_exist"])
    #expect(try await api.send(.delete, "/events?id[in]=1,5").status == 403)
    #expect(try await Event.query.count(api.db) == 5)
    let count = try await api.count {
      let answer = try await api.send(.delete, "/events?id[in]=1,2")
      #expect(answer.status == 204)
    }
    #expect(count == 2, "\(api.statements.texts)")
    let lenient = try await api.send(.delete, "/events?id%5Bin%5D=3,99,5", prefer: "handling=lenient")
    #expect(results(lenient) == ["204", "422 id:does_not_exist", "403"])
    #expect(try await Event.query.order { $0.id.asc }.all(api.db).map(\.id) == [4, 5])
  }

  @Test("a delete that names no keys, or something else, deletes nothing: 400")
  func deleteNeedsKeys() async throws {
    _ = try await api.send(.post, "/events", list("a"))
    let keys = (0..<51).map(String.init).joined(separator: ",")
    for (query, error) in [
      ("", "id[in]: required"), ("?id[in]=", "id[in]: required"), ("?seats=10", "seats: unknown_parameter"),
      ("?id[in]=1&seats=10", "seats: unknown_parameter"), ("?id[in]=1,x", "id[in]: invalid"), ("?id=1", "id: unknown_parameter"),
      ("?id[in]=\(keys)", "id[in]: max_length"), ("?id[in]=1&id[in]=2", "id[in]: required"),
    ] {
      let answer = try await api.send(.delete, "/events" + query)
      #expect(answer.status == 400)
      #expect(answer.errors == [error], "\(query)")
    }
    #expect(try await Event.query.count(api.db) == 1)
  }

  @Test("the document says that a list may be sent, how long it may be, and what 207 holds")
  func document() throws {
    let tree = OpenAPIDocument(RouteList { REST { EventAPI.resource().bulk(max: 7) } }).tree, path = tree["paths"]?["/events"]
    let body = path?["post"]?["requestBody"]?["content"]?["application/json"]?["schema"]
    #expect(body?.text.contains(#""maxItems":7"#) == true)
    #expect(path?["post"]?["parameters"]?.text.contains(#""name":"Prefer""#) == true)
    #expect(path?["patch"]?["operationId"]?.string == "bulkUpdateEvents")
    #expect(path?["delete"]?["operationId"]?.string == "bulkDeleteEvents")
    #expect(path?["delete"]?["parameters"]?.text.contains(#""name":"id[in]""#) == true)
    for method in ["post", "patch", "delete"] { #expect(path?[method]?["responses"]?["207"] != nil) }
  }
}
