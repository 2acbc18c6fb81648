import Foundation
import MartletCore
import MartletORM
import MartletSQL
import TestDatabases
import Testing

@Suite("Loading") struct LoadTests {
  @Test("with a foreign key joins it: one statement", arguments: TestDatabaseKind.allCases)
  func joinLoad(_ kind: TestDatabaseKind) async throws {
    let (db, statements) = try await blog(on: kind).recorded()
    _ = try await Sample(db)
    let before = statements.all.count
    let posts = try await Post.query.order { $0.id.asc }.with { $0.author }.with { $0.editor }.all(db)
    #expect(statements.all.count == before + 1)
    #expect(try posts[0].author.name == "Ann")
    #expect(posts[0].editor == nil)
    #expect(try posts[1].editor?.name == "Ann")
  }

  @Test("reading what was not loaded throws, and says what to add", arguments: TestDatabaseKind.allCases)
  func notLoaded(_ kind: TestDatabaseKind) async throws {
    let db = try await blog(on: kind)
    _ = try await Sample(db)
    let post = try await Post.filter { $0.slug == "hello" }.one(db)
    let one = #expect(throws: ORMError.self) { try post.author.name }
    #expect(one?.kind == .notLoaded)
    #expect("\(one!)".contains("add .with { $0.<relation> }"))
    #expect(throws: ORMError.self) { try post.comments.get() }
    let author = try await Author.query.order { $0.id.asc }.all(db)[0]
    #expect(throws: ORMError.self) { try author.card.get() }
  }

