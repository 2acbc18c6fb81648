public import NIOCore
import NIOHTTP1
import NIOPosix

// The limit of what SwiftNIO gives: its HTTP/1 codec, one handler, answers put together by hand. No routing beyond a switch, no
// limits, no middleware, no pipelining.

/// A server of one closure.
public enum BareServer {
  /// Serves until the process ends.
  /// - Parameter answer: Gets the path with its query, on the connection's event loop, and answers now or later.
  public static func run(port: Int, answer: @escaping @Sendable (String, Reply) -> Void) async throws {
    // The drivers use the same group, so that an answer need not leave its event loop.
    let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .serverChannelOption(.backlog, value: 1024)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let pipeline = channel.pipeline.syncOperations
          try pipeline.configureHTTPServerPipeline(withPipeliningAssistance: false, withErrorHandling: false)
          try pipeline.addHandler(BareHandler(answer))
        }
      }
    let channel = try await bootstrap.bind(host: "127.0.0.1", port: port).get()
    try await channel.closeFuture.get()
  }
}

/// Where an answer goes. To be used on the event loop.
public struct Reply: Sendable {
  public let eventLoop: any EventLoop
  private let channel: any Channel
  private let isKeptAlive: Bool

  init(_ channel: any Channel, isKeptAlive: Bool) {
    self.channel = channel
    eventLoop = channel.eventLoop
    self.isKeptAlive = isKeptAlive
  }

  /// An answer of these bytes.
  public func send(_ body: [UInt8], type: String = "application/json", status: Int = 200) {
    let headers = HTTPHeaders([
      ("content-type", type), ("content-length", String(body.count)), ("date", HTTPDateClock.current()),
      ("connection", isKeptAlive ? "keep-alive" : "close"),
    ])
    let head = HTTPResponseHead(version: .http1_1, status: HTTPResponseStatus(statusCode: status), headers: headers)
    channel.write(HTTPServerResponsePart.head(head), promise: nil)
    channel.write(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(bytes: body))), promise: nil)
    let end = channel.writeAndFlush(HTTPServerResponsePart.end(nil))
    if !isKeptAlive { end.whenComplete { [channel] _ in channel.close(promise: nil) } }
  }
}

private final class BareHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart

  private let answer: @Sendable (String, Reply) -> Void
  private var uri = ""
  private var isKeptAlive = true

  init(_ answer: @escaping @Sendable (String, Reply) -> Void) { self.answer = answer }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head):
      uri = head.uri
      isKeptAlive = head.isKeepAlive
    case .body: break
    case .end: answer(uri, Reply(context.channel, isKeptAlive: isKeptAlive))
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
