import MartletCore
import NIOCore
import NIOHTTP1

/// What the handlers before and after the HTTP decoder tell each other: that bytes of a request's head have come, and
/// that no more of them are wanted.
final class ConnectionClock {
  var bytesArrived: (() -> Void)?
  /// Whether the decoder reads no further. It would keep all that comes, without a limit.
  var isDeaf = false
}

/// Sees the bytes before the HTTP decoder holds them back.
final class ReceivedBytesHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer
  private let clock: ConnectionClock

  init(clock: ConnectionClock) { self.clock = clock }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    clock.bytesArrived?()
    if !clock.isDeaf { context.fireChannelRead(data) }
  }
}

/// Keeps a connection honest: times out slow heads, bodies and readers and idle connections, closes after
/// the last response of a shutdown, and lingers so that a refused client still reads its answer.
final class ConnectionGuard: ChannelDuplexHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias InboundOut = HTTPServerRequestPart
  typealias OutboundIn = HTTPServerResponsePart
  typealias OutboundOut = HTTPServerResponsePart

  private enum Phase {
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
  private var phase = Phase.idle
  private var requestComplete = true
  private var responsesDue = 0
  private var readPending = false
  private var unwritable = false
  private var closeAfterResponse = false
  private var closing = false
  private var changesProtocol = false
  private var deadline: NIODeadline?
  private var timer: Scheduled<Void>?
  private let clock: ConnectionClock
  private let headerTimeout: TimeAmount
  private let bodyTimeout: TimeAmount
  private let idleTimeout: TimeAmount

  init(clock: ConnectionClock, configuration: HTTPServerConfiguration) {
    self.clock = clock
    headerTimeout = TimeAmount(configuration.headerTimeout)
    bodyTimeout = TimeAmount(configuration.bodyTimeout)
    idleTimeout = TimeAmount(configuration.idleTimeout)
  }

  func handlerAdded(context: ChannelHandlerContext) {
    clock.bytesArrived = { [weak self] in self?.bytesArrived(context) }
    arm(context, idleTimeout)
  }
  func handlerRemoved(context: ChannelHandlerContext) {
    timer?.cancel()
    clock.bytesArrived = nil
  }

  // MARK: Reading

  private func bytesArrived(_ context: ChannelHandlerContext) {
    if phase == .idle {
      phase = .head
      arm(context, headerTimeout)
    }
  }
  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard phase != .lingering else { return }
    switch unwrapInboundIn(data) {
    case .head(let head):
      responsesDue += 1
      changesProtocol = head.changesProtocol
      requestComplete = false
      phase = .body
      disarm()
    case .body:
      if phase == .body { disarm() }
    case .end:
      requestComplete = true
      clock.isDeaf = changesProtocol
      phase = responsesDue > 0 ? .responding : .idle
      disarm()
    }
    readPending = false
    context.fireChannelRead(data)
  }
  func channelReadComplete(context: ChannelHandlerContext) {
    if phase == .lingering { context.read() }
    context.fireChannelReadComplete()
  }
  /// Somebody wants more: from here on the client is the one who is slow.
  func read(context: ChannelHandlerContext) {
    readPending = true
    if phase == .body { arm(context, bodyTimeout) }
    context.read()
  }

  // MARK: Writing

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    switch unwrapOutboundIn(data) {
    case .head(var head) where head.status.code >= 200:
      if closeAfterResponse { head.headers.replaceOrAdd(name: "Connection", value: "close") }
      if head.headers.first(name: "connection") == "close" { closing = true }
      context.write(wrapOutboundOut(.head(head)), promise: promise)
    case .end where closing || (closeAfterResponse && responsesDue <= 1):
      responsesDue -= 1
      context.writeAndFlush(data, promise: promise)
      finish(context)
    case .end:
      responsesDue -= 1
      if responsesDue == 0, requestComplete {
        phase = .idle
        arm(context, idleTimeout)
      }
      context.write(data, promise: promise)
    default: context.write(data, promise: promise)
    }
  }
  func channelWritabilityChanged(context: ChannelHandlerContext) {
    unwritable = !context.channel.isWritable
    if unwritable { arm(context, bodyTimeout) } else if phase == .responding { disarm() }
    context.fireChannelWritabilityChanged()
  }

  /// Closes at once where the client has sent everything. Where it has not, a close would reset the
  /// connection and could destroy the response on its way; so only the sending half is closed, and what
  /// comes is thrown away for two seconds (RFC 9112 §9.6).
  private func finish(_ context: ChannelHandlerContext) {
    guard phase != .lingering else { return }
    if requestComplete, phase != .head { return context.close(promise: nil) }
    phase = .lingering
    context.close(mode: .output, promise: nil)
    arm(context, .seconds(2))
    context.read()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    switch event {
    case is ChannelShouldQuiesceEvent:
      if responsesDue > 0 || phase == .head { closeAfterResponse = true } else { context.close(promise: nil) }
    case ChannelEvent.inputClosed where phase == .lingering:
      context.close(promise: nil)
    default:
      context.fireUserInboundEventTriggered(event)
    }
  }

  // MARK: Time

  private func arm(_ context: ChannelHandlerContext, _ amount: TimeAmount) {
    deadline = .now() + amount
    if let timer, !isLate(timer) { return }
    schedule(context, amount)
  }
  private var fires: NIODeadline?
  /// Whether the scheduled look comes after the deadline.
  private func isLate(_ timer: Scheduled<Void>) -> Bool {
    guard let fires, let deadline else { return true }
    return fires > deadline
  }
  private func schedule(_ context: ChannelHandlerContext, _ amount: TimeAmount) {
    timer?.cancel()
    fires = .now() + amount
    timer = context.eventLoop.assumeIsolated().scheduleTask(in: amount) { [weak self] in self?.timeUp(context) }
  }
  private func disarm() { deadline = nil }

  private func timeUp(_ context: ChannelHandlerContext) {
    timer = nil
    guard let deadline else { return }
    let now = NIODeadline.now()
    guard now >= deadline else { return schedule(context, deadline - now) }
    self.deadline = nil
    switch phase {
    case .idle, .lingering:
      context.close(promise: nil)
    case .head:
      context.fireErrorCaught(
        HTTPError(
          .requestTimeout, "The head of the request did not arrive within \(headerTimeout.nanoseconds / 1_000_000_000) s."))
    case .body where !unwritable:
      context.fireErrorCaught(
        HTTPError(.requestTimeout, "The body did not arrive: nothing came for \(bodyTimeout.nanoseconds / 1_000_000_000) s."))
    case .body, .responding:
      context.close(promise: nil)
    }
  }
}
