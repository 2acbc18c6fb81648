public import MartletCLI
public import MartletCore
import MartletMigrations
public import MartletORM
public import MartletSQL
import MartletSQLite

/// Databases for tests: in memory, empty, with the tables of some models. Each test makes its own.
///
/// ```swift
/// let db = try await TestDatabase.make(User.self, Post.self)
/// try await Post(title: "Hello").insert(db)
/// ```
/// It ends with the last reference to it.
public enum TestDatabase {
  /// A database with the tables that the models' migrations would make.
  /// - Throws: ``MigrationError`` where the models do not fit together; ``DatabaseError``.
  public static func make(_ models: any Model.Type..., timeSource: TimeSource = .system) async throws -> Database {
    try await make(models, timeSource: timeSource)
  }

  /// The same for a list of models.
  /// - Throws: As ``make(_:timeSource:)``.
  public static func make(_ models: [any Model.Type], timeSource: TimeSource = .system) async throws -> Database {
    let database = Database(SQLiteDriver(path: ":memory:")).with(timeSource: timeSource)
    let operations = try MigrationPlanner.pendingOperations(models: models, migrations: [])
    if !operations.isEmpty {
      try await MigrationExecutor([Migration("0001_models", operations: operations)]).migrate(database)
    }
    return database
  }
}

extension Application {
  /// The same app on a fresh database in memory, with the tables of its models, no migration run.
  ///
  /// ```swift
  /// let client = try TestClient(await Blog.application(.testing()).onTestDatabase())
  /// ```
  /// - Throws: As ``TestDatabase/make(_:timeSource:)``.
  public func onTestDatabase(timeSource: TimeSource = .system) async throws -> Application {
    var copy = self
    copy.database = try await TestDatabase.make(models.types, timeSource: timeSource)
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
