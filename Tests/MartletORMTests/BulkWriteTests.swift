import Foundation
import MartletCore
import MartletORM
import MartletSQL
import TestDatabases
import Testing

@Suite("Writes of many rows") struct BulkWriteTests {
  @Test("an update by key gives each row its own values, by one statement", arguments: TestDatabaseKind.allCases)
  func bulkUpdate(_ kind: TestDatabaseKind) async throws {
    let (db, statements) = try await blog(on: kind).recorded()
    var posts = try await manyPosts(db)
    for i in posts.indices {
      posts[i].title = "new \(i)"
      posts[i].views = 100 + i
      posts[i].body = "not written"
      posts[i].publishedAt = i % 2 == 0 ? nil : Date(timeIntervalSince1970: Double(i))
    }
    let before = statements.all.count
    #expect(try await Post.update(posts, db) { ($0.title, $0.views, $0.publishedAt) } == 25)
    #expect(statements.all.count == before + 1)
    let read = try await Post.query.order { $0.id.asc }.all(db)
    #expect(read.map(\.title) == posts.map(\.title) && read.map(\.views) == posts.map(\.views))
    #expect(read.map(\.publishedAt) == posts.map(\.publishedAt) && read.allSatisfy { $0.body.isEmpty })
  }

  @Test("an update by key writes every type of column", arguments: TestDatabaseKind.allCases)
  func bulkTypes(_ kind: TestDatabaseKind) async throws {
    let db = try await blog(on: kind)
    var rows = try await Everything.insert([Everything(), Everything()], db)
    rows[1].price = 12.5
    rows[1].bytes = [1, 0, 255]
    rows[1].token = rows[0].id.raw
    rows[1].day = CalendarDate(year: 2024, month: 2, day: 29)
    rows[1].clock = TimeOfDay(hour: 1, minute: 2, second: 3, microsecond: 4)
    rows[1].length = .seconds(-90_000)
    rows[1].settings = JSON(.init(theme: "x", sizes: [1]))
    rows[1].flag = true
    rows[1].ratio = 0.1
    rows[1].small = -5
    let count = try await Everything.update(rows, db) {
      ($0.price, $0.bytes, $0.token, $0.day, $0.clock, $0.length, $0.settings, $0.flag, $0.ratio, $0.small)
    }
    #expect(count == 2)
    for row in rows {
      let read = try await Everything.get(row.id, db)
      for (index, column) in Everything.schema.columns.enumerated() {
        #expect(read.columnValue(at: index) == row.columnValue(at: index), "\(column.name)")
      }
    }
  }

  @Test(
    "an update by key refuses unsaved rows, doubles, keys and values that break a rule, and counts what is gone",
    arguments: TestDatabaseKind.allCases)
  func bulkRefusals(_ kind: TestDatabaseKind) async throws {
    let db = try await blog(on: kind)
    let tags = try await Tag.insert((0..<2500).map { Tag(name: "t\($0)") }, db)
    let unsaved = await #expect(throws: ORMError.self) { try await Tag.update([Tag(name: "x")], db) { $0.name } }
    #expect(unsaved?.kind == .unsavedKey)
    await #expect(throws: ORMError.self) { try await Tag.update([tags[0], tags[0]], db) { $0.name } }
    await #expect(throws: ORMError.self) { try await Tag.update(tags, db) { $0.id } }
    var long = tags[0]
    long.name = String(repeating: "x", count: 41)
    await #expect(throws: ValidationError.self) { try await Tag.update([long], db) { $0.name } }
    try await tags[7].delete(db)
    let renamed = tags.map { tag in
      var tag = tag
      tag.name = "u" + tag.name
      return tag
    }
    #expect(try await Tag.update(renamed, db) { $0.name } == 2499)
    #expect(try await Tag.get(tags[2000].id, db).name == "ut2000")
  }

  @Test("getOrCreate inserts once, in transactions and among rivals", arguments: TestDatabaseKind.allCases)
  func getOrCreate(_ kind: TestDatabaseKind) async throws {
    let db = try await blog(on: kind)
    let first = try await Tag.getOrCreate(Tag(name: "swift"), db, on: { $0.name })
    #expect(first.isNew)
    let second = try await db.transaction { tx in try await Tag.getOrCreate(Tag(name: "swift"), tx, on: { $0.name }) }
    #expect(!second.isNew && second.row.id == first.row.id)
    let rivals = try await withThrowingTaskGroup(of: (Tag.ID, Bool).self) { group in
      for _ in 0..<8 {
        group.addTask {
          let made = try await Tag.getOrCreate(Tag(name: "news"), db, on: { $0.name })
          return (made.row.id, made.isNew)
        }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(Set(rivals.map(\.0)).count == 1 && rivals.count { $0.1 } == 1)
    let sample = try await Sample(db)
    // Another constraint than the one asked about.
    let error = await #expect(throws: DatabaseError.self) {
      try await Post.getOrCreate(Post(title: "other", slug: "hello", author: Ref(sample.ann)), db, on: { $0.title })
    }
    if case .uniqueViolation = error?.kind {} else { Issue.record("\(String(describing: error))") }
  }

  @Test("updateOrCreate changes the row that is there, or inserts", arguments: TestDatabaseKind.allCases)
  func updateOrCreate(_ kind: TestDatabaseKind) async throws {
    let db = try await blog(on: kind)
    let sample = try await Sample(db)
    let post = Post(title: "new", slug: "hello", views: 1, author: Ref(sample.bo))
    let changed = try await Post.updateOrCreate(post, db, on: { $0.slug }) { $0.views += 10 }
    #expect(!changed.isNew && changed.row.views == 15 && changed.row.title == "Hello")
    #expect(try await Post.get(sample.hello.id, db).views == 15)
    let made = try await Post.updateOrCreate(
      Post(title: "new", slug: "new", views: 1, author: Ref(sample.bo)), db, on: { $0.slug }
    ) { $0.views += 10 }
    #expect(made.isNew && made.row.views == 1)
  }

  @Test("update and delete give back the rows they changed", arguments: TestDatabaseKind.allCases)
  func returning(_ kind: TestDatabaseKind) async throws {
    let db = try await blog(on: kind)
    let sample = try await Sample(db)
    let updated = try await Post.filter { $0.author.isStaff == false }.update(db, returning: .rows) {
      $0.views.set(to: $0.views + 1)
      // The filter does not find it any more afterwards.
      $0.author.id.set(to: sample.bo.id)
    }
    #expect(updated.map(\.id) == [sample.hello.id] && updated[0].views == 6 && updated[0].author.id == sample.bo.id)
    #expect(try await Post.filter { $0.slug == "none" }.update(db, returning: .rows) { $0.views.set(to: 1) }.isEmpty)
    let deleted = try await Comment.filter { $0.approved }.delete(db, returning: .rows)
    #expect(Set(deleted.map(\.text)) == ["c1", "c3", "c5"])
    #expect(try await Comment.query.count(db) == 2)
  }
}
