import Foundation
import MartletCore
import MartletHTTP
import MartletMigrations
import MartletORM
import MartletREST
import MartletSQL
import TestDatabases
import Testing

/// What a reader thinks.
@Model(table: "verdict")
struct Verdict {
  var id: ID
  /// One to five.
  @Field(validate: .range(1...5)) var stars: Int
  @Field(maxLength: 60, validate: .email, transform: [.trim, .lowercase], unique: true) var email: String
  /// In letters.
  @Field(validate: [.pattern("^[A-Z]{3}$").message("Three letters.", code: "currency"), .oneOf("CHF", "EUR")], help: "ISO 4217")
  var currency: String = "CHF"
  @Field(validate: .allowBlank) var note: String
  @Field(validate: .url) var link: String?
  @Field(validate: [.items(0...2), .each(.slug)]) var tags: [String] = []
  @Field(validate: [.greaterThan(0), .multipleOf(0.05)], digits: (6, 2)) var price: Decimal = 1
  @Field(validate: .ipAddress(.v4)) var address: String?

  static let policy = Policy(Verdict.self) { $0.allowAll(.read, .create, .update) }
}

@Suite("rules on fields", .onEveryDatabase)
struct RuleTests {
  let api: API
  init() async throws { api = try await API(REST("api") { Resource(Verdict.self) }, [Verdict.self]) }
  private func create(_ body: String) async throws -> Answer { try await api.send(.post, "/api/verdicts", body) }

  @Test("all rules of all fields are asked at once")
  func allAtOnce() async throws {
    let answer = try await create(
      #"{"stars": 6, "email": "ann", "currency": "x", "note": "", "link": "javascript:alert(1)", "tags": ["a", "b c", "d"], "#
        + #""price": 0.07, "address": "1.2.3"}"#)
    #expect(answer.status == 422)
    #expect(
      answer.errors == [
        "stars: max_value", "email: invalid", "currency: currency", "currency: invalid_choice", "link: invalid",
        "tags: max_length",
        "tags.1: invalid", "price: step_size", "address: invalid",
      ])
    #expect(
      answer.messages.prefix(3) == [
        "Ensure this value is less than or equal to 5.", "Enter a valid email address.", "Three letters.",
      ])
    #expect(try await Verdict.query.count(api.db) == 0)
  }

  @Test("text is transformed before it is checked, and blank where that is allowed")
  func transformed() async throws {
    let answer = try await create(#"{"stars": 5, "email": "  Ann@Example.COM ", "note": "", "price": "0.15", "link": null}"#)
    #expect(answer.status == 201, "\(answer.text)")
    #expect(answer.json["email"] == "ann@example.com" && answer.json["note"] == "")
    let taken = try await create(#"{"stars": 5, "email": "ANN@example.com", "note": "x"}"#)
    #expect(taken.errors == ["email: unique"])
  }

  @Test("a change is held to the rules of what it changes")
  func changes() async throws {
    let id = try await Verdict(stars: 3, email: "a@example.com", note: "").insert(api.db).id
    try await Verdict.query.update(api.db) { $0.stars.set(to: $0.stars + 6) }
    #expect(try await api.send(.patch, "/api/verdicts/\(id)", #"{"note": "x"}"#).status == 200)
    #expect(try await api.send(.patch, "/api/verdicts/\(id)", #"{"stars": 0}"#).errors == ["stars: min_value"])
  }

  @Test("elements of the wrong type are named")
  func elements() async throws {
    let answer = try await create(#"{"stars": 1, "email": "a@example.com", "note": "", "tags": ["a", 1]}"#)
    #expect(answer.errors == ["tags.1: invalid"])
  }
}

@Suite("declarations in the document")
struct DeclarationTests {
  private func schema(_ name: String) -> JSONTree {
    OpenAPIDocument(REST("api") { Resource(Verdict.self) }).tree["components"]?["schemas"]?[name] ?? .null
  }

  @Test("rules are keywords of JSON Schema")
  func keywords() {
    let fields = schema("VerdictCreate")["properties"] ?? .null
    #expect(
      fields["stars"]?["minimum"] == 1 && fields["stars"]?["maximum"] == 5 && fields["stars"]?["description"] == "One to five.")
    #expect(fields["email"]?["format"] == "email" && fields["email"]?["maxLength"] == 60 && fields["email"]?["minLength"] == 1)
    #expect(fields["currency"]?["pattern"] == "^[A-Z]{3}$" && fields["currency"]?["default"] == "CHF")
    #expect(schema("VerdictCurrency")["enum"] == ["CHF", "EUR"])
    #expect(fields["note"]?["minLength"] == nil && fields["note"]?["pattern"] == nil)
    #expect(fields["link"]?["format"] == "uri" && fields["link"]?["maxLength"] == 2048)
    #expect(fields["link"]?["pattern"] == "^([Hh][Tt][Tt][Pp]|[Hh][Tt][Tt][Pp][Ss])://")
    #expect(fields["tags"]?["maxItems"] == 2 && fields["tags"]?["items"]?["pattern"] == "^[a-zA-Z0-9_-]+$")
    #expect(fields["price"]?["exclusiveMinimum"] == 0 && fields["price"]?["multipleOf"]?.text == "0.05")
    #expect(fields["address"]?["format"] == "ipv4")
  }

  @Test("doc comments describe the model and its fields, where no help does")
  func documentation() {
    #expect(schema("Verdict")["description"] == "What a reader thinks.")
    #expect(schema("Verdict")["properties"]?["stars"]?["description"] == "One to five.")
    #expect(schema("Verdict")["properties"]?["currency"]?["description"] == "ISO 4217")
    let tags = OpenAPIDocument(REST("api") { Resource(Verdict.self) }).tree["tags"]
    #expect(tags?.text == #"[{"name":"verdicts","description":"What a reader thinks."}]"#)
  }

  @Test("doc comments, rules and transformations change no table")
  func migrations() throws {
    let plain = try MigrationPlanner.pendingOperations(models: [Plain.Note.self], migrations: [])
    let documented = try MigrationPlanner.pendingOperations(models: [Documented.Note.self], migrations: [])
    #expect("\(plain)" == "\(documented)")
  }
}

enum Plain {
  @Model(app: "x", table: "note") struct Note {
    var id: ID
    @Field(maxLength: 9) var text: String
  }
}
enum Documented {
  /// A note.
  @Model(app: "x", table: "note") struct Note {
    /// The key.
    var id: ID
    /// What it says.
    @Field(maxLength: 9, validate: .slug, transform: .trim) var text: String
  }
}
