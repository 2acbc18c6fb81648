import CSQLite3
import Foundation
import MartletSQL
import Synchronization

/// An open database with its prepared statements.
final class SQLiteSession: @unchecked Sendable {  // confined to its connection's thread, but for what is Atomic
  enum Role: String {
    case writer, reader
    /// The one connection of a database in memory.
    case only
  }

  let configuration: SQLiteConfiguration
  let role: Role
  /// Whether a borrower left a transaction open, or may have changed settings.
  let needsCleaning = Atomic(false)
  /// Whether the file turned out to be damaged or unreadable: another connection may see it in better shape.
  let isBroken = Atomic(false)
  /// The statement whose rows are being fetched, if any.
  var cursor: SQLiteCursorRun?
  private let functions: [SQLiteFunction]
  private var database: OpaquePointer?
  private var statements: StatementCache
  private let dialect = SQLiteDialect()
  private var cells: UnsafeMutablePointer<RowCell>
  private var cellCapacity = 16
  /// Set where SQLite rolled a transaction back on its own: what failed.
  private var aborted: String?
  /// What the busy handler looks at.
  private var currentJob: StatementJob?
  private var busyWaited: Duration = .zero

  init(_ configuration: SQLiteConfiguration, role: Role, functions: [SQLiteFunction] = []) {
    self.functions = functions
    self.configuration = configuration
    self.role = role
    statements = StatementCache(capacity: configuration.statementCacheSize)
    cells = .allocate(capacity: cellCapacity)
  }
  deinit { cells.deallocate() }

  // MARK: Opening and closing

  /// The open database.
  @discardableResult
  func open() throws -> OpaquePointer {
    if let database { return database }
    var opened: OpaquePointer?
    let mode = configuration.isReadOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
    let flags = mode | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
    let code = sqlite3_open_v2(configuration.path, &opened, flags, nil)
    guard code == SQLITE_OK, let opened else {
      let text = opened.map { String(cString: sqlite3_errmsg($0)) } ?? "out of memory"
      sqlite3_close_v2(opened)
      throw DatabaseError(
        .connection, "the SQLite database '\(configuration.path)' cannot be opened: \(text)",
        hint: "the directory must exist and be writable: SQLite keeps its log beside the file", code: SQLiteResult.name(code))
    }
    do {
      try configure(opened)
    } catch {
      sqlite3_close_v2(opened)
      throw error
    }
    database = opened
    return opened
  }

  private func configure(_ database: OpaquePointer) throws {
    // Unretained: the session closes the database before it goes.
    sqlite3_busy_handler(
      database,
      { context, attempt in
        guard let context else { return 0 }
        return Unmanaged<SQLiteSession>.fromOpaque(context).takeUnretainedValue().waitForLock(Int(attempt)) ? 1 : 0
      }, Unmanaged.passUnretained(self).toOpaque())
    SQLFunctions.register(database)
    for function in functions { try function.register(database) }
    if role == .writer, !configuration.isReadOnly {
      let mode = try pragma(database, "journal_mode = \(configuration.journalMode.rawValue)")
      guard mode == configuration.journalMode.rawValue else {
        throw DatabaseError(
          .connection,
          "the SQLite database '\(configuration.path)' cannot use the journal mode '\(configuration.journalMode.rawValue)'",
          hint: "network file systems have no write-ahead log: use journalMode .delete there")
      }
    }
    try applySettings(database)
  }

  private func applySettings(_ database: OpaquePointer) throws {
    _ = try pragma(database, "synchronous = \(configuration.synchronous.rawValue)")
    _ = try pragma(database, "foreign_keys = \(configuration.foreignKeys ? "on" : "off")")
    // A table rebuild that failed between its two statements leaves it on.
    _ = try pragma(database, "legacy_alter_table = off")
    _ = try pragma(database, "query_only = \(role == .reader || configuration.isReadOnly ? "on" : "off")")
    if let bytes = configuration.cacheBytes { _ = try pragma(database, "cache_size = -\(max(1, bytes / 1024))") }
    if let bytes = configuration.mapBytes { _ = try pragma(database, "mmap_size = \(bytes)") }
    if let pages = configuration.checkpointPages { _ = try pragma(database, "wal_autocheckpoint = \(pages)") }
  }

