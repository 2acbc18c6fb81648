import Synchronization

/// A cursor that is open, and what has to end with it.
final class OpenStream: Sendable {
  private struct State {
    var rows = 0
    var isAbandoned = false
    var failure: String?
  }
  let cursor: any DatabaseCursor
  let statement: SQLStatement
  private let state = Mutex(State())
  private let start = ContinuousClock.now
  private let observers: [@Sendable (StatementEvent) -> Void]
  private let ending: OnceAction
  /// Where there is one, its next statement closes an abandoned stream, rather than a task of its own.
  private let noteFailure: @Sendable (String) -> Void
  private let isClosedByTransaction: Bool

  init(
    _ cursor: any DatabaseCursor, _ statement: SQLStatement, _ observers: [@Sendable (StatementEvent) -> Void],
    in transaction: TransactionSession? = nil, _ ending: @escaping @Sendable () async -> Void
  ) {
    self.cursor = cursor
    self.statement = statement
    self.observers = observers
    noteFailure = { [weak transaction] in transaction?.noteFailure($0) }
    isClosedByTransaction = transaction != nil
    self.ending = OnceAction(ending)
  }

  /// Whether the loop is gone, and nothing will be fetched any more.
  var isAbandoned: Bool { state.withLock { $0.isAbandoned } }
  func countRows(_ count: Int) { state.withLock { $0.rows += count } }

  /// Ends the statement and gives the connection back; twice does nothing.
  func close(_ failure: (any Error)?) async {
    guard let ending = ending.take() else { return }
    if let failure {
      state.withLock { $0.failure = String(describing: failure) }
      noteFailure(String(describing: failure))
    }
    let cursor = cursor
    // It must end although the task may be cancelled: hence a task of its own, awaited here.
    await Task {
      await cursor.close()
      await ending()
    }.value
    tellObservers()
  }

  /// The loop is gone without a word. Inside of a transaction its next statement closes the cursor first.
  func abandon() {
    state.withLock { $0.isAbandoned = true }
    if !isClosedByTransaction { Task { await close(nil) } }
  }

  private func tellObservers() {
    guard !observers.isEmpty else { return }
    let (rows, failure) = state.withLock { ($0.rows, $0.failure) }
    let event = StatementEvent(statement, duration: .now - start, rows: rows, error: failure)
    for observer in observers { observer(event) }
  }
}

extension ContinuousClock.Instant {
  fileprivate static func - (_ end: Self, _ start: Self) -> Duration { start.duration(to: end) }
}

extension StatementEvent {
  /// What observers see of a statement: secret bindings are blotted out.
  init(_ statement: SQLStatement, duration: Duration, rows: Int, error: String?) {
    self.init(
      sql: statement.text,
      bindings: statement.bindings.indices.map {
        statement.secretBindings.contains($0) ? "•••" : String(describing: statement.bindings[$0])
      },
      duration: duration, rows: rows, error: error, source: statement.source)
  }
}

extension TransactionSession {
  /// Opens a cursor on the transaction's connection; one at a time.
  func open(_ statement: SQLStatement, _ observers: [@Sendable (StatementEvent) -> Void]) async throws -> OpenStream {
    try await prepare(for: statement.text)
    let cursor: any DatabaseCursor
    do { cursor = try await connection.openCursor(statement) } catch {
      noteFailure("\(error)")
      throw error
    }
    let stream = OpenStream(cursor, statement, observers, in: self) { [weak self] in
      self?.state.withLock { $0.stream = nil }
    }
    state.withLock { $0.stream = stream }
    return stream
  }

  /// Closes a stream whose loop is gone; refuses a statement while a loop goes on.
  func settleStream(for sql: String) async throws {
    guard let stream = state.withLock({ $0.stream }) else { return }
    guard stream.isAbandoned else {
      throw DatabaseError(
        .transaction, "a stream is being read in this transaction, whose connection runs nothing else meanwhile",
        hint: "use inBatches(of:), collect the rows first, or stream outside of the transaction", sql: sql)
    }
    await stream.close(nil)
  }
}
