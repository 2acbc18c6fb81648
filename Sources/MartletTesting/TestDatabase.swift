public import Foundation
public import MartletCLI
public import MartletCore
import MartletMigrations
import MartletMySQL
public import MartletORM
import MartletPostgres
public import MartletSQL
import MartletSQLite

/// Databases for tests: empty, with the tables of some models. Each test makes its own.
///
/// ```swift
/// let db = try await TestDatabase.make(User.self, Post.self)
/// try await Post(title: "Hello").insert(db)
/// ```
/// They are in memory unless `MARTLET_TEST_DATABASE` names a server, or a test does: then each is a schema of its own on
/// PostgreSQL and a database of its own on MySQL. It ends with the last reference to it; what a process that ended at once
/// has left on a server goes with a later run.
public enum TestDatabase {
  /// Where databases for tests are made.
  public enum Place: Sendable, Hashable {
    /// In memory.
    case sqlite
    /// On this server: `postgres://user:password@host/database`. The user may create schemas.
    case postgresql(_ url: String)
    /// On this server: `mariadb://user:password@host/database` or `mysql://…`. The user may create databases.
    case mysql(_ url: String)

    /// What `MARTLET_TEST_DATABASE` says: a URL; SQLite in memory where it is not set.
    /// - Throws: ``DatabaseError`` of kind `connection` where the URL is of another form.
    public static func fromEnvironment(_ variables: [String: String] = ProcessInfo.processInfo.environment) throws -> Place {
      guard let url = variables["MARTLET_TEST_DATABASE"], !url.isEmpty else { return .sqlite }
      switch url.prefix(while: { $0 != ":" }).lowercased() {
      case "sqlite": return .sqlite
      case "postgres", "postgresql": return .postgresql(url)
      case "mysql", "mariadb": return .mysql(url)
      default:
        throw DatabaseError(
          .connection, "MARTLET_TEST_DATABASE is no URL of a database",
          hint: "postgres://user:password@host/database, mariadb://user:password@host/database, or nothing for SQLite in memory")
      }
    }
  }

  /// A database with the tables that the models' migrations would make.
  /// - Parameter place: Where; `nil` for what `MARTLET_TEST_DATABASE` says.
  /// - Throws: ``MigrationError`` where the models do not fit together or the database cannot hold them; ``DatabaseError``.
  public static func make(_ models: any Model.Type..., on place: Place? = nil, timeSource: TimeSource = .system) async throws
    -> Database
  {
    try await make(models, on: place, timeSource: timeSource)
  }

  /// The same for a list of models.
  /// - Throws: As ``make(_:on:timeSource:)``.
  public static func make(_ models: [any Model.Type], on place: Place? = nil, timeSource: TimeSource = .system) async throws
    -> Database
  {
    let database = Database(try await driver(place ?? .fromEnvironment())).with(timeSource: timeSource)
    let operations = try MigrationPlanner.pendingOperations(models: models, migrations: [])
    if !operations.isEmpty {
      try await MigrationExecutor([Migration("0001_models", operations: operations)]).migrate(database)
    }
    return database
  }

  private static func driver(_ place: Place) async throws -> any DatabaseDriver {
    switch place {
    case .sqlite: return SQLiteDriver(path: ":memory:")
    case .postgresql(let url):
      let scratch = ScratchSpace(), configuration = try PostgresConfiguration(url: url)
      let server: @Sendable () -> any DatabaseDriver = {
        var one = configuration
        one.pool.maximumConnections = 1
        return PostgresDriver(one)
      }
      try await scratch.create(on: server())
      var own = configuration
      own.options = [own.options, "-csearch_path=\(scratch.name)"].compactMap(\.self).joined(separator: " ")
      return ScratchDriver(PostgresDriver(own), scratch, server)
    case .mysql(let url):
      let scratch = ScratchSpace(), configuration = try MySQLConfiguration(url: url)
      let server: @Sendable () -> any DatabaseDriver = {
        var one = configuration
        one.pool.maximumConnections = 1
        return MySQLDriver(one)
      }
      try await scratch.create(on: server())
      var own = configuration
      own.database = scratch.name
      let driver = ScratchDriver(MySQLDriver(own), scratch, server)
      // Which of the two servers it is decides the dialect.
      try await driver.connect()
      return driver
    }
  }
}

extension Application {
  /// The same app on a fresh database, with the tables of its models, no migration run.
  ///
  /// ```swift
  /// let client = try TestClient(await Blog.application(.testing()).onTestDatabase())
  /// ```
  /// - Parameter place: Where; `nil` for what `MARTLET_TEST_DATABASE` says.
  /// - Throws: As ``TestDatabase/make(_:on:timeSource:)``.
  public func onTestDatabase(_ place: TestDatabase.Place? = nil, timeSource: TimeSource = .system) async throws -> Application {
    var copy = self
    copy.database = try await TestDatabase.make(models.types, on: place, timeSource: timeSource)
    copy.migrations = []
    return copy
  }
}

extension Settings {
  /// Settings for tests: development, a database in memory, no file read, no log but critical lines.
  ///
  /// - Parameter variables: Environment variables on top of that.
  /// - Throws: ``SettingsError``.
  public static func testing(_ variables: [String: String] = [:], declared: [any DeclaredSetting] = []) throws(SettingsError)
    -> Settings
  {
    let base = ["ENVIRONMENT": "development", "DATABASE_URL": "sqlite::memory:", "LOG_LEVEL": "critical"]
    return try load(variables: base.merging(variables) { $1 }, directory: nil, declared: declared)
  }
}