  private func pragma(_ database: OpaquePointer, _ text: String) throws -> String? {
    var statement: OpaquePointer?
    var code = sqlite3_prepare_v2(database, "PRAGMA \(text)", -1, &statement, nil)
    defer { sqlite3_finalize(statement) }
    if code == SQLITE_OK { code = sqlite3_step(statement) }
    guard code == SQLITE_ROW || code == SQLITE_DONE else {
      throw SQLiteResult.error(code, database, sql: "PRAGMA \(text)")
    }
    return code == SQLITE_ROW ? sqlite3_column_text(statement, 0).map { String(cString: $0) } : nil
  }

  func close() {
    if let cursor { end(cursor) }
    statements.removeAll()
    sqlite3_close_v2(database)
    database = nil
    aborted = nil
    needsCleaning.store(false, ordering: .releasing)
  }

  /// Ends what a borrower left open.
  /// - Throws: Where it cannot. The connection is closed then.
  func cleanUp() throws {
    aborted = nil
    if let cursor { end(cursor) }
    guard let database else { return }
    do {
      if sqlite3_get_autocommit(database) == 0 {
        let code = sqlite3_exec(database, "ROLLBACK", nil, nil, nil)
        guard code == SQLITE_OK else { throw SQLiteResult.error(code, database, sql: "ROLLBACK") }
      }
      try applySettings(database)
      needsCleaning.store(false, ordering: .releasing)
    } catch {
      close()
      throw error
    }
  }

  // MARK: Running

  func run(
    _ statement: SQLStatement, _ job: StatementJob, _ access: DatabaseAccess, _ onRow: (inout Row) throws -> Void
  ) throws -> StatementResult {
    let database = try open()
    if let reason = aborted {
      if Self.isRollback(statement.text) {
        aborted = nil
        return StatementResult(rowsAffected: 0)
      }
      throw DatabaseError(
        .transaction, "the transaction has been rolled back, because a statement in it failed: \(reason)", sql: statement.text)
    }
    try refuseBesideCursor(statement)
    return try interruptible(job, database, statement) { try execute(statement, database, access, onRow) }
  }

  /// Runs work that the job can interrupt, and looks at what it left of the transaction.
  func interruptible<Result>(
    _ job: StatementJob, _ database: OpaquePointer, _ statement: SQLStatement, _ work: () throws -> Result
  ) throws -> Result {
    guard job.start(database) else { throw CancellationError() }
    currentJob = job
    busyWaited = .zero
    let wasOpen = sqlite3_get_autocommit(database) == 0
    defer {
      job.finish()
      currentJob = nil
      let isOpen = sqlite3_get_autocommit(database) == 0
      if isOpen || aborted != nil || statement.effect == .definition { needsCleaning.store(true, ordering: .releasing) }
    }
    do { return try work() } catch {
      // SQLite ends the whole transaction after some failures (full disk, interrupted write): what follows must not
      // run as if it were still inside.
      if wasOpen, sqlite3_get_autocommit(database) != 0, !Self.isRollback(statement.text) { aborted = "\(error)" }
      guard let failure = error as? DatabaseError else { throw error }
      if job.isCancelled, failure.isInterruption || failure.kind == .busy { throw CancellationError() }
      // A database in memory lives in its one connection.
      if failure.kind == .corrupt, role != .only { isBroken.store(true, ordering: .releasing) }
      throw error
    }
  }

  func refuseWrite(_ statement: SQLStatement, _ handle: OpaquePointer, _ access: DatabaseAccess) throws {
    guard access == .read, sqlite3_stmt_readonly(handle) == 0 else { return }
    throw DatabaseError(
      .readOnly, "a statement that writes was run where only reads are allowed",
      hint: "run it outside of the read-only transaction, and not as a reading statement", sql: statement.text)
  }

  private func execute(
    _ statement: SQLStatement, _ database: OpaquePointer, _ access: DatabaseAccess, _ onRow: (inout Row) throws -> Void
  ) throws -> StatementResult {
    let prepared = try statements.statement(for: statement, database)
    let handle = prepared.handle
    defer { statements.giveBack(prepared) }
    try refuseWrite(statement, handle, access)
    try bind(statement, handle, database)
    let changesBefore = sqlite3_total_changes64(database)
    let keyBefore = sqlite3_last_insert_rowid(database)
    // An upsert that updates leaves the key of an earlier insert in place: 0 tells it apart.
    if prepared.givesKey { sqlite3_set_last_insert_rowid(database, 0) }
    defer {
      if prepared.givesKey, sqlite3_last_insert_rowid(database) == 0 { sqlite3_set_last_insert_rowid(database, keyBefore) }
    }

    var code = sqlite3_step(handle)
    while code == SQLITE_ROW {
      try withRow(of: handle, onRow)
      code = sqlite3_step(handle)
    }
    guard code == SQLITE_DONE else { throw SQLiteResult.error(code, database, sql: statement.text) }
    guard sqlite3_total_changes64(database) != changesBefore else { return StatementResult(rowsAffected: 0) }
    let key = prepared.givesKey ? sqlite3_last_insert_rowid(database) : 0
    return StatementResult(rowsAffected: Int(sqlite3_changes64(database)), lastInsertID: key == 0 ? nil : key)
  }

