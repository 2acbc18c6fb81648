import Martlet
import MartletTesting
import TestDatabases
import Testing

@testable import ConduitApp

@Suite("Conduit: comments", .onEveryDatabase)
struct CommentTests {
  @Test("a comment is created, listed with its author, and deleted by its author alone")
  func life() async throws {
    let test = try await ConduitTest()
    let (author, ada) = try await test.user("ada"), (_, bob) = try await test.user("bob")
    try await test.article("Mine", by: author)
    try await test.article("Other", by: author)
    let created = try await bob.post("/api/articles/mine/comments", json: ["comment": ["body": "Thank you 🙏"]]).expect(.created)
    let id = try #require(created.value("comment", "id"))
    let list = try await test.client.get("/api/articles/mine/comments").expect(.ok)
    #expect(list.value("comments", "0", "body") == "Thank you 🙏")
    #expect(list.value("comments", "0", "author", "username") == "bob")

    #expect(try await ada.delete("/api/articles/mine/comments/\(id)").errors(.forbidden) == ["comment": ["forbidden"]])
    #expect(try await bob.delete("/api/articles/other/comments/\(id)").errors(.notFound) == ["comment": ["not found"]])
    #expect(try await bob.delete("/api/articles/none/comments/\(id)").errors(.notFound) == ["article": ["not found"]])
    for odd in ["0", "-1", "99999999999999999999", "1e3", "x", "%20"] {
      #expect(try await bob.delete("/api/articles/mine/comments/\(odd)").errors(.notFound) == ["comment": ["not found"]])
    }
    try await bob.delete("/api/articles/mine/comments/\(id)").expect(.noContent)
    #expect(try await Comment.query.count(test.db) == 0)
  }

  @Test("a comment needs a body, a token and an article")
  func refused() async throws {
    let test = try await ConduitTest()
    let (author, ada) = try await test.user("ada")
    try await test.article("Mine", by: author)
    let path = "/api/articles/mine/comments"
    #expect(try await ada.post(path, json: ["comment": ["body": " "]]).errors(.unprocessableContent) == ["body": blank])
    #expect(try await ada.post(path, json: ["comment": [String: String]()]).errors(.unprocessableContent) == ["body": blank])
    let anonymous = try await test.client.post(path, json: ["comment": ["body": "x"]])
    #expect(try anonymous.errors(.unauthorized) == ["token": ["is missing"]])
    let missing = try await ada.post("/api/articles/none/comments", json: ["comment": ["body": "x"]])
    #expect(try missing.errors(.notFound) == ["article": ["not found"]])
  }
}
