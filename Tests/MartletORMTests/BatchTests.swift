import MartletORM
import MartletSQL
import Synchronization
import TestDatabases
import Testing

@Suite("Batches of reads") struct BatchTests {
  @Test(
    "each kind of read gives in a batch what it gives alone",
    arguments: TestDatabaseKind.allCases)
  func kinds(_ kind: TestDatabaseKind) async throws {
    let db = try await blog(on: kind), sample = try await Sample(db)
    let id = sample.hello.id, posts = Post.query.order { $0.id.asc }
    let (all, first, one, found, got, count, exists, none) = try await db.batch(
      .all(posts.with { $0.comments }.with { $0.author }), .first(posts.limit(3)), .one(posts.filter { $0.id == id }),
      .find(Post.self, Post.ID(0)), .get(Post.self, id), .count(Comment.query),
      .exists(Post.filter { $0.title == "no such title" }),
      .first(Tag.filter { $0.name == "no such name" }))
    let expected = try await posts.with { $0.comments }.with { $0.author }.all(db)
    #expect(all.map(\.id) == expected.map(\.id) && all.count == 2)
    #expect(try all.map { try $0.comments.get().map(\.id) } == expected.map { try $0.comments.get().map(\.id) })
    #expect(try all.map { try $0.author.get().name } == expected.map { try $0.author.get().name })
    #expect(first?.id == all.first?.id && one.id == id && found == nil && got.title == one.title)
    #expect(try await count == Comment.query.count(db))
    #expect(count > 0 && !exists && none == nil)
  }

  @Test(
    "a list of reads comes back in its order, however long, and an empty one asks nothing",
    arguments: TestDatabaseKind.allCases)
  func lists(_ kind: TestDatabaseKind) async throws {
    let db = try await blog(on: kind)
    let tags = try await Tag.insert((0..<50).map { Tag(name: "tag \($0)") }, db)
    let ids = (0..<300).map { tags[$0 * 7 % 50].id }
    #expect(try await db.batch(ids.map { Read<Tag>.get(Tag.self, $0) }).map(\.id) == ids)
    #expect(try await db.budget(0) { try await $0.batch([Read<Int>]()) }.isEmpty)
  }

  @Test(
    "a read that fails ends the batch with its error, and the connection serves the next",
    arguments: TestDatabaseKind.allCases)
  func failures(_ kind: TestDatabaseKind) async throws {
    let db = try await blog(on: kind), sample = try await Sample(db)
    let id = sample.hello.id
    let missing = await #expect(throws: ORMError.self) { try await db.batch(.get(Post.self, id), .get(Post.self, Post.ID(0))) }
    #expect(missing?.kind == .notFound)
    let several = await #expect(throws: ORMError.self) { try await db.batch(.one(Post.query), .get(Post.self, id)) }
    #expect(several?.kind == .multipleFound)
    let unsaved = await #expect(throws: ORMError.self) { try await db.batch(.count(Post.query), .get(Post.self, .auto)) }
    #expect(unsaved?.kind == .unsavedKey)
    let locked = await #expect(throws: DatabaseError.self) {
      try await db.batch(.count(Post.query), .all(Post.query.forUpdate()))
    }
    #expect(locked?.kind == .transaction)
    let lost = Post.filter { _ in sql("no_such_function(1) = 1") }
    await #expect(throws: DatabaseError.self) { try await db.batch(.count(Post.query), .all(lost), .count(Tag.query)) }
    #expect(try await db.batch(.count(Post.query), .exists(Post.query)) == (2, true))
  }

  @Test(
    "a batch of a transaction sees what it wrote, counts against budgets, and is told to observers",
    arguments: TestDatabaseKind.allCases)
  func transactions(_ kind: TestDatabaseKind) async throws {
    let db = try await blog(on: kind), seen = Mutex<[String]>([])
    let (count, tag) = try await db.transaction { tx in
      let tag = try await Tag(name: "new").insert(tx)
      return try await tx.batch(.count(Tag.query), .get(Tag.self, tag.id))
    }
    #expect(count == 1 && tag.name == "new")
    await #expect(throws: QueryBudgetExceeded.self) {
      try await db.budget(1).batch(.count(Tag.query), .count(Post.query))
    }
    _ = try await db.observing { event in seen.withLock { $0.append(event.sql) } }.batch(.count(Tag.query), .count(Post.query))
    #expect(seen.withLock { $0.count } == 2)
  }

  @Test("the text of a lookup is kept apart by model and dialect, and keys that cannot be looked up are refused each time")
  func lookups() async throws {
    let databases = try await [blog(on: .sqlite), blog(on: .postgresql), blog(on: .mysql)]
    for _ in 0..<2 {
      for db in databases {
        let tag = try await Tag(name: "t").insert(db), author = try await Author(name: "a", email: "a@b.example").insert(db)
        #expect(try await Tag.get(tag.id, db).name == "t")
        #expect(try await Author.get(author.id, db).name == "a")
        #expect(try await Tag.find(0, db) == nil)
        let error = await #expect(throws: ORMError.self) { try await Tag.find(.auto, db) }
        #expect(error?.kind == .unsavedKey)
        try await tag.delete(db)
        try await author.delete(db)
      }
    }
  }
}
