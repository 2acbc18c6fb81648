import ArgumentParser
import MartletSQL
import MartletSQLite

/// `backup`: copies an SQLite database that is in use.
struct BackupCommand: BackendCommand {
  static let configuration = CommandConfiguration(
    commandName: "backup", abstract: "Copy the database into a file while it is in use (SQLite).",
    discussion: """
      The copy is the state of one moment. It passes SQLite's integrity check before it gets its name.

      Examples:
        backup /backups/blog.db
        backup /backups/blog.db --replace
        backup --verify                        check the database itself, copy nothing
      """)

  @Argument(help: "The file to write.") var file: String?
  @Flag(help: "Replace the file where it exists.") var replace = false
  @Flag(help: "Look through the whole database for damage first: integrity and foreign keys.") var verify = false

  func validate() throws {
    if file == nil, !verify { throw ArgumentParser.ValidationError("name the file to write, or ask for --verify") }
  }

  func run(in application: Application) async throws {
    guard let driver = application.database.driver.primary as? SQLiteDriver else {
      throw CommandError(.unavailable, Self.advice(application.database))
    }
    if verify {
      let problems = try await driver.integrityCheck()
      for problem in problems { application.console.printError(problem) }
      guard problems.isEmpty else {
        throw CommandError(
          .failedChecks, "\(problems.count) problem\(problems.count == 1 ? "" : "s") in \(driver.displayName): restore a backup")
      }
      application.console.print("\(driver.displayName) is in order")
    }
    guard let file else { return }
    try await driver.backup(to: file, isReplacing: replace)
    application.console.print("copied \(driver.displayName) to \(file)")
  }

  /// The program that backs up another database.
  static func advice(_ database: Database) -> String {
    let name = database.driver.primary.displayName
    switch database.dialect.family {
    case .postgres: return "backup copies SQLite databases; use pg_dump --format=custom for \(name)"
    case .mysql: return "backup copies SQLite databases; use mariadb-dump --single-transaction (or mysqldump) for \(name)"
    case .sqlite: return "backup knows no way to copy \(name)"
    }
  }
}
