import ArgumentParser
import MartletCore
import MartletMigrations
import MartletSQL

/// `showmigrations`: every migration, with a cross where it is applied.
struct ShowMigrationsCommand: BackendCommand {
  static let configuration = CommandConfiguration(
    commandName: "showmigrations", abstract: "List the migrations and which are applied.",
    discussion: """
      Examples:
        showmigrations
      """)

  func run(in application: Application) async throws {
    let status = try await application.migrationExecutor().status(application.database)
    for migration in status {
      let time = migration.applied.map { "  " + TimestampText.rfc3339(microseconds: $0.microsecondsSince1970) } ?? ""
      application.console.print("[\(migration.applied == nil ? " " : "X")] \(migration.name)\(time)")
    }
    if status.isEmpty { application.console.print("(no migrations)") }
  }
}

/// `sqlmigrate`: the SQL of one migration.
struct SQLMigrateCommand: BackendCommand {
  static let configuration = CommandConfiguration(
    commandName: "sqlmigrate", abstract: "Print the SQL of a migration.",
    discussion: """
      Examples:
        sqlmigrate 0001
        sqlmigrate 0002_post_views --backwards
      """)

  @Argument(help: "The migration: its name, its number or the beginning of its name.") var migration: String
  @Flag(help: "The SQL that undoes it.") var backwards = false

  func run(in application: Application) async throws {
    let statements = try application.migrationExecutor()
      .sql(for: migration, dialect: application.database.dialect, backwards: backwards)
    for statement in statements { application.console.print(statement.hasPrefix("--") ? statement : statement + ";") }
  }
}
