public import MartletSQL
import Synchronization

/// MySQL 8 and MariaDB 10.11, on the C library of MariaDB: each connection on a thread of its own.
///
/// ```swift
/// let db = Database(try MySQLDriver(url: "mariadb://shop:secret@127.0.0.1/shop"))
/// ```
/// Connections are opened as they are needed, up to `pool-size`, and shared out in the order in which they are asked for.
public final class MySQLDriver: DatabaseDriver {
  /// How the connections behave.
  public let configuration: MySQLConfiguration
  let pool: ConnectionPool<MySQLConnection>
  private let flavor: Flavor

  /// What the last connection has found the server to be.
  private final class Flavor: Sendable {
    let value: Mutex<MySQLDialect.Flavor>
    init(_ value: MySQLDialect.Flavor) { self.value = Mutex(value) }
  }

  /// A driver for this configuration; connects to nothing yet.
  public init(_ configuration: MySQLConfiguration) {
    self.configuration = configuration
    let flavor = Flavor(configuration.expectedFlavor)
    self.flavor = flavor
    pool = ConnectionPool(configuration.pool, label: "MySQL") {
      let connection = try await MySQLConnection(configuration)
      let found = try await connection.dialect().flavor
      flavor.value.withLock { $0 = found }
      return connection
    }
  }
  /// A driver for a URL: `mysql://user:password@host:3306/database`, `mariadb://…`; connects to nothing yet.
  /// - Throws: ``DatabaseError`` of kind `connection` where the URL has another form; see ``MySQLConfiguration/init(url:)``.
  public convenience init(url: String) throws { self.init(try MySQLConfiguration(url: url)) }

  /// Until the first connection the URL's scheme says which server it is; then the server itself does.
  public var dialect: any SQLDialect { MySQLDialect(flavor.value.withLock { $0 }) }
  public var displayName: String { configuration.displayName }
  public var poolMetrics: PoolMetrics? { pool.metrics }

  /// Opens a connection now, and learns from it which server it is.
  /// - Throws: ``DatabaseError`` of kind `connection` or `authentication`.
  public func connect() async throws { try await pool.open() }

  @discardableResult
  public func run(_ statement: SQLStatement, onRow: @escaping @Sendable (inout Row) throws -> Void) async throws
    -> StatementResult
  {
    let connection = try await pool.borrow(source: statement.source)
    do {
      let result = try await connection.run(statement, onRow: onRow)
      await pool.giveBack(connection)
      return result
    } catch {
      await pool.giveBack(connection)
      throw error
    }
  }

  public func lease(_ access: DatabaseAccess, source: SourcePlace?) async throws -> ConnectionLease {
    let connection = try await pool.borrow(source: source)
    let lease = MySQLLease(connection)
    return ConnectionLease(lease) { [pool] in
      lease.end()
      await pool.giveBack(connection)
    }
  }

  /// Refuses new work, waits for what runs, and closes the connections.
  public func shutdown() async { await pool.shutdown() }
}
