import Foundation
import MartletCore
import MartletSQL
import TestDatabases
import Testing

@testable import MartletORM

@Suite("Writing in each dialect") struct DialectWriteTests {
  /// The last statement that ran, and what it should be on each database.
  private func expectLast(
    _ statements: Statements, _ kind: TestDatabaseKind, sqlite: String, postgresql: String, mysql: String,
    _ place: SourceLocation = #_sourceLocation
  ) {
    let expected = [TestDatabaseKind.sqlite: sqlite, .postgresql: postgresql, .mysql: mysql][kind]
    #expect(statements.texts.last == expected, sourceLocation: place)
  }

  @Test("an update of many rows: on PostgreSQL one text for any number of them", arguments: TestDatabaseKind.allCases)
  func updateOfRows(_ kind: TestDatabaseKind) async throws {
    let (db, statements) = try await blog([Author.self, Tag.self, Everything.self], on: kind).recorded()
    var tags = try await Tag.insert(["a", "b", "c"].map { Tag(name: $0) }, db)
    for place in tags.indices { tags[place].name += "{\"\\,NULL" }
    for count in [2, 3] { try await Tag.update(Array(tags.prefix(count)), db) { $0.name } }
    expectLast(
      statements, kind,
      sqlite:
        #"WITH v(k, c0) AS (VALUES (?, ?), (?, ?), (?, ?)) UPDATE "tag" AS t0 SET "name" = v.c0 FROM v WHERE t0."id" = v.k"#,
      postgresql:
        #"UPDATE "tag" AS t0 SET "name" = v.c0 FROM unnest($1::bigint[], $2::text[]) AS v(k, c0) WHERE t0."id" = v.k"#,
      mysql:
        "UPDATE `tag` AS t0 JOIN (SELECT ? AS k, ? AS c0 UNION ALL SELECT ?, ? UNION ALL SELECT ?, ?) AS v ON t0.`id` = v.k SET t0.`name` = v.c0"
    )
    #expect(try await Tag.query.order { $0.id.asc }.all(db).map(\.name) == tags.map(\.name))
    let row = try await Everything(price: 1).insert(db)
    try await Everything.update([row], db) { $0.price }
    if kind == .postgresql { #expect(statements.texts.last?.contains("FROM (VALUES ($1::uuid, $2::numeric(12, 4)))") == true) }
  }

  @Test("update, by expression and across a join", arguments: TestDatabaseKind.allCases)
  func update(_ kind: TestDatabaseKind) async throws {
    let (db, statements) = try await blog(on: kind).recorded()
    _ = try await Sample(db)
    #expect(try await Post.filter { $0.views > 1 }.update(db) { $0.views.set(to: $0.views + 1) } == 1)
    expectLast(
      statements, kind, sqlite: #"UPDATE "post" AS t0 SET "views" = (t0."views" + ?) WHERE t0."views" > ?"#,
      postgresql: #"UPDATE "post" AS t0 SET "views" = (t0."views" + $1) WHERE t0."views" > $2"#,
      mysql: "UPDATE `post` AS t0 SET `views` = (t0.`views` + ?) WHERE t0.`views` > ?")
    #expect(try await Post.filter { $0.author.isStaff }.update(db) { $0.views.set(to: 9) } == 1)
    expectLast(
      statements, kind,
      sqlite:
        #"UPDATE "post" AS t0 SET "views" = ? WHERE t0."id" IN (SELECT t1."id" FROM "post" t1 JOIN "author" t2 ON t2."id" = t1."author_id" WHERE t2."is_staff")"#,
      postgresql:
        #"UPDATE "post" AS t0 SET "views" = $1 WHERE t0."id" IN (SELECT t1."id" FROM "post" t1 JOIN "author" t2 ON t2."id" = t1."author_id" WHERE t2."is_staff")"#,
      mysql:
        "UPDATE `post` AS t0 SET `views` = ? WHERE t0.`id` IN (SELECT * FROM (SELECT DISTINCT t1.`id` FROM `post` t1 JOIN `author` t2 ON t2.`id` = t1.`author_id` WHERE t2.`is_staff`) AS chosen)"
    )
    #expect(try await Post.filter { $0.views == 9 }.all(db).map(\.slug) == ["draft"])
  }

  @Test("an update that changes nothing counts the rows it found", arguments: TestDatabaseKind.allCases)
  func unchanged(_ kind: TestDatabaseKind) async throws {
    let db = try await blog(on: kind)
    let sample = try await Sample(db)
    #expect(try await Post.query.update(db) { $0.body.set(to: "") } == 2)
    var hello = sample.hello, other = sample.hello
    other.views = 1
    try await other.save(db, changedFrom: sample.hello)
    // Saved by someone else meanwhile: nothing to change, and not gone.
    #expect(try await hello.save(db) { $0.views = 1 })
  }

  @Test(
    "each assignment reads the old values, also where a database assigns one after the other",
    arguments: TestDatabaseKind.allCases)
  func assignments(_ kind: TestDatabaseKind) async throws {
    let db = try await blog(on: kind)
    _ = try await Sample(db)
    try await Post.filter { $0.slug == "hello" }.update(db) {
      $0.views.set(to: $0.views + 10)
      $0.title.set(to: $0.views.cast(to: String.self))
      $0.body.set(to: $0.title)
    }
    let post = try await Post.filter { $0.slug == "hello" }.one(db)
    #expect(post.views == 15 && post.title == "5" && post.body == "Hello")
    func swap() async throws {
      try await Post.filter { $0.slug == "hello" }.update(db) {
        $0.title.set(to: $0.body)
        $0.body.set(to: $0.title)
      }
    }
    if kind == .mysql {
      let error = await #expect(throws: DatabaseError.self) { try await swap() }
      #expect(error?.kind == .unsupported(capability: "simultaneousAssignment"))
    } else {
      try await swap()
      #expect(try await Post.filter { $0.slug == "hello" }.one(db).body == "5")
    }
  }

  @Test("delete, also by what the table itself says", arguments: TestDatabaseKind.allCases)
  func delete(_ kind: TestDatabaseKind) async throws {
    let (db, statements) = try await blog(on: kind).recorded()
    let sample = try await Sample(db)
    let parent = try await Comment(text: "root", post: .id(sample.draft.id)).insert(db)
    try await Comment(text: "reply", post: .id(sample.draft.id), parent: .id(parent.id)).insert(db)
    #expect(try await Comment.filter { $0.replies.isNotEmpty }.delete(db) == 1)
    expectLast(
      statements, kind,
      sqlite: #"DELETE FROM "comment" AS t0 WHERE EXISTS (SELECT 1 FROM "comment" t1 WHERE t1."parent_id" = t0."id")"#,
      postgresql: #"DELETE FROM "comment" AS t0 WHERE EXISTS (SELECT 1 FROM "comment" t1 WHERE t1."parent_id" = t0."id")"#,
      mysql:
        "DELETE FROM `comment` WHERE `comment`.`id` IN (SELECT * FROM (SELECT DISTINCT t0.`id` FROM `comment` t0 WHERE EXISTS (SELECT 1 FROM `comment` t1 WHERE t1.`parent_id` = t0.`id`)) AS chosen)"
    )
    #expect(try await Comment.filter { $0.text == "reply" }.one(db).parent == nil)
    #expect(try await Comment.query.order { $0.id.desc }.limit(2).delete(db) == 2)
    #expect(try await Comment.filter { $0.text == "c1" }.delete(db) == 1)
    expectLast(
      statements, kind, sqlite: #"DELETE FROM "comment" AS t0 WHERE t0."text" = ?"#,
      postgresql: #"DELETE FROM "comment" AS t0 WHERE t0."text" = $1"#, mysql: "DELETE FROM `comment` WHERE `comment`.`text` = ?")
    #expect(try await Comment.query.count(db) == 3)
  }

  @Test("insert, of values and of defaults alone", arguments: TestDatabaseKind.allCases)
  func insert(_ kind: TestDatabaseKind) async throws {
    let (db, statements) = try await blog([Author.self, Ticket.self, Club.self], on: kind).recorded()
    try await Ticket().insert(db)
    expectLast(
      statements, kind, sqlite: #"INSERT INTO "ticket" DEFAULT VALUES RETURNING "id""#,
      postgresql: #"INSERT INTO "ticket" DEFAULT VALUES RETURNING "id""#,
      mysql: "INSERT INTO `ticket` () VALUES () RETURNING `id`")
    try await Club.insert([Club(id: "a", title: "A"), Club(id: "b", title: "B")], db)
    expectLast(
      statements, kind, sqlite: #"INSERT INTO "club" ("id", "title") VALUES (?, ?), (?, ?) RETURNING "id""#,
      postgresql: #"INSERT INTO "club" ("id", "title") VALUES ($1, $2), ($3, $4) RETURNING "id""#,
      mysql: "INSERT INTO `club` (`id`, `title`) VALUES (?, ?), (?, ?) RETURNING `id`")
  }

  @Test("upsert, by a unique constraint of the model", arguments: TestDatabaseKind.allCases)
  func upsert(_ kind: TestDatabaseKind) async throws {
    let (db, statements) = try await blog(on: kind).recorded()
    try await Tag(name: "a").insert(db)
    _ = try await Tag.upsert([Tag(name: "a")], db, on: { $0.name }) { _, _ in }
    expectLast(
      statements, kind,
      sqlite:
        #"INSERT INTO "tag" ("name") VALUES (?) ON CONFLICT ("name") DO UPDATE SET "name" = excluded."name" RETURNING "id""#,
      postgresql:
        #"INSERT INTO "tag" ("name") VALUES ($1) ON CONFLICT ("name") DO UPDATE SET "name" = excluded."name" RETURNING "id""#,
      mysql: "INSERT INTO `tag` (`name`) VALUES (?) ON DUPLICATE KEY UPDATE `name` = VALUES(`name`) RETURNING `id`")
    let sample = try await Sample(db)
    let key = try await Post.upsert([Post(title: "T", slug: "hello", views: 7, author: Ref(sample.bo))], db, on: { $0.slug }) {
      $0.views.set(to: $0.views + $1.views)
      $0.title.set(to: $1.title.appending($0.title))
    }
    let post = try await Post.get(key[0], db)
    #expect(post.id == sample.hello.id && post.views == 12 && post.title == "THello")
    // Nothing says that titles are unique.
    await #expect(throws: (any Error).self) {
      try await Post.upsert([Post(title: "T", slug: "other", author: Ref(sample.bo))], db, on: { $0.title }) { _, _ in }
    }
  }

  @Test("MySQL 8 names the new row, and reports the key of the row that was there")
  func upsertOnMySQL() throws {
    let table = Path(Tag.self), new = Path(Tag.self), name = Tag.schema.columns[1]
    let clause = ConflictClause(
      table: table, new: new, target: ["name"],
      assignments: [ColumnAssignment(column: name, value: .column(ColumnReference(path: new, index: 1)))], countedKey: "id")
    let builder = SQLBuilder(MySQLDialect(.mySQL))
    try builder.write(InsertPlan(table: "tag", columns: [name], rows: [[.text("a")]], conflict: clause))
    #expect(
      try builder.statement(.write).text
        == "INSERT INTO `tag` (`name`) VALUES (?) AS new ON DUPLICATE KEY UPDATE `id` = LAST_INSERT_ID(`tag`.`id`), `name` = new.`name`"
    )
  }

