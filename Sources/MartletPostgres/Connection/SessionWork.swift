import MartletSQL

/// Something that a session does for one caller: a batch of statements, a cursor, a copy. Answers arrive in order, so the
/// oldest work gets every event until the server is ready for the next.
///
/// Confined to the session's event loop, except for `Sendable` references to it.
class SessionWork: @unchecked Sendable {  // confined to the session's event loop
  enum Stage { case new, waiting, sent, over }
  // Unchecked, here and below, where every row passes: no access lasts into another, on the one thread there is, and the check
  // costs as much as decoding a cell.
  @exclusivity(unchecked) var stage = Stage.new
  /// Whether its caller has been cancelled.
  @exclusivity(unchecked) var isCancelled = false
  /// The server's error, if it reported one.
  @exclusivity(unchecked) var report: ServerReport?
  /// Whether it has the connection to itself until it is over: nothing may be queued behind it.
  var isExclusive: Bool { false }
  /// Whether it may be sent behind work that the server has already.
  var mayWait: Bool { true }
  /// Whether it is the server's turn: silence means something then.
  var isServersTurn: Bool { true }
  /// The text that errors name.
  var sql: String? { nil }
  /// Itself, where it may share its Sync with the work before and behind it.
  var lookup: BatchWork? { nil }
  /// What of it still waits for an answer: itself, or its members.
  var parts: [SessionWork] { [self] }

  /// Writes its messages.
  func send(_ session: PostgresSession) {}
  /// An answer of the server's, other than errors and the end.
  func handle(_ event: BackendEvent, _ session: PostgresSession) throws {}
  /// The server's error; what follows is skipped up to the next Sync.
  func fail(_ report: ServerReport, _ session: PostgresSession) { self.report = report }
  /// The server is ready for the next work. `false` where it was sent once more instead.
  func ready(_ before: TransactionStatus, _ after: TransactionStatus, _ session: PostgresSession) -> Bool { true }
  /// Tells the caller; called once.
  func finish(_ failure: (any Error)?) {}

  /// The error that the server's report stands for.
  func reportedError() -> (any Error)? {
    guard let report else { return nil }
    if isCancelled, report.code == "57014" { return CancellationError() }
    return report.error(sql: sql)
  }
}

/// The connection was taken by another statement between the pool's choice and the hand-over: choose again.
struct TooLate: Error {}

/// Statements that are sent together, with one Sync at their end.
final class BatchWork: SessionWork, @unchecked Sendable {  // confined to the session's event loop, as its parent
  typealias Completion = @Sendable (Result<[StatementResult], any Error>) -> Void
  private let requests: [StatementRequest]
  private let onRow: @Sendable (Int, inout Row) throws -> Void
  /// Whether it is one of several callers' on the connection: it does not queue behind statements that run already.
  private let isShared: Bool
  /// Whether its statements may share a Sync with those of others: see ``LookupGroup``.
  private let isLookup: Bool
  /// Whether it shares no Sync, though it could: see ``PostgresSession/sendAlone(_:)``.
  var isAlone = false
  override var mayWait: Bool { !isShared }
  override var lookup: BatchWork? { isLookup && !isAlone ? self : nil }
  /// Told the outcome, once; set before the work is handed over.
  var completion: Completion = { _ in }
  @exclusivity(unchecked) private var statements: [(statement: ServerStatement, isBinary: Bool, isNew: Bool)] = []
  @exclusivity(unchecked) private var results: [StatementResult] = []
  /// What the server has not said to have closed.
  private var evicted: [ServerStatement] = []
  @exclusivity(unchecked) private var rows = 0
  private var attempts = 0
  @exclusivity(unchecked) private var closureError: (any Error)?

  init(
    _ requests: [StatementRequest], isShared: Bool = false, isLookup: Bool = false,
    onRow: @escaping @Sendable (Int, inout Row) throws -> Void
  ) {
    self.requests = requests
    self.isShared = isShared
    self.isLookup = isShared && isLookup
    self.onRow = onRow
  }

  /// How many statements have been carried out. To be asked when the work is over.
  var completed: Int { results.count }

  override var sql: String? { requests.indices.contains(results.count) ? requests[results.count].text : requests.last?.text }

  /// Whether the server has answered all of it, but for the Sync.
  var isAnswered: Bool { results.count == statements.count }

  override func send(_ session: PostgresSession) {
    write(session)
    session.write(.sync) { $0.sync() }
  }

