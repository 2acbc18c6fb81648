import Foundation
import MartletCore
import MartletORM
import MartletSQL
import Testing

@Suite("Nested expressions") struct PrecedenceTests {
  @Test("an aggregate of no rows in a negated IN keeps the rows")
  func negatedInEmptyAggregate() async throws {
    let db = try await blog()
    _ = try await Sample(db)
    let none = Post.filter { $0.slug == "no such" }.select { $0.views.max }
    #expect(try await Post.filter { !$0.views.optional.in(none) }.count(db) == 2)
  }

  @Test("secret values stay out of statement events in every kind of condition")
  func secretBindings() async throws {
    let (db, statements) = try await blog().recorded()
    _ = try await Author.filter {
      $0.password.in(["s3cret-in"]) || $0.password.hasPrefix("s3cret-match") || $0.password.lowercased == "s3cret-lower"
        || $0.password.iequals("s3cret-equal")
    }.all(db)
    #expect(statements.all.last?.bindings.isEmpty == false)
    #expect(statements.all.last?.bindings.allSatisfy { $0 == "•••" } == true, "\(statements.all.last?.bindings ?? [])")
  }

  @Test("hundreds of conditions joined by or and by and are one statement that runs")
  func longChains() async throws {
    let db = try await blog()
    _ = try await Sample(db)
    let any = Post.filter { post in (0..<400).reduce(.never) { $0 || post.title.icontains("w\($1)") } || post.views == 5 }
    #expect(try await any.count(db) == 1)
    let all = (0..<400).reduce(Post.query) { query, n in query.filter { $0.views != n + 100 } }
    #expect(try await all.count(db) == 2)
    let none = Post.query.exclude { post in (0..<400).reduce(.never) { $0 || post.views == $1 } }
    #expect(try await none.count(db) == 0)
  }
}
