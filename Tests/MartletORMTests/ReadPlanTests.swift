import Foundation
import MartletCore
import MartletORM
import MartletSQL
import TestDatabases
import Testing

@Suite("JSON from rows") struct ReadPlanTests {
  private func cards(_ post: Post.Fields, _ json: inout JSONShape) {
    json.value("title", post.title)
    json.object("author", post.author) { author, json in json.value("name", author.name) }
    json.object("editor", post.editor) { editor, json in json.value("name", editor.name) }
    json.value("comments", post.comments.count)
    json.list("latest", post.comments.order { $0.id.desc }.limit(2)) { comment, json in json.value("text", comment.text) }
    json.values("tags", post.tags.order { $0.name.asc }) { $0.name }
  }

  @Test(
    "rows with what is joined to them are one statement, each list one more, for any number of rows",
    arguments: TestDatabaseKind.allCases)
  func statements(_ kind: TestDatabaseKind) async throws {
    let (db, statements) = try await blog(on: kind).recorded()
    let sample = try await Sample(db)
    try await sample.hello.add(Tag.insert([Tag(name: "b"), Tag(name: "a")], db), to: { $0.tags }, db)
    for limit in [1, 2] {
      let before = statements.all.count
      let rows = try await Post.query.order { $0.id.asc }.limit(limit).json(db, cards)
      #expect(statements.all.count == before + 3)
      let first =
        #"{"title":"Hello","author":{"name":"Ann"},"editor":null,"comments":4,"latest":[{"text":"c4"},{"text":"c3"}],"#
        + #""tags":["a","b"]}"#
      let second =
        #"{"title":"Draft","author":{"name":"Bo"},"editor":{"name":"Ann"},"comments":1,"latest":[{"text":"c5"}],"tags":[]}"#
      let expected = limit == 1 ? "[\(first)]" : "[\(first),\(second)]"
      #expect(String(decoding: rows.bytes, as: UTF8.self) == expected)
    }
  }

  @Test(
    "three levels of lists are three statements more than the rows, for 1 row and for 10,000",
    arguments: TestDatabaseKind.allCases)
  func levels(_ kind: TestDatabaseKind) async throws {
    let (db, statements) = try await blog(on: kind).recorded()
    let ann = try await Author(name: "Ann", email: "a@x").insert(db)
    var posts = (0..<10_000).map { Post(title: "t\($0)", slug: "s\($0)", author: Ref(ann)) }
    posts = try await Post.insert(posts, db)
    let comments = try await Comment.insert(posts.map { Comment(text: "c", post: Ref($0)) }, db)
    try await Comment.insert(comments.map { Comment(text: "r", post: $0.post, parent: Ref($0)) }, db)
    for limit in [1, 10_000] {
      let before = statements.all.count
      let rows = try await Post.query.order { $0.id.asc }.limit(limit).json(db) { post, json in
        json.value("id", post.id)
        json.list("comments", post.comments.filter { $0.parent.isNull }.limit(3)) { comment, json in
          json.list("replies", comment.replies) { reply, json in
            json.values("replies", reply.replies) { $0.text }
          }
        }
      }
      #expect(rows.count == limit)
      #expect(statements.all.count == before + 4)
      var last = JSONWriter()
      rows.write(limit - 1, to: &last)
      #expect(last.text == #"{"id":\#(posts[limit - 1].id),"comments":[{"replies":[{"replies":[]}]}]}"#)
    }
  }

