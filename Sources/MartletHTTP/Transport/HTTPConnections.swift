import HummingbirdCore
import Logging
import MartletCore
import NIOCore
import NIOHTTP1
import NIOHTTP2
import NIOSSL
import NIOTLS

/// Sets accepted connections up: HTTP/1.1, and where there is TLS, HTTP/2 for the clients that choose it (ALPN, RFC 7301).
struct HTTPConnections: ServerChildChannel {
  /// An accepted connection.
  struct Value: ServerChildChannelValue { let channel: any Channel }

  let application: HTTPApplication
  let queues: LoopQueues
  let certificates: ServerCertificates?

  private var configuration: HTTPServerConfiguration { application.configuration }

  func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
    channel.eventLoop.makeCompletedFuture {
      if let certificates {
        try addTLS(to: channel, certificates.context)
      } else {
        try addHTTP1(to: channel, isSecure: false)
      }
      return Value(channel: channel)
    }
  }

  /// Waits for the connection's end: everything else happens on its event loop.
  func handle(value: Value, logger: Logger) async {
    await withTaskCancellationHandler {
      try? await value.channel.closeFuture.get()
    } onCancel: {
      value.channel.close(promise: nil)
    }
  }

  // MARK: TLS

  private func addTLS(to channel: any Channel, _ context: NIOSSLContext) throws {
    let pipeline = channel.pipeline.syncOperations
    let patience = channel.eventLoop.scheduleTask(in: TimeAmount(configuration.headerTimeout)) { channel.close(promise: nil) }
    channel.closeFuture.whenComplete { _ in patience.cancel() }
    try pipeline.addHandler(NIOSSLServerHandler(context: context))
    try pipeline.addHandler(
      ApplicationProtocolNegotiationHandler { (result, channel) -> EventLoopFuture<Void> in
        patience.cancel()
        return channel.eventLoop.makeCompletedFuture {
          if case .negotiated("h2") = result {
            try addHTTP2(to: channel)
          } else {
            try addHTTP1(to: channel, isSecure: true)
          }
        }
      })
    try pipeline.addHandler(ConnectionEndHandler(endsWithInput: false))
  }

  // MARK: HTTP

  private func addHTTP1(to channel: any Channel, isSecure: Bool) throws {
    let configuration = configuration, clock = ConnectionClock()
    var limits = NIOHTTPDecoderLimitConfiguration()
    limits.maxHeaderFieldSize = configuration.headerLimit
    limits.maxHeaderListSize = configuration.headerLimit
    limits.maxHeaderFieldCount = configuration.headerCountLimit
    let pipeline = channel.pipeline.syncOperations, queue = queues[channel.eventLoop]
    try pipeline.addHandler(ReceivedBytesHandler(queue, clock: clock), name: HandlerName.bytes)
    try pipeline.addHandler(
      ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes, limitConfiguration: limits)),
      name: HandlerName.decoder)
    try pipeline.addHandler(
      HTTPConnectionHandler(application, queue, .http1, isSecure: isSecure, clock: clock),
      name: HandlerName.connection)
  }
  /// What goes when the connection changes to another protocol.
  enum HandlerName {
    static let bytes = "martlet.bytes", decoder = "martlet.decoder", connection = "martlet.connection"
    static let all = [bytes, decoder, connection]
  }

  private func addHTTP2(to channel: any Channel) throws {
    let limits = configuration.http2
    let management = NIOHTTP2ServerConnectionManagementHandler(
      eventLoop: channel.eventLoop,
      configuration: .init(
        maxIdleTime: TimeAmount(configuration.idleTimeout), maxAge: limits.maximumAge.map { TimeAmount($0) },
        maxGraceTime: TimeAmount(configuration.shutdownGrace), keepalive: nil))
    var connection = NIOHTTP2Handler.ConnectionConfiguration()
    connection.initialSettings = [
      HTTP2Setting(parameter: .maxConcurrentStreams, value: limits.concurrentStreams),
      HTTP2Setting(parameter: .maxHeaderListSize, value: configuration.headerLimit),
    ]
    var stream = NIOHTTP2Handler.StreamConfiguration()
    stream.outboundBufferSizeHighWatermark = 65_536
    stream.outboundBufferSizeLowWatermark = 32_768
    stream.streamResetFrameRateLimit.maximumCount = limits.resets
    stream.streamResetFrameRateLimit.windowLength = TimeAmount(limits.resetWindow)
    let http2 = NIOHTTP2Handler(
      mode: .server, eventLoop: channel.eventLoop, connectionConfiguration: connection, streamConfiguration: stream,
      streamDelegate: management.http2StreamDelegate
    ) { stream in
      stream.eventLoop.makeCompletedFuture {
        try stream.pipeline.syncOperations.addHandlers([
          HTTP2FramePayloadToHTTP1ServerCodec(normalizeHTTPHeaders: false),
          HTTPConnectionHandler(application, queues[stream.eventLoop], .http2, isSecure: true, clock: ConnectionClock()),
        ])
      }
    }
    let pipeline = channel.pipeline.syncOperations
    try pipeline.addHandlers([http2, management, ConnectionEndHandler(endsWithInput: true)])
    // It winds its clocks when the channel becomes active, which it has been since before the handshake.
    management.channelActive(context: try pipeline.context(handler: management))
  }
}

/// Ends a connection whose TLS or whose framing of HTTP/2 is broken: nobody else in the pipeline does.
private final class ConnectionEndHandler: ChannelInboundHandler {
  typealias InboundIn = Any
  /// Whether the connection is over when the client has closed its half. HTTP/1.1 clients may still read an answer; a client of
  /// HTTP/2 sends as long as it reads.
  private let endsWithInput: Bool

  init(endsWithInput: Bool) { self.endsWithInput = endsWithInput }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    // Stream errors concern one request, and HTTP/2 has told the client already.
    if error is NIOHTTP2Errors.StreamError { return }
    context.close(promise: nil)
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    switch event {
    // A shutdown does not wait for handshakes: whoever has not agreed on a protocol yet has asked for nothing.
    case is ChannelShouldQuiesceEvent where isShakingHands(context): context.close(promise: nil)
    case ChannelEvent.inputClosed where endsWithInput: context.close(promise: nil)
    default: context.fireUserInboundEventTriggered(event)
    }
  }

  private func isShakingHands(_ context: ChannelHandlerContext) -> Bool {
    (try? context.pipeline.syncOperations.context(handlerType: ApplicationProtocolNegotiationHandler.self)) != nil
  }
}
