import ArgumentParser
import Foundation
import MartletMigrations

/// `makemigrations`: writes the Swift file that leads from the migrations to the models.
struct MakeMigrationsCommand: BackendCommand {
  static let configuration = CommandConfiguration(
    commandName: "makemigrations", abstract: "Write the migration that the models need.",
    discussion: """
      Writes a Swift file and the registry beside it; build the app again before `migrate`. Where a column could
      have been renamed or replaced, it asks; without a terminal the answer is no.

      Examples:
        makemigrations
        makemigrations --name add_slug
        makemigrations --check          fail if the models have changes that no migration holds
      """)

  @Option(help: "The words after the number, such as add_slug.") var name: String?
  @Flag(help: "Write nothing; exit with 1 where a migration is missing.") var check = false
  @Flag(help: "Print the migration instead of writing it.") var dryRun = false
  @Option(help: "Where the files go, instead of the app's own folder.") var directory: String?

  func run(in application: Application) async throws {
    let console = application.console
    if check { return try checkOnly(application) }
    let folder = try dryRun ? "." : folder(application)
    let written = try MigrationPlanner.makeMigrations(
      models: application.models.types, migrations: application.migrations, directory: folder, name: name, isDryRun: dryRun
    ) { question in
      guard console.isInteractive else { return false }
      let answer = console.ask("\(question.text) [y/N] ") ?? ""
      return ["y", "yes"].contains(answer.lowercased())
    }
    guard let written else { return console.print("No changes.") }
    if dryRun { return console.print(written.source) }
    console.print(console.styled(written.name, .bold))
    for operation in written.operations {
      let warning = operation.isDestructive ? console.styled("   loses data", .red) : ""
      console.print("    \(operation.summary)\(warning)")
    }
    for file in written.files { console.print("wrote \(file)") }
    console.print("Build the app again, then run: \(application.name) migrate")
  }

  private func checkOnly(_ application: Application) throws {
    let changes = try MigrationPlanner.pendingOperations(models: application.models.types, migrations: application.migrations)
    guard !changes.isEmpty else { return application.console.print("No changes.") }
    for change in changes { application.console.print("    \(change.summary)") }
    throw CommandError(
      .pendingMigrations, "the models have changes that no migration holds; run: \(application.name) makemigrations")
  }

  /// The folder of the option, of the app, or the only `Sources/<target>/Migrations` below the working directory.
  private func folder(_ application: Application) throws -> String {
    if let directory = directory ?? application.migrationsDirectory { return directory }
    let manager = FileManager.default
    let targets = (try? manager.contentsOfDirectory(atPath: "Sources"))?.sorted().map { "Sources/" + $0 } ?? []
    let present = targets.map { $0 + "/Migrations" }.filter { manager.fileExists(atPath: $0) }
    if present.count == 1 { return present[0] }
    if present.isEmpty, targets.count == 1 { return targets[0] + "/Migrations" }
    throw CommandError(
      .invalidInput,
      "makemigrations does not know where to write: \(present.isEmpty ? "no" : "more than one") folder Sources/<target>/Migrations here. "
        + "Run it from the project's folder, pass --directory, or set migrationsDirectory in the app.")
  }
}
