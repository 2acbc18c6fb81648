import Martlet
import MartletTesting
import Testing

@testable import ConduitApp

@Suite("Conduit: migrations")
struct MigrationTests {
  @Test("the migrations hold what the models say: a second makemigrations finds nothing")
  func nothingLeft() throws {
    let app = Conduit()
    let pending = try MigrationPlanner.pendingOperations(models: app.models.types, migrations: app.migrations)
    #expect(pending.isEmpty, "\(pending.map(\.summary))")
  }

  @Test("they apply to an empty database, can be undone to nothing, and apply again")
  func backAndForth() async throws {
    let app = try await Conduit.application(.testing())
    let executor = try app.migrationExecutor()
    #expect(try await executor.migrate(app.database).count == Conduit().migrations.count)
    #expect(try await executor.migrate(app.database).isEmpty)
    try await executor.migrate(app.database, to: "zero")
    try await executor.migrate(app.database)
    #expect(try await Article.query.count(app.database) == 0)
  }

  @Test("two users cannot share an address, but may have none")
  func addresses() async throws {
    let test = try await ConduitTest()
    for name in ["a", "b"] { try await User(password: "!", username: name).insert(test.db) }
    try await User(password: "!", username: "c", email: "c@example.com").insert(test.db)
    await #expect(throws: DatabaseError.self) {
      try await User(password: "!", username: "d", email: "c@example.com").insert(test.db)
    }
  }

  @Test("nobody follows themselves, even past the API")
  func check() async throws {
    let test = try await ConduitTest()
    let (ada, _) = try await test.user("ada")
    await #expect(throws: DatabaseError.self) { try await Follow(follower: Ref(ada), followed: Ref(ada)).insert(test.db) }
  }
}
