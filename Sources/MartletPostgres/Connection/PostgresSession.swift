import Logging
import MartletSQL
import NIOCore
import Synchronization

/// A session with a server, on its event loop: queues work, sends it once a tick of the loop, and hands the answers out.
final class PostgresSession: @unchecked Sendable {  // confined to `eventLoop`, except for the constants
  let eventLoop: any EventLoop
  let state = SessionState()
  let logger: Logger
  /// The address, for errors.
  let place: String
  /// Whether statements are prepared by name.
  let keepsStatements: Bool

  // Unchecked, here and below, where every row passes: no access lasts into another, on the one thread there is, and the check
  // costs as much as decoding a cell.
  @exclusivity(unchecked) var machine = PostgresStateMachine()
  @exclusivity(unchecked) var statements: StatementStore
  let decoder = RowDecoder()
  /// What the server said of itself: `server_version` and so on.
  private(set) var parameters: [String: String] = [:]
  private(set) var key: BackendKey?
  @exclusivity(unchecked) private(set) var status = TransactionStatus.idle
  /// Whether a statement may have left something behind: settings, a temporary table, LISTEN.
  private(set) var hasChangedSettings = false
  /// Told of notifications.
  var onNotification: ((PostgresNotification) -> Void)?
  /// Told once when the session is over.
  var onClose: ((any Error) -> Void)?
  /// Opens the connection that asks the server to cancel; completes when the server has done so.
  var sendCancel: (@Sendable (BackendKey) -> EventLoopFuture<Void>)?

  /// How long the server may be silent while a statement runs. It ends statements itself after the statement time-out: more
  /// silence than that, and some seconds, means that the network is cut.
  private let silenceLimit: TimeAmount?
  private var lastSign = NIODeadline.now()
  private var isSuspect = false
  private var watch: RepeatedTask?
  @exclusivity(unchecked) private var context: ChannelHandlerContext?
  @exclusivity(unchecked) private var out = MessageWriter()
  @exclusivity(unchecked) private var isFlushScheduled = false
  /// Sent, in the order of the answers.
  @exclusivity(unchecked) private var inFlight = CircularBuffer<SessionWork>()
  /// Look-ups whose Sync has not been written: the last of what is in flight.
  private enum OpenLookups { case none, one(BatchWork), several(LookupGroup) }
  @exclusivity(unchecked) private var lookups = OpenLookups.none
  /// Held back while the server may still be cancelling what ran before.
  @exclusivity(unchecked) private var waiting = CircularBuffer<SessionWork>()
  /// What the server is being asked to cancel; nothing is sent until that is over.
  @exclusivity(unchecked) private var cancelling: SessionWork?
  private var isCancelRequestOut = false
  /// Work whose answer has come while its cancellation is under way.
  @exclusivity(unchecked) private var held: (() -> Void)?
  @exclusivity(unchecked) private(set) var isClosed = false
  private var lastReport: ServerReport?

  init(eventLoop: any EventLoop, configuration: PostgresConfiguration, place: String, logger: Logger) {
    self.eventLoop = eventLoop
    self.place = place
    self.logger = logger
    keepsStatements = configuration.preparedStatements
    silenceLimit = configuration.statementTimeout.map { .milliseconds(Int64(min($0 / .milliseconds(1), 1e12))) + .seconds(5) }
    statements = StatementStore(capacity: configuration.statementCacheSize)
  }

  /// The session takes the connection over, once the server has let the client in.
  func start(_ context: ChannelHandlerContext, key: BackendKey?, parameters: [String: String], machine: PostgresStateMachine) {
    self.context = context
    self.key = key
    self.parameters = parameters
    self.machine = machine
    guard let silenceLimit else { return }
    watch = eventLoop.scheduleRepeatedTask(initialDelay: .seconds(1), delay: .seconds(1)) { [weak self] task in
      guard let self, !isClosed else { return task.cancel() }
      guard let work = inFlight.first, work.isServersTurn, NIODeadline.now() - lastSign > silenceLimit else { return }
      // Where this loop itself was held up, what the server sent has not been read yet: it gets another second for that.
      guard isSuspect else { return isSuspect = true }
      close(
        DatabaseError(
          .connection, "\(place) has been silent for longer than the statement time-out allows: the connection is given up",
          hint: "is the network cut? whether the statement has been carried out is not known"))
    }
  }

