import MartletCore
import NIOCore
import NIOWebSocket

/// The end of a WebSocket's pipeline: frames become messages, and messages frames.
final class WebSocketHandler: ChannelInboundHandler, @unchecked Sendable {  // confined to `loop`, where others go first
  typealias InboundIn = WebSocketFrame
  typealias OutboundOut = WebSocketFrame

  let loop: any EventLoop
  private let options: WebSocketOptions
  private var assembly: WebSocketAssembly
  private var context: ChannelHandlerContext?
  private var messages = CircularBuffer<WebSocket.Message>()
  private var buffered = 0
  private var receiver: LoopWaiter<WebSocket.Message?>?
  private var writers = LoopWriters()
  private var isReadHeld = false
  private var closeCode: WebSocket.CloseCode?
  private var hasSentClose = false
  private var isAwaitingPong = false
  private var lastSign = NIODeadline.now()
  private var lastUnsent = 0
  private var timer: Scheduled<Void>?
  private var onEnd: (() -> Void)?

  /// - Parameter onEnd: Called once when the connection is gone.
  init(_ loop: any EventLoop, _ options: WebSocketOptions, onEnd: @escaping () -> Void) {
    self.loop = loop
    self.options = options
    self.onEnd = onEnd
    assembly = WebSocketAssembly(limit: options.messageLimit)
  }

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    watch()
  }
  func handlerRemoved(context: ChannelHandlerContext) { over() }
  func channelInactive(context: ChannelHandlerContext) {
    over()
    context.fireChannelInactive()
  }

  // MARK: Reading

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    lastSign = .now()
    isAwaitingPong = false
    guard closeCode == nil else { return }
    let frame = unwrapInboundIn(data)
    switch assembly.take(frame) {
    case .more: break
    case .message(let message, let size): deliver(message, size)
    case .ping(let data): write(WebSocketFrame(fin: true, opcode: .pong, data: data))
    case .pong: break
    case .close(let code): finish(code, answer: code == .noCode ? .normal : code)
    case .failure(let code): finish(code, answer: code)
    }
  }
  func channelReadComplete(context: ChannelHandlerContext) { context.flush() }

  private func deliver(_ message: WebSocket.Message, _ size: Int) {
    if let receiver, receiver.isWaiting { return receiver.resume(returning: message) }
    buffered += size + 64
    messages.append(message)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    guard error is NIOWebSocketError, closeCode == nil else { return context.close(promise: nil) }
    let isTooLarge = (error as? NIOWebSocketError) == .invalidFrameLength
    finish(isTooLarge ? .messageTooLarge : .protocolError, answer: isTooLarge ? .messageTooLarge : .protocolError)
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    switch event {
    case is ChannelShouldQuiesceEvent: finish(.goingAway, answer: .goingAway)
    case ChannelEvent.inputClosed: context.close(promise: nil)
    default: context.fireUserInboundEventTriggered(event)
    }
  }

  // MARK: Holding the client back

  /// Also while the client takes nothing: what it sends is answered, pings at the least.
  private var holdsReads: Bool { buffered >= options.messageLimit || context?.channel.isWritable == false }
  private func resumeReading() {
    guard isReadHeld, !holdsReads else { return }
    isReadHeld = false
    context?.read()
  }

  private func takeBuffered() -> WebSocket.Message? {
    guard let message = messages.popFirst() else { return nil }
    switch message {
    case .text(let text): buffered -= text.utf8.count + 64
    case .binary(let bytes): buffered -= bytes.count + 64
    }
    resumeReading()
    return message
  }

  func receive() async throws -> WebSocket.Message? {
    try await loop.waiting { [self] receiver in
      if let message = takeBuffered() { return receiver.resume(returning: message) }
      if closeCode != nil { return receiver.resume(returning: nil) }
      self.receiver?.resume(throwing: CancellationError())
      self.receiver = receiver
    }
  }

  // MARK: Writing

  func send(_ message: WebSocket.Message) async throws {
    try await loop.waiting { [self] (done: LoopWaiter<Void>) in
      guard let context, closeCode == nil else { return done.resume(throwing: CancellationError()) }
      switch message {
      case .text(let text): write(WebSocketFrame(fin: true, opcode: .text, data: ByteBuffer(string: text)))
      case .binary(let bytes): write(WebSocketFrame(fin: true, opcode: .binary, data: ByteBuffer(bytes: bytes)))
      }
      context.flush()
      if context.channel.isWritable { done.resume(returning: ()) } else { writers.add(done) }
    }
  }
  func channelWritabilityChanged(context: ChannelHandlerContext) {
    lastUnsent = 0
    if context.channel.isWritable {
      writers.wake()
      resumeReading()
    }
    context.fireChannelWritabilityChanged()
  }
  private func write(_ frame: WebSocketFrame) { context?.write(wrapOutboundOut(frame), promise: nil) }

  // MARK: Ends

  func close(_ code: WebSocket.CloseCode, _ reason: String) async {
    await withCheckedContinuation { done in
      loop.onLoop { [self] in
        finish(code, answer: code.isSendable ? code : .normal, reason: reason)
        done.resume()
      }
    }
  }
  func currentCloseCode() async -> WebSocket.CloseCode? {
    await withCheckedContinuation { done in loop.onLoop { [self] in done.resume(returning: closeCode) } }
  }

  /// How long the other side may take to close its half.
  private static let closePatience = TimeAmount.seconds(5)

  /// Says goodbye, once, and lets the connection go when the other side has read it.
  private func finish(_ code: WebSocket.CloseCode, answer: WebSocket.CloseCode, reason: String = "") {
    if closeCode == nil { closeCode = code }
    receiver?.resume(returning: nil)
    receiver = nil
    guard let context, !hasSentClose else { return }
    hasSentClose = true
    var data = ByteBuffer()
    data.writeInteger(answer.rawValue)
    data.writeBytes(WebSocketHandler.fitting(reason))
    write(WebSocketFrame(fin: true, opcode: .connectionClose, data: data))
    context.flush()
    context.close(mode: .output, promise: nil)
    context.read()
    loop.assumeIsolated().scheduleTask(in: WebSocketHandler.closePatience) { [weak self] in self?.context?.close(promise: nil) }
  }
  /// The whole characters that fit into a control frame.
  private static func fitting(_ reason: String) -> [UInt8] {
    var bytes: [UInt8] = []
    for character in reason {
      guard bytes.count + character.utf8.count <= 123 else { break }
      bytes += Array(character.utf8)
    }
    return bytes
  }

  private func over() {
    guard context != nil else { return }
    context = nil
    timer?.cancel()
    if closeCode == nil { closeCode = .abnormal }
    receiver?.resume(returning: nil)
    writers.wake(.failure(CancellationError()))
    onEnd?()
    onEnd = nil
  }

  /// Whether the client has taken none of what waits for it since this was last asked.
  private func isStalled(_ context: ChannelHandlerContext) -> Bool {
    guard !context.channel.isWritable else { return false }
    let unsent = (try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
    defer { lastUnsent = unsent }
    return unsent == lastUnsent
  }

  /// Asks a silent client for a sign of life.
  private func watch() {
    timer = loop.assumeIsolated().scheduleTask(in: TimeAmount(options.pingInterval)) { [weak self] in
      guard let self, let context else { return }
      if isStalled(context) {
        closeCode = closeCode ?? .abnormal
        return context.close(promise: nil)
      }
      if NIODeadline.now() - lastSign >= TimeAmount(options.pingInterval), !isReadHeld {
        if isAwaitingPong {
          closeCode = closeCode ?? .abnormal
          return context.close(promise: nil)
        }
        isAwaitingPong = true
        write(WebSocketFrame(fin: true, opcode: .ping, data: ByteBuffer()))
        context.flush()
      }
      watch()
    }
  }
}

extension WebSocketHandler: ChannelOutboundHandler {
  typealias OutboundIn = WebSocketFrame
  func read(context: ChannelHandlerContext) {
    if holdsReads, closeCode == nil { isReadHeld = true } else { context.read() }
  }
}
