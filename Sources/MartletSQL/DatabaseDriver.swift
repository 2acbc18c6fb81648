/// One session with a database. Statements run one after the other, in the order they were handed over.
public protocol DatabaseConnection: Sendable {
  /// Runs a statement and hands each row to `onRow`, in order, on a thread of the driver's choosing.
  ///
  /// The row is valid only inside the closure. An error thrown by the closure ends the statement.
  /// - Throws: ``DatabaseError``; the closure's error; `CancellationError`.
  @discardableResult
  func run(_ statement: SQLStatement, onRow: @escaping @Sendable (inout Row) throws -> Void) async throws -> StatementResult

  /// Runs statements that belong together, in one round trip where the driver can; `onRow` also gets the statement's place.
  ///
  /// The first that fails ends the batch, and its error is thrown. Outside of a transaction a driver may run the whole batch
  /// as one transaction.
  /// - Throws: As ``run(_:onRow:)``.
  @discardableResult
  func run(batch: [SQLStatement], onRow: @escaping @Sendable (Int, inout Row) throws -> Void) async throws -> [StatementResult]

  /// Starts a statement whose rows are fetched a part at a time, in constant memory. While the cursor is open the
  /// connection runs nothing else.
  /// - Throws: ``DatabaseError``.
  func openCursor(_ statement: SQLStatement) async throws -> any DatabaseCursor

  /// Opens a transaction by these statements. A driver may hold them back and send them with the next statement, so that they
  /// take no round trip of their own; where they fail then, nothing else runs on the connection until it is given back.
  /// - Throws: ``DatabaseError``.
  func begin(_ statements: [SQLStatement]) async throws
}

extension DatabaseConnection {
  /// One after the other.
  @discardableResult
  public func run(batch: [SQLStatement], onRow: @escaping @Sendable (Int, inout Row) throws -> Void) async throws
    -> [StatementResult]
  {
    var results: [StatementResult] = []
    for (place, statement) in batch.enumerated() { results.append(try await run(statement) { try onRow(place, &$0) }) }
    return results
  }
  /// At once.
  public func begin(_ statements: [SQLStatement]) async throws {
    for statement in statements { try await run(statement) { _ in } }
  }
}

/// The rows of a running statement, fetched as they are asked for.
public protocol DatabaseCursor: Sendable {
  /// Hands over at most `count` further rows.
  /// - Returns: Whether there may be more.
  /// - Throws: ``DatabaseError``; the closure's error; `CancellationError`. The cursor is closed then.
  func fetch(_ count: Int, onRow: @escaping @Sendable (inout Row) throws -> Void) async throws -> Bool
  /// Ends the statement, wherever it is; the connection is free again. Twice does nothing.
  func close() async
}

/// What kind of work a connection is for.
public enum DatabaseAccess: Sendable, Hashable {
  /// Reads only; may be one of several readers, or a replica.
  case read
  /// Reads and writes.
  case write
}

/// A database that can be reached: it opens, lends and closes connections.
public protocol DatabaseDriver: Sendable {
  /// The database's SQL.
  var dialect: any SQLDialect { get }
  /// The address without its password, for logs.
  var displayName: String { get }
  /// Reaches the database now, rather than at the first statement; learns what the dialect depends on.
  /// - Throws: ``DatabaseError`` of kind `connection` or `authentication`.
  func connect() async throws
  /// Runs one statement on any fitting connection.
  @discardableResult
  func run(_ statement: SQLStatement, onRow: @escaping @Sendable (inout Row) throws -> Void) async throws -> StatementResult
  /// Runs statements that only read and do not need each other's answers, in one round trip where it can. `onRow` also gets the
  /// statement's place. Whether they see one state of the database is left open.
  /// - Throws: As ``run(_:onRow:)``, the error of the first that fails.
  func run(reads: [SQLStatement], onRow: @escaping @Sendable (Int, inout Row) throws -> Void) async throws
  /// Lends a connection to the caller alone, until ``ConnectionLease/end()``.
  ///
  /// - Parameter source: Who asks: an error about connections that are all in use names those who hold them.
  /// - Throws: ``DatabaseError`` of kind `poolTimeout` where none becomes free in time; `CancellationError`.
  func lease(_ access: DatabaseAccess, source: SourcePlace?) async throws -> ConnectionLease
  /// What the pool of connections is doing; `nil` where there is none.
  var poolMetrics: PoolMetrics? { get }
  /// Where writes go: the driver itself, unless it stands for several servers.
  var primary: any DatabaseDriver { get }
  /// A driver that reads what was written through it, whatever else it stands for: one for each request.
  func session() -> any DatabaseDriver
  /// How far this server, a replica, is behind its primary; zero where it is none. `nil` where the driver cannot tell.
  /// - Throws: ``DatabaseError``, also where replication has stopped.
  func replicationLag() async throws -> Duration?
  /// Closes all connections, after the statements that run have ended.
  func shutdown() async
}

extension DatabaseDriver {
  /// No pool.
  public var poolMetrics: PoolMetrics? { nil }
  /// Nothing to reach.
  public func connect() async throws {}
  /// The driver itself.
  public var primary: any DatabaseDriver { self }
  /// The driver itself: one server shows what was written to it.
  public func session() -> any DatabaseDriver { self }
  /// Unknown.
  public func replicationLag() async throws -> Duration? { nil }

  /// On one connection.
  public func run(reads: [SQLStatement], onRow: @escaping @Sendable (Int, inout Row) throws -> Void) async throws {
    guard let first = reads.first else { return }
    _ = try await withConnection(.read, source: first.source) { try await $0.run(batch: reads, onRow: onRow) }
  }

  /// Lends a connection to the closure alone, until it returns.
  /// - Throws: As ``lease(_:source:)``; the closure's error.
  public func withConnection<Result: Sendable>(
    _ access: DatabaseAccess, source: SourcePlace? = nil, _ body: @Sendable (any DatabaseConnection) async throws -> Result
  ) async throws -> Result {
    let lease = try await lease(access, source: source)
    do {
      let result = try await body(lease.connection)
      await lease.end()
      return result
    } catch {
      await lease.end()
      throw error
    }
  }
}

/// A connection lent to one borrower.
///
/// It goes back by ``end()``, or with the last reference to the lease: a task that is cancelled cannot keep it.
public final class ConnectionLease: Sendable {
  /// The connection; refuses statements once the lease has ended.
  public let connection: any DatabaseConnection
  private let giveBack: OnceAction

  /// A lease; `giveBack` runs once, when it ends.
  public init(_ connection: any DatabaseConnection, giveBack: @escaping @Sendable () async -> Void) {
    self.connection = connection
    self.giveBack = OnceAction(giveBack)
  }
  deinit {
    // The borrower is gone without a word (a stream that was dropped): only a task of its own can give back now.
    if let action = giveBack.take() { Task { await action() } }
  }

  /// Gives the connection back; twice does nothing.
  public func end() async { await giveBack.take()?() }
}