  /// The server has sent something.
  func noteSign() {
    guard silenceLimit != nil else { return }
    lastSign = .now()
    isSuspect = false
  }

  // MARK: Work

  /// Adds work; it is sent at the end of the loop's tick.
  func enqueue(_ work: SessionWork) {
    guard work.stage == .new else { return }
    if work.isCancelled { return work.finish(CancellationError()) }
    if isClosed { return work.finish(closedError(sql: work.sql, mayHaveRun: false)) }
    if !inFlight.isEmpty || !waiting.isEmpty,
      let holder = inFlight.first(where: \.isExclusive) ?? waiting.first(where: \.isExclusive)
    {
      return work.finish(
        DatabaseError(
          .transaction,
          "the connection is busy with \(holder.sql.map { "the rows or the data of '\($0)'" } ?? "a cursor or a copy")",
          hint: "end the cursor or the copy first, or use another connection: 'db' instead of 'tx'", sql: work.sql))
    }
    // A slow statement must not hold up one of another caller.
    if !work.mayWait, cancelling != nil || held != nil || !inFlight.isEmpty && !isFlushScheduled {
      return work.finish(TooLate())
    }
    if cancelling != nil || held != nil {
      work.stage = .waiting
      waiting.append(work)
    } else {
      send(work)
    }
  }

  private func send(_ work: SessionWork) {
    work.stage = .sent
    if let lookup = work.lookup { return add(lookup) }
    endLookups()
    inFlight.append(work)
    work.send(self)
  }

  /// Once more, with a Sync of its own.
  func sendAlone(_ work: BatchWork) {
    work.isAlone = true
    send(work)
  }

  /// Look-ups share one Sync with those right before them.
  private func add(_ lookup: BatchWork) {
    switch lookups {
    case .none:
      lookups = .one(lookup)
      inFlight.append(lookup)
    case .one(let first):
      let group = LookupGroup([first, lookup])
      lookups = .several(group)
      inFlight[inFlight.index(before: inFlight.endIndex)] = group
    case .several(let group): group.add(lookup)
    }
    lookup.write(self)
  }

  private func endLookups() {
    if case .none = lookups { return }
    lookups = .none
    write(.sync) { $0.sync() }
  }

  /// Writes a message and notes the answer that it will get.
  func write(_ expectation: PostgresStateMachine.Expectation, _ body: (inout MessageWriter) -> Void) {
    machine.sent(expectation)
    write(body)
  }

  /// Writes a message that has no answer of its own.
  func write(_ body: (inout MessageWriter) -> Void) {
    body(&out)
    guard !isFlushScheduled else { return }
    isFlushScheduled = true
    state.isBatchOpen.store(true, ordering: .releasing)
    eventLoop.execute { [self] in send(nil) }
  }

  /// Sends what has been written.
  /// - Returns: When it has gone out; `nil` where there was nothing.
  @discardableResult
  func flush() -> EventLoopFuture<Void>? {
    let promise = eventLoop.makePromise(of: Void.self)
    guard send(promise) else {
      promise.succeed()
      return nil
    }
    return promise.futureResult
  }

  @discardableResult
  private func send(_ promise: EventLoopPromise<Void>?) -> Bool {
    endLookups()
    isFlushScheduled = false
    state.isBatchOpen.store(inFlight.isEmpty, ordering: .releasing)
    guard let context, !isClosed, out.buffer.readableBytes > 0 else { return false }
    noteSign()
    context.writeAndFlush(NIOAny(out.buffer), promise: promise)
    if out.buffer.capacity > Self.keptCapacity {
      out = MessageWriter(context.channel.allocator.buffer(capacity: 1024))
    } else {
      // The same memory again, unless the channel still has to send a part of it: then this takes new.
      out.buffer.clear(minimumCapacity: 1024)
    }
    return true
  }
  /// What a session that rests holds on to for its next message.
  private static let keptCapacity = 16_384

  /// Lets the connection read, or not: what the server sends meanwhile waits in the network.
  func setReading(_ isOn: Bool) {
    guard let context, !isClosed else { return }
    context.channel.setOption(.autoRead, value: isOn).whenFailure { _ in }
  }

