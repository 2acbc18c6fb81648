import NIOCore

/// The body of one request between the connection, which adds what arrives, and the request's handler, which asks for it.
final class InboundBody: @unchecked Sendable {  // confined to the connection's event loop, where `next` goes first
  typealias Waiter = LoopWaiter<[UInt8]?>

  private let handler: HTTPConnectionHandler
  private var chunks = CircularBuffer<ByteBuffer>()
  private var failure: (any Error)?
  private var waiter: Waiter?
  /// The bytes that wait for the reader.
  private(set) var buffered = 0
  /// The bytes that were thrown away.
  private(set) var discarded = 0
  /// Whether everything has come.
  private(set) var isComplete = false
  /// Whether the client sends nothing before it is told to.
  private(set) var awaitsContinue: Bool
  /// Whether the response is on its way: what still comes is thrown away.
  private var isDiscarding = false

  init(_ handler: HTTPConnectionHandler, awaitsContinue: Bool) {
    self.handler = handler
    self.awaitsContinue = awaitsContinue
  }

  /// Whether what arrived was no valid body, or did not arrive in time.
  var hasFailed: Bool { failure != nil }
  /// Whether somebody waits for the next chunk.
  var isWanted: Bool { waiter?.isWaiting == true || isDiscarding }

  // MARK: The connection's side

  func append(_ chunk: ByteBuffer) {
    awaitsContinue = false
    if isDiscarding || failure != nil {
      discarded += chunk.readableBytes
      return
    }
    if let waiter, waiter.isWaiting { return waiter.resume(returning: Array(chunk.readableBytesView)) }
    buffered += chunk.readableBytes
    chunks.append(chunk)
  }

  func complete() {
    isComplete = true
    waiter?.resume(returning: nil)
  }

  func fail(_ error: any Error) {
    guard !isComplete, failure == nil else { return }
    failure = error
    waiter?.resume(throwing: error)
  }

  /// Throws away what nobody has read and what still comes.
  func discard() {
    isDiscarding = true
    chunks.removeAll()
    buffered = 0
  }

  // MARK: The reader's side

  /// The next chunk, `nil` at the end.
  ///
  /// - Throws: ``HTTPError``: 400 for a broken body, 408 for one that did not come in time; `CancellationError`.
  func next() async throws -> [UInt8]? {
    if handler.loop.inEventLoop, let result = ready() { return try result.get() }
    return try await handler.loop.waiting { self.wait($0) }
  }

  /// What can be told without waiting.
  private func ready() -> Result<[UInt8]?, any Error>? {
    if let chunk = chunks.popFirst() {
      buffered -= chunk.readableBytes
      handler.resumeReading()
      return .success(Array(chunk.readableBytesView))
    }
    if let failure { return .failure(failure) }
    return isComplete || isDiscarding ? .success(nil) : nil
  }

  private func wait(_ waiter: Waiter) {
    if let result = ready() { return waiter.resume(with: result) }
    if self.waiter?.isWaiting == true {
      return waiter.resume(throwing: HTTPError(.bodyAlreadyRead, "Two readers wait for the next chunk of one body."))
    }
    self.waiter = waiter
    if awaitsContinue {
      awaitsContinue = false
      handler.sendContinue()
    }
    handler.resumeReading()
  }
}
