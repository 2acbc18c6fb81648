import Foundation
import MartletMigrations
import MartletSQL
import MartletSQLite
import Synchronization

/// Runs the body with a database file of its own, which goes afterwards.
func withDatabase(_ body: (Database) async throws -> Void) async throws {
  try await withDatabaseFile { db, _ in try await body(db) }
}

/// The same, with the file's path for a second connection.
func withDatabaseFile(_ body: (Database, String) async throws -> Void) async throws {
  let folder = try temporaryFolder()
  defer { try? FileManager.default.removeItem(at: folder) }
  let path = folder.appendingPathComponent("test.db").path
  let driver = SQLiteDriver(path: path)
  do { try await body(Database(driver), path) } catch {
    await driver.shutdown()
    throw error
  }
  await driver.shutdown()
}

func temporaryFolder() throws -> URL {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent("martlet-\(UUID().hex)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  return folder
}

extension Database {
  func execute(_ statements: String...) async throws {
    for text in statements { try await run(SQLStatement(text)) }
  }
  func column<V: ColumnValue>(_ type: V.Type, _ text: String, _ bindings: [SQLValue] = []) async throws -> [V] {
    try await query(SQLStatement(text, bindings, effect: .read)) { try V.read(&$0) }
  }
  /// The SQL of a table's or index's definition.
  func definition(of name: String) async throws -> String? {
    try await column(String.self, "SELECT sql FROM sqlite_master WHERE name = ?", [.text(name)]).first
  }
}

/// Things in the order in which they happened.
final class Journal: Sendable {
  private let state = Mutex([String]())
  var entries: [String] { state.withLock { $0 } }
  func note(_ text: String) { state.withLock { $0.append(text) } }
}
