import Foundation
import MartletMySQL
import MartletPostgres
public import MartletSQL
import MartletSQLite
import Synchronization
public import Testing

/// A kind of database that tests run on.
public enum TestDatabaseKind: String, Sendable, Hashable, CaseIterable, CustomTestStringConvertible {
  case sqlite, postgresql, mysql

  public var testDescription: String { rawValue }
  /// The environment variable with the server's URL; none for SQLite.
  public var variable: String? {
    switch self {
    case .sqlite: nil
    case .postgresql: "MARTLET_TEST_POSTGRES"
    case .mysql: "MARTLET_TEST_MYSQL"
    }
  }
  /// The server's URL.
  /// - Throws: ``MissingTestServer`` where the variable is not set: a test without its database fails, it is not skipped.
  public func url() throws -> String {
    guard let variable else { return "sqlite::memory:" }
    guard let url = ProcessInfo.processInfo.environment[variable], !url.isEmpty else {
      throw MissingTestServer(description: "\(variable) is not set: `make test` starts the servers and sets it")
    }
    return url
  }
}

/// There is no server to test on.
public struct MissingTestServer: Error, CustomStringConvertible {
  public let description: String
}

/// Fresh and empty databases, one for each test: in memory on SQLite, a schema of its own on PostgreSQL, a database of its
/// own on MySQL.
public enum TestDatabases {
  private static let count = Atomic(0)

  /// A database. Its connections are closed with the last reference to it.
  /// - Throws: ``MissingTestServer``; `DatabaseError` where the server cannot be reached.
  public static func make(_ kind: TestDatabaseKind) async throws -> Database { Database(try await driver(kind)) }

  /// The driver of such a database.
  public static func driver(_ kind: TestDatabaseKind) async throws -> any DatabaseDriver {
    TestLog.write(kind)
    // Test processes run side by side on one server, and one after the other on a developer's.
    let name =
      "t_\(ProcessInfo.processInfo.processIdentifier)_\(Int(Date().timeIntervalSince1970) % 1_000_000)"
      + "_\(count.wrappingAdd(1, ordering: .relaxed).newValue)"
    switch kind {
    case .sqlite:
      var configuration = SQLiteConfiguration(path: ":memory:")
      // As below: a test may wait for its turn longer than an app would.
      configuration.acquireTimeout = .seconds(120)
      return SQLiteDriver(configuration)
    case .postgresql:
      var configuration = try PostgresConfiguration(url: kind.url())
      configuration.pool.maximumConnections = 1
      // Hundreds of tests share two cores: a handshake may wait for its turn longer than an app would.
      configuration.pool.acquireTimeout = .seconds(120)
      try await run("CREATE SCHEMA \(name)", on: PostgresDriver(configuration))
      configuration.pool.maximumConnections = 4
      // Hundreds of tests share two cores: a handshake may wait for its turn longer than an app would.
      configuration.pool.acquireTimeout = .seconds(120)
      configuration.options = [configuration.options, "-csearch_path=\(name)"].compactMap { $0 }.joined(separator: " ")
      return PostgresDriver(configuration)
    case .mysql:
      var configuration = try MySQLConfiguration(url: kind.url())
      configuration.pool.maximumConnections = 1
      // Hundreds of tests share two cores: a handshake may wait for its turn longer than an app would.
      configuration.pool.acquireTimeout = .seconds(120)
      try await run("CREATE DATABASE \(name) CHARACTER SET utf8mb4", on: MySQLDriver(configuration))
      configuration.pool.maximumConnections = 4
      // Hundreds of tests share two cores: a handshake may wait for its turn longer than an app would.
      configuration.pool.acquireTimeout = .seconds(120)
      configuration.database = name
      let driver = MySQLDriver(configuration)
      // Which of the two servers it is decides the dialect.
      try await driver.connect()
      let collation = (driver.dialect as? MySQLDialect)?.collation ?? "utf8mb4_bin"
      try await driver.run(SQLStatement("ALTER DATABASE \(name) COLLATE \(collation)", effect: .definition)) { _ in }
      return driver
    }
  }

  private static func run(_ statement: String, on driver: any DatabaseDriver) async throws {
    do { try await driver.run(SQLStatement(statement, effect: .definition)) { _ in } } catch {
      await driver.shutdown()
      throw error
    }
    await driver.shutdown()
  }

  /// Whether the database of a test can do something; where it cannot, the run's report names what is missing.
  ///
  /// ```swift
  /// guard TestDatabases.has(.updateReturning, "updateReturning", db, kind) else { return }
  /// ```
  public static func has(_ capability: SQLCapabilities, _ name: String, _ db: Database, _ kind: TestDatabaseKind) -> Bool {
    if db.dialect.capabilities.contains(capability) { return true }
    TestLog.write(kind, lacking: name)
    return false
  }
}

/// The file of `MARTLET_TEST_LOG`, from which `scripts/test` counts: a line for each database that a test made.
private enum TestLog {
  private static let file = Mutex<FileHandle?>(openFile())

  private static func openFile() -> FileHandle? {
    guard let path = ProcessInfo.processInfo.environment["MARTLET_TEST_LOG"], !path.isEmpty else { return nil }
    // Several processes may write: each line goes to the end as one piece.
    let descriptor = Foundation.open(path, O_WRONLY | O_APPEND | O_CREAT, 0o644)
    return descriptor < 0 ? nil : FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
  }

  static func write(_ kind: TestDatabaseKind, lacking capability: String? = nil) {
    guard let test = Test.current else { return }
    let fields = [kind.rawValue, "\(test.id)"] + (capability.map { [$0] } ?? [])
    let line = fields.map { $0.replacing("\t", with: " ").replacing("\n", with: " ") }.joined(separator: "\t") + "\n"
    file.withLock { file in
      try? file?.write(contentsOf: Data(line.utf8))
    }
  }
}
