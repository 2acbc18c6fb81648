import MartletCore
import MartletHTTP
import MartletORM
import MartletREST
import MartletSQL
import TestDatabases
import Testing

@Model(table: "card")
struct Card {
  var id: ID
  @Field(maxLength: 20, unique: true) var number: String
  @Field(maxLength: 8, validate: .pattern("^[0-9]{4}$"), secret: true) var pin: String
  @Relation(onDelete: .cascade) var owner: Ref<Writer>
  @Field(validate: .range(0...100)) var limitAmount: Int = 0

  static let policy = Policy(Card.self) { $0.allowAll(.read, .create, .update, .delete) }
}

@Suite("renamed and write-only fields", .onEveryDatabase)
struct NamingTests {
  let api: API
  init() async throws {
    api = try await API(
      REST("api") {
        Resource(Card.self)
          .writeOnly { $0.pin }
          .renamed("holder") { $0.owner }
          .renamed("maximum") { $0.limitAmount }
          .renamed("no") { $0.number }
          .filters {
            $0.owner
            $0.owner.name
            $0.limitAmount
          }
          .ordering {
            $0.limitAmount
            $0.owner.name
          }
          .expand { $0.owner }
          .action("raise", input: Raise.self) { card, raise, _ in card.limitAmount += raise.by }
          .collectionAction("reset", input: Raise.self) { cards, raise, context in
            try await cards.update(context.db) { $0.limitAmount.set(to: raise.by) }
            return raise.by
          }
        Resource(Writer.self)
      }, [Writer.self, Card.self])
    try await Writer.insert(
      [Writer(name: "Ann", email: "a"), Writer(name: "Bo", email: "b"), Writer(name: "Shy", email: "c", isShy: true)], api.db)
  }
  private func create(_ body: String) async throws -> Answer { try await api.send(.post, "/api/cards", body) }

  @Test("a write-only field is taken, checked, and shown nowhere")
  func writeOnly() async throws {
    let created = try await create(#"{"no": "1", "pin": "1234", "holder": 1}"#)
    #expect(created.status == 201 && created.text == #"{"id":1,"no":"1","holder":1,"maximum":0}"#, "\(created.text)")
    #expect(try await Card.get(1, api.db).pin == "1234")
    #expect(try await api.send(.patch, "/api/cards/1", #"{"pin": "9999"}"#).text == created.text)
    #expect(try await Card.get(1, api.db).pin == "9999")
    #expect(try await api.send(.patch, "/api/cards/1", #"{"pin": "12"}"#).errors == ["pin: invalid"])
    // A change of it is lost as little as any other.
    let read: HeaderFields = ["If-Match": try await api.get("/api/cards/1").response.headers["ETag"] ?? ""]
    #expect(try await api.send(.patch, "/api/cards/1", #"{"pin": "1111"}"#, headers: read).status == 200)
    #expect(try await api.send(.patch, "/api/cards/1", #"{"pin": "2222"}"#, headers: read).status == 412)
    #expect(try await create(#"{"no": "2", "holder": 1}"#).errors == ["pin: required"])
    for query in ["pin=9999", "ordering=pin", "pin[contains]=9", "fields=pin"] {
      let answer = try await api.get("/api/cards?\(query)")
      #expect(answer.status == 400 && !answer.text.contains("9999"), "\(query): \(answer.text)")
    }
    #expect(try await !api.get("/api/cards").text.contains("pin"))
  }

  @Test("a renamed field has its name in rows, input, filters, orders and errors")
  func renamed() async throws {
    _ = try await create(#"{"no": "1", "pin": "1234", "holder": 1, "maximum": 5}"#)
    _ = try await create(#"{"no": "2", "pin": "1234", "holder": 2, "maximum": 3}"#)
    #expect(try await api.get("/api/cards?holder=2").column("no") == ["2"])
    #expect(try await api.get("/api/cards?holder.name=Ann").column("no") == ["1"])
    #expect(try await api.get("/api/cards?ordering=maximum").column("maximum") == ["3", "5"])
    #expect(try await api.get("/api/cards?ordering=-holder.name").column("holder") == ["2", "1"])
    #expect(try await api.get("/api/cards?maximum[gte]=4").column("no") == ["1"])
    let wrong = try await create(#"{"number": "3", "no": "", "owner": 1, "holder": 3, "maximum": 101, "limit_amount": 1}"#)
    #expect(
      wrong.errors == [
        "number: unknown_field", "no: blank", "owner: unknown_field", "maximum: max_value", "limit_amount: unknown_field",
        "pin: required", "holder: does_not_exist",
      ], "\(wrong.text)")
    #expect(try await create(#"{"no": "3", "pin": "1234", "holder": 3}"#).errors == ["holder: does_not_exist"])
    #expect(try await create(#"{"no": "2", "pin": "1234", "holder": 1}"#).errors == ["no: unique"])
    for old in ["owner=1", "owner.name=Ann", "limit_amount=3", "ordering=limit_amount", "expand=owner"] {
      #expect(try await api.get("/api/cards?\(old)").status == 400, "\(old)")
    }
    let expanded = try await api.get("/api/cards/1?expand=holder")
    #expect(expanded.json["holder"]?["name"] == "Ann", "\(expanded.text)")
  }

  @Test("actions take inputs, and hold them to their rules")
  func actions() async throws {
    _ = try await create(#"{"no": "1", "pin": "1234", "holder": 1, "maximum": 5}"#)
    let raised = try await api.send(.post, "/api/cards/1/raise", #"{"by": 10}"#)
    #expect(raised.status == 200 && raised.json["maximum"] == 15, "\(raised.text)")
    #expect(
      try await api.send(.post, "/api/cards/1/raise", #"{"by": 51, "to": 1}"#).errors == ["to: unknown_field", "by: max_value"])
    #expect(try await api.send(.post, "/api/cards/reset", #"{}"#).errors == ["by: required"])
    #expect(try await api.send(.post, "/api/cards/reset", #"{"by": 7}"#).text == "7")
    #expect(try await Card.get(1, api.db).limitAmount == 7)
  }
}

@Input struct Raise {
  /// How much.
  @Field(validate: .range(1...50)) var by: Int
}

@Suite("names in the document and the checks")
struct NamingDeclarationTests {
  @Test("the document speaks of the names, and of what is written alone")
  func document() {
    let tree = OpenAPIDocument(
      REST("api") {
        Resource(Card.self).writeOnly { $0.pin }.renamed("holder") { $0.owner }.filters { $0.owner }
      }
    ).tree
    let schemas = tree["components"]?["schemas"]
    #expect(schemas?["Card"]?["properties"]?["pin"] == nil && schemas?["Card"]?["properties"]?["holder"] != nil)
    let pin = schemas?["CardCreate"]?["properties"]?["pin"]
    #expect(pin?["writeOnly"] == true && pin?["format"] == "password" && pin?["pattern"] == "^[0-9]{4}$")
    #expect(!tree.text.contains("owner"))
  }

  @Test("names that cannot be are system checks")
  func checks() {
    let routes = REST("api") {
      Resource(Card.self)
        .renamed("limit_amount") { $0.number }
        .renamed("a.b") { $0.owner }
        .renamed("x") { $0.owner.name }
        .writeOnly { $0.owner.email }
        .writeOnly { $0.pin }
        .readOnly { $0.pin }
        .filters { $0.pin }
    }
    let ids = REST.check(routes).map(\.id).filter { $0 != "rest.E002" }
    #expect(ids == ["rest.E001", "rest.E001", "rest.E001", "rest.E031", "rest.E032", "rest.E033"], "\(REST.check(routes))")
  }
}
