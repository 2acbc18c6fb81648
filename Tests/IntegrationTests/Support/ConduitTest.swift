import Martlet
import MartletTesting
import TestDatabases

@testable import ConduitApp

/// Conduit on a fresh database of the kind that the test runs on, with the tables that its migrations make.
struct ConduitTest {
  let application: Application
  let client: TestClient
  let tokens: TokenIssuer

  init() async throws {
    var application = try await Conduit.application(.testing())
    if EveryDatabase.kind != .sqlite { application.database = try await TestDatabases.make(EveryDatabase.kind) }
    self.application = application
    try await application.migrationExecutor().migrate(application.database)
    client = try TestClient(application)
    tokens = TokenIssuer(SecretKeys(application.settings.secretKey))
  }

  var db: Database { application.database }

  /// A user with a profile, and a client that sends their token. No password leads to them: hashing is slow on purpose.
  func user(_ name: String, isStaff: Bool = false) async throws -> (user: User, client: TestClient) {
    let user = try await User(
      password: PasswordHashers.unusable(), username: name, email: "\(name)@example.com", isStaff: isStaff
    ).insert(db)
    try await Profile(user: Ref(user)).insert(db)
    return (user, client.authorized(try await tokens.issue(for: user.id.description), scheme: "Token"))
  }

  /// An article of the user.
  @discardableResult
  func article(_ title: String, by author: User, tags: [String] = []) async throws -> Article {
    let article = try await Article(
      slug: Slug.free(for: title, in: db), title: title, description: "In short", body: "At length", author: Ref(author)
    ).insert(db)
    try await article.setTags(tags, db)
    return article
  }
}

extension TestResponse {
  /// The errors of a failure with this status.
  func errors(_ status: HTTPStatus) throws -> [String: [String]] {
    try expect(status).json(ErrorAnswer.self).errors
  }
}

let blank = ["can't be blank"]
let taken = ["has already been taken"]
