import MartletCore
import NIOCore
import NIOHTTP1
import Synchronization

/// One HTTP/1.1 connection, or one stream of HTTP/2: hands its requests to the application, one after another, and sends the
/// answers in order. A request is answered by one task, which runs on the connection's own event loop.
///
/// Its state is confined to `loop`: the pipeline calls there, and the tasks of requests have it for their executor.
final class HTTPConnectionHandler: ChannelDuplexHandler, @unchecked Sendable {  // confined to `loop`
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundIn = Never
  typealias OutboundOut = HTTPServerResponsePart

  /// What the bytes are framed by.
  enum Framing { case http1, http2 }

  /// Where a connection stands.
  enum Phase {
    /// Between requests, no byte of the next one has come.
    case idle
    /// Bytes came, the head is not complete.
    case head
    /// The head is there, the body is not complete.
    case body
    /// The request is complete, the response is not.
    case responding
    /// The last response is written; what still comes is thrown away.
    case lingering
  }

  /// One request and its response.
  final class Exchange: @unchecked Sendable {  // confined to the connection's event loop
    let isHead: Bool
    let isOld: Bool
    let wantsKeepAlive: Bool
    let changesProtocol: Bool
    let declaredLength: Int?
    let body: InboundBody
    var task: Task<Void, Never>?
    /// Whether the response is written whole.
    var isAnswered = false
    /// Whether the head of the response is written.
    var isBegun = false
    /// The bytes that the response's head announces.
    var announced: Int?
    /// The bytes of a streamed body that have been written.
    var written = 0
    var isChunked = false

    init(_ head: HTTPRequestHead, _ handler: HTTPConnectionHandler) {
      isHead = head.method == .HEAD
      isOld = head.isOld
      wantsKeepAlive = head.isKeepAlive
      changesProtocol = head.changesProtocol
      let length = head.headers.first(name: "content-length")
      let isChunked = head.headers.contains(name: "transfer-encoding")
      declaredLength = length.map { Int($0) ?? .max } ?? (isChunked || handler.framing == .http2 ? nil : 0)
      let expects = head.headers.first(name: "expect")?.lowercased() == "100-continue"
      body = InboundBody(handler, awaitsContinue: expects && !head.isOld && length != "0")
    }
  }

  let application: HTTPApplication
  let framing: Framing
  let loop: any EventLoop
  let queue: LoopQueue
  let executor: RequestExecutor
  let clock: ConnectionClock
  let isSecure: Bool
  var configuration: HTTPServerConfiguration { application.configuration }

  var context: ChannelHandlerContext?
  var phase = Phase.idle
  var exchange: Exchange?
  /// Parts of the requests that came before the current one was answered.
  var backlog = CircularBuffer<HTTPServerRequestPart>()
  /// What is wrong with the bytes behind the current request.
  var pendingFailure: (any Error)?
  var isQuiescing = false
  var isInputClosed = false
  var isUnwritable = false
  /// Whether the loop's queue will call ``flushNow()``.
  var isFlushDue = false
  var deadline: NIODeadline?
  var timer: Scheduled<Void>?
  var timerFires = NIODeadline.distantFuture
  var lastUnsent = 0
  var uploadWait = UploadWait()
  /// Who waits for the client to take more.
  var writers = LoopWriters()
  private var isReadHeld = false
  /// Whether the head that came last asks for another protocol: no request follows it.
  private var isLastHead = false
  private lazy var peer = context?.channel.remoteAddress?.ipAddress

