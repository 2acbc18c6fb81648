import Foundation
public import MartletSQL
import Synchronization

/// What every driver must do, as named checks: run them from the driver's own tests.
///
/// ```swift
/// @Test(arguments: DriverConformance.checks)
/// func conforms(check: DriverConformance.Check) async throws {
///   try await DriverConformance { MyDriver(configuration) }.run(check)
/// }
/// ```
/// Each check makes a driver of its own with the factory, works in tables of its own, whose names begin with `conf_`, drops
/// them and shuts the driver down. The database must be one that may be written to; several checks may run at the same time.
public struct DriverConformance: Sendable {
  /// One thing that a driver must do.
  public struct Check: Sendable, CustomStringConvertible {
    /// What holds, as a sentence.
    public let name: String
    let body: @Sendable (Subject) async throws -> Void
    /// The name.
    public var description: String { name }
  }

  /// What a driver did otherwise.
  public struct Failure: Error, Sendable, CustomStringConvertible {
    /// The check, and what was expected and found.
    public let description: String
  }

  private let make: @Sendable () async throws -> any DatabaseDriver

  /// Checks for the drivers that `make` makes.
  public init(_ make: @escaping @Sendable () async throws -> any DatabaseDriver) { self.make = make }

  /// All checks.
  public static let checks: [Check] =
    valueChecks + errorChecks + transactionChecks + cursorChecks + leaseChecks + loadChecks

  /// Runs one check.
  /// - Throws: ``Failure`` where the driver does otherwise; what the driver throws.
  public func run(_ check: Check) async throws {
    let subject = Subject(try await make(), make: make)
    let result: Result<Void, any Error>
    do { result = .success(try await check.body(subject)) } catch { result = .failure(error) }
    await subject.cleanUp()
    try result.get()
  }
}

/// A driver under test, and the tables that a check has made.
final class Subject: Sendable {
  let driver: any DatabaseDriver
  let make: @Sendable () async throws -> any DatabaseDriver
  private let tables = Mutex([String]())

  init(_ driver: any DatabaseDriver, make: @escaping @Sendable () async throws -> any DatabaseDriver) {
    self.driver = driver
    self.make = make
  }

  var db: Database { Database(driver) }
  var dialect: any SQLDialect { driver.dialect }

  /// A name of its own for a table.
  func name(_ suffix: String = "") -> String { "conf_\(UUID().uuidString.lowercased().filter { $0 != "-" }.prefix(12))\(suffix)" }
  func type(_ type: ColumnType) -> String { dialect.typeName(type) }
  func placeholder(_ index: Int) -> String { dialect.placeholder(index) }

  /// Makes a table with these columns; gives its name.
  func table(_ columns: String) async throws -> String {
    let name = name()
    tables.withLock { $0.append(name) }
    try await execute("CREATE TABLE \(name) (\(columns))")
    return name
  }
  func execute(_ text: String) async throws { try await driver.run(SQLStatement(text, effect: .definition)) { _ in } }
  @discardableResult
  func write(_ text: String, _ bindings: [SQLValue] = []) async throws -> StatementResult {
    try await driver.run(SQLStatement(text, bindings, effect: .write)) { _ in }
  }
  func read<V: ColumnValue>(_ type: V.Type, _ text: String, _ bindings: [SQLValue] = []) async throws -> [V] {
    try await db.query(SQLStatement(text, bindings, effect: .read)) { try V.read(&$0) }
  }
  /// The numbers 1 to `count`, one a row.
  func numbers(_ count: Int) -> SQLStatement {
    SQLStatement(
      "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < \(count)) SELECT x FROM c", effect: .read)
  }
  /// Runs for minutes, unless it is stopped.
  var endless: SQLStatement {
    let text =
      switch dialect.family {
      case .sqlite:
        "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 2000000000) SELECT count(*) FROM c"
      case .postgres: "SELECT pg_sleep(300)"
      case .mysql: "SELECT SLEEP(300)"
      }
    return SQLStatement(text, effect: .read)
  }

  func cleanUp() async {
    // The driver may have been shut down by the check: another one drops what is left.
    await driver.shutdown()
    let names = tables.withLock { $0 }
    guard !names.isEmpty, let other = try? await make() else { return }
    for name in names.reversed() {
      _ = try? await other.run(SQLStatement("DROP TABLE IF EXISTS \(name)", effect: .definition)) { _ in }
    }
    await other.shutdown()
  }
}

/// Fails the check where the condition does not hold.
func require(_ condition: Bool, _ expected: @autoclosure () -> String) throws {
  if !condition { throw DriverConformance.Failure(description: expected()) }
}

/// The error that the work ends with.
func failure(of what: String, _ work: () async throws -> Void) async throws -> DatabaseError {
  do { try await work() } catch let error as DatabaseError { return error } catch {
    throw DriverConformance.Failure(description: "\(what) threw \(error) instead of a DatabaseError")
  }
  throw DriverConformance.Failure(description: "\(what) did not fail")
}

/// Values that closures collect, one after the other.
final class Collected<Value: Sendable>: Sendable {
  private let state = Mutex([Value]())
  var values: [Value] { state.withLock { $0 } }
  func add(_ value: Value) { state.withLock { $0.append(value) } }
}
