public import Logging
public import MartletSQL
import NIOCore
import NIOPosix

/// PostgreSQL, over the network or a Unix socket.
///
/// ```swift
/// let db = Database(try PostgresDriver(url: "postgres://shop:secret@db.example.com/shop?sslmode=verify-full"))
/// ```
/// Statements outside of a transaction share connections: those of one tick of an event loop are sent in one packet, each a
/// transaction of its own, but for look-ups by key, which share one. A transaction or a cursor has its connection to itself. A driver that is released without
/// ``shutdown()`` closes its connections.
public final class PostgresDriver: DatabaseDriver {
  /// Where the server is, and how the connections behave.
  public let configuration: PostgresConfiguration
  let connector: PostgresConnector
  let pool: ConnectionPool<PostgresConnection>
  let logger: Logger

  /// A driver for this configuration; connects with the first statement.
  /// - Parameter logger: Gets the server's notices, at a level that follows their severity.
  public init(_ configuration: PostgresConfiguration, logger: Logger = Logger(label: "martlet.postgres")) {
    self.configuration = configuration
    self.logger = logger
    let connector = PostgresConnector(configuration, group: MultiThreadedEventLoopGroup.singleton, logger: logger)
    self.connector = connector
    pool = ConnectionPool(configuration.pool, label: "PostgreSQL", connectingOn: { try await connector.connect(on: $0) })
  }

  public var dialect: any SQLDialect { PostgresDialect() }
  public var displayName: String {
    let hosts = configuration.hosts.map { host in
      (host.isSocket ? host.name.replacing("/", with: "%2F") : host.name.contains(":") ? "[\(host.name)]" : host.name)
        + ":\(host.port)"
    }
    return "postgres://\(configuration.user)@\(hosts.joined(separator: ","))/\(configuration.database)"
  }
  public var poolMetrics: PoolMetrics? { pool.metrics }

  /// Opens a connection now, so that a wrong address or password shows at once.
  /// - Throws: ``DatabaseError`` of kind `connection` or `authentication`.
  public func connect() async throws { try await pool.open() }

  @discardableResult
  public func run(_ statement: SQLStatement, onRow: @escaping @Sendable (inout Row) throws -> Void) async throws
    -> StatementResult
  {
    let results = try await run([StatementRequest(statement)], Sharing(statement), statement.source) { _, row in try onRow(&row) }
    return results.first ?? StatementResult(rowsAffected: 0)
  }

  public func run(reads: [SQLStatement], onRow: @escaping @Sendable (Int, inout Row) throws -> Void) async throws {
    guard let first = reads.first else { return }
    let sharing = reads.reduce(Sharing.transaction) { min($0, Sharing($1)) }
    _ = try await run(reads.map { try StatementRequest($0) }, sharing, first.source, onRow)
  }

  /// What statements share with those of other callers.
  private enum Sharing: Int, Comparable {
    /// Nothing: they may leave something behind in the session.
    case nothing
    case connection
    /// The connection, and one Sync.
    case transaction

    init(_ statement: SQLStatement) {
      if statement.isLookup, statement.effect == .read {
        self = .transaction
      } else {
        self = statement.effect != .definition && StatementRequest.isShareable(statement.text) ? .connection : .nothing
      }
    }
    static func < (one: Self, other: Self) -> Bool { one.rawValue < other.rawValue }
  }

  /// One packet: on a connection that others share, where the statements leave nothing behind, or on one of its own.
  private func run(
    _ requests: [StatementRequest], _ sharing: Sharing, _ source: SourcePlace?,
    _ onRow: @escaping @Sendable (Int, inout Row) throws -> Void
  ) async throws -> [StatementResult] {
    if configuration.pool.pipelineDepth > 1, sharing > .nothing {
      for _ in 0..<8 {
        // A batch of look-ups takes as long as its statements: those are spread over the connections.
        let request = PoolRequest(
          isShared: true, isLookup: sharing == .transaction && requests.count == 1,
          affinity: MultiThreadedEventLoopGroup.currentEventLoop, source: source)
        let attempt = try pool.attempt(request)
        // Most of the time there is one, and then nothing asynchronous is called but the statement itself.
        let connection = if let ready = pool.ready(attempt) { ready } else { try await pool.settle(attempt, request) }
        defer { pool.endShare(connection) }
        let work = BatchWork(requests, isShared: true, isLookup: sharing == .transaction, onRow: onRow)
        do { return try await connection.perform(work) } catch is TooLate { continue }
      }
    }
    let connection = try await borrow(source)
    do {
      let results = try await connection.perform(BatchWork(requests, onRow: onRow))
      await pool.giveBack(connection)
      return results
    } catch {
      await pool.giveBack(connection)
      throw error
    }
  }

  private func borrow(_ source: SourcePlace?) async throws -> PostgresConnection {
    try await pool.borrow(preferring: MultiThreadedEventLoopGroup.currentEventLoop, source: source)
  }

  public func lease(_ access: DatabaseAccess, source: SourcePlace?) async throws -> ConnectionLease {
    let connection = try await borrow(source)
    let lease = PostgresLease(connection)
    return ConnectionLease(lease) { [pool] in
      lease.end()
      await pool.giveBack(connection)
    }
  }

  /// Refuses new work, waits for what runs, and closes all connections.
  public func shutdown() async { await pool.shutdown() }
}

extension PostgresDriver {
  /// A driver for a URL, as libpq reads it, with `PG*` variables for what the URL leaves open.
  /// - Throws: ``DatabaseError`` of kind `connection` where the URL cannot be read.
  public convenience init(url: String) throws { self.init(try PostgresConfiguration(url: url)) }
}
