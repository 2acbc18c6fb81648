import Foundation
import MartletSQL
import MartletSQLite
import Synchronization

/// Runs the body with a database file of its own, which goes afterwards.
func withDatabase<Result: Sendable>(
  _ configure: (inout SQLiteConfiguration) -> Void = { _ in }, _ body: (Database, SQLiteDriver) async throws -> Result
) async throws -> Result {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent("martlet-\(UUID().hex)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  var configuration = SQLiteConfiguration(path: folder.appendingPathComponent("test.db").path)
  configure(&configuration)
  let driver = SQLiteDriver(configuration)
  defer { try? FileManager.default.removeItem(at: folder) }
  do {
    let result = try await body(Database(driver), driver)
    await driver.shutdown()
    return result
  } catch {
    await driver.shutdown()
    throw error
  }
}

/// Runs the body with a database in memory.
func withMemoryDatabase<Result: Sendable>(_ body: (Database) async throws -> Result) async throws -> Result {
  let driver = SQLiteDriver(path: ":memory:")
  let result = try await body(Database(driver))
  await driver.shutdown()
  return result
}

extension Database {
  /// Runs statements one after the other.
  func execute(_ statements: String...) async throws {
    for text in statements { try await run(SQLStatement(text)) }
  }
  /// The first column of each row.
  func column<V: ColumnValue>(_ type: V.Type, _ text: String, _ bindings: [SQLValue] = []) async throws -> [V] {
    try await query(SQLStatement(text, bindings, effect: .read)) { try V.read(&$0) }
  }
  /// The kind of the error that the statement ends with; `nil` where it ends well.
  func failure(_ text: String, _ bindings: [SQLValue] = []) async throws -> DatabaseError.Kind? {
    do {
      try await run(SQLStatement(text, bindings))
      return nil
    } catch let error as DatabaseError { return error.kind }
  }
}

/// Opens once.
final class Gate: Sendable {
  private let state = Mutex((isOpen: false, waiters: [CheckedContinuation<Void, Never>]()))
  func open() {
    let waiters = state.withLock { state in
      state.isOpen = true
      defer { state.waiters = [] }
      return state.waiters
    }
    for waiter in waiters { waiter.resume() }
  }
  func wait() async {
    await withCheckedContinuation { continuation in
      let isOpen = state.withLock { state in
        if !state.isOpen { state.waiters.append(continuation) }
        return state.isOpen
      }
      if isOpen { continuation.resume() }
    }
  }
}

/// Things in the order in which they happened.
final class Journal: Sendable {
  private let state = Mutex([String]())
  var entries: [String] { state.withLock { $0 } }
  func note(_ text: String) { state.withLock { $0.append(text) } }
}

/// Needs about `n` steps of SQLite's machine: long enough to be caught running.
func slowQuery(_ n: Int) -> String {
  "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < \(n)) SELECT count(*) FROM c"
}