  /// Prepare (where it must be), bind, execute.
  func write(_ request: StatementRequest, _ statement: ServerStatement, prepare: Bool) {
    if prepare { writePrepare(request, statement) }
    machine.sent(.bind)
    write(.execute) {
      $0.run(bindStart: statement.bindStart, parameters: request.parameters, bindRest: statement.bindRest)
    }
  }

  func writePrepare(_ request: StatementRequest, _ statement: ServerStatement) {
    write(.parse) { $0.parse(name: statement.name, text: request.text, types: request.types) }
    machine.sent(.parameterTypes)
    write(.rowTypes) { $0.describeStatement(statement.name) }
  }

  /// The row, or why its values cannot be handed over.
  /// - Throws: ``ProtocolViolation``; ``DatabaseError`` of kind `decoding`.
  func decodeRow(_ body: UnsafeRawBufferPointer, _ kinds: [CellKind], isBinary: Bool, sql: String) throws -> Row {
    do { return try decoder.decode(body, kinds: kinds, isBinary: isBinary) } catch let error as RowError {
      throw DatabaseError(.decoding, "column \(error.index): \(error.message)", sql: sql)
    }
  }

  /// Takes note of what a command does to the session.
  func noteCompleted(_ tag: CommandTag) {
    switch tag.text {
    case "DISCARD ALL", "DEALLOCATE ALL", "DISCARD":
      statements.removeAll()
      hasChangedSettings = true
    case "SET", "RESET", "LISTEN", "UNLISTEN", "PREPARE", "DECLARE CURSOR", "LOAD", "DO", "CALL", "CREATE TABLE":
      // CREATE TABLE may be of a temporary one; DO and CALL may do any of these.
      hasChangedSettings = true
    default: break
    }
  }

  /// A statement may have changed settings or taken locks that outlive it.
  func noteChangedSettings() { hasChangedSettings = true }

  /// Everything that was left behind has been undone.
  func noteReset() {
    hasChangedSettings = false
    state.needsReset.store(status != .idle, ordering: .releasing)
  }

  // MARK: Answers

  /// An event of the server.
  /// - Throws: ``ProtocolViolation``, and errors that end the connection.
  func handle(_ event: BackendEvent) throws {
    switch event {
    case .parameterStatus(let name, let value): parameters[name] = value
    case .notice(let report): log(report)
    case .notification(let process, let channel, let payload):
      onNotification?(PostgresNotification(channel: channel, payload: payload, processID: process))
    case .failure(let report):
      if report.isFatal { lastReport = report }
      inFlight.first?.fail(report, self)
    case .ready(let status): try ready(status)
    default:
      guard let work = inFlight.first else { throw ProtocolViolation("the server sent an answer that nobody waits for") }
      try work.handle(event, self)
    }
  }

  private func ready(_ after: TransactionStatus) throws {
    guard let work = inFlight.popFirst() else { throw ProtocolViolation("the server is ready, but nothing was asked of it") }
    let before = status
    status = after
    state.needsReset.store(after != .idle || hasChangedSettings, ordering: .releasing)
    if inFlight.isEmpty, !isFlushScheduled { state.isBatchOpen.store(true, ordering: .releasing) }
    guard work.ready(before, after, self) else {
      send(work)
      return
    }
    if cancelling === work, isCancelRequestOut {
      // The request may reach the server only now: nobody may use the connection before it has.
      held = { work.finish(work.reportedError()) }
    } else {
      if cancelling === work { cancelling = nil }
      work.finish(work.reportedError())
      pump()
    }
  }

  private func pump() {
    guard cancelling == nil else { return }
    held?()
    held = nil
    while let next = waiting.popFirst() { send(next) }
  }

  private func log(_ report: ServerReport) {
    let level: Logger.Level
    switch report.severity {
    case "WARNING": level = .warning
    case "NOTICE", "INFO": level = .info
    default: level = .debug
    }
    var metadata: Logger.Metadata = ["severity": "\(report.severity)", "code": "\(report.code)"]
    if let detail = report.detail { metadata["detail"] = "\(detail)" }
    if let hint = report.hint { metadata["hint"] = "\(hint)" }
    logger.log(level: level, "PostgreSQL: \(report.message)", metadata: metadata)
  }

