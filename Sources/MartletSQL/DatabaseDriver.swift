/// One session with a database. Statements run one after the other, in the order they were handed over.
public protocol DatabaseConnection: Sendable {
  /// Runs a statement and hands each row to `onRow`, in order, on a thread of the driver's choosing.
  ///
  /// The row is valid only inside the closure. An error thrown by the closure ends the statement.
  /// - Throws: ``DatabaseError``; the closure's error; `CancellationError`.
  @discardableResult
  func run(_ statement: SQLStatement, onRow: @escaping @Sendable (inout Row) throws -> Void) async throws -> StatementResult
}

/// What kind of work a connection is for.
public enum DatabaseAccess: Sendable, Hashable {
  /// Reads only; may be one of several readers.
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
  /// Runs one statement on any fitting connection.
  @discardableResult
  func run(_ statement: SQLStatement, onRow: @escaping @Sendable (inout Row) throws -> Void) async throws -> StatementResult
  /// Lends a connection to the closure alone, until it returns.
  /// - Throws: ``DatabaseError`` of kind `poolTimeout` where none becomes free in time; the closure's error.
  func withConnection<Result: Sendable>(
    _ access: DatabaseAccess, _ body: @Sendable (any DatabaseConnection) async throws -> Result
  ) async throws -> Result
  /// Closes all connections, after the statements that run have ended.
  func shutdown() async
}
