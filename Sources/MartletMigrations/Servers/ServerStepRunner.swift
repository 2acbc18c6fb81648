import MartletSQL

/// Runs the steps of one migration on a connection to PostgreSQL or MySQL that is its alone.
struct ServerStepRunner {
  private let db: Database
  private let history: MigrationHistory
  private let migration: Migration
  private let isUndo: Bool
  init(_ db: Database, _ history: MigrationHistory, _ migration: Migration, isUndo: Bool) {
    self.db = db
    self.history = history
    self.migration = migration
    self.isUndo = isUndo
  }

  /// - Returns: Whether it was due.
  func run(
    _ steps: [SchemaStep], _ isDue: @Sendable (Database) async throws -> Bool,
    _ record: @Sendable (Database) async throws -> Void
  ) async throws -> Bool {
    let lock = ServerLock(history.app)
    if db.dialect.capabilities.contains(.transactionalDDL), migration.atomic {
      return try await lock.holding(db) { tx in
        guard try await isDue(tx) else { return false }
        for step in steps { try await run(step, tx) }
        try await record(tx)
        return true
      }
    }
    return try await lock.holding(on: db) {
      let ran = try await isDue(db)
      if ran { try await runOneByOne(steps, record) }
      return ran
    }
  }

  private func run(_ step: SchemaStep, _ db: Database) async throws {
    switch step {
    case .sql(let statement): try await db.run(statement)
    case .code(let code): try await code.forward(db)
    case .rebuild(let table, _):
      throw MigrationError(.invalidOperation, "\(table) would have to be built anew, which is SQLite's way alone")
    }
  }

  // MARK: Without a transaction around it

  /// Every step is recorded, where the database keeps a record, so that the next attempt goes on behind it. Steps that only
  /// change rows are one with their record; behind a DDL statement there is a moment in which a crash loses it.
  private func runOneByOne(_ steps: [SchemaStep], _ record: @Sendable (Database) async throws -> Void) async throws {
    let keeps = history.keepsProgress(db)
    var done = keeps ? try await stepsDone(steps) : 0
    while done < steps.count {
      let step = steps[done]
      do {
        let progress = progress(done + 1, steps)
        if step.changesRowsAlone {
          try await db.transaction { tx in
            try await run(step, tx)
            if keeps { try await history.keep(progress, tx) }
          }
        } else {
          try await run(step, db)
          if keeps { try await history.keep(progress, db) }
        }
      } catch {
        guard done > 0 else { throw error }
        throw failure(error, steps, done, keeps)
      }
      done += 1
    }
    try await db.transaction { tx in
      try await record(tx)
      if keeps { try await history.forgetProgress(tx) }
    }
  }

  private func progress(_ done: Int, _ steps: [SchemaStep]) -> MigrationHistory.Progress {
    MigrationHistory.Progress(name: migration.name, isUndo: isUndo, done: done, digest: Self.digest(steps.prefix(done)))
  }

  /// How many steps an earlier attempt did.
  private func stepsDone(_ steps: [SchemaStep]) async throws -> Int {
    guard let earlier = try await history.progress(db), !steps.isEmpty else { return 0 }
    guard earlier.name == migration.name, earlier.isUndo == isUndo else {
      throw MigrationError(
        .halfApplied, "\(earlier.name) is applied in half, and has to be gone on with before \(migration.name)")
    }
    guard earlier.done <= steps.count, Self.digest(steps.prefix(earlier.done)) == earlier.digest else {
      throw MigrationError(
        .halfApplied,
        "\(migration.name) failed after \(earlier.done) steps, and those have been changed in its file since",
        hint:
          "change only what comes behind them; or finish the migration by hand and record it: migrate --fake \(migration.name)")
    }
    return earlier.done
  }

  private func failure(_ error: any Error, _ steps: [SchemaStep], _ done: Int, _ keeps: Bool) -> MigrationError {
    let applied = steps.prefix(done).flatMap(\.lines).map { "\n    " + $0 }.joined()
    let again =
      keeps
      ? "put right what the error names, in the rows or in the rest of the migration, and migrate again: it goes on behind them"
      : "undo them by hand, or take what is done out of the migration, and migrate again"
    return MigrationError(
      .halfApplied,
      "migration \(migration.name) failed at step \(done + 1) of \(steps.count): \(error)\n"
        + "  No transaction holds it together, so these steps stay:\(applied)",
      hint: again)
  }

