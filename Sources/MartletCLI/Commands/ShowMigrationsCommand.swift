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
    try await application.connect()
    let status = try await application.migrationExecutor().status(application.database)
    for migration in status {
      let time = migration.applied.map { "  " + TimestampText.rfc3339(microseconds: $0.microsecondsSince1970) } ?? ""
      let mark = migration.isHalfDone ? "~" : migration.applied == nil ? " " : "X"
      let note = migration.isHalfDone ? "  failed in the middle; migrate goes on with it" : ""
      application.console.print("[\(mark)] \(migration.name)\(time)\(note)")
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
        sqlmigrate 0001 --database postgresql     another database's than DATABASE_URL's
      """)

  @Argument(help: "The migration: its name, its number or the beginning of its name.") var migration: String
  @Flag(help: "The SQL that undoes it.") var backwards = false
  @Option(help: "Whose SQL: sqlite, postgresql, mariadb or mysql; DATABASE_URL's where absent.") var database: String?

  func validate() throws { _ = try dialect() }

  func run(in application: Application) async throws {
    let statements = try application.migrationExecutor()
      .sql(for: migration, dialect: try dialect() ?? application.database.dialect, backwards: backwards)
    for statement in statements { application.console.print(statement.hasPrefix("--") ? statement : statement + ";") }
  }

  private func dialect() throws -> (any SQLDialect)? {
    switch database {
    case nil: nil
    case "sqlite": SQLiteDialect()
    case "postgres", "postgresql": PostgresDialect()
    case "mariadb": MySQLDialect(.mariaDB)
    case "mysql": MySQLDialect(.mySQL)
    case let name?:
      throw ArgumentParser.ValidationError("--database takes sqlite, postgresql, mariadb or mysql, not '\(name)'")
    }
  }
}
