import Logging
import MartletCore
import NIOCore
import NIOWebSocket

extension HTTPConnectionHandler: RemovableChannelHandler {
  /// Turns the connection into a WebSocket and serves it, in the task of the request that asked for it.
  func serve(_ upgrade: WebSocketUpgrade, after response: consuming Response, _ exchange: Exchange) async {
    guard let socket = switchProtocol(upgrade, response, exchange) else { return }
    do {
      try await upgrade.run(socket)
      await socket.close()
    } catch {
      if !(error is CancellationError) {
        application.logger.error("a WebSocket's handler failed: \(String(reflecting: error))")
      }
      await socket.close(.internalError)
    }
  }

  private func switchProtocol(_ upgrade: WebSocketUpgrade, _ response: consuming Response, _ exchange: Exchange) -> WebSocket? {
    guard let context, framing == .http1, exchange.body.isComplete, !isQuiescing, !isInputClosed else {
      closeNow()
      return nil
    }
    response.headers.setDefault("Date", HTTPDate.now())
    var buffer = context.channel.allocator.buffer(capacity: 512)
    let head = ResponseHead(status: response.status, fields: response.headers)
    guard (try? head.write(into: &buffer)) != nil else {
      closeNow()
      return nil
    }
    context.writeAndFlush(NIOAny(buffer), promise: nil)
    let task = exchange.task
    let handler = WebSocketHandler(loop, upgrade.options) { task?.cancel() }
    // The task goes on with the WebSocket: what ends here is HTTP alone.
    exchange.task = nil
    self.exchange = nil
    do {
      let pipeline = context.pipeline.syncOperations
      try pipeline.addHandlers([
        WebSocketFrameEncoder(),
        ByteToMessageHandler(WebSocketFrameDecoder(maxFrameSize: upgrade.options.messageLimit)), handler,
      ])
      for name in HTTPConnections.HandlerName.all { pipeline.removeHandler(name: name, promise: nil) }
    } catch {
      context.close(promise: nil)
      return nil
    }
    return WebSocket(handler: handler)
  }
}