  @Test("where there is no RETURNING, keys are counted from the first and defaults are selected")
  func withoutReturning() async throws {
    let maria = try await blog(on: .mysql)
    let (db, statements) = Database(SpeaksMySQL(driver: maria.driver)).recorded()
    let tags = try await Tag.insert((1...50).map { Tag(name: "t\($0)") }, db)
    #expect(statements.texts.allSatisfy { !$0.contains("RETURNING") })
    #expect(Set(tags.map(\.id)).count == 50)
    for tag in tags { #expect(try await Tag.get(tag.id, maria).name == tag.name) }
    let rows = try await Everything.insert(
      [Everything(text: "a"), Everything(text: "b", filled: "mine"), Everything(text: "c")], db)
    #expect(rows.map(\.filled) == ["from the database", "mine", "from the database"] && rows.map(\.text) == ["a", "b", "c"])
    let mixed = try await Tag.insert([Tag(name: "x"), Tag(id: 1000, name: "y"), Tag(name: "z")], db)
    for tag in mixed { #expect(try await Tag.get(tag.id, maria).name == tag.name) }
  }

  @Test("adding links again changes nothing, and one to a row that is not there fails", arguments: TestDatabaseKind.allCases)
  func links(_ kind: TestDatabaseKind) async throws {
    let db = try await blog(on: kind)
    let sample = try await Sample(db)
    let tag = try await Tag(name: "a").insert(db)
    try await sample.hello.add([tag, tag], to: { $0.tags }, db)
    #expect(try await Tag.query.select { $0.posts.count }.all(db) == [1])
    let error = await #expect(throws: DatabaseError.self) {
      try await sample.hello.add([Tag(id: 999, name: "gone")], to: { $0.tags }, db)
    }
    if case .foreignKeyViolation = error?.kind {} else { Issue.record("\(String(describing: error))") }
  }

  @Test(
    "division by zero is NULL in a write too; more values than a statement takes are refused",
    arguments: TestDatabaseKind.allCases)
  func edges(_ kind: TestDatabaseKind) async throws {
    let db = try await blog(on: kind)
    _ = try await Sample(db)
    try await Post.query.update(db) { $0.views.set(to: $0.views.divided(by: 0).coalesce(7)) }
    #expect(try await Post.filter { $0.views == 7 }.count(db) == 2)
    let many = Post.filter { $0.views.in(0...70_000) }
    if kind == .postgresql {
      #expect(try await many.count(db) == 2)
    } else {
      let error = await #expect(throws: ORMError.self) { try await many.count(db) }
      #expect(error?.kind == .invalidExpression && error?.hint?.contains("subquery") == true)
    }
  }

  @Test("rows without duplicates are ordered by what is selected, and by nothing else", arguments: TestDatabaseKind.allCases)
  func distinct(_ kind: TestDatabaseKind) async throws {
    let db = try await blog(on: kind)
    _ = try await Sample(db)
    #expect(try await Post.query.distinct().order { $0.author.name.desc }.all(db).map(\.slug) == ["draft", "hello"])
    #expect(try await Comment.query.order { $0.approved.desc }.select { $0.approved }.distinct().all(db) == [true, false])
    let error = await #expect(throws: ORMError.self) {
      try await Comment.query.order { $0.id.asc }.select { $0.approved }.distinct().all(db)
    }
    #expect(error?.kind == .invalidExpression)
  }

