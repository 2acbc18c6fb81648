public import MartletCore

/// A database to run queries against: the value that goes by the name `db` everywhere.
///
/// It is either the whole database (each statement on any free connection) or, inside
/// ``transaction(isolation:readOnly:_:)``, one transaction.
///
/// ```swift
/// try await db.transaction { tx in
///   let post = try await Post(title: "Hello", author: .id(1)).insert(tx)
///   tx.onCommit { await notify(post) }
/// }
/// ```
public struct Database: Sendable {
  /// Where the connections come from.
  public private(set) var driver: any DatabaseDriver
  /// The transaction this value stands for, if any.
  let session: TransactionSession?
  package var observers: [@Sendable (StatementEvent) -> Void] = []
  /// The budgets that statements count against.
  package var budgets: [QueryBudget] = []
  /// Where the query was written, for statements that do not know: those that load relations.
  package var defaultSource: SourcePlace?
  /// Where the current time comes from (`autoNow` fields, expiry tests).
  public var timeSource: TimeSource = .system

  /// The database behind a driver.
  public init(_ driver: any DatabaseDriver) {
    self.driver = driver
    session = nil
  }
  init(_ outer: Database, session: TransactionSession) {
    driver = outer.driver
    self.session = session
    observers = outer.observers
    budgets = outer.budgets
    defaultSource = outer.defaultSource
    timeSource = outer.timeSource
  }

  /// The database's SQL.
  public var dialect: any SQLDialect { driver.dialect }
  /// Whether this value stands for a transaction.
  public var isInTransaction: Bool { session != nil }

  /// The same database, telling `observer` of each statement after it ran.
  public func observing(_ observer: @escaping @Sendable (StatementEvent) -> Void) -> Database {
    var copy = self
    copy.observers.append(observer)
    return copy
  }
  /// The same database for one request, one job: what is written through this value is seen by what is read through it
  /// later, also where other reads go to replicas. Where there are none, it is the same.
  public func forRequest() -> Database { onDriver(driver.session()) }
  /// The same database without its replicas: what must see the last write (migrations, a report on what was just done).
  public var primary: Database { onDriver(driver.primary) }

  private func onDriver(_ other: any DatabaseDriver) -> Database {
    guard session == nil else { return self }
    var copy = self
    copy.driver = other
    return copy
  }
  /// The same database with another clock.
  public func with(timeSource: TimeSource) -> Database {
    var copy = self
    copy.timeSource = timeSource
    return copy
  }

  /// Runs a statement, handing each row to `onRow`.
  ///
  /// - Throws: ``DatabaseError``; what `onRow` throws.
  @discardableResult
  public func run(
    _ statement: SQLStatement, source: SourcePlace? = nil, onRow: @escaping @Sendable (inout Row) throws -> Void = { _ in }
  ) async throws -> StatementResult {
    var statement = statement
    statement.source = source ?? statement.source ?? defaultSource
    try count(statement)
    if observers.isEmpty { return try await execute(statement, onRow) }
    let rows = Confined(0), clock = ContinuousClock(), start = clock.now
    var failure: (any Error)?
    var result = StatementResult(rowsAffected: 0)
    do {
      result = try await execute(statement) { row in
        rows.value += 1
        try onRow(&row)
      }
    } catch { failure = error }
    let event = StatementEvent(
      statement, duration: clock.now - start, rows: rows.value, error: failure.map { String(describing: $0) })
    for observer in observers { observer(event) }
    if let failure { throw failure }
    return result
  }

  /// Runs a statement and decodes each row.
  ///
  /// - Throws: ``DatabaseError``, of kind `decoding` where a row does not fit.
  public func query<T: Sendable>(
    _ statement: SQLStatement, source: SourcePlace? = nil, decode: @escaping @Sendable (inout Row) throws -> T
  ) async throws -> [T] {
    let rows = Confined<[T]>([])
    try await run(statement, source: source) { row in
      do { rows.value.append(try decode(&row)) } catch let error as RowError {
        throw DatabaseError(.decoding, "column \(error.index): \(error.message)", sql: statement.text)
      }
    }
    return rows.value
  }

  private func execute(_ statement: SQLStatement, _ onRow: @escaping @Sendable (inout Row) throws -> Void) async throws
    -> StatementResult
  {
    if let session { return try await session.run(statement, onRow: onRow) }
    return try await driver.run(statement, onRow: onRow)
  }
}
