import ArgumentParser
import MartletMigrations
import MartletSQL

/// `migrate`: brings the database to the newest migration, or to any other.
struct MigrateCommand: BackendCommand {
  static let configuration = CommandConfiguration(
    commandName: "migrate", abstract: "Apply migrations, or go back to one.",
    discussion: """
      Examples:
        migrate                  apply all that is pending
        migrate 0003             go forth or back until 0003 is the last one applied
        migrate zero             undo all
        migrate --plan           only say what would be done
        migrate --fake 0001      record 0001 without running it: its tables are there already

      On MySQL and MariaDB no transaction undoes a migration that fails: its steps are recorded, and the next
      `migrate` goes on behind the last one that was done.
      """)

  @Argument(help: "The migration that shall be the last one applied: name, number or 'zero'.") var target: String?
  @Flag(help: "Record without running.") var fake = false
  @Flag(help: "Say what would be done, and do nothing.") var plan = false

  func run(in application: Application) async throws {
    try await application.connect()
    let executor = try application.migrationExecutor(), console = application.console
    if plan { return try await printPlan(executor, application) }
    let done = try await executor.migrate(application.database, to: target, fake: fake) { progress in
      switch progress {
      case .applying, .undoing: break
      case .applied(_, let time), .undone(_, let time): console.print("  \(progress) (\(milliseconds(time)) ms)")
      case .faked, .skipped: console.print("  \(progress)")
      }
    }
    if done.isEmpty { console.print("No migrations to apply.") }
    guard target == nil else { return }
    let changes = try MigrationPlanner.pendingOperations(models: application.models.types, migrations: application.migrations)
    if !changes.isEmpty {
      console.print(
        console.styled("The models have changes that no migration holds yet. Run: \(application.name) makemigrations", .yellow))
    }
  }

  private func printPlan(_ executor: MigrationExecutor, _ application: Application) async throws {
    let status = try await executor.status(application.database)
    let wanted = try target.map { try Self.place(of: $0, in: status.map(\.name)) } ?? status.count
    let summaries = Dictionary(application.migrations.map { ($0.name, $0.operations.map(\.summary)) }) { first, _ in first }
    let forth = status.prefix(wanted).filter { $0.applied == nil }.map { (verb: "apply", name: $0.name) }
    let back = status.dropFirst(wanted).reversed().filter { $0.applied != nil }.map { (verb: "undo", name: $0.name) }
    for step in forth + back {
      application.console.print("\(step.verb) \(step.name)")
      for summary in summaries[step.name] ?? [] { application.console.print("    \(summary)") }
    }
    if forth.isEmpty && back.isEmpty { application.console.print("Nothing to do.") }
  }

  /// How many migrations are applied when `target` is the last one.
  private static func place(of target: String, in names: [String]) throws -> Int {
    if target == "zero" { return 0 }
    let matches = names.indices.filter { names[$0] == target || names[$0].hasPrefix(target) }
    if let exact = matches.first(where: { names[$0] == target }) { return exact + 1 }
    guard matches.count == 1 else {
      throw CommandError(
        .invalidInput,
        "'\(target)' names \(matches.isEmpty ? "no migration" : "several migrations"); "
          + "there are: \(names.isEmpty ? "none" : names.joined(separator: ", "))")
    }
    return matches[0] + 1
  }
}

private func milliseconds(_ duration: Duration) -> Int { Int(duration / .milliseconds(1)) }
