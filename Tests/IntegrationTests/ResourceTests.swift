import Martlet
import MartletTesting
import TestDatabases
import Testing

@testable import ConduitApp

@Suite("Conduit: the same models as resources", .onEveryDatabase)
struct ResourceTests {
  private struct NewArticle: Encodable {
    var slug: String, title = "Title", description = "d", body = "b", author: Int64
  }

  @Test("anyone reads; writing without a token answers 401 and names the scheme")
  func anonymous() async throws {
    let test = try await ConduitTest()
    let (author, _) = try await test.user("ada")
    let article = try await test.article("Mine", by: author)
    let list = try await test.client.get("/api/v1/articles").expect(.ok)
    #expect(list.value("count") == "1" && list.value("results", "0", "title") == "Mine")
    #expect(list.value("results", "0", "createdAt") != nil)
    try await test.client.get("/api/v1/articles/\(article.id)").expect(.ok)
    let refused = try await test.client.post("/api/v1/articles", json: NewArticle(slug: "x", author: 1)).expect(.unauthorized)
    #expect(refused.headers["www-authenticate"] == "Token")
    #expect(refused.headers["content-type"]?.hasPrefix("application/problem+json") == true)
  }

  @Test("the policy of the hand-written API holds here too: authors write as themselves and their own")
  func policy() async throws {
    let test = try await ConduitTest()
    let (adaUser, ada) = try await test.user("ada"), (bobUser, bob) = try await test.user("bob")
    let adaID = try #require(adaUser.id.raw), bobID = try #require(bobUser.id.raw)
    let created = try await ada.post("/api/v1/articles", json: NewArticle(slug: "mine", author: adaID)).expect(.created)
    let path = "/api/v1/articles/" + (try #require(created.value("id")))
    #expect(created.headers["location"]?.hasSuffix(path) == true)
    // In another's name, or into another's name: refused, and nothing is written.
    #expect(try await ada.post("/api/v1/articles", json: NewArticle(slug: "yours", author: bobID)).status.code >= 400)
    #expect(try await ada.patch(path, json: ["author": bobID]).status.code >= 400)
    try await bob.patch(path, json: ["title": "Stolen"]).expect(.forbidden)
    try await bob.delete(path).expect(.forbidden)
    #expect(try await Article.query.count(test.db) == 1)
    #expect(try await ada.patch(path, json: ["title": "Changed"]).expect(.ok).value("title") == "Changed")
    #expect(try await test.client.get("/api/articles/mine").expect(.ok).value("article", "title") == "Changed")
    try await ada.delete(path).expect(.noContent)
  }

  @Test("whom someone follows shows to them alone")
  func privateRows() async throws {
    let test = try await ConduitTest()
    let (adaUser, ada) = try await test.user("ada"), (bobUser, bob) = try await test.user("bob")
    let follow = try await Follow(follower: Ref(adaUser), followed: Ref(bobUser)).insert(test.db)
    #expect(try await ada.get("/api/v1/follows").expect(.ok).value("count") == "1")
    #expect(try await bob.get("/api/v1/follows").expect(.ok).value("count") == "0")
    try await bob.get("/api/v1/follows/\(follow.id)").expect(.notFound)
    try await bob.delete("/api/v1/follows/\(follow.id)").expect(.notFound)
    try await ada.delete("/api/v1/follows/\(follow.id)").expect(.noContent)
  }

  @Test("users are no resource, and no answer holds a password or an address")
  func secrets() async throws {
    let test = try await ConduitTest()
    let (author, _) = try await test.user("ada")
    let article = try await test.article("Mine", by: author, tags: ["one"])
    try await Comment(article: Ref(article), author: Ref(author), body: "Hm").insert(test.db)
    try await test.client.get("/api/v1/users").expect(.notFound)
    for path in ["articles", "comments", "tags", "profiles", "favorites", "follows"] {
      let text = try await test.client.get("/api/v1/\(path)").expect(.ok).text
      #expect(!text.contains("password") && !text.contains("@example.com"), "\(path)")
    }
  }

  @Test("lists take one statement with their number inside, filter on declared fields, and refuse what is not declared")
  func lists() async throws {
    let test = try await ConduitTest()
    let (ada, _) = try await test.user("ada"), (bob, _) = try await test.user("bob")
    for number in 1...25 { try await test.article("Number \(number)", by: number == 7 ? bob : ada) }
    let page = try await test.client.expectStatements(1) { try await test.client.get("/api/v1/articles").expect(.ok) }
    #expect(page.value("count") == "25" && page.value("next") != nil && page.value("results", "19") == nil)
    #expect(page.value("results", "0", "title") == "Number 25")
    let filtered = try await test.client.get("/api/v1/articles?author.username=bob").expect(.ok)
    #expect(filtered.value("count") == "1" && filtered.value("results", "0", "title") == "Number 7")
    for bad in ["unknown=1", "page=-1", "page=0", "ordering=body", "author=x", "author.password=x"] {
      let refused = try await test.client.get("/api/v1/articles?" + bad).expect(.badRequest)
      #expect(refused.headers["content-type"]?.hasPrefix("application/problem+json") == true, "\(bad)")
    }
    try await test.client.get("/api/v1/articles?page=9").expect(.notFound)
  }
}
