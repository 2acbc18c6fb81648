public import MartletMigrations
import MartletSQL

extension Application {
  /// Applies and undoes the app's migrations.
  /// - Throws: ``MigrationError`` where their numbers have gaps or repeat.
  public func migrationExecutor() throws -> MigrationExecutor { try MigrationExecutor(migrations) }

  /// The names of the migrations that the database has not seen, in order.
  /// - Throws: ``MigrationError``; ``DatabaseError``.
  public func pendingMigrations() async throws -> [String] { try await migrationExecutor().pending(database) }

  /// What `serve` says about migrations that are not applied, as Django's `runserver` does.
  func pendingMigrationsWarning() async -> String? {
    do {
      let pending = try await pendingMigrations()
      guard !pending.isEmpty else { return nil }
      let count = pending.count == 1 ? "1 migration is" : "\(pending.count) migrations are"
      return "\(count) not applied: \(pending.joined(separator: ", ")). Run: \(name) migrate"
    } catch {
      return "The state of the migrations is unknown: \(error)"
    }
  }
}
