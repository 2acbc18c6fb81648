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
  private let writer: SQLiteConnection
  private let connections: [SQLiteConnection]
  private let writers: LeaseQueue
  private let readers: LeaseQueue
  /// Readers rely on the writer to create the file and to switch its journal mode.
  private let isConnected = Atomic(false)

  /// A driver for this configuration; opens nothing yet.
  public init(_ configuration: SQLiteConfiguration) {
    self.configuration = configuration
    writer = SQLiteConnection(configuration, role: configuration.isInMemory ? .only : .writer)
    writers = LeaseQueue(
      [writer], label: configuration.isInMemory ? "SQLite" : "SQLite writer", timeout: configuration.acquireTimeout)
    if configuration.isInMemory {
      readers = writers
      connections = [writer]
    } else {
      let pool = (0..<configuration.readers).map { _ in SQLiteConnection(configuration, role: .reader) }
      readers = LeaseQueue(pool, label: "SQLite reader", timeout: configuration.acquireTimeout)
      connections = pool + [writer]
    }
  }
  /// A driver for the file at `path`, or `:memory:`; opens nothing yet.
  public convenience init(path: String) { self.init(SQLiteConfiguration(path: path)) }
  /// A driver for a URL: `sqlite:///relative.db`, `sqlite:////absolute.db` or `sqlite::memory:`.
  /// - Throws: ``DatabaseError`` of kind `connection` where the URL has another form.
  public convenience init(url: String) throws { self.init(try SQLiteConfiguration(url: url)) }

  public var dialect: any SQLDialect { SQLiteDialect() }
  public var displayName: String { configuration.isInMemory ? "sqlite::memory:" : "sqlite:///\(configuration.path)" }

  /// Opens the database now.
  /// - Throws: ``DatabaseError``: of kind `connection` where the file cannot be opened, `corrupt` where it is no database.
  public func connect() async throws {
    guard !isConnected.load(ordering: .acquiring) else { return }
    try await writer.open()
    isConnected.store(true, ordering: .releasing)
  }

  @discardableResult
  public func run(_ statement: SQLStatement, onRow: @escaping @Sendable (inout Row) throws -> Void) async throws
    -> StatementResult
  {
    let access: DatabaseAccess = statement.effect == .read ? .read : .write
    let queue = access == .read ? readers : writers
    let connection = try await queue.borrow()
    do { try await connect() } catch {
      queue.giveBack(connection)
      throw error
    }
    return try await connection.run(statement, access, onRow: onRow) { queue.giveBack(connection) }
  }

  public func lease(_ access: DatabaseAccess, source: SourcePlace?) async throws -> ConnectionLease {
    let queue = access == .read ? readers : writers
    let connection = try await queue.borrow()
    let lease = SQLiteLease(connection, access)
    do { try await connect() } catch {
      await end(lease, connection, queue)
      throw error
    }
    return ConnectionLease(lease) { [self] in await end(lease, connection, queue) }
  }

  /// Refuses new work, waits for what runs, and closes the file.
  public func shutdown() async {
    await readers.shutdown()
    await writers.shutdown()
    // The writer last: the last connection to close writes the log back into the file.
    for connection in connections { await connection.close() }
  }

  private func end(_ lease: SQLiteLease, _ connection: SQLiteConnection, _ queue: LeaseQueue) async {
    lease.end()
    await connection.cleanUp()
    queue.giveBack(connection)
  }
}