  /// Writes everything but the Sync.
  func write(_ session: PostgresSession) {
    statements.removeAll(keepingCapacity: true)
    results.removeAll(keepingCapacity: true)
    let mark = session.statements.mark
    if session.keepsStatements {
      for request in requests {
        let (statement, isNew) = session.statements.statement(request)
        statements.append((statement, statement.kinds != nil, isNew))
      }
      // First of all: an error further on makes the server skip what follows it.
      evicted = session.statements.evict(usedBefore: mark)
      for old in evicted { session.write(.close) { $0.closeStatement(old.name) } }
      for (place, request) in requests.enumerated() {
        session.write(request, statements[place].statement, prepare: statements[place].isNew)
      }
    } else {
      for request in requests {
        let statement = ServerStatement(name: "", key: StatementKey(text: request.text, types: request.types))
        statements.append((statement, false, true))
        session.write(request, statement, prepare: true)
      }
    }
  }

  /// The server has skipped all of it for the failure of another: nothing was prepared, and nothing closed.
  func wasSkipped(_ session: PostgresSession) {
    forgetUnparsed(session)
    session.statements.keepUnclosed(evicted)
    evicted = []
  }

  private func forgetUnparsed(_ session: PostgresSession) {
    for (statement, _, _) in statements where !statement.isParsed { session.statements.remove(statement) }
  }

  override func handle(_ event: BackendEvent, _ session: PostgresSession) throws {
    let place = results.count
    guard place < statements.count else {
      if case .closeComplete = event { return closeCompleted() }
      throw ProtocolViolation("the server answered to more statements than were sent")
    }
    let statement = statements[place].statement
    switch event {
    case .parseComplete: statement.isParsed = true
    case .columns(let columns): statement.describe(columns)
    case .noData: statement.describe([])
    case .row(let body): try decode(body, statement, isBinary: statements[place].isBinary, session)
    case .completed(let tag):
      session.noteCompleted(tag)
      if statement.changesSession { session.noteChangedSettings() }
      results.append(StatementResult(rowsAffected: tag.rowsAffected))
    case .closeComplete: closeCompleted()
    case .emptyQuery: results.append(StatementResult(rowsAffected: 0))
    case .copyIn, .copyOut:
      // The server would take whatever is sent next for data: there is no way back.
      let error = DatabaseError(
        .invalidStatement, "COPY from or to the client cannot run as a statement",
        hint: "use copyIn(_:from:) or copyOut(_:) of PostgresDriver", sql: requests[place].text)
      closureError = error
      throw error
    default: break
    }
  }

  private func closeCompleted() { if !evicted.isEmpty { evicted.removeFirst() } }

  private func decode(_ body: UnsafeRawBufferPointer, _ statement: ServerStatement, isBinary: Bool, _ session: PostgresSession)
    throws
  {
    guard let kinds = statement.kinds else { throw ProtocolViolation("the server sent a row before it said of which columns") }
    // The rest of the rows is passed over once one has failed, or nobody waits for them any more.
    guard closureError == nil, stage != .over else { return }
    rows += 1
    do {
      var row = try session.decodeRow(body, kinds, isBinary: isBinary, sql: statement.key.text)
      do { try onRow(results.count, &row) } catch { closureError = error }
    } catch let error as DatabaseError {
      closureError = error
    }
  }

  override func ready(_ before: TransactionStatus, _ after: TransactionStatus, _ session: PostgresSession) -> Bool {
    guard let report else { return true }
    // What was to be prepared after the failure has not been.
    forgetUnparsed(session)
    guard report.isAboutStalePlan, session.keepsStatements else { return true }
    for (statement, _, _) in statements { session.statements.remove(statement) }
    // The batch has been undone as a whole: it can run again, unless its caller has seen rows of it.
    guard before == .idle, after == .idle, rows == 0, attempts == 0, !isCancelled, stage != .over else { return true }
    attempts += 1
    self.report = nil
    return false
  }

  override func reportedError() -> (any Error)? {
    if let closureError { return closureError }
    guard let report, report.isAboutStalePlan else { return super.reportedError() }
    return DatabaseError(
      .serializationFailure,
      "a prepared statement did not fit the database any more (\(report.message)); it has been dropped, and the next run prepares it anew",
      hint: "run the transaction again, as db.transaction(retries:) does", sql: sql, code: report.code)
  }

  override func finish(_ failure: (any Error)?) {
    guard stage != .over else { return }
    stage = .over
    if let failure { completion(.failure(failure)) } else { completion(.success(results)) }
  }
}
