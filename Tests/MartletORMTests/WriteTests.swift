import Foundation
import MartletCore
import MartletORM
import MartletSQL
import Synchronization
import TestDatabases
import Testing

@Suite("Writing") struct WriteTests {
  @Test("bulk insert is one statement, and each row gets its own key back", arguments: TestDatabaseKind.allCases)
  func bulkInsert(_ kind: TestDatabaseKind) async throws {
    let (db, statements) = try await blog(on: kind).recorded()
    let tags = try await Tag.insert((1...50).map { Tag(name: "t\($0)") }, db)
    #expect(statements.all.count == 1)
    #expect(Set(tags.map(\.id)).count == 50)
    for tag in tags { #expect(try await Tag.get(tag.id, db).name == tag.name) }
  }

  @Test("a bulk insert past the number of bindings runs in several statements, all or none", arguments: TestDatabaseKind.allCases)
  func hugeInsert(_ kind: TestDatabaseKind) async throws {
    let (db, statements) = try await blog(on: kind).recorded()
    var rows = (0..<40_000).map { Tag(name: "t\($0)") }
    #expect(try await Tag.insert(rows, db).count == 40_000)
    #expect(statements.texts.count { $0.hasPrefix("INSERT") } == (kind == .sqlite ? 2 : 1))
    rows = (0..<40_000).map { Tag(name: "u\($0)") } + [Tag(name: "t1")]
    await #expect(throws: DatabaseError.self) { try await Tag.insert(rows, db) }
    #expect(try await Tag.query.count(db) == 40_000)
  }

  @Test("rows with and without keys insert together", arguments: TestDatabaseKind.allCases)
  func mixedKeys(_ kind: TestDatabaseKind) async throws {
    let db = try await blog(on: kind)
    let tags = try await Tag.insert([Tag(name: "a"), Tag(id: 100, name: "b"), Tag(name: "c")], db)
    #expect(tags[1].id == 100)
    for tag in tags { #expect(try await Tag.get(tag.id, db).name == tag.name) }
  }

  @Test("save writes only what changed, and autoNow", arguments: TestDatabaseKind.allCases)
  func save(_ kind: TestDatabaseKind) async throws {
    let (db, statements) = try await blog(on: kind).recorded()
    let sample = try await Sample(db)
    var post = sample.hello
    #expect(try await post.save(db) { $0.title = "New" })
    #expect(kind != .sqlite || statements.texts.last == #"UPDATE "post" AS t0 SET "title" = ? WHERE t0."id" = ?"#)
    #expect(try await Post.get(post.id, db).title == "New")
    let before = statements.all.count
    #expect(try await !post.save(db) { $0.title = "New" })
    #expect(statements.all.count == before, "nothing changed, nothing sent")

    let row = try await Everything().insert(db)
    #expect(row.changedAt == Date(timeIntervalSince1970: 1_000_000))
    var later = row
    let clock = db.with(timeSource: .fixed(Date(timeIntervalSince1970: 2_000_000)))
    try await later.save(clock) { $0.text = "x" }
    #expect(
      kind != .sqlite || statements.texts.last == #"UPDATE "everything" AS t0 SET "text" = ?, "changed_at" = ? WHERE t0."id" = ?"#
    )
    #expect(try await Everything.get(row.id, db).changedAt == Date(timeIntervalSince1970: 2_000_000))
  }

  @Test(
    "a change between composed and decomposed letters is a change: the database compares code points",
    arguments: TestDatabaseKind.allCases)
  func unicodeChange(_ kind: TestDatabaseKind) async throws {
    let db = try await blog(on: kind)
    var tag = try await Tag(name: "e\u{301}").insert(db)
    #expect(try await tag.save(db) { $0.name = "\u{e9}" })
    #expect(try await Tag.get(tag.id, db).name.unicodeScalars.count == 1)
  }

  @Test(
    "saving or deleting a row that is gone throws notFound and leaves the value as it was", arguments: TestDatabaseKind.allCases)
  func gone(_ kind: TestDatabaseKind) async throws {
    let db = try await blog(on: kind)
    let sample = try await Sample(db)
    try await sample.draft.delete(db)
    var draft = sample.draft
    let error = await #expect(throws: ORMError.self) { try await draft.save(db) { $0.title = "x" } }
    #expect(error?.kind == .notFound)
    #expect(draft.title == "Draft")
    await #expect(throws: ORMError.self) { try await sample.draft.delete(db) }
    await #expect(throws: ORMError.self) { try await draft.refresh(db) }
  }

  @Test("text that is too long and NULs are refused before the database sees them", arguments: TestDatabaseKind.allCases)
  func validation(_ kind: TestDatabaseKind) async throws {
    let (db, statements) = try await blog(on: kind).recorded()
    let error = await #expect(throws: ValidationError.self) {
      try await Tag(name: String(repeating: "é", count: 41)).insert(db)
    }
    #expect(error?.errors == [FieldError("name", code: "max_length", "Ensure this value has at most 40 characters (it has 41).")])
    await #expect(throws: ValidationError.self) { try await Tag(name: "a\0b").insert(db) }
    await #expect(throws: ValidationError.self) {
      try await Tag.query.update(db) { $0.name.set(to: String(repeating: "x", count: 41)) }
    }
    #expect(statements.all.isEmpty)
    try await Tag(name: String(repeating: "é", count: 40)).insert(db)
  }

  @Test("update by expression, across a join, and of NULL", arguments: TestDatabaseKind.allCases)
  func update(_ kind: TestDatabaseKind) async throws {
    let (db, statements) = try await blog(on: kind).recorded()
    _ = try await Sample(db)
    let changed = try await Post.filter { $0.author.isStaff == false }.update(db) {
      $0.views.set(to: $0.views + 1)
      $0.title.set(to: "Hello again")
      $0.publishedAt.set(to: nil)
    }
    #expect(changed == 1)
    #expect(
      kind != .sqlite
        || statements.texts.last == #"""
          UPDATE "post" AS t0 SET "views" = (t0."views" + ?), "title" = ?, "published_at" = ? WHERE t0."id" IN (SELECT t1."id" FROM "post" t1 JOIN "author" t2 ON t2."id" = t1."author_id" WHERE t2."is_staff" = ?)
          """#
    )
    let post = try await Post.filter { $0.slug == "hello" }.one(db)
    #expect(post.views == 6 && post.title == "Hello again" && post.publishedAt == nil)
    try await Post.filter { $0.slug == "hello" }.update(db) { $0.editor.id.set(to: post.author.id) }
    #expect(try await Post.get(post.id, db).editor?.id == post.author.id)
    let error = await #expect(throws: ORMError.self) { try await Post.query.update(db) { $0.title.set(to: $0.author.name) } }
    #expect(error?.kind == .invalidExpression)
  }

  @Test("upsert inserts, or changes by the row that is there and the new one", arguments: TestDatabaseKind.allCases)
  func upsert(_ kind: TestDatabaseKind) async throws {
    let (db, statements) = try await blog(on: kind).recorded()
    let sample = try await Sample(db)
    let rows = [
      Post(title: "T", slug: "hello", views: 7, author: Ref(sample.bo)),
      Post(title: "New", slug: "new", views: 1, author: Ref(sample.bo)),
    ]
    let keys = try await Post.upsert(rows, db, on: { $0.slug }) { row, new in
      row.views.set(to: row.views + new.views)
      row.title.set(to: new.title)
    }
    #expect(keys[0] == sample.hello.id)
    #expect(
      kind != .sqlite
        || statements.texts.contains {
          $0.hasSuffix(
            #"ON CONFLICT ("slug") DO UPDATE SET "views" = ("post"."views" + excluded."views"), "title" = excluded."title" RETURNING "id""#
          )
        })
    #expect(try await Post.get(keys[0], db).views == 12)
    #expect(try await Post.get(keys[1], db).title == "New")
    #expect(try await Post.query.count(db) == 3)
  }

  @Test("delete follows the foreign keys: cascade, set null, restrict", arguments: TestDatabaseKind.allCases)
  func deleteRules(_ kind: TestDatabaseKind) async throws {
    let db = try await blog(on: kind)
    let sample = try await Sample(db)
    #expect(try await Author.filter { $0.name == "Ann" }.delete(db) == 1)
    #expect(try await Post.filter { $0.slug == "hello" }.exists(db) == false)
    #expect(try await Comment.query.count(db) == 1)
    #expect(try await Post.get(sample.draft.id, db).editor == nil)
  }

  @Test("constraint violations are told apart by kind", arguments: TestDatabaseKind.allCases)
  func violations(_ kind: TestDatabaseKind) async throws {
    let db = try await blog(on: kind)
    let sample = try await Sample(db)
    let unique = await #expect(throws: DatabaseError.self) {
      try await Post(title: "x", slug: "hello", author: Ref(sample.ann)).insert(db)
    }
    #expect(unique?.kind == uniqueViolation(of: "post", "slug", on: kind))
    #expect(unique?.problem.status == 409)
    let check = await #expect(throws: DatabaseError.self) {
      try await Post(title: "x", slug: "y", views: -1, author: Ref(sample.ann)).insert(db)
    }
    #expect(check?.kind == .checkViolation(constraint: "views_not_negative"))
    let foreign = await #expect(throws: DatabaseError.self) { try await Post(title: "x", slug: "y", author: .id(999)).insert(db) }
    if case .foreignKeyViolation = foreign?.kind {} else { Issue.record("\(String(describing: foreign))") }
    let told = unique.map { "\($0.problem)" } ?? ""
    #expect(!told.contains("INSERT") && !told.contains("post"), "a client never sees SQL or tables")
  }

  @Test("a reference to an unsaved row, and a missing text key, are refused", arguments: TestDatabaseKind.allCases)
  func unsaved(_ kind: TestDatabaseKind) async throws {
    let db = try await blog(on: kind)
    let author = Author(name: "N", email: "n@x")
    let error = await #expect(throws: ORMError.self) { try await Post(title: "x", slug: "y", author: Ref(author)).insert(db) }
    #expect(error?.kind == .unsavedKey)
    let text = await #expect(throws: ORMError.self) { try await Club(title: "no key").insert(db) }
    #expect(text?.kind == .unsavedKey)
  }

  @Test("every column type comes back as it went in", arguments: TestDatabaseKind.allCases)
  func roundTrip(_ kind: TestDatabaseKind) async throws {
    let db = try await blog(on: kind)
    var row = Everything(
      small: .min, medium: .max, large: .min, flag: true, ratio: 0.1 + 0.2, price: Decimal(string: "12345678.1234")!,
      text: "naïve 👩🏽‍🚀 \u{0301} 'quotes'", bytes: [0, 255, 10], token: UUID(),
      moment: Date(microsecondsSince1970: 1_700_000_000_123_456),
      day: CalendarDate(year: 9999, month: 12, day: 31), clock: TimeOfDay(hour: 23, minute: 59, second: 59, microsecond: 999_999),
      length: .microseconds(-1_500_001), settings: JSON(.init(theme: "dark", sizes: [1, 2])), priority: .high)
    row = try await row.insert(db)
    #expect(row.filled == "from the database")
    let read = try await Everything.get(row.id, db)
    for (index, column) in Everything.schema.columns.enumerated() {
      #expect(read.columnValue(at: index) == row.columnValue(at: index), "\(column.name)")
    }
    let empty = try await Everything.get(Everything(filled: "mine").insert(db).id, db)
    #expect(empty.token == nil && empty.settings == nil && empty.filled == "mine" && empty.note == "not a column")
    #expect(try await Everything.filter { $0.price > 12_345_678 && $0.moment < Date() && $0.length < .zero }.count(db) == 1)
    #expect(try await Everything.filter { $0.priority == .high && $0.token == row.token }.exists(db))
  }

  @Test("values are stored in Django's formats", arguments: TestDatabaseKind.allCases)
  func storage(_ kind: TestDatabaseKind) async throws {
    let db = try await blog(on: kind)
    let token = UUID()
    _ = try await Everything(
      flag: true, token: token, moment: Date(microsecondsSince1970: 1_700_000_000_500_000),
      day: CalendarDate(year: 2024, month: 1, day: 2),
      length: .seconds(2)
    ).insert(db)
    let text = kind == .mysql ? "char" : "text"
    let row = try await db.rows(
      """
      SELECT CAST(token AS \(unsafe: text)), CAST(moment AS \(unsafe: text)), CAST(day AS \(unsafe: text)), \
      CAST(length AS \(unsafe: text)), CAST(flag AS \(unsafe: text)) FROM \(Everything.self)
      """, as: (String, String, String, String, String).self)[0]
    #expect(row.2 == "2024-01-02")
    switch kind {
    case .sqlite:
      #expect(row.0 == token.hex && row.1 == "2023-11-14 22:13:20.500000" && row.3 == "2000000" && row.4 == "1")
    case .postgresql:
      #expect(row.0 == token.uuidString.lowercased() && row.1 == "2023-11-14 22:13:20.5+00")
      #expect(row.3 == "PT2S" && row.4 == "true")
    case .mysql:
      #expect(row.0.filter { $0 != "-" } == token.hex && row.1 == "2023-11-14 22:13:20.500000")
      #expect(row.3 == "2000000" && row.4 == "1")
    }
  }

  @Test(
    "a transaction rolls back as a whole; a nested one alone; onCommit runs after the commit only",
    arguments: TestDatabaseKind.allCases)
  func transactions(_ kind: TestDatabaseKind) async throws {
    struct Stop: Error {}
    let db = try await blog(on: kind)
    let committed = Mutex<[String]>([])
    await #expect(throws: Stop.self) {
      try await db.transaction { tx in
        try await Tag(name: "lost").insert(tx)
        await tx.onCommit { committed.withLock { $0.append("never") } }
        throw Stop()
      }
    }
    try await db.transaction { tx in
      try await Tag(name: "kept").insert(tx)
      await tx.onCommit { committed.withLock { $0.append("outer") } }
      await #expect(throws: Stop.self) {
        try await tx.transaction { inner in
          try await Tag(name: "inner").insert(inner)
          await inner.onCommit { committed.withLock { $0.append("inner") } }
          throw Stop()
        }
      }
      #expect(committed.withLock { $0.isEmpty })
    }
    #expect(try await Tag.query.all(db).map(\.name) == ["kept"])
    #expect(committed.withLock { $0 } == ["outer"])
  }
}
