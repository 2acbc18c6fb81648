import Martlet
import MartletTesting
import TestDatabases
import Testing

@testable import ConduitApp

@Suite("Conduit: articles", .onEveryDatabase)
struct ArticleTests {
  private struct Input: Encodable {
    var article: Fields
    struct Fields: Encodable {
      var title: String?, description: String?, body: String?, tagList: [String]?
    }
    init(_ title: String? = nil, _ description: String? = nil, _ body: String? = nil, tags: [String]? = nil) {
      article = Fields(title: title, description: description, body: body, tagList: tags)
    }
  }

  @Test("an article is created, read back with its tags in order, changed and deleted with all that hangs on it")
  func life() async throws {
    let test = try await ConduitTest()
    let (_, ada) = try await test.user("ada")
    let created = try await ada.post(
      "/api/articles", json: Input("How to train", "In short", "At length", tags: ["b", "a", "b"])
    )
    .expect(.created)
    #expect(created.value("article", "slug") == "how-to-train")
    #expect(created.text.contains(#""tagList":["a","b"]"#))
    #expect(try await test.client.get("/api/articles/how-to-train").expect(.ok).text == created.text)

    let changed = try await ada.put("/api/articles/how-to-train", json: Input("How to rest", tags: ["c"])).expect(.ok)
    #expect(changed.value("article", "slug") == "how-to-rest")
    #expect(changed.value("article", "body") == "At length")
    #expect(changed.text.contains(#""tagList":["c"]"#))

    _ = try await ada.post("/api/articles/how-to-rest/comments", json: ["comment": ["body": "Mine"]]).expect(.created)
    _ = try await ada.post("/api/articles/how-to-rest/favorite").expect(.ok)
    #expect(try await ada.delete("/api/articles/how-to-rest").expect(.noContent).bytes.isEmpty)
    #expect(try await test.client.get("/api/articles/how-to-rest").errors(.notFound) == ["article": ["not found"]])
    #expect(try await Comment.query.count(test.db) == 0)
    #expect(try await Favorite.query.count(test.db) == 0)
  }

  @Test("equal titles get distinct slugs, and a title without a letter gets one that works")
  func slugs() async throws {
    let test = try await ConduitTest()
    let (_, ada) = try await test.user("ada")
    var slugs: Set<String> = []
    for title in ["Same", "Same", "same!", "Feed", "🙂", "../../etc/passwd", "测试文章"] {
      let response = try await ada.post("/api/articles", json: Input(title, "d", "b")).expect(.created)
      let slug = try #require(response.value("article", "slug"))
      slugs.insert(slug)
      #expect(try await test.client.get("/api/articles/" + slug.escapedForURL).expect(.ok).value("article", "title") == title)
    }
    #expect(slugs.count == 7)
    #expect(slugs.isSuperset(of: ["same", "article", "etc-passwd", "测试文章"]))
  }

  @Test("titles that are equal at the same time get distinct slugs too")
  func race() async throws {
    let test = try await ConduitTest()
    let (_, ada) = try await test.user("ada")
    let slugs = try await withThrowingTaskGroup(of: String?.self) { group in
      for _ in 0..<20 {
        group.addTask {
          try await ada.post("/api/articles", json: Input("Same", "d", "b", tags: ["x"])).expect(.created).value(
            "article", "slug")
        }
      }
      return try await group.reduce(into: Set<String>()) { if let slug = $1 { $0.insert(slug) } }
    }
    #expect(slugs.count == 20)
    #expect(try await Tag.query.count(test.db) == 1)
  }

  @Test("blank fields are named at once, and a tagList of null, of numbers or of blanks is refused")
  func blanks() async throws {
    let test = try await ConduitTest()
    let (_, ada) = try await test.user("ada")
    let all = try await ada.post("/api/articles", json: ["article": ["title": "", "body": nil as String?]])
    #expect(try all.errors(.unprocessableContent) == ["title": blank, "description": blank, "body": blank])
    func post(_ tags: String) async throws -> [String: [String]] {
      let body = #"{"article": {"title": "t", "description": "d", "body": "b", "tagList": \#(tags)}}"#
      return try await ada.send(.post, "/api/articles", headers: ["Content-Type": "application/json"], body: Array(body.utf8))
        .errors(.unprocessableContent)
    }
    #expect(try await post("null") == ["tagList": blank])
    #expect(try await post("[1]").keys.first?.hasPrefix("tagList") == true)
    #expect(try await post(#""one""#).keys.first == "tagList")
    #expect(try await post(#"["", "b"]"#).keys.first == "tagList")
    #expect(try await Article.query.count(test.db) == 0)
    let long = try await ada.post("/api/articles", json: Input(String(repeating: "x", count: 201), "d", "b"))
    #expect(try long.errors(.unprocessableContent).keys.first == "title")
  }

  @Test("only the author changes an article; staff may delete it; the policy is asked, not the handler")
  func policy() async throws {
    let test = try await ConduitTest()
    let (author, _) = try await test.user("ada"), (_, bob) = try await test.user("bob")
    let (_, staff) = try await test.user("moderator", isStaff: true)
    try await test.article("Mine", by: author)
    let forbidden = ["article": ["forbidden"]]
    #expect(try await bob.put("/api/articles/mine", json: Input("Yours")).errors(.forbidden) == forbidden)
    #expect(try await bob.delete("/api/articles/mine").errors(.forbidden) == forbidden)
    #expect(try await staff.put("/api/articles/mine", json: Input("Ours")).errors(.forbidden) == forbidden)
    #expect(try await test.client.delete("/api/articles/mine").errors(.unauthorized) == ["token": ["is missing"]])
    try await staff.delete("/api/articles/mine").expect(.noContent)
  }

  @Test("a favourite counts every reader once and shows only to who gave it")
  func favorites() async throws {
    let test = try await ConduitTest()
    let (author, ada) = try await test.user("ada"), (_, bob) = try await test.user("bob")
    try await test.article("Mine", by: author)
    for _ in 0..<2 {
      let mine = try await ada.post("/api/articles/mine/favorite").expect(.ok)
      #expect(mine.value("article", "favoritesCount") == "1" && mine.value("article", "favorited") == "true")
    }
    let other = try await bob.get("/api/articles/mine").expect(.ok)
    #expect(other.value("article", "favoritesCount") == "1" && other.value("article", "favorited") == "false")
    for _ in 0..<2 {
      #expect(try await ada.delete("/api/articles/mine/favorite").expect(.ok).value("article", "favoritesCount") == "0")
    }
  }
}
