import Martlet
import MartletTesting
import Synchronization
import TestDatabases
import Testing

@testable import ConduitApp

@Suite("Conduit: example data", .onEveryDatabase)
struct SeedTests {
  /// Runs `conduit seed` with the arguments on a fresh database, or on one that is there.
  private func seed(_ arguments: String..., on test: ConduitTest) async throws {
    var command = try #require(try SeedCommand.parseAsRoot(arguments) as? SeedCommand)
    try await command.run(in: test.application)
  }

  @Test("the same seed gives the same data, another seed gives other data")
  func deterministic() async throws {
    func titles(_ seed: String) async throws -> [String] {
      let test = try await ConduitTest()
      try await self.seed("--users", "5", "--articles", "20", "--comments", "30", "--seed", seed, on: test)
      let articles = try await Article.query.order { $0.id.asc }.with { $0.tags }.all(test.db)
      let comments = try await Comment.query.order { $0.id.asc }.all(test.db)
      return try articles.map { "\($0.slug) \($0.title) \($0.createdAt) \(try $0.tags.get().map(\.name))" }
        + comments.map { "\($0.article.id) \($0.author.id) \($0.body) \($0.createdAt)" }
    }
    let first = try await titles("7"), again = try await titles("7"), other = try await titles("8")
    #expect(first.count == 50)
    #expect(first == again)
    #expect(first != other)
  }

  @Test("it writes as many rows as asked for, in the order of their times, comments after their articles")
  func counts() async throws {
    let test = try await ConduitTest()
    try await seed("--users", "12", "--articles", "300", "--comments", "600", on: test)
    #expect(try await User.query.count(test.db) == 12)
    #expect(try await Profile.query.count(test.db) == 12)
    #expect(try await Article.query.count(test.db) == 300)
    #expect(try await Comment.query.count(test.db) == 600)
    #expect(try await Favorite.query.count(test.db) > 300)
    #expect(try await Follow.query.count(test.db) > 12)
    #expect(try await Comment.filter { $0.createdAt < $0.article.createdAt }.count(test.db) == 0)
    let times = try await Article.query.order { $0.id.asc }.all(test.db).map(\.createdAt)
    #expect(times == times.sorted() && Set(times).count == 300)
  }

  @Test("everyone can log in with the password that it prints")
  func password() async throws {
    let test = try await ConduitTest()
    try await seed("--users", "2", "--articles", "1", "--comments", "0", on: test)
    for user in try await User.query.all(test.db) {
      let input = ["user": ["email": user.email, "password": SeedCommand.password]]
      try await test.client.post("/api/users/login", json: input).expect(.ok)
    }
  }

  @Test("it refuses to run twice, unless it shall append")
  func twice() async throws {
    let test = try await ConduitTest()
    try await seed("--users", "3", "--articles", "4", "--comments", "5", on: test)
    await #expect(throws: CommandError.self) { try await seed("--users", "3", "--articles", "4", "--comments", "5", on: test) }
    try await seed("--users", "3", "--articles", "4", "--comments", "5", "--append", "--seed", "2", on: test)
    #expect(try await User.query.count(test.db) == 6)
    #expect(try await Article.query.count(test.db) == 8)
  }

  @Test("names stay different past the number of all first and last names")
  func names() {
    var text = SeedText(random: SeedRandom(seed: 1))
    #expect(Set((0..<5000).map { text.username($0) }).count == 5000)
  }

  @Test("the generator is SplitMix64")
  func generator() {
    // The first numbers for seed 1234567, as published with the reference implementation.
    var random = SeedRandom(seed: 1_234_567)
    #expect(random.next() == 6_457_827_717_110_365_317)
    #expect(random.next() == 3_203_168_211_198_807_973)
  }

  @Test("numbers that make no sense are refused with the option's name")
  func options() {
    #expect(throws: (any Error).self) { try SeedCommand.parseAsRoot(["--users", "0"]) }
    #expect(throws: (any Error).self) { try SeedCommand.parseAsRoot(["--articles", "0"]) }
  }
}
