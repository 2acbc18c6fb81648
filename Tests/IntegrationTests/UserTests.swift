import Martlet
import MartletTesting
import TestDatabases
import Testing

@testable import ConduitApp

@Suite("Conduit: users", .onEveryDatabase)
struct UserTests {
  @Test("a user registers, logs in by address and password, and is recognised by the token")
  func registration() async throws {
    let test = try await ConduitTest()
    let input = ["user": ["username": "ada", "email": "Ada@Example.com", "password": "correct horse"]]
    let created = try await test.client.post("/api/users", json: input).expect(.created)
    #expect(created.value("user", "username") == "ada")
    #expect(created.value("user", "email") == "ada@example.com")
    #expect(created.value("user", "bio") == nil)
    #expect(!created.text.contains("password"))
    let login = try await test.client.post(
      "/api/users/login", json: ["user": ["email": "ADA@example.com", "password": "correct horse"]]
    ).expect(.ok)
    let token = try #require(login.value("user", "token"))
    let current = try await test.client.authorized(token, scheme: "Token").get("/api/user").expect(.ok)
    #expect(current.value("user", "username") == "ada")
    let wrong = try await test.client.post("/api/users/login", json: ["user": ["email": "ada@example.com", "password": "x"]])
    #expect(try wrong.errors(.unauthorized) == ["credentials": ["invalid"]])
  }

  @Test("registration names every field that is blank, null or missing at once")
  func blanks() async throws {
    let client = try await ConduitTest().client
    let blanks = try await client.post("/api/users", json: ["user": ["username": " ", "email": nil as String?]])
    #expect(try blanks.errors(.unprocessableContent) == ["username": blank, "email": blank, "password": blank])
  }

  @Test("a username or an address that is taken answers 409 and leaves no half of a user behind")
  func taken() async throws {
    let test = try await ConduitTest()
    _ = try await test.user("ada")
    func register(_ name: String, _ email: String) async throws -> TestResponse {
      try await test.client.post("/api/users", json: ["user": ["username": name, "email": email, "password": "secret"]])
    }
    #expect(try await register("ada", "new@example.com").errors(.conflict) == ["username": IntegrationTests.taken])
    #expect(try await register("new", "ADA@example.com").errors(.conflict) == ["email": IntegrationTests.taken])
    #expect(try await User.query.count(test.db) == 1)
    #expect(try await Profile.query.count(test.db) == 1)
  }

  @Test("of those who register the same name at the same time, one succeeds and the others get 409")
  func race() async throws {
    let test = try await ConduitTest()
    let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
      for number in 0..<4 {
        group.addTask {
          let input = ["user": ["username": "ada", "email": "ada\(number)@example.com", "password": "correct horse"]]
          return try await test.client.post("/api/users", json: input).status.code
        }
      }
      return try await group.reduce(into: [Int]()) { $0.append($1) }
    }
    #expect(statuses.sorted() == [201, 409, 409, 409])
  }

  @Test("an update changes what it names; an empty bio reads back as null; blanks and taken names are refused")
  func update() async throws {
    let test = try await ConduitTest()
    let (_, ada) = try await test.user("ada")
    _ = try await test.user("bob")
    func put(_ fields: [String: String?]) async throws -> TestResponse { try await ada.put("/api/user", json: ["user": fields]) }
    #expect(try await put(["bio": "I write"]).expect(.ok).value("user", "bio") == "I write")
    let renamed = try await put(["username": "ada2", "image": "https://example.com/a.png"]).expect(.ok)
    #expect(renamed.value("user", "username") == "ada2")
    #expect(renamed.value("user", "bio") == "I write")
    #expect(try await put(["bio": "", "image": nil]).expect(.ok).value("user", "bio") == nil)
    #expect(try await test.client.get("/api/profiles/ada2").expect(.ok).text.contains(#""bio":null,"image":null"#))
    #expect(try await put(["email": nil, "username": ""]).errors(.unprocessableContent) == ["email": blank, "username": blank])
    #expect(try await put(["username": "bob"]).errors(.conflict) == ["username": IntegrationTests.taken])
    #expect(try await put(["email": "bob@example.com"]).errors(.conflict) == ["email": IntegrationTests.taken])
  }

  @Test("a missing token, a broken one and an unsigned one answer 401 with the scheme to use")
  func tokens() async throws {
    let test = try await ConduitTest()
    let (user, _) = try await test.user("ada")
    let missing = try await test.client.get("/api/user")
    #expect(try missing.errors(.unauthorized) == ["token": ["is missing"]])
    #expect(missing.headers["www-authenticate"]?.hasPrefix("Token") == true)
    let token = try await test.tokens.issue(for: user.id.description)
    let unsigned = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0." + token.split(separator: ".")[1] + "."
    for bad in ["nonsense", token.dropLast(4) + "AAAA", unsigned] {
      for path in ["/api/user", "/api/articles", "/api/v1/articles"] {
        let response = try await test.client.authorized(String(bad), scheme: "Token").get(path)
        #expect(response.status == .unauthorized, "\(path) with \(bad)")
      }
    }
  }

  @Test("a token counts for nothing once its user is inactive")
  func inactive() async throws {
    let test = try await ConduitTest()
    var (user, client) = try await test.user("ada")
    try await user.save(test.db) { $0.isActive = false }
    #expect(try await client.get("/api/user").errors(.unauthorized) == ["token": ["is invalid"]])
    #expect(try await test.client.get("/api/profiles/ada").errors(.notFound) == ["profile": ["not found"]])
  }
}
