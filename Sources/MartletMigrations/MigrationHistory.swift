import Foundation
import MartletCore
import MartletSQL

/// The record of applied migrations: Django's table `django_migrations`, with rows of our own app label; and, on databases
/// whose DDL no transaction undoes, how far a migration came that failed in the middle.
struct MigrationHistory: Sendable {
  static let table = TableState(
    "django_migrations",
    columns: [
      ColumnState("id", .bigInt, primaryKey: true, autoIncrement: true), ColumnState("app", .varchar(255)),
      ColumnState("name", .varchar(255)), ColumnState("applied", .timestamp),
    ])
  static let progressTable = TableState(
    "martlet_migration_progress",
    columns: [
      ColumnState("app", .varchar(255)), ColumnState("name", .varchar(255)), ColumnState("is_undo", .bool),
      ColumnState("done", .int), ColumnState("digest", .varchar(32)),
    ], primaryKey: ["app", "name"])

  /// How far a migration came.
  struct Progress: Sendable {
    var name: String
    var isUndo: Bool
    /// How many of its steps are done.
    var done: Int
    /// Of the text of those steps.
    var digest: String
  }
  let app: String

  func create(_ db: Database) async throws {
    let editor = schemaEditor(for: db.dialect)
    for table in [Self.table] + (keepsProgress(db) ? [Self.progressTable] : []) {
      let text = try editor.createTable(table).replacing("CREATE TABLE", with: "CREATE TABLE IF NOT EXISTS", maxReplacements: 1)
      // IF NOT EXISTS of two sessions at once collides in PostgreSQL's own catalogue.
      if db.dialect.family == .postgres, try await exists(table.name, db) { continue }
      try await db.run(SQLStatement(text, effect: .definition))
    }
  }

  /// The names with the time of their application; none where the table does not exist.
  func applied(_ db: Database) async throws -> [String: Date] {
    guard try await exists(Self.table.name, db) else { return [:] }
    let rows = try await db.query(
      statement("SELECT name, applied FROM django_migrations WHERE app = ? ORDER BY id", [.text(app)], .read, db)
    ) { (try $0.text(), try Date.read(&$0)) }
    return Dictionary(rows) { _, last in last }
  }

  func record(_ name: String, _ db: Database) async throws {
    let values: [SQLValue] = [.text(app), .text(name), db.timeSource.now().sqlValue]
    try await db.run(statement("INSERT INTO django_migrations (app, name, applied) VALUES (?, ?, ?)", values, .write, db))
  }

  func forget(_ name: String, _ db: Database) async throws {
    let values: [SQLValue] = [.text(app), .text(name)]
    try await db.run(statement("DELETE FROM django_migrations WHERE app = ? AND name = ?", values, .write, db))
  }

  // MARK: Progress

  /// Whether a migration that fails leaves what it did: then the next attempt goes on behind it.
  func keepsProgress(_ db: Database) -> Bool { !db.dialect.capabilities.contains(.transactionalDDL) }

  /// The migration that is applied or undone in half; there is one at most.
  func progress(_ db: Database) async throws -> Progress? {
    guard keepsProgress(db), try await exists(Self.progressTable.name, db) else { return nil }
    return try await db.query(
      statement("SELECT name, is_undo, done, digest FROM martlet_migration_progress WHERE app = ?", [.text(app)], .read, db)
    ) { row in
      Progress(name: try row.text(), isUndo: try row.int() != 0, done: Int(try row.int()), digest: try row.text())
    }.first
  }
  func keep(_ progress: Progress, _ db: Database) async throws {
    try await forgetProgress(db)
    let values: [SQLValue] = [
      .text(app), .text(progress.name), .bool(progress.isUndo), .int(Int64(progress.done)), .text(progress.digest),
    ]
    let text = "INSERT INTO martlet_migration_progress (app, name, is_undo, done, digest) VALUES (?, ?, ?, ?, ?)"
    try await db.run(statement(text, values, .write, db))
  }
  func forgetProgress(_ db: Database) async throws {
    try await db.run(statement("DELETE FROM martlet_migration_progress WHERE app = ?", [.text(app)], .write, db))
  }

  // MARK: SQL

  private func exists(_ table: String, _ db: Database) async throws -> Bool {
    let text =
      switch db.dialect.family {
      case .sqlite: "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = ?"
      case .postgres: "SELECT count(*) FROM pg_catalog.pg_class WHERE oid = to_regclass(?)"
      case .mysql: "SELECT count(*) FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = ?"
      }
    return try await db.query(statement(text, [.text(table)], .read, db)) { try $0.int() } == [1]
  }

  private func statement(_ text: String, _ values: [SQLValue], _ effect: SQLStatement.Effect, _ db: Database) -> SQLStatement {
    var text = text
    for place in values.indices { text = text.replacing("?", with: db.dialect.placeholder(place + 1), maxReplacements: 1) }
    return SQLStatement(text, values, effect: effect)
  }
}
