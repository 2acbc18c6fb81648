public import Foundation
import MartletCore
public import MartletSQL

/// Applies and undoes migrations, and tells what is applied.
///
/// ```swift
/// let executor = try MigrationExecutor(Migrations.all)
/// try await executor.migrate(db) { progress in print(progress) }
/// ```
/// Each migration runs in a transaction of its own under a lock that one process has at a time (SQLite's write lock, an
/// advisory lock, `GET_LOCK`), and looks again at what is applied: of two processes that migrate at the same time, the second
/// finds the work done. MySQL and MariaDB have no transactions for DDL: there each step is recorded as it is done, and a
/// migration that failed goes on behind the last one.
public struct MigrationExecutor: Sendable {
  /// One migration with the time of its application.
  public struct Status: Sendable, Hashable {
    public var name: String
    /// `nil` where it is not applied.
    public var applied: Date?
    /// Whether it failed in the middle on a database whose DDL no transaction undoes, and waits to be gone on with.
    public var isHalfDone = false
  }
  /// What the executor is doing.
  public enum Progress: Sendable, Hashable, CustomStringConvertible {
    case applying(String)
    case applied(String, Duration)
    case undoing(String)
    case undone(String, Duration)
    /// Recorded, or its record removed, without running anything.
    case faked(String)
    /// Another process was faster.
    case skipped(String)

    /// `Applied 0002_post_views`
    public var description: String {
      switch self {
      case .applying(let name): "Applying \(name)"
      case .applied(let name, _): "Applied \(name)"
      case .undoing(let name): "Undoing \(name)"
      case .undone(let name, _): "Undone \(name)"
      case .faked(let name): "Faked \(name)"
      case .skipped(let name): "Skipped \(name), which another process has run"
      }
    }
  }

  private let registry: MigrationRegistry
  /// The migrations in order.
  var migrations: [Migration] { registry.migrations }
  private let history: MigrationHistory

  /// An executor for these migrations.
  ///
  /// - Parameter app: The app label of the rows in `django_migrations`; other labels' rows (a Django project's) are left alone.
  /// - Throws: ``MigrationError`` of kind `invalidRegistry` where numbers are missing or used twice.
  public init(_ migrations: [Migration], app: String = "martlet") throws {
    registry = try MigrationRegistry(migrations)
    history = MigrationHistory(app: app)
  }

  /// Every migration in order, with the time of its application.
  /// - Throws: ``MigrationError`` of kind `inconsistentHistory`; ``DatabaseError``.
  public func status(_ db: Database) async throws -> [Status] {
    let applied = try await history.applied(db)
    _ = try registry.appliedCount(Set(applied.keys))
    let half = try await history.progress(db)
    return registry.migrations.map { Status(name: $0.name, applied: applied[$0.name], isHalfDone: $0.name == half?.name) }
  }

  /// The names of the migrations that are not applied, in order.
  /// - Throws: ``MigrationError`` of kind `inconsistentHistory`; ``DatabaseError``.
  public func pending(_ db: Database) async throws -> [String] {
    try await status(db).filter { $0.applied == nil }.map(\.name)
  }

  /// Applies what is not applied, or goes forth or back to a migration.
  ///
  /// - Parameters:
  ///   - target: The migration that shall be the last one applied: its name, its number (`0003`) or the beginning of its
  ///     name; `zero` undoes all; the last one where absent.
  ///   - fake: Record without running: for a database that has the tables already.
  ///   - progress: Called before and after each migration.
  /// - Returns: The names of the migrations that were applied, undone or recorded.
  /// - Throws: ``MigrationError``; ``DatabaseError``. What was done before the failure stays done.
  @discardableResult
  public func migrate(
    _ db: Database, to target: String? = nil, fake: Bool = false, progress: @Sendable (Progress) -> Void = { _ in }
  ) async throws -> [String] {
    guard !db.isInTransaction else {
      throw MigrationError(.invalidOperation, "migrate was called inside a transaction", hint: "pass the database itself")
    }
    let wanted = try target.map { try registry.place(of: $0) + 1 } ?? registry.migrations.count
    try await SchemaStepRunner(db, history).createHistory()
    var done: [String] = []
    var count = try registry.appliedCount(Set(try await history.applied(db).keys))
    if count == wanted { try await requireNothingHalfDone(db) }
    while count < wanted {
      let migration = registry.migrations[count]
      try await apply(migration, at: count, db, fake, progress)
      done.append(migration.name)
      count += 1
    }
    while count > wanted {
      count -= 1
      let migration = registry.migrations[count]
      try await undo(migration, at: count, db, fake, progress)
      done.append(migration.name)
    }
    return done
  }

