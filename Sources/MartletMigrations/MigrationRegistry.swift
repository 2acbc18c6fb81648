/// The migrations of an app, in order and checked.
struct MigrationRegistry: Sendable {
  let migrations: [Migration]

  /// - Throws: ``MigrationError`` of kind `invalidRegistry`, saying which names collide or what is missing.
  init(_ migrations: [Migration]) throws {
    var byNumber: [Int: String] = [:]
    for migration in migrations {
      guard let number = migration.number else {
        throw MigrationError(
          .invalidRegistry, "the migration '\(migration.name)' has no number",
          hint: "names begin with four digits and an underscore: 0001_initial")
      }
      if let other = byNumber[number] {
        throw MigrationError(
          .invalidRegistry, "two migrations have the number \(number): \(other) and \(migration.name)",
          hint:
            "two branches added one each: give the one that came later the next number, in its name, its file and the registry")
      }
      byNumber[number] = migration.name
    }
    self.migrations = migrations.sorted { $0.name < $1.name }
    for (i, migration) in self.migrations.enumerated() where migration.number != i + 1 {
      throw MigrationError(
        .invalidRegistry, "the migration before \(migration.name) is missing",
        hint: "migrations are numbered from 0001 without a gap; is one missing in Migrations/Registry.swift?")
    }
  }

  /// The place of the migration of this name, of this number (`0003`) or whose name begins so; -1 for `zero`.
  func place(of name: String) throws -> Int {
    if name == "zero" { return -1 }
    if let exact = migrations.firstIndex(where: { $0.name == name }) { return exact }
    let matches = migrations.indices.filter { migrations[$0].name.hasPrefix(name) }
    guard matches.count == 1, let match = matches.first, !name.isEmpty else {
      throw MigrationError(
        .unknownMigration,
        matches.count > 1 && !name.isEmpty ? "several migrations begin with '\(name)'" : "there is no migration '\(name)'",
        hint: "the migrations are: " + (["zero"] + migrations.map(\.name)).joined(separator: ", "))
    }
    return match
  }

  /// How many of the first migrations are applied.
  ///
  /// - Throws: ``MigrationError`` of kind `inconsistentHistory` where what is applied is not a beginning of the list.
  func appliedCount(_ applied: Set<String>) throws -> Int {
    let unknown = applied.subtracting(migrations.map(\.name)).sorted()
    guard unknown.isEmpty else {
      throw MigrationError(
        .inconsistentHistory,
        "the database has migrations applied that the app does not have: \(unknown.joined(separator: ", "))",
        hint: "is this an older version of the app, or is the registry incomplete? Newer code has to undo them")
    }
    let count = migrations.firstIndex { !applied.contains($0.name) } ?? migrations.count
    if let late = migrations[count...].first(where: { applied.contains($0.name) }) {
      throw MigrationError(
        .inconsistentHistory, "\(late.name) is applied and \(migrations[count].name), which comes before it, is not",
        hint: "give the new migration a number after \(late.name)")
    }
    return count
  }
}
