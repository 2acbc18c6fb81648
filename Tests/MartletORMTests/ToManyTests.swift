import MartletORM
import TestDatabases
import Testing

@Suite("To-many relations")
struct ToManyTests {
  @Test("a relation gives the rows that were loaded, and nothing where none were asked for", arguments: TestDatabaseKind.allCases)
  func loaded(_ kind: TestDatabaseKind) async throws {
    let db = try await blog(on: kind)
    let author = try await Author(name: "Ann", email: "ann@x").insert(db)
    let post = try await Post(title: "One", slug: "one", author: Ref(author)).insert(db)
    try await Comment(text: "Hm", post: Ref(post)).insert(db)
    #expect(Post.Relations.comments.get(post) == nil && Post.Relations.tags.get(post) == nil)
    let read = try #require(try await Post.query.with { $0.comments }.with { $0.tags }.first(db))
    #expect(Post.Relations.comments.get(read)?.map(\.text) == ["Hm"] && Post.Relations.tags.get(read)?.isEmpty == true)
  }
}