  @Test(
    "a joined row that the viewer may not read is null, a list holds only what they may", arguments: TestDatabaseKind.allCases)
  func policies(_ kind: TestDatabaseKind) async throws {
    let db = try await blog(on: kind), sample = try await Sample(db)
    let ann = Viewer(id: .int(sample.ann.id.raw ?? 0))
    func comments(as viewer: Viewer) async throws -> String {
      let rows = try await Comment.filter { $0.text.in(["c4", "c5"]) }.order { $0.id.asc }.json(db) { comment, json in
        json.object("post", comment.post, for: viewer) { post, json in json.value("slug", post.slug) }
      }
      return String(decoding: rows.bytes, as: UTF8.self)
    }
    #expect(try await comments(as: .anonymous) == #"[{"post":{"slug":"hello"}},{"post":null}]"#)
    #expect(
      try await comments(as: Viewer(id: .int(sample.bo.id.raw ?? 0))) == #"[{"post":{"slug":"hello"}},{"post":{"slug":"draft"}}]"#
    )
    let authors = try await Author.query.order { $0.id.asc }.json(db) { author, json in
      json.values("posts", author.posts.permitted(.read, to: ann)) { $0.slug }
    }
    #expect(String(decoding: authors.bytes, as: UTF8.self) == #"[{"posts":["hello"]},{"posts":[]}]"#)
  }

  @Test("rows of which nothing is written are objects all the same", arguments: TestDatabaseKind.allCases)
  func nothing(_ kind: TestDatabaseKind) async throws {
    let db = try await blog(on: kind)
    _ = try await Sample(db)
    let posts = Post.query.order { $0.id.asc }
    #expect(String(decoding: try await posts.json(db) { _, _ in }.bytes, as: UTF8.self) == "[{},{}]")
    let authors = try await posts.limit(1).json(db) { post, json in json.object("author", post.author) { _, _ in } }
    #expect(String(decoding: authors.bytes, as: UTF8.self) == #"[{"author":{}}]"#)
  }

  @Test("what the app computes is written from the decoded row, beside columns and lists", arguments: TestDatabaseKind.allCases)
  func computed(_ kind: TestDatabaseKind) async throws {
    let db = try await blog(on: kind)
    _ = try await Sample(db)
    let rows = try await Post.query.order { $0.id.asc }.json(db) { post, json in
      json.value("slug", post.slug)
      json.computed("shout") { (post: Post) in post.title.uppercased() }
      json.values("comments", post.comments) { $0.text }
      json.object("editor", post.editor) { _, json in
        json.computed("initial") { (editor: Author) in String(editor.name.prefix(1)) }
      }
    }
    #expect(
      String(decoding: rows.bytes, as: UTF8.self)
        == #"[{"slug":"hello","shout":"HELLO","comments":["c1","c2","c3","c4"],"editor":null},"#
        + #"{"slug":"draft","shout":"DRAFT","comments":["c5"],"editor":{"initial":"A"}}]"#)
  }

  @Test("the plan says each statement, and what it is for")
  func explained() throws {
    let text = try Post.filter { $0.views > 3 }.order { $0.id.asc }.explainJSON(SQLiteDialect()) { post, json in
      json.value("slug", post.slug)
      json.list("comments", post.comments) { comment, json in json.values("replies", comment.replies) { $0.text } }
    }
    #expect(
      text == #"""
        1. the rows: SELECT t0."slug", t0."id" FROM "post" t0 WHERE t0."views" > ? ORDER BY t0."id"
        1.1 comments, for all rows of 1: SELECT t0."post_id", t0."id" FROM "comment" t0 WHERE t0."post_id" IN (?) ORDER BY t0."id"
        1.1.1 comments, for all rows of 1.1: SELECT t0."parent_id", t0."text" FROM "comment" t0 WHERE t0."parent_id" IN (?) ORDER BY t0."id"
        """#)
  }

  @Test("rows come a batch at a time, with their lists", arguments: TestDatabaseKind.allCases)
  func batches(_ kind: TestDatabaseKind) async throws {
    let db = try await blog(on: kind)
    let ann = try await Author(name: "Ann", email: "a@x").insert(db)
    let posts = try await Post.insert((0..<25).map { Post(title: "t", slug: "s\($0)", author: Ref(ann)) }, db)
    try await Comment.insert(posts.map { Comment(text: "c\($0.slug)", post: Ref($0)) }, db)
    let query = Post.query.order { $0.id.asc }
    var shape = RowShape()
    shape.members.append(
      .init("comments", .list(ListShape(parent: query.root, rows: query.fields.comments.childRows, element: .object(RowShape()))))
    )
    var sizes: [Int] = [], text = ""
    let stream = ReadPlan(query, shape).stream(db, batchSize: 10)
    if kind == .sqlite {  // In memory there is one connection alone, and lists need another.
      await #expect(throws: ORMError.self) { try await stream.forEach { _ in } }
      return
    }
    try await stream.forEach { rows in
      sizes.append(rows.count)
      text += String(decoding: rows.bytes, as: UTF8.self)
    }
    #expect(sizes == [10, 10, 5])
    #expect(text.split(separator: "[{}]").count == 26)
  }
}
