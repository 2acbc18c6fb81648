import MartletMySQL
import MartletPostgres
import MartletSQL
import MartletSQLite

/// The database's own client: what `dbshell` runs. The password goes by the environment: arguments can be read by everyone
/// who may list processes.
struct DatabaseClient: Equatable {
  /// The first of these that is installed.
  var programs: [String]
  var arguments: [String]
  /// Variables to add to the environment.
  var environment: [String: String] = [:]
  /// The package that has it.
  var package: String

  /// The client of a driver.
  /// - Parameter extra: Arguments of the user.
  init(_ driver: any DatabaseDriver, _ extra: [String]) throws {
    switch driver {
    case let driver as SQLiteDriver: try self.init(driver.configuration, extra)
    case let driver as PostgresDriver: self.init(driver.configuration, extra)
    case let driver as MySQLDriver: self.init(driver.configuration, extra)
    case let driver as ReplicatedDriver: try self.init(driver.primary, extra)
    default: throw CommandError(.unavailable, "dbshell knows no client for \(driver.displayName)")
    }
  }

  private init(_ configuration: SQLiteConfiguration, _ extra: [String]) throws {
    guard !configuration.isInMemory else {
      throw CommandError(.unavailable, "the database is in memory: no other program can open it. Set DATABASE_URL to a file.")
    }
    programs = ["sqlite3"]
    // sqlite3 takes its options before the file and its statements behind it.
    arguments = extra.filter { $0.hasPrefix("-") } + [configuration.path] + extra.filter { !$0.hasPrefix("-") }
    package = "sqlite3"
  }

  private init(_ configuration: PostgresConfiguration, _ extra: [String]) {
    programs = ["psql"]
    arguments = extra
    package = "postgresql-client"
    environment = [
      "PGHOST": configuration.hosts.map(\.name).joined(separator: ","),
      "PGPORT": configuration.hosts.map { String($0.port) }.joined(separator: ","), "PGUSER": configuration.user,
      "PGDATABASE": configuration.database, "PGSSLMODE": configuration.sslMode.rawValue,
    ]
    environment["PGPASSWORD"] = configuration.password ?? configuration.hosts.first?.password
    environment["PGSSLROOTCERT"] = configuration.sslRootCertificate
    environment["PGSSLCERT"] = configuration.sslCertificate
    environment["PGSSLKEY"] = configuration.sslKey
  }

  private init(_ configuration: MySQLConfiguration, _ extra: [String]) {
    programs = ["mariadb", "mysql"]
    arguments = ["--user=\(configuration.user)", "--default-character-set=utf8mb4"]
    if let socket = configuration.socket {
      arguments.append("--socket=\(socket)")
    } else {
      arguments += ["--host=\(configuration.host)", "--port=\(configuration.port)"]
    }
    if let file = configuration.sslCA { arguments.append("--ssl-ca=\(file)") }
    if let file = configuration.sslCertificate { arguments.append("--ssl-cert=\(file)") }
    if let file = configuration.sslKey { arguments.append("--ssl-key=\(file)") }
    arguments += extra + (configuration.database.isEmpty ? [] : [configuration.database])
    environment["MYSQL_PWD"] = configuration.password
    package = "mariadb-client"
  }
}
