import Foundation
import MartletCore
import MartletMySQL
import MartletSQL
import Testing

/// The MariaDB server that the tests run against.
enum TestServer {
  struct Missing: Error, CustomStringConvertible {
    var description: String {
      "MARTLET_TEST_MYSQL is not set: run the tests with `make test`, which starts a server, or set it to a URL such as "
        + "mariadb://martlet:martlet@127.0.0.1:3306/martlet"
    }
  }
  static func configuration() throws -> MySQLConfiguration {
    guard let url = ProcessInfo.processInfo.environment["MARTLET_TEST_MYSQL"] else { throw Missing() }
    return try MySQLConfiguration(url: url)
  }

  /// Runs `body` with a database of its own, which goes afterwards.
  static func withDatabase<T: Sendable>(
    _ change: (inout MySQLConfiguration) -> Void = { _ in }, _ body: (Database, MySQLDriver) async throws -> T
  ) async throws -> T {
    var configuration = try configuration()
    let name = "my_" + UUID().uuidString.lowercased().filter { $0 != "-" }.prefix(20)
    let admin = MySQLDriver(configuration)
    try await admin.execute("CREATE DATABASE `\(name)` CHARACTER SET utf8mb4")
    configuration.database = name
    change(&configuration)
    let driver = MySQLDriver(configuration)
    let result: Result<T, any Error>
    do { result = .success(try await body(Database(driver), driver)) } catch { result = .failure(error) }
    await driver.shutdown()
    try await admin.execute("DROP DATABASE `\(name)`")
    await admin.shutdown()
    return try result.get()
  }
}

extension DatabaseDriver {
  func execute(_ text: String) async throws { try await run(SQLStatement(text, effect: .definition)) { _ in } }
}

extension Database {
  func execute(_ text: String) async throws { try await run(SQLStatement(text, effect: .definition)) }
  @discardableResult
  func write(_ text: String, _ bindings: [SQLValue] = []) async throws -> StatementResult {
    try await run(SQLStatement(text, bindings))
  }
  /// The cells of all rows.
  func cells(_ text: String, _ bindings: [SQLValue] = []) async throws -> [[Cell]] {
    try await query(SQLStatement(text, bindings, effect: .read)) { row in
      var cells: [Cell] = []
      for _ in 0..<row.count { cells.append(Cell(try row.next())) }
      return cells
    }
  }
  func cell(_ text: String, _ bindings: [SQLValue] = []) async throws -> Cell {
    try #require(try await cells(text, bindings).first?.first)
  }
}

/// A cell that outlives its row. Texts are equal where their bytes are, and numbers where their bits are.
enum Cell: Equatable, Sendable {
  case null
  case int(Int64)
  case double(Double)
  case text(String)
  case blob([UInt8])

  init(_ cell: RowCell) {
    self =
      switch cell {
      case .null: .null
      case .int(let value): .int(value)
      case .double(let value): .double(value)
      case .text(let bytes): .text(String(decoding: bytes, as: UTF8.self))
      case .blob(let bytes): .blob(Array(bytes))
      }
  }

  static func == (a: Cell, b: Cell) -> Bool {
    switch (a, b) {
    case (.null, .null): true
    case (.int(let a), .int(let b)): a == b
    case (.double(let a), .double(let b)): a.bitPattern == b.bitPattern
    case (.text(let a), .text(let b)): a.utf8.elementsEqual(b.utf8)
    case (.blob(let a), .blob(let b)): a == b
    default: false
    }
  }
}

/// The error that `body` throws.
func databaseError(_ body: () async throws -> some Any) async throws -> DatabaseError {
  do {
    _ = try await body()
  } catch let error as DatabaseError { return error }
  throw NothingThrown()
}
struct NothingThrown: Error {}
