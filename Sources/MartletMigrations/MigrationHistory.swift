import Foundation
import MartletCore
import MartletSQL

/// The record of applied migrations: Django's table `django_migrations`, with rows of our own app label.
struct MigrationHistory: Sendable {
  static let table = TableState(
    "django_migrations",
    columns: [
      ColumnState("id", .int, primaryKey: true, autoIncrement: true), ColumnState("app", .varchar(255)),
      ColumnState("name", .varchar(255)), ColumnState("applied", .timestamp),
    ])
  let app: String

  func create(_ db: Database) async throws {
    let text = SQLiteSchemaEditor().createTable(Self.table)
      .replacing("CREATE TABLE", with: "CREATE TABLE IF NOT EXISTS", maxReplacements: 1)
    try await db.run(SQLStatement(text, effect: .definition))
  }

  /// The names with the time of their application; none where the table does not exist.
  func applied(_ db: Database) async throws -> [String: Date] {
    let exists = try await db.query(
      SQLStatement("SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'django_migrations'", effect: .read)
    ) { try $0.int() }
    guard exists == [1] else { return [:] }
    let rows = try await db.query(
      SQLStatement("SELECT name, applied FROM django_migrations WHERE app = ? ORDER BY id", [.text(app)], effect: .read)
    ) { (try $0.text(), try Date.read(&$0)) }
    return Dictionary(rows) { _, last in last }
  }

  func record(_ name: String, _ db: Database) async throws {
    let values: [SQLValue] = [.text(app), .text(name), db.timeSource.now().sqlValue]
    try await db.run(SQLStatement("INSERT INTO django_migrations (app, name, applied) VALUES (?, ?, ?)", values))
  }

  func forget(_ name: String, _ db: Database) async throws {
    try await db.run(SQLStatement("DELETE FROM django_migrations WHERE app = ? AND name = ?", [.text(app), .text(name)]))
  }
}
