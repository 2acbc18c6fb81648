import Martlet
import MartletTesting
import TestDatabases
import Testing

@testable import ConduitApp

@Suite("Conduit: lists", .onEveryDatabase)
struct ListTests {
  private struct Page: Decodable {
    struct Item: Decodable {
      var title: String, tagList: [String], body: String?, favorited: Bool, favoritesCount: Int, author: Author
    }
    struct Author: Decodable { var username: String, following: Bool }
    var articles: [Item]
    var articlesCount: Int
  }

  /// Three users, 30 articles with two tags each; bob follows ada and likes her first.
  private func filled() async throws -> (test: ConduitTest, bob: TestClient) {
    let test = try await ConduitTest()
    let (ada, _) = try await test.user("ada"), (carl, _) = try await test.user("carl"),
      (bobUser, bob) = try await test.user("bob")
    for number in 1...30 {
      try await test.article(
        "Number \(number)", by: number % 2 == 0 ? ada : carl, tags: ["all", number % 3 == 0 ? "third" : "rest"])
    }
    try await Follow(follower: Ref(bobUser), followed: Ref(ada)).insert(test.db)
    let liked = try await Article.filter { $0.title == "Number 2" }.one(test.db)
    try await Favorite(user: Ref(bobUser), article: Ref(liked)).insert(test.db)
    return (test, bob)
  }

  @Test("a list takes two statements, whether it holds one article or thirty; a token adds the user's")
  func statements() async throws {
    let (test, bob) = try await filled()
    for limit in [1, 30] {
      let path = "/api/articles?limit=\(limit)"
      let page = try await test.client.expectStatements(2) { try await test.client.get(path).expect(.ok).json(Page.self) }
      #expect(page.articles.count == limit)
      try await bob.expectStatements(3) { try await bob.get(path).expect(.ok) }
      try await bob.expectStatements(3) { try await bob.get("/api/articles/feed?limit=\(limit)").expect(.ok) }
    }
  }

  @Test("comments take two statements, however many there are")
  func commentStatements() async throws {
    let (test, bob) = try await filled()
    for _ in 0..<5 { try await bob.post("/api/articles/number-1/comments", json: ["comment": ["body": "Hm"]]).expect(.created) }
    try await test.client.expectStatements(2) { try await test.client.get("/api/articles/number-1/comments").expect(.ok) }
  }

  @Test("a list is newest first, twenty unless told otherwise, without bodies, in pages that meet")
  func pages() async throws {
    let (test, _) = try await filled()
    let first = try await test.client.get("/api/articles").expect(.ok).json(Page.self)
    #expect(first.articles.map(\.title) == (11...30).reversed().map { "Number \($0)" })
    #expect(first.articlesCount == 30)
    #expect(first.articles.allSatisfy { $0.body == nil })
    let rest = try await test.client.get("/api/articles?offset=20&limit=20").expect(.ok).json(Page.self)
    #expect(rest.articles.map(\.title) == (1...10).reversed().map { "Number \($0)" })
  }

  @Test("tag, author and favourite filter alone and together, and keep the article's other tags")
  func filters() async throws {
    let (test, _) = try await filled()
    func titles(_ query: String) async throws -> [String] {
      try await test.client.get("/api/articles?" + query).expect(.ok).json(Page.self).articles.map(\.title)
    }
    #expect(try await titles("tag=third&author=ada") == [30, 24, 18, 12, 6].map { "Number \($0)" })
    #expect(try await titles("favorited=bob") == ["Number 2"])
    #expect(try await titles("favorited=bob&author=carl").isEmpty)
    #expect(try await titles("tag=%27%20OR%201%3D1%20--").isEmpty)
    let page = try await test.client.get("/api/articles?tag=third&limit=1").expect(.ok).json(Page.self)
    #expect(page.articles.first?.tagList == ["all", "third"])
    #expect(page.articlesCount == 10)
  }

  @Test("a token shows what the reader likes and whom they follow, and gives a feed")
  func viewer() async throws {
    let (_, bob) = try await filled()
    let liked = try await bob.get("/api/articles?favorited=bob").expect(.ok).json(Page.self).articles
    #expect(liked.map(\.favorited) == [true] && liked.map(\.author.following) == [true] && liked.map(\.favoritesCount) == [1])
    let feed = try await bob.get("/api/articles/feed?limit=100").expect(.ok).json(Page.self)
    #expect(feed.articlesCount == 15)
    #expect(Set(feed.articles.map(\.author.username)) == ["ada"])
  }

  @Test(
    "a limit or offset out of range answers 422 and names it",
    arguments: ["limit=0", "limit=-1", "limit=ten", "limit=101", "offset=-1", "offset=1.5"])
  func ranges(query: String) async throws {
    let client = try await ConduitTest().client
    let errors = try await client.get("/api/articles?" + query).errors(.unprocessableContent)
    #expect(Array(errors.keys) == [String(query.prefix { $0 != "=" })])
  }

  @Test("tags are those that articles use, each once")
  func tags() async throws {
    let (test, _) = try await filled()
    try await Tag(name: "unused").insert(test.db)
    #expect(try await test.client.get("/api/tags").expect(.ok).text == #"{"tags":["all","rest","third"]}"#)
  }
}
