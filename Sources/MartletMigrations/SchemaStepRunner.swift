import MartletSQL

/// Runs the steps of one migration on a connection of their own.
struct SchemaStepRunner {
  private let db: Database
  private let history: MigrationHistory
  init(_ db: Database, _ history: MigrationHistory) {
    self.db = db
    self.history = history
  }

  /// Makes the tables of the history where they are missing.
  func createHistory() async throws {
    guard db.dialect.family == .postgres else { return try await history.create(db) }
    try await ServerLock(history.app).holding(db) { tx in try await history.create(tx) }
  }

  /// The migration that failed in the middle, looked for under the lock.
  func halfDone() async throws -> MigrationHistory.Progress? {
    guard history.keepsProgress(db), try await history.progress(db) != nil else { return nil }
    return try await db.driver.withConnection(.write) { connection in
      var database = Database(LentConnection(connection, of: db.driver))
      database.observers = db.observers
      let locked = database
      return try await ServerLock(history.app).holding(on: locked) { try await history.progress(locked) }
    }
  }

  /// Runs the steps and records the migration, in one transaction where it is atomic and the database can.
  ///
  /// - Parameter isDue: Asked with the lock held.
  /// - Returns: Whether it was due.
  func run(
    _ steps: [SchemaStep], _ migration: Migration, isUndo: Bool, isDue: @Sendable (Database) async throws -> Bool,
    record: @Sendable (Database) async throws -> Void
  ) async throws -> Bool {
    try await db.driver.withConnection(.write) { connection in
      var database = Database(LentConnection(connection, of: db.driver))
      database.timeSource = db.timeSource
      database.observers = db.observers
      switch db.dialect.family {
      case .sqlite: return try await runOnSQLite(steps, migration, database, isDue, record)
      case .postgres, .mysql:
        return try await ServerStepRunner(database, history, migration, isUndo: isUndo).run(steps, isDue, record)
      }
    }
  }

  // MARK: SQLite

  private func runOnSQLite(
    _ steps: [SchemaStep], _ migration: Migration, _ database: Database, _ isDue: @Sendable (Database) async throws -> Bool,
    _ record: @Sendable (Database) async throws -> Void
  ) async throws -> Bool {
    let foreignKeysOff = steps.contains(where: \.needsForeignKeysOff)
    // SQLite ignores this inside of a transaction.
    if foreignKeysOff { try await database.run(definition("PRAGMA foreign_keys = off")) }
    do {
      let ran = try await runAll(steps, migration, foreignKeysOff, database, isDue, record)
      if foreignKeysOff { try await database.run(definition("PRAGMA foreign_keys = on")) }
      return ran
    } catch {
      // The driver puts settings right when a connection comes back; this is for drivers that do not.
      if foreignKeysOff { _ = try? await database.run(definition("PRAGMA foreign_keys = on")) }
      throw error
    }
  }

  private func runAll(
    _ steps: [SchemaStep], _ migration: Migration, _ foreignKeysOff: Bool, _ database: Database,
    _ isDue: @Sendable (Database) async throws -> Bool, _ record: @Sendable (Database) async throws -> Void
  ) async throws -> Bool {
    @Sendable func body(_ tx: Database) async throws -> Bool {
      guard try await isDue(tx) else { return false }
      let brokenBefore = foreignKeysOff ? try await brokenReferences(tx) : []
      for step in steps { try await run(step, tx) }
      if foreignKeysOff {
        // What was broken before is not this migration's doing.
        let broken = try await brokenReferences(tx).filter { !brokenBefore.contains($0) }
        if let first = broken.first {
          throw MigrationError(
            .brokenReferences,
            "migration \(migration.name) would leave \(broken.count) rows that refer to missing ones: \(first)",
            hint: "delete or repair those rows in a migration before this one")
        }
      }
      try await record(tx)
      return true
    }
    return migration.atomic ? try await database.transaction(body) : try await body(database)
  }

  private func run(_ step: SchemaStep, _ tx: Database) async throws {
    switch step {
    case .sql(let statement): try await tx.run(statement)
    case .code(let code): try await code.forward(tx)
    case .rebuild(let table, let statements):
      // Also in a migration without a transaction: between DROP and RENAME there is no table.
      if tx.isInTransaction { return try await rebuild(table, statements, tx) }
      try await tx.transaction { try await rebuild(table, statements, $0) }
    }
  }

  private func rebuild(_ table: String, _ statements: [SQLStatement], _ tx: Database) async throws {
    let extras = try await attachments(of: table, tx)
    for statement in statements { try await tx.run(statement) }
    let present = Set(try await attachments(of: table, tx).map(\.name))
    // Triggers, and indexes made by m.sql or by hand; indexes that the migrations know are there again, or were dropped.
    for extra in extras where !present.contains(extra.name) { try await tx.run(definition(extra.sql)) }
  }

  /// The triggers and indexes of a table, those that constraints imply apart.
  private func attachments(of table: String, _ tx: Database) async throws -> [(name: String, sql: String)] {
    let text = "SELECT name, sql FROM sqlite_master WHERE tbl_name = ? AND type IN ('index', 'trigger') AND sql IS NOT NULL"
    return try await tx.query(SQLStatement(text, [.text(table)], effect: .read)) { (name: try $0.text(), sql: try $0.text()) }
  }

  /// `row 3 of blog_post refers to no row of auth_user`
  private func brokenReferences(_ tx: Database) async throws -> [String] {
    try await tx.query(SQLStatement("PRAGMA foreign_key_check", effect: .read)) { row in
      let table = try row.text()
      let id = row.skipNull() ? "?" : String(try row.int())
      return "row \(id) of \(table) refers to no row of \(try row.text())"
    }
  }

  private func definition(_ text: String) -> SQLStatement { SQLStatement(text, effect: .definition) }
}

/// A driver that has one connection, lent by another one.
private struct LentConnection: DatabaseDriver {
  private let connection: any DatabaseConnection
  private let lender: any DatabaseDriver
  init(_ connection: any DatabaseConnection, of lender: any DatabaseDriver) {
    self.connection = connection
    self.lender = lender
  }

  var dialect: any SQLDialect { lender.dialect }
  var displayName: String { lender.displayName }
  func run(_ statement: SQLStatement, onRow: @escaping @Sendable (inout Row) throws -> Void) async throws -> StatementResult {
    try await connection.run(statement, onRow: onRow)
  }
  func lease(_ access: DatabaseAccess, source: SourcePlace?) async throws -> ConnectionLease {
    ConnectionLease(connection) {}
  }
  /// The lender's business.
  func shutdown() async {}
}
