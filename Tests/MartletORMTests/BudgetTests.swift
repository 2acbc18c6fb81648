import MartletORM
import MartletSQL
import TestDatabases
import Testing

@Suite("Query budgets") struct BudgetTests {
  @Test("a budget that is kept is not noticed", arguments: TestDatabaseKind.allCases)
  func kept(_ kind: TestDatabaseKind) async throws {
    let db = try await blog(on: kind)
    _ = try await Sample(db)
    let n = try await db.budget(2) { db in try await Post.query.with { $0.comments }.all(db).count }
    #expect(n == 2)
  }

  @Test("a loop of queries is named with its place, its count and a hint", arguments: TestDatabaseKind.allCases)
  func exceeded(_ kind: TestDatabaseKind) async throws {
    let db = try await blog(on: kind)
    _ = try await Sample(db)
    // Outside of #expect, whose expansion has lines of its own.
    let line: UInt = #line + 3
    func work(_ db: Database) async throws {
      let comments = try await Comment.query.all(db)
      for comment in comments { _ = try await Post.get(comment.post.id, db) }
    }
    let error = await #expect(throws: QueryBudgetExceeded.self) { try await db.budget(3) { db in try await work(db) } }
    #expect(error?.count == 6 && error?.limit == 3 && error?.statements.count == 2)
    #expect(error?.statements.last?.times == 5)
    #expect(error?.statements.last?.source?.line == line)
    let text = error?.description ?? ""
    #expect(text.hasPrefix("6 statements ran where 3 are allowed (budget set at MartletORMTests/BudgetTests.swift:"))
    #expect(text.contains("5 × MartletORMTests/BudgetTests.swift:\(line): SELECT"))
    #expect(text.hasSuffix("ran 5 times: load all rows at once with .with { … } or in(…)"))
  }

  @Test(
    "a value with a budget refuses the statement that is too many, in transactions too, and does not run it",
    arguments: TestDatabaseKind.allCases)
  func strict(_ kind: TestDatabaseKind) async throws {
    let db = try await blog(on: kind)
    let limited = db.budget(2)
    await #expect(throws: QueryBudgetExceeded.self) {
      try await limited.transaction { tx in
        for i in 0..<3 { try await Tag(name: "\(i)").insert(tx) }
      }
    }
    #expect(try await Tag.query.count(db) == 0)
    let once = db.budget(1)
    for try await _ in Tag.query.stream(once) {}
    await #expect(throws: QueryBudgetExceeded.self) { for try await _ in Tag.query.stream(once) {} }
  }

  @Test("the closure's own error comes first, and budgets nest", arguments: TestDatabaseKind.allCases)
  func nested(_ kind: TestDatabaseKind) async throws {
    struct Own: Error {}
    let db = try await blog(on: kind)
    await #expect(throws: Own.self) {
      try await db.budget(0) { db in
        _ = try await Tag.query.count(db)
        throw Own()
      }
    }
    let error = await #expect(throws: QueryBudgetExceeded.self) {
      try await db.budget(1) { outer in
        for _ in 0..<2 { try await outer.budget(1) { inner in _ = try await Tag.query.count(inner) } }
      }
    }
    #expect(error?.limit == 1 && error?.count == 2)
  }
}
