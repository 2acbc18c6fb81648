public import MartletSQL
import Synchronization

/// SQLite: one writer and a few readers, each on a thread of its own.
///
/// ```swift
/// let db = Database(try SQLiteDriver(url: "sqlite:///app.db"))
/// ```
/// Statements that only read run on a reader and see what has been committed, while the writer works (with the
/// write-ahead log). Everything else waits its turn for the writer; a transaction has its connection to itself. A database
/// in memory has one connection for all. Files are opened by the first statement, or by ``connect()``.
public final class SQLiteDriver: DatabaseDriver {
  /// How the connections behave.
  public let configuration: SQLiteConfiguration
  let functions: [SQLiteFunction]
  private let opener: SQLiteOpener
  private let writers: ConnectionPool<SQLiteConnection>
  private let readers: ConnectionPool<SQLiteConnection>

  /// A driver for this configuration; opens nothing yet.
  /// - Parameter functions: Functions of the app's own, for SQL.
  public init(_ configuration: SQLiteConfiguration, functions: [SQLiteFunction] = []) {
    self.configuration = configuration
    self.functions = functions
    let opener = SQLiteOpener(configuration, functions)
    self.opener = opener
    let isShared = configuration.isInMemory
    writers = ConnectionPool(configuration.pool(of: 1), label: isShared ? "SQLite" : "SQLite writer") {
      try await opener.writer()
    }
    readers =
      isShared
      ? writers
      : ConnectionPool(configuration.pool(of: configuration.readers), label: "SQLite reader") { try await opener.reader() }
  }
  /// A driver for the file at `path`, or `:memory:`; opens nothing yet.
  public convenience init(path: String) { self.init(SQLiteConfiguration(path: path)) }
  /// A driver for a URL: `sqlite:///relative.db`, `sqlite:////absolute.db` or `sqlite::memory:`, and parameters behind `?`
  /// (see ``SQLiteConfiguration/init(url:)``).
  /// - Throws: ``DatabaseError`` of kind `connection` where the URL has another form.
  public convenience init(url: String, functions: [SQLiteFunction] = []) throws {
    self.init(try SQLiteConfiguration(url: url), functions: functions)
  }

  public var dialect: any SQLDialect { SQLiteDialect() }
  public var displayName: String { configuration.isInMemory ? "sqlite::memory:" : "sqlite:///\(configuration.path)" }
  /// Readers and writer together.
  public var poolMetrics: PoolMetrics? { readers === writers ? writers.metrics : readers.metrics + writers.metrics }

  /// Opens the database now.
  /// - Throws: ``DatabaseError``: of kind `connection` where the file cannot be opened, `corrupt` where it is no database.
  public func connect() async throws { try await opener.prepare() }

  @discardableResult
  public func run(_ statement: SQLStatement, onRow: @escaping @Sendable (inout Row) throws -> Void) async throws
    -> StatementResult
  {
    let access: DatabaseAccess = statement.effect == .read ? .read : .write
    let pool = access == .read ? readers : writers
    let connection = try await pool.borrow(source: statement.source)
    // Given back on the connection's thread, so that the next borrower need not wait for this task to go on.
    return try await connection.run(statement, access, onRow: onRow, finally: Self.giveBack(connection, to: pool))
  }
  private static func giveBack(_ connection: SQLiteConnection, to pool: ConnectionPool<SQLiteConnection>) -> @Sendable () -> Void
  {
    { if !pool.giveBackIfClean(connection) { Task { await pool.giveBack(connection) } } }
  }

  public func run(reads: [SQLStatement], onRow: @escaping @Sendable (Int, inout Row) throws -> Void) async throws {
    guard let first = reads.first else { return }
    let connection = try await readers.borrow(source: first.source)
    _ = try await connection.run(batch: reads, .read, onRow: onRow, finally: Self.giveBack(connection, to: readers))
  }

  public func lease(_ access: DatabaseAccess, source: SourcePlace?) async throws -> ConnectionLease {
    let pool = access == .read ? readers : writers
    let connection = try await pool.borrow(source: source)
    let lease = SQLiteLease(connection, access)
    return ConnectionLease(lease) {
      lease.end()
      await pool.giveBack(connection)
    }
  }

  /// Lends a connection as the driver has it.
  func withReader<Result: Sendable>(_ body: (SQLiteConnection) async throws -> Result) async throws -> Result {
    let connection = try await readers.borrow()
    do {
      let result = try await body(connection)
      await readers.giveBack(connection)
      return result
    } catch {
      await readers.giveBack(connection)
      throw error
    }
  }

  /// Refuses new work, waits for what runs, and closes the file.
  public func shutdown() async {
    if readers !== writers { await readers.shutdown() }
    // The writer last: the last connection to close writes the log back into the file.
    await writers.shutdown()
    await opener.close()
  }
}

/// Opens connections: the writer first, because the readers rely on it to create the file and to switch its journal mode.
final class SQLiteOpener: Sendable {
  private let configuration: SQLiteConfiguration
  private let functions: [SQLiteFunction]
  private let current: Mutex<SQLiteConnection?>
  private let isPrepared = Atomic(false)

  init(_ configuration: SQLiteConfiguration, _ functions: [SQLiteFunction]) {
    self.configuration = configuration
    self.functions = functions
    current = Mutex(nil)
  }

  /// The one writer, open; a new one where the last was closed.
  func writer() async throws -> SQLiteConnection {
    let writer = current.withLock { current in
      if let current, current.isUsable { return current }
      let writer = SQLiteConnection(configuration, role: configuration.isInMemory ? .only : .writer, functions: functions)
      current = writer
      return writer
    }
    try await writer.open()
    isPrepared.store(true, ordering: .releasing)
    return writer
  }

  func prepare() async throws {
    if !isPrepared.load(ordering: .acquiring) { _ = try await writer() }
  }

  func reader() async throws -> SQLiteConnection {
    try await prepare()
    let reader = SQLiteConnection(configuration, role: .reader, functions: functions)
    try await reader.open()
    return reader
  }

  func close() async { await current.withLock { $0 }?.close() }
}

extension PoolMetrics {
  /// Two pools as one.
  static func + (a: PoolMetrics, b: PoolMetrics) -> PoolMetrics {
    var sum = a
    sum.inUse += b.inUse
    sum.idle += b.idle
    sum.waiting += b.waiting
    sum.maximum += b.maximum
    sum.served += b.served
    sum.timeouts += b.timeouts
    sum.opened += b.opened
    sum.totalWait += b.totalWait
    sum.longestWait = max(sum.longestWait, b.longestWait)
    return sum
  }
}
