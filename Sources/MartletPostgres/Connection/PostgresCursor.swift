import MartletSQL
import NIOCore

/// A statement whose rows are fetched in parts, through a portal. Its connection runs nothing else meanwhile.
///
/// No Sync is sent before the end: it would close the portal where no transaction is open.
final class CursorWork: SessionWork, @unchecked Sendable {  // confined to the session's event loop, as its parent
  typealias Reply = @Sendable (Result<Bool, any Error>) -> Void
  private let request: StatementRequest
  private let statement = ServerStatement(name: "", key: StatementKey(text: "", types: []))
  /// Who waits: for the portal, for the rows of a fetch, or for the end.
  private var reply: Reply?
  private var onRow: (@Sendable (inout Row) throws -> Void)?
  private var closureError: (any Error)?
  private var isOpen = false
  private var isEnding = false
  private var isExhausted = false

  init(_ request: StatementRequest, reply: @escaping Reply) {
    self.request = request
    self.reply = reply
  }

  override var isExclusive: Bool { stage != .over }
  override var isServersTurn: Bool { reply != nil || isEnding }
  override var sql: String? { request.text }

  /// The columns are asked for first, so that every row comes in binary where it can.
  override func send(_ session: PostgresSession) {
    session.writePrepare(request, statement)
    session.write { $0.flush() }
  }

  override func handle(_ event: BackendEvent, _ session: PostgresSession) throws {
    switch event {
    case .columns(let columns):
      statement.describe(columns)
      bind(session)
    case .noData:
      statement.describe([])
      bind(session)
    case .bindComplete:
      isOpen = true
      answer(.success(true))
    case .row(let body):
      guard closureError == nil, let onRow else { return }
      do {
        var row = try session.decodeRow(body, statement.kinds ?? [], isBinary: true, sql: request.text)
        do { try onRow(&row) } catch { closureError = error }
      } catch let error as DatabaseError {
        closureError = error
      }
    case .portalSuspended: endFetch(mayHaveMore: true, session)
    case .completed(let tag):
      session.noteCompleted(tag)
      isExhausted = true
      endFetch(mayHaveMore: false, session)
    case .emptyQuery:
      isExhausted = true
      endFetch(mayHaveMore: false, session)
    case .copyIn, .copyOut:
      throw DatabaseError(.invalidStatement, "COPY from or to the client cannot run as a cursor", sql: request.text)
    default: break
    }
  }

  private func bind(_ session: PostgresSession) {
    session.write(.bind) {
      $0.bind(portal: Self.portal, statement: "", parameters: request.parameters, resultFormats: statement.formats)
    }
    session.write { $0.flush() }
  }

  private func endFetch(mayHaveMore: Bool, _ session: PostgresSession) {
    onRow = nil
    if closureError != nil { return end(session) }
    answer(.success(mayHaveMore))
  }

  private func answer(_ result: Result<Bool, any Error>) {
    let reply = reply
    self.reply = nil
    reply?(result)
  }

  /// Asks for at most `count` further rows.
  func fetch(
    _ count: Int, _ session: PostgresSession, onRow: @escaping @Sendable (inout Row) throws -> Void, reply: @escaping Reply
  ) {
    guard isOpen, !isEnding, stage == .sent, self.reply == nil else {
      return reply(.failure(DatabaseError(.transaction, "the cursor is closed, or a fetch is under way", sql: request.text)))
    }
    if isExhausted { return reply(.success(false)) }
    self.onRow = onRow
    self.reply = reply
    session.write(.execute) { $0.execute(portal: Self.portal, limit: Int32(clamping: max(1, count))) }
    session.write { $0.flush() }
  }

  /// Closes the portal; the work is over when the server is ready again.
  func end(_ session: PostgresSession) {
    guard !isEnding, stage == .sent else { return }
    isEnding = true
    if !session.machine.isSkipping { session.write(.close) { $0.closePortal(Self.portal) } }
    session.write(.sync) { $0.sync() }
  }

  func whenOver(_ session: PostgresSession, _ done: @escaping @Sendable () -> Void) {
    if stage == .over { return done() }
    let before = reply
    reply = { result in
      before?(result)
      done()
    }
    end(session)
  }

  override func fail(_ report: ServerReport, _ session: PostgresSession) {
    super.fail(report, session)
    end(session)
  }

  override func reportedError() -> (any Error)? { closureError ?? super.reportedError() }

  override func finish(_ failure: (any Error)?) {
    guard stage != .over else { return }
    stage = .over
    onRow = nil
    if let failure { answer(.failure(failure)) } else { answer(.success(false)) }
  }

  private static let portal = "martlet_cursor"
}

/// A cursor, as callers see it.
final class PostgresCursor: DatabaseCursor, Sendable {
  private let connection: PostgresConnection
  private let work: CursorWork
  private let opening: OpeningReply

  init(_ connection: PostgresConnection, _ request: StatementRequest) {
    self.connection = connection
    let opening = OpeningReply()
    self.opening = opening
    work = CursorWork(request) { opening.answer($0) }
  }
  deinit {
    // Dropped without being closed.
    let session = connection.session, work = work
    session.eventLoop.execute { work.end(session) }
  }

  func open() async throws {
    _ = try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        opening.wait { continuation.resume(with: $0) }
        connection.enqueue(work)
      }
    } onCancel: {
      connection.cancel(work)
    }
  }

  func fetch(_ count: Int, onRow: @escaping @Sendable (inout Row) throws -> Void) async throws -> Bool {
    let session = connection.session
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        session.eventLoop.execute { [work] in work.fetch(count, session, onRow: onRow) { continuation.resume(with: $0) } }
      }
    } onCancel: {
      connection.cancel(work)
    }
  }

  func close() async {
    let session = connection.session
    await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
      session.eventLoop.execute { [work] in work.whenOver(session) { continuation.resume() } }
    }
  }
}

/// Hands the first answer of a cursor to who waits for it.
private final class OpeningReply: @unchecked Sendable {  // set before the work is handed to the event loop, which then calls it
  private var reply: CursorWork.Reply?
  func wait(_ reply: @escaping CursorWork.Reply) { self.reply = reply }
  func answer(_ result: Result<Bool, any Error>) {
    reply?(result)
    reply = nil
  }
}
