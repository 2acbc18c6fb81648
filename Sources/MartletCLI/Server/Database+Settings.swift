import Logging
import MartletCore
import MartletMySQL
import MartletPostgres
import MartletSQL
import MartletSQLite

extension Database {
  /// The database of `DATABASE_URL`, with the replicas of `DATABASE_REPLICA_URLS`. Nothing is opened before the first
  /// statement, or before `driver.connect()`.
  ///
  /// - Throws: ``SettingsError`` where a URL is of another form; it never shows a password.
  init(settings: Settings, logger: Logger) throws(SettingsError) {
    let primary: any DatabaseDriver
    do { primary = try DatabaseURL.driver(settings.databaseURL, settings, logger) } catch {
      throw SettingsError([DatabaseURL.problem(.databaseURL, settings.databaseURL, error)])
    }
    guard !settings.databaseReplicaURLs.isEmpty else {
      self.init(primary)
      return
    }
    var replicas: [any DatabaseDriver] = []
    for url in settings.databaseReplicaURLs {
      do { replicas.append(try DatabaseURL.driver(url, settings, logger)) } catch {
        throw SettingsError([DatabaseURL.problem(.databaseReplicaURLs, url, error)])
      }
    }
    guard replicas.allSatisfy({ $0.dialect.family == primary.dialect.family }) else {
      let given = settings.databaseReplicaURLs.joined(separator: ",")
      throw SettingsError([SettingKey<[String]>.databaseReplicaURLs.problem(given: given)])
    }
    self.init(ReplicatedDriver(primary: primary, replicas: replicas))
  }

  /// The same database, its statements in the log: all of them at `trace` and `debug`, else none.
  func logging(to logger: Logger) -> Database {
    guard logger.logLevel <= .debug else { return self }
    return observing { event in logger.debug("\(event.line)") }
  }
}

/// Drivers by the scheme of a URL.
enum DatabaseURL {
  static func driver(_ url: String, _ settings: Settings, _ logger: Logger) throws -> any DatabaseDriver {
    switch url.prefix(while: { $0 != ":" }).lowercased() {
    case "postgres", "postgresql":
      var configuration = try PostgresConfiguration(url: url)
      if let timeout = settings.databaseConnectTimeout { configuration.connectTimeout = timeout }
      if let timeout = settings.databaseStatementTimeout { configuration.statementTimeout = timeout }
      apply(settings, to: &configuration.pool)
      return PostgresDriver(configuration, logger: logger)
    case "mysql", "mariadb":
      var configuration = try MySQLConfiguration(url: url)
      if let timeout = settings.databaseConnectTimeout { configuration.connectTimeout = timeout }
      if let timeout = settings.databaseStatementTimeout { configuration.statementTimeout = timeout }
      apply(settings, to: &configuration.pool)
      return MySQLDriver(configuration)
    default:
      var configuration = try SQLiteConfiguration(url: url)
      if let timeout = settings.databaseAcquireTimeout { configuration.acquireTimeout = timeout }
      return SQLiteDriver(configuration)
    }
  }

  private static func apply(_ settings: Settings, to pool: inout PoolConfiguration) {
    if let size = settings.databasePoolSize { pool.maximumConnections = size }
    if let timeout = settings.databaseAcquireTimeout { pool.acquireTimeout = timeout }
  }

  /// What the driver says of its URL, beside the forms of all; drivers never show the password.
  static func problem<Value>(_ key: SettingKey<Value>, _ url: String, _ error: any Error) -> SettingsError.Problem {
    var problem = key.problem(given: url)
    if let error = error as? DatabaseError {
      problem.form += "\n              \(error.message)" + (error.hint.map { " — \($0)" } ?? "")
    }
    return problem
  }
}

extension StatementEvent {
  /// `SELECT … [3] 0.412 ms, 1 row`
  var line: String {
    let micros = Int(duration / .microseconds(1)), fraction = String(micros % 1000)
    let time = "\(micros / 1000)." + String(repeating: "0", count: 3 - fraction.count) + fraction
    let end = error.map { "failed: \($0)" } ?? (rows == 1 ? "1 row" : "\(rows) rows")
    return "\(sql) [\(bindings.joined(separator: ", "))] \(time) ms, \(end)"
  }
}
