import Foundation
import MartletCore
import MartletORM
import MartletSQL
import TestDatabases
import Testing

@Suite("Nested expressions") struct PrecedenceTests {
  @Test("a condition compared with a condition is one operand, whatever it is made of", arguments: TestDatabaseKind.allCases)
  func nestedComparisons(_ kind: TestDatabaseKind) async throws {
    let db = try await blog(on: kind)
    _ = try await Sample(db)
    // Ann (key 1, no staff), Bo (key 2, staff): each pair is (is staff) == (the key is that of the filter).
    let same = Author.filter { $0.isStaff == ($0.name == "Bo") }
    #expect(try await same.count(db) == 2)
    let notSame = Author.filter { $0.isStaff != ($0.name == "Bo") }
    #expect(try await notSame.count(db) == 0)
    #expect(try await Author.filter { $0.isStaff == !($0.name == "Ann") }.count(db) == 2)
    #expect(try await Author.filter { author in (author.name == "Ann") == (author.id == 2) }.count(db) == 0)
    #expect(try await Author.filter { author in (author.name == "Ann").in([false]) }.count(db) == 1)
    #expect(try await Author.filter { $0.isStaff == $0.posts.isNotEmpty }.all(db).map(\.name) == ["Bo"])
    let rows = try await Author.query.order { $0.id.asc }.select { ($0.name, $0.isStaff == ($0.name == "Bo")) }.all(db)
    #expect(rows.map(\.1) == [true, true])
    for author in try await Author.query.all(db) { #expect(try same.matches(author)) }
  }

  @Test("raw SQL inside of arithmetic and comparisons is one operand", arguments: TestDatabaseKind.allCases)
  func rawOperands(_ kind: TestDatabaseKind) async throws {
    let db = try await blog(on: kind)
    _ = try await Sample(db)
    let hello = Post.filter { $0.slug == "hello" }
    let doubled: [Int] = try await hello.select { sql("\($0.views) + \(1)", as: Int.self) * 2 }.all(db)
    #expect(doubled == [12])
    #expect(try await hello.filter { sql("\($0.views) = \(5) OR \($0.views) = \(6)", as: Bool.self) == false }.count(db) == 0)
  }

  @Test("an aggregate of no rows in a negated IN keeps the rows", arguments: TestDatabaseKind.allCases)
  func negatedInEmptyAggregate(_ kind: TestDatabaseKind) async throws {
    let db = try await blog(on: kind)
    _ = try await Sample(db)
    let none = Post.filter { $0.slug == "no such" }.select { $0.views.max }
    #expect(try await Post.filter { !$0.views.optional.in(none) }.count(db) == 2)
  }

  @Test("secret values stay out of statement events in every kind of condition", arguments: TestDatabaseKind.allCases)
  func secretBindings(_ kind: TestDatabaseKind) async throws {
    let (db, statements) = try await blog(on: kind).recorded()
    _ = try await Author.filter {
      $0.password.in(["s3cret-in"]) || $0.password.hasPrefix("s3cret-match") || $0.password.lowercased == "s3cret-lower"
        || $0.password.iequals("s3cret-equal")
    }.all(db)
    #expect(statements.all.last?.bindings.isEmpty == false)
    #expect(statements.all.last?.bindings.allSatisfy { $0 == "•••" } == true, "\(statements.all.last?.bindings ?? [])")
  }

  @Test("rows of defaults alone insert in bulk", arguments: TestDatabaseKind.allCases)
  func bulkDefaults(_ kind: TestDatabaseKind) async throws {
    let db = try await blog([Ticket.self], on: kind)
    let tickets = try await Ticket.insert([Ticket(), Ticket(), Ticket()], db)
    #expect(tickets.map(\.id) == [1, 2, 3])
  }

  @Test("hundreds of conditions joined by or and by and are one statement that runs", arguments: TestDatabaseKind.allCases)
  func longChains(_ kind: TestDatabaseKind) async throws {
    let db = try await blog(on: kind)
    _ = try await Sample(db)
    let any = Post.filter { post in (0..<400).reduce(.never) { $0 || post.title.icontains("w\($1)") } || post.views == 5 }
    #expect(try await any.count(db) == 1)
    let all = (0..<400).reduce(Post.query) { query, n in query.filter { $0.views != n + 100 } }
    #expect(try await all.count(db) == 2)
    let none = Post.query.exclude { post in (0..<400).reduce(.never) { $0 || post.views == $1 } }
    #expect(try await none.count(db) == 0)
  }
}

@Model(table: "ticket")
struct Ticket {
  var id: ID
}