  @Test("NULLs come first in ascending and last in descending order", arguments: TestDatabaseKind.allCases)
  func nulls(_ kind: TestDatabaseKind) async throws {
    let db = try await blog(on: kind)
    _ = try await Sample(db)
    #expect(try await Post.query.order { $0.publishedAt.asc }.all(db).map(\.slug) == ["draft", "hello"])
    #expect(try await Post.query.order { $0.publishedAt.desc }.all(db).map(\.slug) == ["hello", "draft"])
    #expect(try await Post.query.order { $0.editor.name.asc }.all(db).map(\.slug) == ["hello", "draft"])
  }
}

/// MariaDB, taken for MySQL 8: without RETURNING.
private struct SpeaksMySQL: DatabaseDriver {
  let driver: any DatabaseDriver
  var dialect: any SQLDialect { MySQLDialect(.mySQL) }
  var displayName: String { driver.displayName }
  func run(_ statement: SQLStatement, onRow: @escaping @Sendable (inout Row) throws -> Void) async throws -> StatementResult {
    try await driver.run(statement, onRow: onRow)
  }
  func lease(_ access: DatabaseAccess, source: SourcePlace?) async throws -> ConnectionLease {
    try await driver.lease(access, source: source)
  }
  func shutdown() async { await driver.shutdown() }
}
