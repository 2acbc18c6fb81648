import MartletCore
import MartletHTTP
import MartletORM
import MartletREST
import MartletSQL
import TestDatabases
import Testing

@Model(table: "region")
struct Region {
  var id: ID
  @Field(maxLength: 20) var name: String
  @HasMany("region") var towns: Many<Town>
  static let policy = Policy(Region.self) { $0.allowAll(.read, .create, .update, .delete) }
}

@Model(table: "town", key: .text)
struct Town {
  @Field(maxLength: 8) var id: ID
  @Field(maxLength: 20) var name: String
  @Relation(onDelete: .cascade) var region: Ref<Region>
  static let policy = Policy(Town.self) { $0.allowAll(.read, .create, .update, .delete) }
}

@Suite("keys that the app or the client gives", .onEveryDatabase)
struct GivenKeyTests {
  private func api(_ towns: Resource<Town> = Resource(Town.self)) async throws -> API {
    try await API(
      REST {
        Resource(Region.self).nested(towns) { $0.towns }
        towns
      }, [Region.self, Town.self])
  }
  private func towns(_ api: API) async throws -> [String] {
    try await Town.query.order { $0.id.asc }.all(api.db).map { "\($0.id) \($0.name) \($0.region.id)" }
  }

  @Test("nested rows are created with their keys, and changed by them")
  func nested() async throws {
    let api = try await api()
    let created = try await api.send(.post, "/regions", #"{"name": "r", "towns": [{"id": "a", "name": "A"}]}"#)
    #expect(created.status == 201, "\(created.text)")
    #expect(try await towns(api) == ["a A 1"])
    let changed = try await api.send(
      .patch, "/regions/1", #"{"towns": [{"id": "a", "name": "B"}, {"id": "n", "name": "New"}]}"#)
    #expect(changed.status == 200, "\(changed.text)")
    #expect(try await towns(api) == ["a B 1", "n New 1"])
  }

  @Test("a nested key is checked like any other: rules, paths, and whether it is taken")
  func faults() async throws {
    let api = try await api()
    _ = try await api.send(.post, "/regions", #"{"name": "r", "towns": [{"id": "a", "name": "A"}]}"#)
    let bad = #"[{"id": "..", "name": "A"}, {"id": "muchtoolong", "name": "B"}, {"id": " ", "name": "C"}, {"name": "D"}]"#
    let refused = try await api.send(.post, "/regions", #"{"name": "s", "towns": \#(bad)}"#)
    #expect(refused.status == 422)
    #expect(
      refused.errors.sorted() == [
        "towns.0.id: invalid", "towns.1.id: incorrect_type", "towns.2.id: blank", "towns.3.id: required",
      ],
      "\(refused.text)")
    let taken = try await api.send(.post, "/regions", #"{"name": "s", "towns": [{"id": "a", "name": "B"}]}"#)
    #expect(taken.status == 409)
    #expect(taken.errors == ["towns.0.id: unique"])
    #expect(try await towns(api) == ["a A 1"])
  }

  @Test("a key that the server fills is the row's, and no client's to give")
  func filled() async throws {
    let api = try await api(
      Resource(Town.self).fill {
        $0.id
      } with: { context in
        Town.ID(context.request.headers["X-Key"] ?? "none")
      })
    _ = try await api.send(.post, "/regions", #"{"name": "r"}"#)
    let created = try await api.send(.post, "/towns", #"{"name": "A", "region": 1}"#, headers: ["X-Key": "k"])
    #expect(created.status == 201, "\(created.text)")
    #expect(created.json["id"]?.plain == "k")
    let nested = try await api.send(.post, "/regions", #"{"name": "s", "towns": [{"name": "B"}]}"#, headers: ["X-Key": "m"])
    #expect(nested.status == 201, "\(nested.text)")
    #expect(try await towns(api) == ["k A 1", "m B 2"])
    #expect(try await api.send(.post, "/towns", #"{"id": "x", "name": "A", "region": 1}"#).errors == ["id: read_only"])
    #expect(
      try await api.send(.post, "/regions", #"{"name": "t", "towns": [{"id": "x", "name": "A"}]}"#).errors == [
        "towns.0.id: read_only"
      ])
  }
}
