import Foundation
public import MartletORM
import MartletSQL

/// Compares models with migrations, and writes the migration between them.
public enum MigrationPlanner {
  /// A migration that was written.
  public struct WrittenMigration: Sendable {
    /// `0002_post_views`
    public var name: String
    /// The files written: the migration and the registry.
    public var files: [String]
    /// What the migration does.
    public var operations: [MigrationOperation]
    /// The source of the migration.
    public var source: String
  }

  /// The operations that lead from the migrations to the models: none where both agree.
  ///
  /// - Parameter ask: Answers questions about renames; without a person, nothing is a rename but what `@Field(renamedFrom:)` says.
  /// - Throws: ``MigrationError``.
  public static func pendingOperations(
    models: [any Model.Type], migrations: [Migration], ask: (MigrationQuestion) -> Bool = { _ in false }
  ) throws -> [MigrationOperation] {
    let registry = try MigrationRegistry(migrations)
    return try SchemaDiff.operations(
      from: SchemaState(replaying: registry.migrations), to: SchemaTarget(models: models), ask: ask)
  }

  /// The same for a schema that no models declare.
  static func pendingOperations(
    target: SchemaTarget, migrations: [Migration], ask: (MigrationQuestion) -> Bool = { _ in false }
  ) throws -> [MigrationOperation] {
    try SchemaDiff.operations(from: SchemaState(replaying: MigrationRegistry(migrations).migrations), to: target, ask: ask)
  }

  /// Writes the migration that leads to the models, and the registry with it.
  ///
  /// ```swift
  /// let written = try MigrationPlanner.makeMigrations(
  ///   models: backend.models, migrations: Migrations.all, directory: "Sources/Blog/Migrations", name: nil,
  ///   ask: { question in terminal.confirm(question.text) })
  /// ```
  /// - Parameters:
  ///   - directory: Where the files go; made where it does not exist.
  ///   - name: The words after the number; made from the operations where absent.
  ///   - isDryRun: Write nothing.
  ///   - ask: Answers questions about renames.
  /// - Returns: What was written; `nil` where models and migrations agree.
  /// - Throws: ``MigrationError``, of kind `file` where a file cannot be written.
  public static func makeMigrations(
    models: [any Model.Type], migrations: [Migration], directory: String, name: String? = nil, isDryRun: Bool = false,
    ask: (MigrationQuestion) -> Bool = { _ in false }
  ) throws -> WrittenMigration? {
    let operations = try pendingOperations(models: models, migrations: migrations, ask: ask)
    guard !operations.isEmpty else { return nil }
    return try write(operations, migrations: migrations, directory: directory, name: name, isDryRun: isDryRun)
  }

  static func write(
    _ operations: [MigrationOperation], migrations: [Migration], directory: String, name: String?, isDryRun: Bool
  ) throws -> WrittenMigration {
    let name = try MigrationName.next(after: migrations, operations, chosen: name)
    let source = MigrationSource(name: name, operations: operations).text
    let files = [
      (directory + "/\(name).swift", source),
      (directory + "/Registry.swift", MigrationSource.registry(migrations.map(\.name) + [name])),
    ]
    if !isDryRun {
      do {
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        for (path, text) in files { try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic) }
      } catch {
        throw MigrationError(
          .file, "the migration \(name) cannot be written to \(directory): \(error.localizedDescription)",
          hint: "is the directory there and writable?")
      }
    }
    return WrittenMigration(name: name, files: files.map(\.0), operations: operations, source: source)
  }
}