  /// The SQL of a migration, a statement an element, without the bookkeeping.
  ///
  /// - Parameter backwards: The SQL that undoes it.
  /// - Throws: ``MigrationError`` of kind `unknownMigration`, `unsupportedDialect`, `irreversible`.
  public func sql(for name: String, dialect: any SQLDialect = SQLiteDialect(), backwards: Bool = false) throws -> [String] {
    let place = try registry.place(of: name)
    guard place >= 0 else { throw MigrationError(.unknownMigration, "'zero' is no migration") }
    let migration = registry.migrations[place]
    let before = try SchemaState(replaying: Array(registry.migrations[..<place]))
    let editor = schemaEditor(for: dialect)
    let steps = try backwards ? reverseSteps(migration, before, editor) : forwardSteps(migration, before, editor)
    var lines = steps.flatMap(\.lines)
    switch dialect.family {
    case .sqlite:
      let offNeeded = steps.contains(where: \.needsForeignKeysOff)
      if migration.atomic { lines = ["BEGIN IMMEDIATE"] + lines + (offNeeded ? ["PRAGMA foreign_key_check"] : []) + ["COMMIT"] }
      if offNeeded { lines = ["PRAGMA foreign_keys = off"] + lines + ["PRAGMA foreign_keys = on"] }
    case .postgres: if migration.atomic { lines = ["BEGIN"] + lines + ["COMMIT"] }
    // No transaction could undo its DDL.
    case .mysql: break
    }
    return lines
  }

  // MARK: One migration

  private func apply(
    _ migration: Migration, at place: Int, _ db: Database, _ fake: Bool, _ progress: @Sendable (Progress) -> Void
  ) async throws {
    if !fake { progress(.applying(migration.name)) }
    let before = try SchemaState(replaying: Array(registry.migrations[..<place]))
    let steps = fake ? [] : try forwardSteps(migration, before, schemaEditor(for: db.dialect))
    let start = ContinuousClock.now
    let isMine = try await SchemaStepRunner(db, history).run(steps, migration, isUndo: false) { tx in
      try await history.applied(tx)[migration.name] == nil
    } record: { tx in
      try await history.record(migration.name, tx)
    }
    progress(!isMine ? .skipped(migration.name) : fake ? .faked(migration.name) : .applied(migration.name, .now - start))
  }

  private func undo(
    _ migration: Migration, at place: Int, _ db: Database, _ fake: Bool, _ progress: @Sendable (Progress) -> Void
  ) async throws {
    if !fake { progress(.undoing(migration.name)) }
    let before = try SchemaState(replaying: Array(registry.migrations[..<place]))
    let steps = fake ? [] : try reverseSteps(migration, before, schemaEditor(for: db.dialect))
    let start = ContinuousClock.now
    let isMine = try await SchemaStepRunner(db, history).run(steps, migration, isUndo: true) { tx in
      try await history.applied(tx)[migration.name] != nil
    } record: { tx in
      try await history.forget(migration.name, tx)
    }
    progress(!isMine ? .skipped(migration.name) : fake ? .faked(migration.name) : .undone(migration.name, .now - start))
  }

  private func forwardSteps(_ migration: Migration, _ before: SchemaState, _ editor: any SchemaEditor) throws -> [SchemaStep] {
    do { return try editor.steps(migration.operations, before: before, atomic: migration.atomic) } catch let error
      as MigrationError
    {
      throw MigrationError(error.kind, "migration \(migration.name): \(error.message)", hint: error.hint)
    }
  }

  private func reverseSteps(_ migration: Migration, _ before: SchemaState, _ editor: any SchemaEditor) throws -> [SchemaStep] {
    var state = before
    var reversed: [MigrationOperation] = []
    do {
      for operation in migration.operations {
        reversed.insert(try operation.reversed(before: state), at: 0)
        try state.apply(operation)
      }
      return try editor.steps(reversed, before: state, atomic: migration.atomic)
    } catch let error as MigrationError {
      throw MigrationError(error.kind, "migration \(migration.name): \(error.message)", hint: error.hint)
    }
  }

  /// Where there is nothing to do, a migration that failed in the middle must not pass unnoticed. Where there is, the runner
  /// finds it, under the lock: without it, another process's migration at work looks the same.
  private func requireNothingHalfDone(_ db: Database) async throws {
    guard let half = try await SchemaStepRunner(db, history).halfDone() else { return }
    throw MigrationError(
      .halfApplied,
      "\(half.name) was \(half.isUndo ? "undone" : "applied") in half: it failed after \(half.done) step\(half.done == 1 ? "" : "s"), "
        + "and \(db.dialect.name) cannot take those back",
      hint: half.isUndo ? "go on with undoing it: migrate to the one before it" : "go on with it: migrate \(half.name)")
  }
}