  private static func digest(_ steps: ArraySlice<SchemaStep>) -> String {
    DatabaseNames.digest(steps.flatMap(\.lines).map { $0 + "\n" }, length: 32)
  }
}

extension SchemaStep {
  /// Whether a transaction can hold it and its record together on every database.
  fileprivate var changesRowsAlone: Bool {
    switch self {
    case .sql(let statement): statement.text.hasPrefix("UPDATE ")
    // A transaction in which the code runs DDL is committed by that on MySQL.
    case .code: true
    case .rebuild: false
    }
  }
}

/// The lock that one migrating process has at a time.
struct ServerLock {
  private let app: String
  init(_ app: String) { self.app = app }
  /// How long to wait, in seconds: longer than the migrations of most apps take.
  static let patience = 600

  /// PostgreSQL counts its advisory locks by database, and each schema has migrations of its own.
  private var key: String {
    let app = Int64(DatabaseNames.digest(["martlet migrations ", app], length: 15), radix: 16) ?? 0
    return "\(app) # ('x' || left(md5(coalesce(current_schema(), '')), 15))::bit(60)::bigint"
  }
  private var name: String { "CONCAT('martlet.', MD5(CONCAT(DATABASE(), '.', ?)))" }

  /// Runs the body in a transaction of PostgreSQL that has the lock.
  ///
  /// A transaction for each attempt: one that waits holds the snapshot of its last statement, for which
  /// `CREATE INDEX CONCURRENTLY` of the process with the lock would wait in turn. Read committed, so that the other process's
  /// work is seen.
  func holding<T: Sendable>(_ db: Database, _ body: @Sendable (Database) async throws -> T) async throws -> T {
    let end = ContinuousClock.now + .seconds(Self.patience)
    while true {
      let done: T? = try await db.transaction(isolation: .readCommitted) { tx in
        // An index over a large table may take longer than any request may.
        try await tx.run(SQLStatement("SET LOCAL statement_timeout = 0", effect: .definition))
        guard try await take("pg_try_advisory_xact_lock", tx) else { return nil }
        return try await body(tx)
      }
      if let done { return done }
      try await pause(until: end)
    }
  }

  /// Runs the body on a connection that has the lock, without a transaction around it.
  func holding<T>(on db: Database, _ body: () async throws -> T) async throws -> T {
    try await take(on: db)
    do {
      let result = try await body()
      try await release(on: db)
      return result
    } catch {
      // The lock ends with the connection anyhow, which may be what failed.
      _ = try? await release(on: db)
      throw error
    }
  }

  private func take(on db: Database) async throws {
    if db.dialect.family == .postgres {
      return try await wait(for: "pg_try_advisory_lock", db)
    }
    let answer = try await db.query(
      SQLStatement("SELECT COALESCE(GET_LOCK(\(name), \(Self.patience)), -1)", [.text(app)], effect: .write)
    ) { try $0.int() }
    guard answer == [1] else { throw Self.lockedOut }
  }

  /// By asking again: a statement that waits holds a snapshot too.
  private func wait(for function: String, _ db: Database) async throws {
    let end = ContinuousClock.now + .seconds(Self.patience)
    while try await !take(function, db) { try await pause(until: end) }
  }
  private func take(_ function: String, _ db: Database) async throws -> Bool {
    try await db.query(SQLStatement("SELECT \(function)(\(key))", effect: .write), decode: { try $0.int() }) == [1]
  }
  private func pause(until end: ContinuousClock.Instant) async throws {
    guard ContinuousClock.now < end else { throw Self.lockedOut }
    try await Task.sleep(for: .milliseconds(100))
  }

  private static var lockedOut: MigrationError {
    MigrationError(
      .locked, "another process has migrated this database for more than \(patience) seconds",
      hint: "wait for it, or end it; pg_stat_activity or SHOW PROCESSLIST names it")
  }

  private func release(on db: Database) async throws {
    if db.dialect.family == .postgres {
      try await db.run(SQLStatement("SELECT pg_advisory_unlock(\(key))", effect: .write))
    } else {
      try await db.run(SQLStatement("SELECT RELEASE_LOCK(\(name))", [.text(app)], effect: .write))
    }
  }
}
