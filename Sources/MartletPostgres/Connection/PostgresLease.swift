import MartletSQL
import Synchronization

/// One connection lent to one borrower: refuses statements once it has been given back.
final class PostgresLease: DatabaseConnection {
  /// How far the transaction's opening has come.
  private enum Opening {
    case none
    /// It goes along with the next statement, in one packet.
    case due([StatementRequest])
    /// It was not carried out: a statement that ran now would run outside of the transaction.
    case failed(String)
  }
  private let connection: PostgresConnection
  private let isOver = Atomic(false)
  private let opening = Mutex(Opening.none)

  init(_ connection: PostgresConnection) { self.connection = connection }
  func end() { isOver.store(true, ordering: .releasing) }

  @discardableResult
  func run(_ statement: SQLStatement, onRow: @escaping @Sendable (inout Row) throws -> Void) async throws -> StatementResult {
    try check(statement.text)
    let request = try StatementRequest(statement)
    guard let due = try takeOpening(statement.text) else { return try await connection.run(request, onRow: onRow) }
    return try await open(by: due, with: [request]) { _, row in try onRow(&row) }.first ?? StatementResult(rowsAffected: 0)
  }
  @discardableResult
  func run(batch: [SQLStatement], onRow: @escaping @Sendable (Int, inout Row) throws -> Void) async throws -> [StatementResult] {
    guard let first = batch.first else { return [] }
    try check(first.text)
    let requests = try batch.map { try StatementRequest($0) }
    guard let due = try takeOpening(first.text) else {
      return try await connection.perform(BatchWork(requests, onRow: onRow))
    }
    return try await open(by: due, with: requests, onRow)
  }
  func openCursor(_ statement: SQLStatement) async throws -> any DatabaseCursor {
    try check(statement.text)
    if let due = try takeOpening(statement.text) { _ = try await open(by: due, with: []) { _, _ in } }
    return try await connection.openCursor(statement)
  }

  // MARK: Transactions

  func begin(_ statements: [SQLStatement]) async throws {
    let requests = try statements.map { try StatementRequest($0) }
    opening.withLock { $0 = .due(requests) }
  }

  private func takeOpening(_ sql: String) throws -> [StatementRequest]? {
    try opening.withLock { opening in
      switch opening {
      case .none: return nil
      case .due(let requests):
        opening = .none
        return requests
      case .failed(let reason):
        throw DatabaseError(.transaction, "the transaction could not be opened: \(reason)", sql: sql)
      }
    }
  }

  private func open(
    by due: [StatementRequest], with requests: [StatementRequest], _ onRow: @escaping @Sendable (Int, inout Row) throws -> Void
  ) async throws -> [StatementResult] {
    let count = due.count, work = BatchWork(due + requests) { place, row in try onRow(place - count, &row) }
    do { return Array(try await connection.perform(work).dropFirst(count)) } catch {
      if work.completed < count { opening.withLock { $0 = .failed("\(error)") } }
      throw error
    }
  }

  private func check(_ sql: String?) throws {
    guard !isOver.load(ordering: .acquiring) else {
      throw DatabaseError(
        .transaction, "the connection has been given back", hint: "use it only while the lease lasts", sql: sql)
    }
  }
}
