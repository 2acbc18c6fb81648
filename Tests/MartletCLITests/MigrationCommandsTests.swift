import Foundation
import Martlet
import Testing

@Suite("The migration commands")
struct MigrationCommandsTests {
  // Held by the suite's value, which lives as long as its test.
  private let folder: TestFolder
  private let variables: [String: String]
  init() throws {
    folder = try TestFolder()
    variables = ["DATABASE_URL": folder.databaseURL]
  }

  @Test("makemigrations writes the first migration and its registry, and says what it does")
  func makeFirst() async throws {
    let result = await run(Bookshop.self, "makemigrations", "--name", "initial", "--directory", folder.path)
    #expect(result.code == 0)
    #expect(result.output.hasPrefix("0001_initial\n"))
    #expect(result.output.contains("Build the app again, then run: bookshop migrate"))
    let source = try folder.read("0001_initial.swift")
    for table in ["bookshop_author", "bookshop_book", "auth_user", "django_session"] {
      #expect(source.contains("m.create(\"\(table)\")"))
    }
    #expect(try folder.read("Registry.swift").contains("0001_initial"))
  }

  @Test("makemigrations --dry-run prints the migration and writes nothing")
  func dryRun() async throws {
    let result = await run(Bookshop.self, "makemigrations", "--dry-run", "--directory", folder.path)
    #expect(result.code == 0)
    #expect(result.output.contains("m.create(\"bookshop_author\")"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
  }

  @Test("makemigrations --check fails as long as the models have changes, and lists them")
  func checkOnly() async {
    let result = await run(MigratedBookshop.self, "makemigrations", "--check")
    #expect(result.code == 1)
    #expect(result.output.contains("bookshop_book"))
    #expect(result.errors == "error: the models have changes that no migration holds; run: bookshop makemigrations\n")
  }

  @Test("migrate applies what is pending, once, and tells of changes without a migration")
  func migrate() async throws {
    let first = await run(MigratedBookshop.self, "migrate", variables: variables)
    #expect(first.code == 0)
    #expect(first.output.contains("  Applied 0001_author ("))
    #expect(first.output.contains("  Applied 0002_rename ("))
    #expect(first.output.contains("The models have changes that no migration holds yet. Run: bookshop makemigrations"))
    let second = await run(MigratedBookshop.self, "migrate", variables: variables)
    #expect(second.output.hasPrefix("No migrations to apply.\n"))
  }

  @Test("showmigrations marks what is applied; migrate goes back to a number and to zero")
  func back() async throws {
    #expect(
      await run(MigratedBookshop.self, "showmigrations", variables: variables).output == "[ ] 0001_author\n[ ] 0002_rename\n")
    #expect(await run(MigratedBookshop.self, "migrate", variables: variables).code == 0)
    let back = await run(MigratedBookshop.self, "migrate", "0001", variables: variables)
    #expect(back.output.contains("  Undone 0002_rename ("))
    let shown = await run(MigratedBookshop.self, "showmigrations", variables: variables).output
    #expect(shown.hasPrefix("[X] 0001_author  20"))
    #expect(shown.hasSuffix("[ ] 0002_rename\n"))
    #expect(await run(MigratedBookshop.self, "migrate", "zero", variables: variables).output.contains("Undone 0001_author"))
  }

  @Test("migrate --plan says what would be done, forth and back, and does nothing")
  func plan() async throws {
    let plan = await run(MigratedBookshop.self, "migrate", "--plan", variables: variables).output
    #expect(plan.hasPrefix("apply 0001_author\n    "))
    #expect(plan.contains("apply 0002_rename\n    "))
    #expect(await run(MigratedBookshop.self, "migrate", "--plan", "0001", variables: variables).output.contains("0002") == false)
    #expect(await run(MigratedBookshop.self, "showmigrations", variables: variables).output.contains("[X]") == false)
    #expect(await run(MigratedBookshop.self, "migrate", variables: variables).code == 0)
    #expect(
      await run(MigratedBookshop.self, "migrate", "--plan", "zero", variables: variables).output.contains("undo 0002_rename"))
    #expect(await run(MigratedBookshop.self, "migrate", "--plan", variables: variables).output == "Nothing to do.\n")
  }

  @Test("migrate --fake records without running")
  func fake() async throws {
    let result = await run(MigratedBookshop.self, "migrate", "--fake", "0001", variables: variables)
    #expect(result.output == "  Faked 0001_author\n")
    let failing = await run(MigratedBookshop.self, "migrate", variables: variables)
    #expect(failing.code == 1)
    #expect(failing.errors.contains("bookshop_author_old"))
  }

  @Test(
    "an unknown migration is refused by every command that takes one",
    arguments: [["migrate", "0009"], ["migrate", "--plan", "0009"], ["sqlmigrate", "x"]])
  func unknown(_ arguments: [String]) async {
    let recording = ConsoleRecording()
    let code = await MigratedBookshop.tool(console: recording.console).run(arguments) { _ in
      try Settings.load(variables: ["ENVIRONMENT": "development", "DATABASE_URL": "sqlite::memory:"], directory: nil)
    }
    #expect(code == 1)
    #expect(recording.errors.hasPrefix("error: "))
  }

  @Test("sqlmigrate prints the SQL, forth and back")
  func sql() async {
    let forth = await run(MigratedBookshop.self, "sqlmigrate", "0001").output
    #expect(forth.hasPrefix("BEGIN IMMEDIATE;\n"))
    #expect(forth.contains("CREATE TABLE \"bookshop_author_old\""))
    #expect(forth.hasSuffix("COMMIT;\n"))
    #expect(
      await run(MigratedBookshop.self, "sqlmigrate", "0001", "--backwards").output.contains("DROP TABLE \"bookshop_author_old\""))
  }
}

