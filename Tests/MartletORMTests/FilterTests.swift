import Foundation
import MartletCore
import MartletORM
import MartletSQL
import TestDatabases
import Testing

@Suite("Filters") struct FilterTests {
  @Test("a comparison binds its value", arguments: TestDatabaseKind.allCases)
  func comparison(_ kind: TestDatabaseKind) async throws {
    let query = Post.filter { $0.title == "x' OR 1=1 --" }
    #expect(try whereClause(query) == #""post" t0 WHERE t0."title" = ?"#)
    let db = try await blog(on: kind)
    _ = try await Sample(db)
    #expect(try await query.all(db).isEmpty)
  }

  @Test("a filter across a foreign key joins once, and its key needs no join")
  func joins() throws {
    #expect(
      try whereClause(Post.filter { $0.author.name == "Ann" && $0.author.isStaff }) == #"""
        "post" t0 JOIN "author" t1 ON t1."id" = t0."author_id" WHERE (t1."name" = ? AND t1."is_staff")
        """#)
    #expect(try whereClause(Post.filter { $0.author.id == 7 }) == #""post" t0 WHERE t0."author_id" = ?"#)
  }

  @Test("a nullable foreign key joins by LEFT JOIN, and != keeps the rows without one", arguments: TestDatabaseKind.allCases)
  func nullableJoin(_ kind: TestDatabaseKind) async throws {
    let query = Post.filter { $0.editor.name != "Zed" }
    #expect(
      try whereClause(query) == #"""
        "post" t0 LEFT JOIN "author" t1 ON t1."id" = t0."editor_id" WHERE (t1."name" <> ? OR t1."name" IS NULL)
        """#)
    let db = try await blog(on: kind)
    _ = try await Sample(db)
    #expect(try await query.count(db) == 2)
  }

  @Test("negation reaches the comparisons and keeps NULLs, as Swift's ! does")
  func negation() throws {
    #expect(
      try whereClause(Post.filter { !($0.views > 3 && $0.editor.name == "A") }) == #"""
        "post" t0 LEFT JOIN "author" t1 ON t1."id" = t0."editor_id" WHERE (t0."views" <= ? OR (t1."name" <> ? OR t1."name" IS NULL))
        """#)
  }

  @Test("comparing with nil is a test for NULL")
  func nilComparison() throws {
    #expect(try whereClause(Post.filter { $0.publishedAt == nil }) == #""post" t0 WHERE t0."published_at" IS NULL"#)
    #expect(try whereClause(Post.filter { $0.publishedAt != nil }) == #""post" t0 WHERE t0."published_at" IS NOT NULL"#)
    #expect(try whereClause(Post.filter { $0.editor.isNull }) == #""post" t0 WHERE t0."editor_id" IS NULL"#)
  }

  @Test("two nullable columns compare by IS, so that two NULLs are equal", arguments: TestDatabaseKind.allCases)
  func nullEquality(_ kind: TestDatabaseKind) async throws {
    let query = Post.filter { $0.editor.id == $0.editor.id }
    #expect(try whereClause(query) == #""post" t0 WHERE t0."editor_id" IS t0."editor_id""#)
    let db = try await blog(on: kind)
    _ = try await Sample(db)
    #expect(try await query.count(db) == 2)
  }

  @Test("an empty list matches nothing, and its negation everything")
  func emptyList() throws {
    #expect(try whereClause(Post.filter { $0.views.in([]) }) == #""post" t0 WHERE FALSE"#)
    #expect(try whereClause(Post.filter { !$0.views.in([]) }) == #""post" t0 WHERE TRUE"#)
  }

  @Test("nil in a list matches NULL", arguments: TestDatabaseKind.allCases)
  func nilInList(_ kind: TestDatabaseKind) async throws {
    let query = Post.filter { $0.publishedAt.in([nil]) }
    #expect(try whereClause(query) == #""post" t0 WHERE t0."published_at" IS NULL"#)
    let mixed = Post.filter { $0.editor.id.in([1, nil]) }
    #expect(try whereClause(mixed) == #""post" t0 WHERE (t0."editor_id" IN (?) OR t0."editor_id" IS NULL)"#)
    let db = try await blog(on: kind)
    _ = try await Sample(db)
    #expect(try await mixed.count(db) == 2)
    #expect(try await Post.filter { !$0.editor.id.in([1, nil]) }.count(db) == 0)
  }

  @Test("NOT IN a subquery with NULLs still finds rows", arguments: TestDatabaseKind.allCases)
  func notInSubquery(_ kind: TestDatabaseKind) async throws {
    let db = try await blog(on: kind)
    _ = try await Sample(db)
    let editors = Post.query.select { $0.editor.id }
    let query = Author.filter { !$0.id.optional.in(editors) }
    #expect(try await query.all(db).map(\.name) == ["Bo"])
    #expect(
      try whereClause(query) == #"""
        "author" t0 WHERE t0."id" NOT IN (SELECT t1."editor_id" FROM "post" t1 WHERE t1."editor_id" IS NOT NULL)
        """#)
  }

  @Test("a range includes both ends", arguments: TestDatabaseKind.allCases)
  func range(_ kind: TestDatabaseKind) async throws {
    let db = try await blog(on: kind)
    _ = try await Sample(db)
    let query = Post.filter { $0.views.between(0, 5) }
    #expect(try whereClause(query) == #""post" t0 WHERE (t0."views" >= ? AND t0."views" <= ?)"#)
    #expect(try await query.count(db) == 2)
  }

  @Test(
    "contains and its kin respect case and know no wildcards; the i-forms ignore case in any script",
    arguments: TestDatabaseKind.allCases)
  func text(_ kind: TestDatabaseKind) async throws {
    let db = try await blog(on: kind)
    let titles = ["100%", "100x", "a_b", "ÄRGER", "ärger", "straße", ""]
    let author = try await Author(name: "A", email: "a@x").insert(db)
    try await Post.insert(titles.enumerated().map { Post(title: $1, slug: "\($0)", author: Ref(author)) }, db)
    func found(_ condition: (Post.Fields) -> Expr<Bool>) async throws -> [String] {
      try await Post.filter(condition).order { $0.id.asc }.all(db).map(\.title)
    }
    #expect(try await found { $0.title.contains("%") } == ["100%"])
    #expect(try await found { $0.title.contains("_") } == ["a_b"])
    #expect(try await found { $0.title.hasPrefix("100") } == ["100%", "100x"])
    #expect(try await found { $0.title.hasSuffix("er") } == ["ärger"])
    #expect(try await found { $0.title.contains("ÄR") } == ["ÄRGER"])
    #expect(try await found { $0.title.icontains("Är") } == ["ÄRGER", "ärger"])
    #expect(try await found { $0.title.ihasPrefix("STRA") } == ["straße"])
    #expect(try await found { $0.title.ihasSuffix("GER") } == ["ÄRGER", "ärger"])
    #expect(try await found { $0.title.iequals("ÄRger") } == ["ÄRGER", "ärger"])
    #expect(try await found { $0.title.contains("") }.count == titles.count)
    #expect(try await found { $0.title.hasSuffix("") }.count == titles.count)
    #expect(try await found { $0.title.hasSuffix("longer than any title") }.isEmpty)
  }

  @Test("date parts are those of UTC", arguments: TestDatabaseKind.allCases)
  func dateParts(_ kind: TestDatabaseKind) async throws {
    let db = try await blog(on: kind)
    let author = try await Author(name: "A", email: "a@x").insert(db)
    let moment = Date(microsecondsSince1970: TimestampText.parse("2024-02-29T23:59:58.5Z") ?? 0)
    try await Post(title: "t", slug: "s", author: Ref(author), publishedAt: moment).insert(db)
    let parts = try await Post.query.select {
      (
        $0.publishedAt.year, $0.publishedAt.month, $0.publishedAt.day, $0.publishedAt.hour, $0.publishedAt.weekday,
        $0.publishedAt.date
      )
    }.all(db)[0]
    #expect(parts.0 == 2024 && parts.1 == 2 && parts.2 == 29 && parts.3 == 23)
    #expect(parts.4 == 4, "a Thursday")
    #expect(parts.5 == CalendarDate(year: 2024, month: 2, day: 29))
    #expect(try await Post.filter { $0.publishedAt.year == 2024 }.count(db) == 1)
  }

  @Test("arithmetic, CASE, COALESCE and CAST compute in the database", arguments: TestDatabaseKind.allCases)
  func computed(_ kind: TestDatabaseKind) async throws {
    let db = try await blog(on: kind)
    _ = try await Sample(db)
    let rows = try await Post.query.order { $0.id.asc }.select {
      (
        $0.views * 2 + 1, when($0.views > 3, then: "popular").otherwise("new"), $0.editor.name.coalesce("nobody"),
        $0.views.cast(to: String.self), $0.views.divided(by: 0)
      )
    }.all(db)
    #expect(rows[0].0 == 11 && rows[0].1 == "popular" && rows[0].2 == "nobody" && rows[0].3 == "5" && rows[0].4 == nil)
    #expect(rows[1].0 == 1 && rows[1].1 == "new" && rows[1].2 == "Ann")
  }

  @Test("raw SQL takes columns and binds values", arguments: TestDatabaseKind.allCases)
  func rawSQL(_ kind: TestDatabaseKind) async throws {
    let db = try await blog(on: kind)
    _ = try await Sample(db)
    let query = Post.filter { sql("length(\($0.title)) > \(4) AND \($0.author.name) <> \("x' OR 1=1 --")") }
    #expect(
      try whereClause(query) == #"""
        "post" t0 JOIN "author" t1 ON t1."id" = t0."author_id" WHERE COALESCE(length(t0."title") > ? AND t1."name" <> ?, FALSE)
        """#)
    #expect(try await query.count(db) == 2)
    let rows = try await db.rows("SELECT title, views FROM \(Post.self) WHERE views >= \(5)", as: (String, Int).self)
    #expect(rows.count == 1 && rows[0] == ("Hello", 5))
    #expect(try await db.execute("UPDATE \(Post.self) SET views = views + \(1)") == 2)
  }

  @Test("the key of an unsaved row in a filter is an error, not a test for NULL", arguments: TestDatabaseKind.allCases)
  func unsavedKey(_ kind: TestDatabaseKind) async throws {
    let db = try await blog(on: kind)
    let nobody = Author(name: "N", email: "n@x")
    let error = await #expect(throws: ORMError.self) { try await Post.filter { $0.author.id == nobody.id }.all(db) }
    #expect(error?.kind == .unsavedKey)
    let inList = await #expect(throws: ORMError.self) { try await Post.filter { $0.editor.id.in([nobody.id]) }.all(db) }
    #expect(inList?.kind == .unsavedKey)
  }

  @Test("to-many conditions are EXISTS and never multiply rows", arguments: TestDatabaseKind.allCases)
  func toMany(_ kind: TestDatabaseKind) async throws {
    let db = try await blog(on: kind)
    _ = try await Sample(db)
    let query = Post.filter { $0.comments.any { $0.approved } }
    #expect(
      try whereClause(query) == #"""
        "post" t0 WHERE EXISTS (SELECT 1 FROM "comment" t1 WHERE t1."post_id" = t0."id" AND t1."approved")
        """#)
    #expect(try await query.count(db) == 2)
    #expect(try await Post.filter { $0.comments.count > 3 }.all(db).map(\.title) == ["Hello"])
    #expect(try await Post.filter { $0.comments.all { $0.approved } }.all(db).map(\.title) == ["Draft"])
    #expect(try await Author.filter { $0.posts.any { $0.comments.any { !$0.approved } } }.all(db).map(\.name) == ["Ann"])
  }

  @Test("a secret column's binding is redacted in the statement log", arguments: TestDatabaseKind.allCases)
  func redaction(_ kind: TestDatabaseKind) async throws {
    let (db, statements) = try await blog(on: kind).recorded()
    try await Author(name: "A", email: "a@x", password: "hunter2").insert(db)
    _ = try await Author.filter { $0.password == "hunter2" }.exists(db)
    for event in statements.all { #expect(!event.bindings.joined().contains("hunter2")) }
    #expect(statements.all.last?.bindings == ["•••"])
    #expect(statements.all.first?.source?.fileID.hasSuffix("FilterTests.swift") == true)
  }
}
