import Foundation
import MartletPostgres
import MartletSQL
import Testing

/// The server that the tests run on.
enum TestServer {
  /// - Throws: Where the variable is missing: a test that does not run must not look as one that passes.
  static var url: String {
    get throws {
      guard let url = ProcessInfo.processInfo.environment["MARTLET_TEST_POSTGRES"] else {
        throw Missing()
      }
      return url
    }
  }
  struct Missing: Error, CustomStringConvertible {
    var description: String { "MARTLET_TEST_POSTGRES is not set: 'make test' starts a server and sets it to its URL" }
  }

  static func driver(_ change: (inout PostgresConfiguration) -> Void = { _ in }) throws -> PostgresDriver {
    var configuration = try PostgresConfiguration(url: try url)
    configuration.pool.maximumConnections = 4
    // Beside hundreds of other tests the turns of 64 tasks on four connections take their time.
    configuration.pool.acquireTimeout = .seconds(60)
    change(&configuration)
    return PostgresDriver(configuration)
  }

  /// Runs with a database whose tables live in a schema of its own, which goes afterwards.
  static func withSchema(
    _ change: (inout PostgresConfiguration) -> Void = { _ in }, _ body: (Database, PostgresDriver) async throws -> Void
  ) async throws {
    let schema = "test_" + UUID().uuidString.lowercased().replacing("-", with: "")
    let admin = Database(try driver())
    try await admin.run(SQLStatement("CREATE SCHEMA \(schema)", effect: .definition))
    let driver = try driver {
      $0.parameters["search_path"] = "\(schema), public"
      change(&$0)
    }
    do {
      try await body(Database(driver), driver)
    } catch {
      await driver.shutdown()
      try await admin.run(SQLStatement("DROP SCHEMA \(schema) CASCADE", effect: .definition))
      await admin.driver.shutdown()
      throw error
    }
    await driver.shutdown()
    try await admin.run(SQLStatement("DROP SCHEMA \(schema) CASCADE", effect: .definition))
    await admin.driver.shutdown()
  }
}

extension Database {
  /// The rows as text, cell by cell.
  func texts(_ sql: String, _ bindings: [SQLValue] = [], effect: SQLStatement.Effect = .read) async throws -> [[String]] {
    try await query(SQLStatement(sql, bindings, effect: effect)) { row in
      var cells: [String] = []
      while row.index < row.count { cells.append(cellText(try row.next())) }
      return cells
    }
  }
  @discardableResult
  func execute(_ sql: String, _ bindings: [SQLValue] = []) async throws -> StatementResult {
    try await run(SQLStatement(sql, bindings))
  }
}

/// A cell as text that tells its case.
func cellText(_ cell: RowCell) -> String {
  switch cell {
  case .null: "null"
  case .int(let value): "int \(value)"
  case .double(let value): "double \(value)"
  case .text(let bytes): "text \(String(decoding: bytes, as: UTF8.self))"
  case .blob(let bytes): "blob " + bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}

/// The ``DatabaseError`` that the work fails with.
func failure(_ work: () async throws -> Void) async -> DatabaseError? {
  do {
    try await work()
    return nil
  } catch { return error as? DatabaseError }
}
