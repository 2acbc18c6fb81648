import MartletSQL
import NIOCore
import NIOSSL
import NIOTLS

/// Asks a server, on a connection of its own, to cancel what another session runs. Done when the server hangs up: then the
/// signal has been sent, and none can come later.
final class CancelHandler: ChannelInboundHandler, @unchecked Sendable {  // confined to its channel's event loop
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer
  private let key: BackendKey
  private let tls: NIOSSLContext?
  private let serverName: String?
  private let done: EventLoopPromise<Void>
  private var hasAsked = false

  init(_ key: BackendKey, tls: NIOSSLContext?, serverName: String?, done: EventLoopPromise<Void>) {
    self.key = key
    self.tls = tls
    self.serverName = serverName
    self.done = done
  }

  func handlerAdded(context: ChannelHandlerContext) {
    guard tls != nil else { return ask(context) }
    var writer = MessageWriter()
    writer.sslRequest()
    context.writeAndFlush(wrapOutboundOut(writer.buffer), promise: nil)
  }

  private func ask(_ context: ChannelHandlerContext) {
    hasAsked = true
    var writer = MessageWriter()
    writer.cancelRequest(processID: key.processID, secret: key.secret)
    context.writeAndFlush(wrapOutboundOut(writer.buffer), promise: nil)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let buffer = unwrapInboundIn(data)
    guard !hasAsked, let tls, buffer.readableBytes == 1, buffer.getInteger(at: buffer.readerIndex) == UInt8(ascii: "S") else {
      return fail(DatabaseError(.connection, "the server does not take a request to cancel over TLS"), context)
    }
    do {
      try context.pipeline.syncOperations.addHandler(
        try NIOSSLClientHandler(context: tls, serverHostname: serverName), position: .before(self))
    } catch { fail(error, context) }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case TLSUserEvent.handshakeCompleted = event { ask(context) }
  }

  func channelInactive(context: ChannelHandlerContext) {
    if hasAsked {
      done.succeed()
    } else {
      done.fail(DatabaseError(.connection, "the server hung up before it was asked to cancel"))
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    // The server hangs up without TLS's goodbye, or resets the connection, once it has been asked.
    if hasAsked { context.close(promise: nil) } else { fail(error, context) }
  }

  private func fail(_ error: any Error, _ context: ChannelHandlerContext) {
    done.fail(error)
    context.close(promise: nil)
  }
}