  @Test(
    "with a to-many relation costs one statement, with its filter, order and limit for each parent",
    arguments: TestDatabaseKind.allCases)
  func prefetch(_ kind: TestDatabaseKind) async throws {
    let (db, statements) = try await blog(on: kind).recorded()
    _ = try await Sample(db)
    let before = statements.all.count
    let posts = try await Post.query.order { $0.id.asc }
      .with { $0.comments.filter { $0.approved }.order { $0.id.desc }.limit(1) }.all(db)
    #expect(statements.all.count == before + 2)
    #expect(try posts.map { try $0.comments.get().map(\.text) } == [["c3"], ["c5"]])
    #expect(
      kind != .sqlite
        || statements.texts.last == #"""
          SELECT k, c0, c1, c2, c3, c4 FROM (SELECT t0."post_id" AS k, t0."id" AS c0, t0."text" AS c1, t0."approved" AS c2, t0."post_id" AS c3, t0."parent_id" AS c4, ROW_NUMBER() OVER (PARTITION BY t0."post_id" ORDER BY t0."id" DESC) AS rn FROM "comment" t0 WHERE t0."post_id" IN (?, ?) AND t0."approved") AS numbered WHERE rn <= 1 ORDER BY k, rn
          """#
    )
  }

  @Test("prefetches nest, and load through to-one relations", arguments: TestDatabaseKind.allCases)
  func nestedPrefetch(_ kind: TestDatabaseKind) async throws {
    let (db, statements) = try await blog(on: kind).recorded()
    let sample = try await Sample(db)
    let parent = try await Comment(text: "root", post: .id(sample.draft.id)).insert(db)
    try await Comment(text: "reply", post: .id(sample.draft.id), parent: .id(parent.id)).insert(db)
    let before = statements.all.count
    let authors = try await Author.query.order { $0.id.asc }
      .with { $0.posts.with { $0.comments.order { $0.id.asc }.with { $0.replies } }.with { $0.editor } }.all(db)
    #expect(statements.all.count == before + 4)
    let draft = try authors[1].posts.get()[0]
    #expect(try draft.editor?.name == "Ann")
    #expect(try draft.comments.get().map(\.text) == ["c5", "root", "reply"])
    #expect(try draft.comments.get()[1].replies.get().map(\.text) == ["reply"])
    let comments = try await Comment.query.with { $0.post.author }.with { $0.post.author.posts }.all(db)
    #expect(try comments[0].post.author.get().posts.get().map(\.slug) == ["hello"])
  }

  @Test(
    "the far side of a one-to-one relation loads as one row or none, and filters by LEFT JOIN",
    arguments: TestDatabaseKind.allCases)
  func oneToOne(_ kind: TestDatabaseKind) async throws {
    let db = try await blog(on: kind)
    let sample = try await Sample(db)
    try await Card(text: "ann's", owner: Ref(sample.ann)).insert(db)
    let authors = try await Author.query.order { $0.id.asc }.with { $0.card }.all(db)
    #expect(try authors[0].card.get()?.text == "ann's")
    #expect(try authors[1].card.get() == nil)
    #expect(try await Author.filter { $0.card.text != "ann's" }.all(db).map(\.name) == ["Bo"])
    #expect(try await Author.filter { $0.card.isNull }.all(db).map(\.name) == ["Bo"])
    let error = await #expect(throws: DatabaseError.self) { try await Card(text: "two", owner: Ref(sample.ann)).insert(db) }
    #expect(error?.kind == uniqueViolation(of: "card", "owner_id", on: kind))
  }

  @Test("many-to-many: add, add again, remove, set, from both sides", arguments: TestDatabaseKind.allCases)
  func manyToMany(_ kind: TestDatabaseKind) async throws {
    let db = try await blog(on: kind)
    let sample = try await Sample(db)
    let tags = try await Tag.insert(["a", "b", "c"].map { Tag(name: $0) }, db)
    func names() async throws -> [[String]] {
      try await Post.query.order { $0.id.asc }.with { $0.tags.order { $0.name.asc } }.all(db).map {
        try $0.tags.get().map(\.name)
      }
    }
    try await sample.hello.add([tags[0], tags[1]], to: { $0.tags }, db)
    try await sample.hello.add([tags[1]], to: { $0.tags }, db)
    #expect(try await names() == [["a", "b"], []])
    try await sample.hello.set([tags[1], tags[2]], for: { $0.tags }, db)
    #expect(try await names() == [["b", "c"], []])
    try await tags[0].add([sample.draft], to: { $0.posts }, db)
    try await sample.hello.remove([tags[1]], from: { $0.tags }, db)
    #expect(try await names() == [["c"], ["a"]])
    #expect(try await Post.filter { $0.tags.any { $0.name == "a" } }.all(db).map(\.slug) == ["draft"])
    var counts: [Int] = []
    for (_, count) in try await Tag.query.order({ $0.name.asc }).annotate({ $0.posts.count }).all(db) { counts.append(count) }
    #expect(counts == [1, 0, 1])
    try await sample.hello.set([], for: { $0.tags }, db)
    #expect(try await names() == [[], ["a"]])
  }

  @Test("many-to-many over a model of its own, with text and UUID keys", arguments: TestDatabaseKind.allCases)
  func through(_ kind: TestDatabaseKind) async throws {
    let db = try await blog(on: kind)
    let sample = try await Sample(db)
    let club = try await Club(id: "chess", title: "Chess").insert(db)
    let membership = try await Membership(club: Ref(club), person: Ref(sample.bo)).insert(db)
    #expect(membership.id.raw?.uuidString.dropFirst(14).first == "7")
    #expect(membership.joinedAt == Date(timeIntervalSince1970: 1_000_000))
    let clubs = try await Club.query.with { $0.members }.all(db)
    #expect(clubs[0].id == "chess")
    #expect(try clubs[0].members.get().map(\.name) == ["Bo"])
    #expect(try await Club.filter { $0.members.any { $0.isStaff } }.count(db) == 1)
    #expect(try await Membership.get(membership.id, db).person.id == sample.bo.id)
  }

  @Test(
    "annotate puts computed values beside each row, over to-many relations without multiplying it",
    arguments: TestDatabaseKind.allCases)
  func annotate(_ kind: TestDatabaseKind) async throws {
    let db = try await blog(on: kind)
    _ = try await Sample(db)
    let rows = try await Post.query.order { $0.comments.count.desc }.with { $0.comments }
      .annotate { ($0.comments.count, $0.comments.filter { $0.approved }.max { $0.id }) }.all(db)
    #expect(rows.map(\.1) == [4, 1])
    #expect(rows[0].2 == 3)
    #expect(try rows[0].0.comments.get().count == 4)
  }

  @Test("selecting an aggregate groups by the rest; having and filtered aggregates", arguments: TestDatabaseKind.allCases)
  func grouping(_ kind: TestDatabaseKind) async throws {
    let db = try await blog(on: kind)
    let sample = try await Sample(db)
    try await Post(title: "Third", slug: "third", status: .published, views: 2, author: Ref(sample.ann)).insert(db)
    let groups = Post.query.select { ($0.author.name, count(), $0.views.sum, count().filter($0.status == .published)) }
      .order { $0.author.name.asc }
    #expect(
      try groups.statement(SQLiteDialect()).text == #"""
        SELECT t1."name", COUNT(*), SUM(t0."views"), COUNT(*) FILTER (WHERE t0."status" = ?) FROM "post" t0 JOIN "author" t1 ON t1."id" = t0."author_id" GROUP BY t1."name" ORDER BY t1."name"
        """#)
    let rows = try await groups.all(db)
    #expect(rows.map(\.0) == ["Ann", "Bo"] && rows.map(\.1) == [2, 1] && rows[0].2 == 7 && rows[1].3 == 0)
    #expect(try await groups.having { _ in count() > 1 }.all(db).map(\.0) == ["Ann"])
    let whole = try await Post.query.select { ($0.views.max, $0.views.average, $0.author.id.countDistinct) }.all(db)[0]
    #expect(whole.0 == 5 && whole.1 == 7.0 / 3 && whole.2 == 2)
  }

  @Test("order with NULLs first or last, limit, offset, distinct", arguments: TestDatabaseKind.allCases)
  func order(_ kind: TestDatabaseKind) async throws {
    let db = try await blog(on: kind)
    _ = try await Sample(db)
    let last = Post.query.order { $0.publishedAt.asc.nullsLast }
    #expect(try whereClause(last) == #""post" t0 ORDER BY t0."published_at" NULLS LAST"#)
    #expect(try await last.all(db).map(\.slug) == ["hello", "draft"])
    #expect(try await Post.query.order { $0.publishedAt.desc.nullsFirst }.all(db).map(\.slug) == ["draft", "hello"])
    #expect(try await Post.query.order { $0.id.asc }.offset(1).all(db).map(\.slug) == ["draft"])
    #expect(try await Post.query.order { $0.id.asc }.limit(1, offset: 1).count(db) == 1)
    #expect(try await Comment.query.select { $0.approved }.distinct().all(db).count == 2)
    #expect(try await Post.query.limit(-3).all(db).isEmpty)
  }

  @Test("one throws where there is none or many; first, find, get, exists and count", arguments: TestDatabaseKind.allCases)
  func terminals(_ kind: TestDatabaseKind) async throws {
    let db = try await blog(on: kind)
    let sample = try await Sample(db)
    let none = await #expect(throws: ORMError.self) { try await Post.filter { $0.slug == "x" }.one(db) }
    #expect(none?.kind == .notFound && none?.problem.status == 404)
    let many = await #expect(throws: ORMError.self) { try await Post.query.one(db) }
    #expect(many?.kind == .multipleFound)
    #expect(try await Post.filter { $0.slug == "x" }.first(db) == nil)
    #expect(try await Post.find(sample.hello.id, db)?.title == "Hello")
    #expect(try await Post.find(999, db) == nil)
    let gone = await #expect(throws: ORMError.self) { try await Post.get(999, db) }
    #expect(gone?.kind == .notFound)
    #expect(try await Post.filter { $0.views > 4 }.exists(db))
    #expect(try await !Post.filter { $0.views > 5 }.exists(db))
    #expect(try await Post.query.distinct().count(db) == 2)
  }

  @Test("explain shows the database's plan", arguments: TestDatabaseKind.allCases)
  func explain(_ kind: TestDatabaseKind) async throws {
    let db = try await blog(on: kind)
    let plan = try await Post.filter { $0.slug == "x" }.with { $0.author }.explain(db)
    switch kind {
    case .sqlite: #expect(plan.contains("SEARCH t0 USING INDEX") && plan.contains("SEARCH t1"), "\(plan)")
    case .postgresql: #expect(plan.contains("Index Scan using post_slug_key on post t0"), "\(plan)")
    case .mysql: #expect(plan.contains("SIMPLE") || plan.contains("t0"), "\(plan)")
    }
  }
}
