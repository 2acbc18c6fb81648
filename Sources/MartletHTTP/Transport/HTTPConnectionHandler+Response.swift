import Logging
import MartletCore
import NIOCore
import NIOHTTP1
import Synchronization

extension HTTPConnectionHandler {
  /// The size up to which a body goes out in one piece. What is larger waits for the client piece by piece.
  private static let wholeLimit = 262_144

  /// Sends the response to a request, on the connection's event loop.
  func send(_ response: consuming Response, _ exchange: Exchange) async {
    guard self.exchange === exchange, context != nil else { return }
    if let upgrade = response.upgrade { return await serve(upgrade, after: response, exchange) }
    if case .bytes(let bytes) = response.body.source, bytes.count <= HTTPConnectionHandler.wholeLimit {
      return sendWhole(response, bytes, exchange)
    }
    let keepAlive = prepare(&response, exchange)
    if !exchange.isHead { exchange.announced = response.body.length ?? response.headers["content-length"].flatMap { Int($0) } }
    exchange.isBegun = true
    guard write(ResponseHead(status: response.status, fields: response.headers, isOld: exchange.isOld)) else {
      return sendWhole(brokenHead(), [], exchange)
    }
    queue.flushLater(self)
    do {
      try await writeBody(response.body, exchange)
      guard self.exchange === exchange, context != nil else { return }
      writeEnd(exchange)
      end(exchange, keepAlive: keepAlive)
    } catch {
      // The client must not take half of a body for the whole: no end, the connection breaks.
      if self.exchange === exchange { closeNow() }
    }
  }

  private func writeBody(_ body: ResponseBody, _ exchange: Exchange) async throws {
    guard case .bytes(let bytes) = body.source else {
      try await body.write(to: BodyWriter { [self] in try await write($0, exchange) })
      guard let announced = exchange.announced, announced != exchange.written else { return }
      throw HTTPError(.internalError, "The body has \(exchange.written) bytes, and \(announced) were announced.")
    }
    let piece = HTTPConnectionHandler.wholeLimit / 2
    for start in stride(from: 0, to: bytes.count, by: piece) {
      try await write(Array(bytes[start..<min(start + piece, bytes.count)]), exchange)
    }
  }

  private func sendWhole(_ response: consuming Response, _ bytes: [UInt8], _ exchange: Exchange) {
    let keepAlive = prepare(&response, exchange)
    exchange.isBegun = true
    let head = ResponseHead(status: response.status, fields: response.headers, isOld: exchange.isOld)
    guard write(head, body: bytes) else { return sendWhole(brokenHead(), [], exchange) }
    if framing == .http2 { writeEnd(exchange) }
    end(exchange, keepAlive: keepAlive)
  }

  /// What goes out in place of a head that cannot be sent.
  private func brokenHead() -> Response {
    application.logger.error("a response was not sent: one of its header fields holds a line break or a control character")
    return Response(status: .internalServerError, headers: ["Content-Length": "0"])
  }

  /// Answers what never became a request; the connection ends with it.
  func sendRefusal(_ response: consuming Response) {
    guard case .bytes(let bytes) = response.body.source else { return closeNow() }
    response.headers["Date"] = HTTPDate.now()
    response.headers["Connection"] = "close"
    _ = write(ResponseHead(status: response.status, fields: response.headers), body: bytes)
    linger()
  }

  /// Adds the fields that are the connection's business.
  ///
  /// - Returns: Whether the connection may carry another request.
  private func prepare(_ response: inout Response, _ exchange: Exchange) -> Bool {
    var keepAlive = mayStay(exchange)
    response.headers.setDefault("Date", HTTPDate.now())
    guard framing == .http1 else {
      // RFC 9113 §8.2.2: no fields that are about a connection.
      for name in ["connection", "keep-alive", "transfer-encoding", "upgrade"] { response.headers.remove(name) }
      return keepAlive
    }
    response.headers.remove("Transfer-Encoding")
    if let value = response.headers["connection"], HeaderFields.equal(value, "close") { keepAlive = false }
    if response.body.length == nil, !response.headers.contains("content-length"), !response.status.forbidsBody, !exchange.isHead {
      // HTTP/1.0 has no chunks: the end of the connection is the end of the body.
      if exchange.isOld { keepAlive = false } else { response.headers["Transfer-Encoding"] = "chunked" }
      exchange.isChunked = !exchange.isOld
    }
    if !keepAlive {
      response.headers["Connection"] = "close"
    } else if exchange.isOld {
      response.headers["Connection"] = "keep-alive"
    }
    return keepAlive
  }

  /// What is left of a small body is read over; a big one, or one that the client still waits to be asked for, costs the
  /// connection.
  private func mayStay(_ exchange: Exchange) -> Bool {
    guard exchange.wantsKeepAlive, !exchange.changesProtocol, !exchange.body.hasFailed else { return false }
    if isQuiescing || isInputClosed, backlog.isEmpty { return false }
    return exchange.body.isComplete || (!exchange.body.awaitsContinue && (exchange.declaredLength ?? .max) <= 65_536)
  }