  /// Hands over the row that the statement stands at.
  func withRow(of handle: OpaquePointer, _ onRow: (inout Row) throws -> Void) throws {
    // Counted for each row: SQLite may have prepared the statement anew for a changed schema.
    let count = Int(sqlite3_column_count(handle))
    reserveCells(count)
    fillCells(handle, count)
    var row = Row(cells: cells, count: count)
    try onRow(&row)
  }

  private func reserveCells(_ count: Int) {
    guard count > cellCapacity else { return }
    cells.deallocate()
    cellCapacity = count
    cells = .allocate(capacity: count)
  }

  /// Text and blobs point into SQLite's own memory, which stays until the next step.
  private func fillCells(_ handle: OpaquePointer, _ count: Int) {
    for i in 0..<count {
      let column = Int32(i)
      switch sqlite3_column_type(handle, column) {
      case SQLITE_INTEGER: (cells + i).initialize(to: .int(sqlite3_column_int64(handle, column)))
      case SQLITE_FLOAT: (cells + i).initialize(to: .double(sqlite3_column_double(handle, column)))
      case SQLITE_TEXT:
        let start = sqlite3_column_text(handle, column)
        (cells + i).initialize(to: .text(UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column)))))
      case SQLITE_BLOB:
        let start = sqlite3_column_blob(handle, column)
        (cells + i).initialize(to: .blob(UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column)))))
      default: (cells + i).initialize(to: .null)
      }
    }
  }

  func bind(_ statement: SQLStatement, _ handle: OpaquePointer, _ database: OpaquePointer) throws {
    let wanted = Int(sqlite3_bind_parameter_count(handle))
    guard wanted == statement.bindings.count else {
      throw DatabaseError(
        .invalidStatement, "the statement has \(wanted) placeholders and \(statement.bindings.count) values", sql: statement.text)
    }
    for (i, value) in statement.bindings.enumerated() {
      let place = Int32(i + 1)
      if let refusal = dialect.refusal(of: value) {
        throw DatabaseError(
          .unsupported(capability: refusal.capability), "\(refusal.reason) (binding \(place))",
          hint: refusal.capability == "exactDecimals"
            ? "round it, or keep it as a text or as a whole number of small units" : nil,
          sql: statement.text)
      }
      let code =
        switch dialect.encode(value) {
        case .int(let value): sqlite3_bind_int64(handle, place, value)
        case .double(let value): sqlite3_bind_double(handle, place, value)
        case .text(var text): text.withUTF8 { Self.bindText(handle, place, $0) }
        case .blob(let bytes):
          // A null pointer would bind NULL: an empty array may have one.
          bytes.isEmpty
            ? sqlite3_bind_zeroblob(handle, place, 0)
            : sqlite3_bind_blob64(handle, place, bytes, UInt64(bytes.count), transient)
        default: sqlite3_bind_null(handle, place)
        }
      guard code == SQLITE_OK else { throw SQLiteResult.error(code, database, sql: statement.text) }
    }
  }

  private static func bindText(_ handle: OpaquePointer, _ place: Int32, _ utf8: UnsafeBufferPointer<UInt8>) -> Int32 {
    guard let start = utf8.baseAddress, !utf8.isEmpty else { return sqlite3_bind_text(handle, place, "", 0, nil) }
    return start.withMemoryRebound(to: CChar.self, capacity: utf8.count) {
      sqlite3_bind_text64(handle, place, $0, UInt64(utf8.count), transient, UInt8(SQLITE_UTF8))
    }
  }

  /// SQLite's own pauses; its own handler does not notice an interruption.
  private func waitForLock(_ attempt: Int) -> Bool {
    let pauses = [1, 2, 5, 10, 15, 20, 25, 25, 25, 50, 50, 100]
    guard currentJob?.isCancelled != true, busyWaited < configuration.busyTimeout else { return false }
    let pause = pauses[min(attempt, pauses.count - 1)]
    usleep(UInt32(pause) * 1000)
    busyWaited += .milliseconds(pause)
    return true
  }

  private static func isRollback(_ text: String) -> Bool { text.uppercased() == "ROLLBACK" }
}

/// Tells SQLite to copy what is bound.
let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
