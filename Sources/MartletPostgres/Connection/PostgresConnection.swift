import MartletSQL
import NIOCore
import Synchronization

/// One connection, as the pool lends it.
final class PostgresConnection: PoolableConnection {
  let session: PostgresSession
  private let channel: any Channel

  init(_ session: PostgresSession, _ channel: any Channel) {
    self.session = session
    self.channel = channel
  }
  deinit { session.eventLoop.execute { [session] in session.terminate() } }

  var isUsable: Bool { session.state.isUsable.load(ordering: .acquiring) && channel.isActive }
  var needsReset: Bool { session.state.needsReset.load(ordering: .acquiring) }
  var isBatchOpen: Bool { session.state.isBatchOpen.load(ordering: .acquiring) }
  var affinity: AnyObject? { session.eventLoop }

  @discardableResult
  func run(_ statement: SQLStatement, onRow: @escaping @Sendable (inout Row) throws -> Void) async throws -> StatementResult {
    try await run(StatementRequest(statement), onRow: onRow)
  }

  func run(_ request: StatementRequest, onRow: @escaping @Sendable (inout Row) throws -> Void) async throws -> StatementResult {
    let results = try await perform(BatchWork([request]) { _, row in try onRow(&row) })
    return results.first ?? StatementResult(rowsAffected: 0)
  }

  @discardableResult
  func run(batch: [SQLStatement], onRow: @escaping @Sendable (Int, inout Row) throws -> Void) async throws -> [StatementResult] {
    guard !batch.isEmpty else { return [] }
    return try await perform(BatchWork(batch.map { try StatementRequest($0) }, onRow: onRow))
  }

  func openCursor(_ statement: SQLStatement) async throws -> any DatabaseCursor {
    let cursor = PostgresCursor(self, try StatementRequest(statement))
    try await cursor.open()
    return cursor
  }

  /// - Throws: ``TooLate`` as well, where the work is shared: then nothing was sent.
  @inline(__always)
  func perform(_ work: BatchWork) async throws -> [StatementResult] {
    try await withTaskCancellationHandler {
      // Unchecked: work is finished once, by its stage, and the session finishes all that it has when it closes.
      try await withUnsafeThrowingContinuation { continuation in
        work.completion = { continuation.resume(with: $0) }
        enqueue(work)
      }
    } onCancel: {
      cancel(work)
    }
  }

  func enqueue(_ work: SessionWork) {
    if session.eventLoop.inEventLoop { return session.enqueue(work) }
    session.eventLoop.execute { [session] in session.enqueue(work) }
  }
  func cancel(_ work: SessionWork) { session.eventLoop.execute { [session] in session.cancel(work) } }

  // MARK: The pool's questions

  /// What `DISCARD ALL` does, without closing the prepared statements.
  func reset() async throws {
    let (isOpen, isChanged) = try await session.eventLoop.submit { [session] in
      (session.status != .idle, session.hasChangedSettings)
    }.get()
    if isOpen { try await run(SQLStatement("ROLLBACK")) { _ in } }
    if isChanged { try await run(batch: Self.resets) { _, _ in } }
    try await session.eventLoop.submit { [session] in session.noteReset() }.get()
  }
  private static let resets = [
    "CLOSE ALL", "SET SESSION AUTHORIZATION DEFAULT", "RESET ALL", "UNLISTEN *", "SELECT pg_advisory_unlock_all()",
    "DISCARD TEMP",
    "DISCARD SEQUENCES",
  ].map { SQLStatement($0) }

  /// A Sync alone.
  func ping() async throws { _ = try await perform(BatchWork([]) { _, _ in }) }

  func close() async {
    session.eventLoop.execute { [session] in session.terminate() }
    try? await channel.closeFuture.get()
  }
}
