import MartletCore
import MartletHTTP
import MartletORM
import MartletREST
import MartletSQL
import TestDatabases
import Testing

@Suite("many rows of every type and key", .onEveryDatabase)
struct BulkTypeTests {
  let api: API
  init() async throws {
    api = try await API(
      REST {
        Resource(Thing.self).bulk()
        Resource(Country.self).bulk(max: 3)
      })
  }

  private static let full =
    #""small": -3, "medium": 7, "large": 9007199254740993, "flag": true, "ratio": 0.5, "price": "12.50", "code": "øé", "#
    + #""bytes": "AQI=", "token": "0f8fad5b-d9cb-469f-a165-70867728950e", "moment": "2026-01-02T03:04:05.000006Z", "#
    + #""day": "2026-02-03", "clock": "10:11:12", "length": "PT1H", "shape": {"sides": 4, "name": "square"}, "urgency": 2"#
  private static let bare =
    #""small": 0, "medium": 0, "large": 0, "flag": false, "ratio": 0, "price": "0.00", "code": null, "bytes": "", "#
    + #""token": null, "moment": null, "day": null, "clock": null, "length": "PT0S", "shape": null, "urgency": 1"#

  @Test("a list stores what single requests store, for every type of column")
  func types() async throws {
    let one = try await api.send(.post, "/things", "{\(Self.full)}").json
    let created = try await api.send(.post, "/things", "[{\(Self.full)}, {}, {\(Self.bare)}]")
    #expect(created.status == 201, "\(created.text)")
    guard case .array(let rows) = created.json else {
      Issue.record("no list: \(created.text)")
      return
    }
    #expect(rows[0].without("id") == one.without("id"))
    #expect(rows[1].without("id") == rows[2].without("id"))
    let keys = rows.map { $0["id"]?.plain ?? "" }
    // What was full becomes bare, and the other way round.
    let body =
      #"[{"id": "\#(keys[0])", \#(Self.bare)}, {"id": "\#(keys[1])", \#(Self.full)}, {"id": "\#(keys[2])", \#(Self.full)}]"#
    let changed = try await api.send(.patch, "/things", body)
    #expect(changed.status == 200, "\(changed.text)")
    for (key, expected) in zip(keys, [rows[1], rows[0], rows[0]]) {
      let stored = try await api.get("/things/\(key)").json
      #expect(stored.without("id") == expected.without("id"))
    }
  }

  @Test("keys that the app gives: written with a list, named by it, and taken only once")
  func textKeys() async throws {
    let body = #"[{"id": "MT", "name": "Malta"}, {"id": "IT", "name": "Italy"}]"#
    #expect(try await api.send(.post, "/countries", body).status == 201)
    let again = #"[{"id": "FR", "name": "France"}, {"id": "IT", "name": "x"}, {"id": "FR", "name": "x"}]"#
    #expect(try await api.send(.post, "/countries", again).errors == ["1.id: unique", "2.id: unique"])
    #expect(try await api.send(.patch, "/countries", #"[{"id": "IT", "name": "Italia"}, {"id": "MT"}]"#).status == 200)
    #expect(try await Country.query.order { $0.id.asc }.all(api.db).map(\.name) == ["Italia", "Malta"])
    #expect(try await api.send(.delete, "/countries?id[in]=IT,MT").status == 204)
    #expect(try await Country.query.count(api.db) == 0)
  }
}