@Suite("createsuperuser")
struct CreateSuperuserTests {
  private let folder: TestFolder
  private let variables: [String: String]

  /// The app on a database file that has its tables.
  init() async throws {
    folder = try TestFolder()
    variables = ["DATABASE_URL": folder.databaseURL]
    let settings = try Settings.load(variables: variables.merging(["ENVIRONMENT": "development"]) { $1 }, directory: nil)
    let application = try await SuperuserShop.application(settings)
    try await application.migrationExecutor().migrate(application.database)
    await application.close()
  }
  private func user(_ name: String) async throws -> User? {
    let db = Database(try SQLiteDriver(url: variables["DATABASE_URL"] ?? ""))
    return try await User.filter { $0.username == name }.first(db)
  }

  @Test("without a terminal the options and SUPERUSER_PASSWORD say everything")
  func unattended() async throws {
    let result = await run(
      SuperuserShop.self, "createsuperuser", "--no-input", "--username", "ada", "--email", "ada@EXAMPLE.org",
      variables: variables.merging(["SUPERUSER_PASSWORD": "vaporous-lantern"]) { $1 })
    #expect(result.code == 0)
    #expect(result.output == "Superuser ada created.\n")
    let ada = try #require(try await user("ada"))
    #expect(ada.isSuperuser && ada.isStaff && ada.isActive)
    #expect(ada.email == "ada@example.org")
    #expect(try await Users(hashers: .insecureForTests).hashers.verify("vaporous-lantern", ada.password).isCorrect)
  }

  @Test("without a name, with a weak password or a taken name it fails and says why")
  func refusals() async throws {
    let nameless = await run(SuperuserShop.self, "createsuperuser", "--no-input", variables: variables)
    #expect(nameless.code == 1)
    #expect(nameless.errors.contains("pass --username"))
    let weak = await run(
      SuperuserShop.self, "createsuperuser", "--no-input", "--username", "ada",
      variables: variables.merging(["SUPERUSER_PASSWORD": "12345"]) { $1 })
    #expect(weak.code == 1)
    #expect(weak.errors.contains("password: "))
    #expect(!weak.errors.contains("12345"))
    let first = await run(SuperuserShop.self, "createsuperuser", "--no-input", "--username", "ada", variables: variables)
    #expect(first.code == 0)
    #expect(try await user("ada")?.hasUsablePassword == false)
    let again = await run(SuperuserShop.self, "createsuperuser", "--no-input", "--username", "ada", variables: variables)
    #expect(again.code == 1)
    #expect(again.errors.contains("username: The username ada is already taken."))
  }

  @Test("at a terminal it asks until everything is right, and never shows the password")
  func interactive() async throws {
    let result = await run(
      SuperuserShop.self, "createsuperuser", variables: variables,
      answers: [
        "ada", "nonsense", "vaporous-lantern", "vaporous-lantern", "ada", "ada@example.org", "one", "two", "ada",
        "ada@example.org",
        "vaporous-lantern", "vaporous-lantern",
      ])
    #expect(result.code == 0)
    #expect(result.errors.contains("email: Enter a valid email address."))
    #expect(result.errors.contains("The two passwords differ."))
    #expect(result.output.hasSuffix("Superuser ada created.\n"))
    #expect(!(result.output + result.errors).contains("vaporous"))
  }

  @Test("the end of the input cancels, and an app without users says so")
  func cancelled() async throws {
    let result = await run(SuperuserShop.self, "createsuperuser", variables: variables, answers: ["ada"])
    #expect(result.code == 1)
    #expect(result.errors == "error: cancelled: no user was created\n")
    #expect(await run(MigratedBookshop.self, "createsuperuser").errors.contains("add User.self to its models"))
  }
}

/// Users with fast hashes, and the migration of their tables.
private struct SuperuserShop: Backend {
  var models: Models { AuthModels.all }
  var routes: some Routes { Get("") { _ in "home" } }
  var migrations: [Migration] {
    let operations = try? MigrationPlanner.pendingOperations(models: AuthModels.all, migrations: [])
    return operations.map { [Migration("0001_auth", operations: $0)] } ?? []
  }
  func configure(_ application: inout Application) async throws { application.users = Users(hashers: .insecureForTests) }
}
