import MartletORM
import MartletSQL
import TestDatabases
import Testing

/// 25 posts of two authors, with comments at every fifth.
func manyPosts(_ db: Database) async throws -> [Post] {
  let authors = try await Author.insert([Author(name: "Ann", email: "a@x"), Author(name: "Bo", email: "b@x")], db)
  let posts = try await Post.insert(
    (0..<25).map { Post(title: "t\($0)", slug: "s\($0)", views: $0, author: Ref(authors[$0 % 2])) }, db)
  try await Comment.insert(posts.filter { $0.views % 5 == 0 }.map { Comment(text: "on \($0.views)", post: Ref($0)) }, db)
  return posts
}

@Suite("Streams") struct StreamTests {
  @Test(
    "a stream gives the rows of the query in its order, whatever the batch", arguments: TestDatabaseKind.allCases,
    [1, 7, 25, 1000])
  func rows(_ kind: TestDatabaseKind, batchSize: Int) async throws {
    let (db, statements) = try await blog(on: kind).recorded()
    _ = try await manyPosts(db)
    let before = statements.all.count
    var views: [Int] = [], authors: Set<String> = []
    let stream = Post.query.order { $0.views.desc }.with { $0.author }.stream(db, batchSize: batchSize)
    for try await post in stream {
      views.append(post.views)
      authors.insert(try post.author.name)
    }
    #expect(views == (0..<25).reversed())
    #expect(authors == ["Ann", "Bo"])
    #expect(statements.all.count == before + 1)
    #expect(statements.all.last?.rows == 25)
    #expect(statements.all.last?.source?.fileID.hasSuffix("StreamTests.swift") == true)
  }

  @Test("selections and annotated queries stream too", arguments: TestDatabaseKind.allCases)
  func tuples(_ kind: TestDatabaseKind) async throws {
    let db = try await blog(on: kind)
    _ = try await manyPosts(db)
    var titles: [String] = []
    for try await (title, name) in Post.query.order({ $0.id.asc }).select({ ($0.title, $0.author.name) }).stream(db, batchSize: 4)
    {
      titles.append(title + name)
    }
    #expect(titles.count == 25 && titles[1] == "t1Bo")
    var counts: [Int] = []
    for try await (post, count) in Post.query.order({ $0.id.asc }).annotate({ $0.comments.count }).stream(db, batchSize: 4) {
      counts.append(post.views * 10 + count)
    }
    #expect(counts.prefix(6) == [1, 10, 20, 30, 40, 51])
  }

  @Test(
    "the connection comes back when the loop is left, fails, is cancelled or never begun", arguments: TestDatabaseKind.allCases)
  func givesBack(_ kind: TestDatabaseKind) async throws {
    struct Stop: Error {}
    // One connection: whatever kept it would stop the next statement.
    let db = try await blog(on: kind)
    _ = try await manyPosts(db)
    for try await post in Post.query.stream(db, batchSize: 2) where post.views == 3 { break }
    #expect(try await Post.query.count(db) == 25)
    await #expect(throws: Stop.self) { for try await _ in Post.query.stream(db, batchSize: 2) { throw Stop() } }
    #expect(try await Post.query.count(db) == 25)
    let task = Task {
      var seen = 0
      for try await _ in Post.query.stream(db, batchSize: 2) {
        seen += 1
        withUnsafeCurrentTask { $0?.cancel() }
      }
      return seen
    }
    await #expect(throws: CancellationError.self) { try await task.value }
    #expect(try await Post.query.count(db) == 25)
    var iterator: RowStream<Post>.Iterator? = Post.query.stream(db).makeAsyncIterator()
    #expect(iterator != nil)
    iterator = nil
    #expect(try await Post.query.count(db) == 25)
  }

  @Test("a row that does not fit ends the stream with a decoding error", arguments: TestDatabaseKind.allCases)
  func decoding(_ kind: TestDatabaseKind) async throws {
    let db = try await blog(on: kind)
    _ = try await manyPosts(db)
    let stream = Post.query.order { $0.id.asc }.select { sql("NULLIF(\($0.views), 3)", as: Int.self) }.stream(db, batchSize: 2)
    var seen = 0
    let error = await #expect(throws: DatabaseError.self) { for try await _ in stream { seen += 1 } }
    #expect(error?.kind == .decoding)
    #expect(seen == 2)
    #expect(try await Post.query.count(db) == 25)
  }

  @Test("in a transaction a stream has its connection until the loop ends", arguments: TestDatabaseKind.allCases)
  func transaction(_ kind: TestDatabaseKind) async throws {
    let db = try await blog(on: kind)
    _ = try await manyPosts(db)
    try await db.transaction { tx in
      for try await _ in Post.query.stream(tx, batchSize: 2) {
        let error = await #expect(throws: DatabaseError.self) { try await Post.query.count(tx) }
        #expect(error?.kind == .transaction)
        break
      }
      #expect(try await Post.query.update(tx) { $0.views.set(to: 1) } == 25)
      for try await post in Post.query.stream(tx, batchSize: 7) { #expect(post.views == 1) }
    }
    #expect(try await Post.filter { $0.views == 1 }.count(db) == 25)
  }

  @Test(
    "batches go by key: each row once, though rows come and go, and relations are loaded", arguments: TestDatabaseKind.allCases)
  func batches(_ kind: TestDatabaseKind) async throws {
    let (db, statements) = try await blog(on: kind).recorded()
    let posts = try await manyPosts(db)
    var sizes: [Int] = [], seen: [Int] = []
    try await Post.filter { $0.views != 24 }.with { $0.comments }.inBatches(of: 10, db) { batch in
      sizes.append(batch.count)
      seen += batch.map(\.views)
      for post in batch { #expect(try post.comments.get().count == (post.views % 5 == 0 ? 1 : 0)) }
      if sizes.count == 1 { try await posts[0].delete(db) }
    }
    #expect(sizes == [10, 10, 4])
    #expect(seen == Array(0..<24))
    #expect(statements.texts.contains { $0.contains("\"id\" > ?") || $0.contains("\"id\" > $") || $0.contains("`id` > ?") })
    let error = await #expect(throws: ORMError.self) { try await Post.query.limit(3).inBatches(db) { _ in } }
    #expect(error?.kind == .invalidExpression)
  }
}