  // MARK: Parts

  /// - Returns: Whether the head can be sent.
  private func write(_ head: ResponseHead, body: [UInt8] = []) -> Bool {
    guard let context else { return true }
    switch framing {
    case .http1:
      var buffer = context.channel.allocator.buffer(capacity: 512 + body.count)
      guard (try? head.write(into: &buffer, body: body)) != nil else { return false }
      context.write(NIOAny(buffer), promise: nil)
    case .http2:
      context.write(wrapOutboundOut(.head(head.http2)), promise: nil)
      if !body.isEmpty { context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: body)))), promise: nil) }
    }
    return true
  }

  /// Tells the client to send the body that it announced.
  func sendContinue() {
    // Within a response that is on its way it would be read as a part of that.
    guard let context, exchange?.isBegun != true else { return }
    switch framing {
    case .http1: context.write(NIOAny(ByteBuffer(string: "HTTP/1.1 100 Continue\r\n\r\n")), promise: nil)
    case .http2: context.write(wrapOutboundOut(.head(HTTPResponseHead(version: .http2, status: .continue))), promise: nil)
    }
    queue.flushLater(self)
  }

  private func write(_ bytes: [UInt8], _ exchange: Exchange) async throws {
    guard !bytes.isEmpty else { return }
    if loop.inEventLoop, context?.channel.isWritable == true { return try writePiece(bytes, exchange) }
    try await writable()
    if loop.inEventLoop { return try writePiece(bytes, exchange) }
    try await loop.submit { [self] in try writePiece(bytes, exchange) }.get()
  }

  /// Returns when the client takes more.
  private func writable() async throws {
    try await loop.waiting { [self] (waiter: LoopWaiter<Void>) in
      guard let context else { return waiter.resume(throwing: CancellationError()) }
      if context.channel.isWritable { waiter.resume(returning: ()) } else { writers.add(waiter) }
    }
  }

  /// - Throws: `CancellationError` where the client is gone.
  private func writePiece(_ bytes: [UInt8], _ exchange: Exchange) throws {
    guard let context, self.exchange === exchange else { throw CancellationError() }
    if let announced = exchange.announced, exchange.written + bytes.count > announced {
      // What is more than announced would be read as the next response.
      throw HTTPError(.internalError, "The body has more than the \(announced) bytes that were announced.")
    }
    exchange.written += bytes.count
    if framing == .http2 {
      context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: bytes)))), promise: nil)
    } else {
      var buffer = context.channel.allocator.buffer(capacity: bytes.count + 16)
      if exchange.isChunked { buffer.writeString(String(bytes.count, radix: 16) + "\r\n") }
      buffer.writeBytes(bytes)
      if exchange.isChunked { buffer.writeString("\r\n") }
      context.write(NIOAny(buffer), promise: nil)
    }
    queue.flushLater(self)
  }

  private func writeEnd(_ exchange: Exchange) {
    guard let context else { return }
    if framing == .http2 {
      context.write(wrapOutboundOut(.end(nil)), promise: nil)
    } else if exchange.isChunked {
      context.write(NIOAny(ByteBuffer(string: "0\r\n\r\n")), promise: nil)
    }
  }

  // MARK: The end of a response

  private func end(_ exchange: Exchange, keepAlive: Bool) {
    exchange.isAnswered = true
    exchange.task = nil
    executor.current.withLock { $0 = nil }
    queue.flushLater(self)
    // A stream of HTTP/2 ends when both sides have; a reset could cost the client its answer.
    guard keepAlive || (framing == .http2 && !exchange.body.hasFailed) else { return linger() }
    if exchange.body.isComplete { return next() }
    exchange.body.discard()
    resumeReading()
  }

  /// Sends what is written.
  func flushNow() {
    isFlushDue = false
    context?.flush()
  }

  /// Closes at once where the client has sent everything. Where it has not, a close would reset the connection and could
  /// destroy the response on its way; so only the sending half is closed, and what comes is thrown away for two seconds
  /// (RFC 9112 §9.6).
  func linger() {
    guard phase != .lingering, let context else { return }
    if framing == .http2 {
      context.flush()
      return closeNow()
    }
    let isComplete = exchange?.body.isComplete ?? false
    exchange = nil
    backlog.removeAll()
    phase = .lingering
    clock.isDeaf = true
    context.flush()
    if isInputClosed || (isComplete && pendingFailure == nil) { return closeWhenSent() }
    context.close(mode: .output, promise: nil)
    arm(.seconds(2))
    context.read()
  }
}

extension ResponseHead {
  /// The head as NIO's codec of HTTP/2 takes it: names in lower case, RFC 9113 §8.2.1.
  fileprivate var http2: HTTPResponseHead {
    var headers = HTTPHeaders()
    headers.reserveCapacity(fields.count)
    for field in fields { headers.add(name: field.name.lowercased(), value: field.value) }
    return HTTPResponseHead(version: .http2, status: HTTPResponseStatus(statusCode: status.code), headers: headers)
  }
}