  // MARK: Cancelling

  /// Cancels the work for its caller: takes it out of the queue, or asks the server to stop.
  func cancel(_ work: SessionWork) {
    guard !work.isCancelled, work.stage != .over else { return }
    work.isCancelled = true
    switch work.stage {
    case .waiting:
      waiting.removeAll { $0 === work }
      work.finish(CancellationError())
    case .sent:
      guard inFlight.contains(where: { $0.parts.contains { $0 === work } }) else { return }
      if inFlight.count == 1, inFlight.first === work, key != nil, sendCancel != nil {
        flush()
        startCancel(work)
      } else {
        // Others share the connection, and the server cancels whatever runs when the request arrives: theirs must not be
        // hit. This one runs to its end, without a caller.
        work.finish(CancellationError())
      }
    case .new, .over: break
    }
  }

  private func startCancel(_ work: SessionWork) {
    cancelling = work
    // A server that does not answer must not hold the caller for ever.
    eventLoop.scheduleTask(in: Self.cancelPatience) { [self] in
      guard work.stage != .over else { return }
      work.finish(CancellationError())
      close(DatabaseError(.connection, "\(place) did not answer after a statement was cancelled"))
    }
    requestCancel(work)
  }

  private func requestCancel(_ work: SessionWork) {
    guard cancelling === work, let key, let sendCancel else { return }
    isCancelRequestOut = true
    sendCancel(key).hop(to: eventLoop).whenComplete { [self] result in
      if case .failure(let error) = result {
        logger.warning("a statement could not be cancelled", metadata: ["error": "\(error)"])
      }
      isCancelRequestOut = false
      if held != nil {
        cancelling = nil
        pump()
      } else {
        // The request may have come before the statement had begun, and then it has done nothing: ask again.
        eventLoop.scheduleTask(in: .milliseconds(100)) { [self] in requestCancel(work) }
      }
    }
  }

  private static let cancelPatience = TimeAmount.seconds(10)

  // MARK: Closing

  /// Ends the session: whoever waits gets the error.
  func close(_ error: any Error) {
    guard !isClosed else { return }
    isClosed = true
    watch?.cancel()
    state.isUsable.store(false, ordering: .releasing)
    context?.close(promise: nil)
    context = nil
    cancelling = nil
    held?()
    held = nil
    let sent = inFlight.flatMap(\.parts), unsent = waiting
    inFlight = []
    waiting = []
    lookups = .none
    for (place, work) in sent.enumerated() {
      // What the server said to the first one explains more than the end of the connection does.
      let reported = place == 0 ? work.reportedError() : nil
      work.finish(reported ?? (work.isCancelled ? CancellationError() : explained(error, sql: work.sql)))
    }
    for work in unsent { work.finish(explained(error, sql: work.sql)) }
    onClose?(explained(error, sql: nil))
    onClose = nil
    onNotification = nil
    sendCancel = nil
  }

  /// The connection has been closed by the other side.
  func closedByServer() { close(closedError(sql: nil, mayHaveRun: true)) }

  /// Says goodbye and closes.
  func terminate() {
    guard !isClosed else { return }
    out.terminate()
    flush()
    close(DatabaseError(.connection, "the connection to \(place) has been closed"))
  }

  func closedError(sql: String?, mayHaveRun: Bool) -> DatabaseError {
    if let lastReport { return lastReport.error(sql: sql) }
    return DatabaseError(
      .connection, "the connection to \(place) is closed",
      hint: mayHaveRun ? "whether the statement has been carried out is not known" : nil, sql: sql)
  }

  private func explained(_ error: any Error, sql: String?) -> any Error {
    if let violation = error as? ProtocolViolation {
      return DatabaseError(
        .connection, "\(place) does not speak PostgreSQL's protocol: \(violation.message)",
        hint: "is it a PostgreSQL server, and is nothing between that changes what is sent?", sql: sql)
    }
    if var failure = error as? DatabaseError {
      failure.sql = failure.sql ?? sql
      return failure
    }
    return DatabaseError(.connection, "the connection to \(place) failed: \(error)", sql: sql)
  }
}
