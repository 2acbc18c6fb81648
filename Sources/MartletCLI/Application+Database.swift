public import MartletCore
import MartletMigrations
import MartletSQL

extension Application {
  /// Reaches the database now, so that a wrong address or password shows before any work begins.
  /// - Throws: ``CommandError`` of kind `unreachableDatabase`: the command ends with 69.
  public func connect() async throws {
    do { try await database.driver.connect() } catch let error as DatabaseError {
      throw CommandError(
        .unreachableDatabase,
        "the database \(database.driver.displayName) cannot be used: \(error)\n"
          + "Is the server running, and is DATABASE_URL right? Find out with: \(name) check --database")
    }
  }

  /// What is wrong with the database: whether it can be reached, how old it is, how it is set up, and whether its tables are
  /// those of the code. `check --database` lists it.
  public func databaseFindings() async -> [CheckMessage] {
    let object = database.driver.displayName
    do { try await database.driver.connect() } catch {
      return [
        CheckMessage(
          "database.E001", .error, "The database cannot be used: \(error)",
          hint: "Start the server, or put DATABASE_URL right.", object: object)
      ]
    }
    var found: [CheckMessage] = []
    do {
      found += try await serverFindings(object)
      for problem in try SchemaTarget(models: models.types).unsupported(by: database.dialect) {
        found.append(CheckMessage("database.E004", .error, problem, object: object))
      }
      let pending = try await pendingMigrations()
      if !pending.isEmpty {
        found.append(
          CheckMessage(
            "database.W010", .warning, "Migrations are not applied: \(pending.joined(separator: ", ")).",
            hint: "Run: \(name) migrate",
            object: object))
      }
    } catch {
      found.append(CheckMessage("database.E002", .error, "The database refuses a question: \(error)", object: object))
    }
    return found
  }

  private func serverFindings(_ object: String) async throws -> [CheckMessage] {
    switch database.dialect.family {
    case .sqlite: try await sqliteFindings(object)
    case .postgres: try await postgresFindings(object)
    case .mysql: try await mysqlFindings(object)
    }
  }

  private func ask(_ sql: String) async throws -> [String] {
    try await database.query(SQLStatement(sql, effect: .read)) { row in try String?.read(&row) ?? "" }
  }

  private func tooOld(_ version: String, _ least: String, _ object: String) -> CheckMessage {
    CheckMessage("database.E003", .error, "The server is version \(version); \(least) is the oldest that works.", object: object)
  }

  private func sqliteFindings(_ object: String) async throws -> [CheckMessage] {
    let version = try await ask("SELECT sqlite_version()").first ?? ""
    return Self.isOlder(version, than: [3, 35]) ? [tooOld(version, "3.35", object)] : []
  }

  private func postgresFindings(_ object: String) async throws -> [CheckMessage] {
    var found: [CheckMessage] = []
    func setting(_ name: String) async throws -> String { try await ask("SELECT current_setting('\(name)')").first ?? "" }
    let version = try await setting("server_version")
    if Self.isOlder(version, than: [12]) { found.append(tooOld(version, "12", object)) }
    let encoding = try await setting("server_encoding")
    if encoding != "UTF8" {
      found.append(
        CheckMessage(
          "database.E005", .error, "The database holds texts in \(encoding): not every text fits.",
          hint: "Create it with ENCODING 'UTF8'.", object: object))
    }
    let zone = try await setting("TimeZone")
    if !["UTC", "Etc/UTC", "GMT"].contains(zone) {
      found.append(
        CheckMessage(
          "database.W006", .warning,
          "Sessions have the time zone \(zone): SQL of your own that turns moments into days counts by it.",
          hint: "ALTER ROLE … SET TimeZone = 'UTC'", object: object))
    }
    return found
  }

  private func mysqlFindings(_ object: String) async throws -> [CheckMessage] {
    var found: [CheckMessage] = []
    let version = try await ask("SELECT VERSION()").first ?? "", isMariaDB = database.dialect.name == "mariadb"
    if Self.isOlder(version, than: isMariaDB ? [10, 11] : [8, 0, 20]) {
      found.append(tooOld(version, isMariaDB ? "10.11" : "8.0.20", object))
    }
    let charset = try await ask("SELECT @@character_set_database").first ?? ""
    if charset != "utf8mb4" {
      found.append(
        CheckMessage(
          "database.W007", .warning, "The database's character set is \(charset): tables made by others hold fewer texts.",
          hint: "ALTER DATABASE … CHARACTER SET utf8mb4", object: object))
    }
    let mode = try await ask("SELECT @@GLOBAL.sql_mode").first ?? ""
    if !mode.contains("STRICT_TRANS_TABLES"), !mode.contains("STRICT_ALL_TABLES") {
      found.append(
        CheckMessage(
          "database.W008", .warning, "The server's sql_mode is not strict: other programs may store cut texts and wrong dates.",
          hint: "Add STRICT_TRANS_TABLES to sql_mode. Martlet's own sessions are strict in any case.", object: object))
    }
    let engine = try await ask("SELECT @@default_storage_engine").first ?? ""
    if engine.lowercased() != "innodb" {
      found.append(
        CheckMessage(
          "database.W009", .warning, "Tables made by others are \(engine) tables: without transactions and foreign keys.",
          hint: "Set default_storage_engine = InnoDB.", object: object))
    }
    return found
  }

  /// Compares the numbers at the beginning of a version.
  static func isOlder(_ version: String, than least: [Int]) -> Bool {
    let numbers = version.prefix { $0.isNumber || $0 == "." }.split(separator: ".").compactMap { Int($0) }
    guard !numbers.isEmpty else { return false }
    return numbers.lexicographicallyPrecedes(least) && !least.starts(with: numbers)
  }
}