  init(_ application: HTTPApplication, _ queue: LoopQueue, _ framing: Framing, isSecure: Bool, clock: ConnectionClock) {
    self.application = application
    self.framing = framing
    self.queue = queue
    self.isSecure = isSecure
    self.clock = clock
    loop = queue.loop
    executor = RequestExecutor(queue)
  }

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    if framing == .http1 { arm(configuration.idleTimeout) }
  }
  func handlerRemoved(context: ChannelHandlerContext) { abandon() }

  // MARK: Reading

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard phase != .lingering else { return }
    let part = unwrapInboundIn(data)
    switch part {
    case .head(let head): isLastHead = head.changesProtocol && framing == .http1
    case .body: break
    // The decoder reads no further, and would keep all that comes.
    case .end: clock.isDeaf = clock.isDeaf || isLastHead
    }
    if exchange?.body.isComplete == true { backlog.append(part) } else { take(part) }
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    if clock.hasBytes {
      clock.hasBytes = false
      if phase == .idle {
        phase = .head
        arm(configuration.headerTimeout)
      }
    }
    if phase == .lingering { context.read() }
  }

  /// The most bytes of a body that are read over once the request is answered.
  static let unreadLimit = 1_048_576
  /// The most bytes of a body that wait for their reader, and the most parts of requests that wait for their turn.
  private static let bufferLimit = 65_536, backlogLimit = 16

  private var holdsReads: Bool {
    (exchange?.body.buffered ?? 0) >= HTTPConnectionHandler.bufferLimit || backlog.count >= HTTPConnectionHandler.backlogLimit
  }
  func read(context: ChannelHandlerContext) {
    if holdsReads, phase != .lingering { isReadHeld = true } else { context.read() }
  }
  /// Somebody has taken of the body, or waits for it: from here on the client is the one who is slow.
  func resumeReading() {
    if let exchange, exchange.body.isWanted, phase == .body { awaitUpload() }
    guard isReadHeld, !holdsReads else { return }
    isReadHeld = false
    context?.read()
  }

  private func take(_ part: HTTPServerRequestPart) {
    switch part {
    case .head(let head): begin(head)
    case .body(let chunk):
      guard let exchange else { return }
      noteUpload(chunk.readableBytes)
      exchange.body.append(chunk)
      if exchange.body.discarded > HTTPConnectionHandler.unreadLimit { return closeNow() }
      if exchange.body.isWanted { awaitUpload() }
    case .end:
      // Trailer fields are dropped, as RFC 9110 §6.5.1 allows: no handler has a use for them.
      guard let exchange else { return }
      if phase == .body { phase = .responding }
      disarm()
      exchange.body.complete()
      if exchange.isAnswered { next() }
    }
  }

  private func begin(_ head: HTTPRequestHead) {
    let exchange = Exchange(head, self)
    self.exchange = exchange
    phase = .body
    disarm()
    uploadWait = UploadWait()
    var fields = HeaderFields()
    fields.reserveCapacity(head.headers.count)
    for (name, value) in head.headers { fields.appendParsed(name, value) }
    let body = exchange.body
    let request = Request(
      method: HTTPMethod(head.method.rawValue), target: head.uri, headers: fields, peer: peer, isSecure: isSecure,
      declaredLength: exchange.declaredLength, source: { try await body.next() })
    executor.current.withLock { $0 = request.lifetime }
    exchange.task = Task(executorPreference: executor) { [self] in
      let response = await application.respond(to: request)
      await send(response, exchange)
    }
  }

  /// The current request is over: on with the one that came behind it.
  func next() {
    exchange = nil
    phase = .idle
    if framing == .http1 { arm(configuration.idleTimeout) }
    while exchange?.body.isComplete != true, let part = backlog.popFirst() { take(part) }
    switch (exchange, pendingFailure) {
    case (nil, let failure?): return refuse(failure)
    case (nil, nil): if framing == .http1, isInputClosed || isQuiescing { return closeWhenSent() }
    // The bytes went wrong within the body of the request that has just begun.
    case (let exchange?, let failure?): exchange.body.fail(HTTPConnectionHandler.bodyFailure(failure))
    case (_?, nil): break
    }
    resumeReading()
  }

  // MARK: Ends

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    switch event {
    case is ChannelShouldQuiesceEvent where framing == .http1:
      isQuiescing = true
      if exchange == nil, phase != .head, phase != .lingering { closeWhenSent() }
    case ChannelEvent.inputClosed: inputClosed()
    // The rest of a response has gone out behind which only the output was closed.
    case ChannelEvent.outputClosed: if isInputClosed { closeNow() }
    default: context.fireUserInboundEventTriggered(event)
    }
  }

  /// How long a handler goes on for a client that has closed its half of the connection. Some close it as soon as their
  /// request is sent and still read the answer; most are gone.
  private static let halfClosedGrace = TimeAmount.seconds(1)

  private func inputClosed() {
    isInputClosed = true
    guard phase != .lingering else {
      // What is still to be sent is sent, for as long as the client takes it.
      if unsentBytes == 0 { closeNow() }
      return
    }
    guard let exchange else { return closeWhenSent() }
    let task = exchange.task
    if framing == .http1 { loop.scheduleTask(in: HTTPConnectionHandler.halfClosedGrace) { task?.cancel() } }
  }

  func channelInactive(context: ChannelHandlerContext) {
    abandon()
    context.fireChannelInactive()
  }

  /// The connection is gone: nobody waits for an answer.
  private func abandon() {
    timer?.cancel()
    timer = nil
    deadline = nil
    context = nil
    backlog.removeAll()
    if let exchange {
      self.exchange = nil
      exchange.task?.cancel()
      exchange.body.fail(HTTPError(.badRequest, "The connection ended inside of the body."))
    }
    executor.current.withLock { $0 = nil }
    writers.wake(.failure(CancellationError()))
  }

  func closeNow() { context?.close(promise: nil) }

  /// Closes once what is written has been sent; the timer ends it where the client takes none of it.
  func closeWhenSent() {
    guard let context else { return }
    phase = .lingering
    clock.isDeaf = true
    let sent = loop.makePromise(of: Void.self)
    sent.futureResult.whenComplete { [self] _ in closeNow() }
    context.writeAndFlush(NIOAny(ByteBuffer()), promise: sent)
    arm(.seconds(2))
  }

  /// The bytes are no request, or none came in time.
  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    guard error is HTTPParserError || error is HTTPError else { return closeNow() }
    clock.isDeaf = true
    guard phase != .lingering else { return }
    guard let exchange else { return refuse(error) }
    if exchange.body.isComplete {
      pendingFailure = error
    } else if exchange.isAnswered {
      linger()
    } else {
      exchange.body.fail(HTTPConnectionHandler.bodyFailure(error))
    }
  }

  private static func bodyFailure(_ error: any Error) -> HTTPError {
    switch error {
    case let error as HTTPError: error
    case HTTPParserError.invalidEOFState: HTTPError(.badRequest, "The connection ended inside of the body.")
    default: HTTPError(.badRequest, "The body's framing is not valid: \(error).")
    }
  }

  /// Answers what never became a request.
  private func refuse(_ error: any Error) {
    pendingFailure = nil
    let failure: HTTPError
    switch error {
    case HTTPParserError.headerOverflow:
      failure = HTTPError(.headersTooLarge, "The header fields may have at most \(configuration.headerLimit) bytes in all.")
    case HTTPParserError.invalidEOFState: return closeNow()
    case let error as HTTPParserError: failure = HTTPError(.badRequest, "The bytes are not HTTP/1.1: \(error).")
    case let error as HTTPError: failure = error
    default: return closeNow()
    }
    sendRefusal(application.refusal(failure, peer: peer))
  }
}

extension HTTPRequestHead {
  /// Whether the client asks for another protocol after this request. The decoder takes what follows for the other
  /// protocol and does not read it.
  var changesProtocol: Bool { method == .CONNECT || headers.contains(name: "upgrade") }
  /// HTTP/1.0 knows neither chunks nor connections that stay.
  var isOld: Bool { version.major < 1 || (version.major == 1 && version.minor < 1) }
}

/// What the handlers before and after the HTTP decoder tell each other: that bytes of a request have come, and that no
/// more of them are wanted.
final class ConnectionClock {
  var hasBytes = false
  /// Whether the decoder reads no further. It would keep all that comes, without a limit.
  var isDeaf = false
}

/// Sees the bytes before the HTTP decoder holds them back.
final class ReceivedBytesHandler: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer
  private let queue: LoopQueue
  private let clock: ConnectionClock

  init(_ queue: LoopQueue, clock: ConnectionClock) {
    self.queue = queue
    self.clock = clock
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    // What runs may close this connection as well as others.
    if queue.drainIfCrowded(), !context.channel.isActive { return }
    clock.hasBytes = true
    if !clock.isDeaf { context.fireChannelRead(data) }
  }
}
