import MartletSQL
import NIOCore

/// `COPY … TO STDOUT`: data from the server, held until it is asked for; beyond a limit nothing more is read.
final class CopyOutWork: SessionWork, @unchecked Sendable {  // confined to the session's event loop, as its parent
  typealias Reply = @Sendable (Result<[UInt8]?, any Error>) -> Void
  private let request: StatementRequest
  private var buffered: [UInt8] = []
  private var reply: Reply?
  private var isPaused = false
  private var isAbandoned = false
  private var isCopy = false
  private var outcome: Result<Void, any Error>?

  init(_ request: StatementRequest) { self.request = request }

  override var isExclusive: Bool { stage != .over }
  override var isServersTurn: Bool { !isPaused }
  override var sql: String? { request.text }

  override func send(_ session: PostgresSession) { session.writeCopy(request, sync: true) }

  override func handle(_ event: BackendEvent, _ session: PostgresSession) throws {
    switch event {
    case .copyOut: isCopy = true
    case .copyData(let bytes):
      guard !isAbandoned else { return }
      buffered.append(contentsOf: bytes)
      if reply != nil { answer() }
      if buffered.count > Self.limit, !isPaused {
        isPaused = true
        session.setReading(false)
      }
    case .copyIn: throw notCopy
    case .completed(let tag): session.noteCompleted(tag)
    default: break
    }
  }

  /// The next bytes; `nil` at the end.
  func next(_ session: PostgresSession, _ reply: @escaping Reply) {
    self.reply = reply
    if !buffered.isEmpty || outcome != nil { answer() }
    resume(session)
  }

  /// Nobody wants the rest: the server is asked to stop, and what still comes is dropped.
  func abandon(_ session: PostgresSession) {
    guard stage != .over else { return }
    isAbandoned = true
    buffered = []
    resume(session)
    session.cancel(self)
  }

  private func resume(_ session: PostgresSession) {
    guard isPaused, buffered.count < Self.limit / 4 else { return }
    isPaused = false
    session.setReading(true)
  }

  private func answer() {
    guard let reply else { return }
    self.reply = nil
    if !buffered.isEmpty {
      let bytes = buffered
      buffered = []
      reply(.success(bytes))
    } else if case .failure(let error) = outcome {
      reply(.failure(error))
    } else {
      reply(.success(nil))
    }
  }

  override func finish(_ failure: (any Error)?) {
    guard stage != .over else { return }
    stage = .over
    if let failure { outcome = .failure(failure) } else { outcome = isCopy ? .success(()) : .failure(notCopy) }
    answer()
  }

  private var notCopy: DatabaseError {
    DatabaseError(.invalidStatement, "the statement is no COPY … TO STDOUT", sql: request.text)
  }
  private static let limit = 1 << 18
}

/// `COPY … FROM STDIN`: data for the server, as fast as the connection takes it.
final class CopyInWork: SessionWork, @unchecked Sendable {  // confined to the session's event loop, as its parent
  typealias Reply = @Sendable (Result<Int, any Error>) -> Void
  private let request: StatementRequest
  private var reply: Reply?
  private var isCopy = false
  private var isEnding = false
  private var rows = 0

  init(_ request: StatementRequest) { self.request = request }

  override var isExclusive: Bool { stage != .over }
  override var isServersTurn: Bool { !isCopy || isEnding }
  override var sql: String? { request.text }

  /// Told when the server is ready for data, or that it never will be.
  func whenReady(_ reply: @escaping Reply) { self.reply = reply }

  /// No Sync yet: the server would ignore it while it copies.
  override func send(_ session: PostgresSession) { session.writeCopy(request, sync: false) }

  override func handle(_ event: BackendEvent, _ session: PostgresSession) throws {
    switch event {
    case .copyIn:
      isCopy = true
      answer(.success(0))
    case .copyOut: throw DatabaseError(.invalidStatement, "the statement is no COPY … FROM STDIN", sql: request.text)
    case .completed(let tag):
      session.noteCompleted(tag)
      rows = tag.count
      end(session)
    case .emptyQuery, .portalSuspended: end(session)
    default: break
    }
  }

  override func fail(_ report: ServerReport, _ session: PostgresSession) {
    super.fail(report, session)
    end(session)
  }

  private func end(_ session: PostgresSession) {
    guard !isEnding, stage == .sent else { return }
    isEnding = true
    session.write(.sync) { $0.sync() }
  }

  /// Sends data; `done` when the connection has taken it. Data after an error is dropped: the end reports it.
  func add(_ bytes: [UInt8], _ session: PostgresSession, _ done: @escaping @Sendable () -> Void) {
    guard stage == .sent, isCopy, !isEnding else { return done() }
    var rest = bytes[...]
    while !rest.isEmpty {
      let part = rest.prefix(1 << 20)
      session.write { $0.copyData(part) }
      rest = rest.dropFirst(1 << 20)
    }
    guard let flushed = session.flush() else { return done() }
    flushed.whenComplete { _ in done() }
  }

  /// Ends the copy: with the data as it is, or, with a reason, without any of it. The reply gets the number of rows.
  func end(failing reason: String?, _ session: PostgresSession, _ reply: @escaping Reply) {
    if stage == .over { return reply(outcome ?? .success(rows)) }
    self.reply = reply
    guard isCopy, !isEnding else { return }
    isEnding = true
    session.write { if let reason { $0.copyFail(reason) } else { $0.copyDone() } }
    session.write(.sync) { $0.sync() }
  }

  private var outcome: Result<Int, any Error>?

  private func answer(_ result: Result<Int, any Error>) {
    let reply = reply
    self.reply = nil
    reply?(result)
  }

  override func finish(_ failure: (any Error)?) {
    guard stage != .over else { return }
    stage = .over
    let error =
      failure ?? (isCopy ? nil : DatabaseError(.invalidStatement, "the statement is no COPY … FROM STDIN", sql: request.text))
    let result: Result<Int, any Error> = if let error { .failure(error) } else { .success(rows) }
    outcome = result
    answer(result)
  }
}

extension PostgresSession {
  /// A statement that copies: not kept, and without a description, which it has not.
  func writeCopy(_ request: StatementRequest, sync: Bool) {
    write(.parse) { $0.parse(name: "", text: request.text, types: request.types) }
    write(.bind) { $0.bind(portal: "", statement: "", parameters: request.parameters, resultFormats: []) }
    write(.execute) { $0.execute(portal: "", limit: 0) }
    if sync { write(.sync) { $0.sync() } } else { write { $0.flush() } }
  }
}
