import HummingbirdCore
import Logging
import MartletCore
import NIOCore
import NIOHTTP1
import Synchronization

/// One connection: reads requests, lets the application answer, writes responses, in order.
struct HTTPConnection: ServerChildChannel {
  typealias Value = NIOAsyncChannel<HTTPServerRequestPart, HTTPServerResponsePart>
  typealias Inbound = NIOAsyncChannelInboundStream<HTTPServerRequestPart>.AsyncIterator
  typealias Outbound = NIOAsyncChannelOutboundWriter<HTTPServerResponsePart>
  let application: HTTPApplication

  /// The framing is decided in `write`: NIO's own would end the missing body of a HEAD with a last chunk.
  private static let encoder = {
    var configuration = HTTPResponseEncoder.Configuration()
    configuration.automaticallySetFramingHeaders = false
    return configuration
  }()

  func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
    let configuration = application.configuration
    return channel.eventLoop.makeCompletedFuture {
      let pipeline = channel.pipeline.syncOperations
      let clock = ConnectionClock()
      try pipeline.addHandler(ReceivedBytesHandler(clock: clock))
      var limits = NIOHTTPDecoderLimitConfiguration()
      limits.maxHeaderFieldSize = configuration.headerLimit
      limits.maxHeaderListSize = configuration.headerLimit
      limits.maxHeaderFieldCount = configuration.headerCountLimit
      try pipeline.configureHTTPServerPipeline(
        withPipeliningAssistance: false, withErrorHandling: false, withOutboundHeaderValidation: true,
        withEncoderConfiguration: HTTPConnection.encoder,
        withDecoderLimitConfiguration: limits)
      try pipeline.addHandler(ConnectionGuard(clock: clock, configuration: configuration))
      return try NIOAsyncChannel(
        wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true))
    }
  }

  func handle(value channel: Value, logger: Logger) async {
    do {
      try await withTaskCancellationHandler {
        try await channel.executeThenClose { inbound, outbound in
          await serve(inbound, outbound, channel.channel)
          outbound.finish()
          try await channel.channel.closeFuture.get()
        }
      } onCancel: {
        channel.channel.close(promise: nil)
      }
    } catch {
      logger.debug("connection closed: \(error)")
    }
  }

  private func serve(_ inbound: NIOAsyncChannelInboundStream<HTTPServerRequestPart>, _ outbound: Outbound, _ channel: any Channel)
    async
  {
    let peer = channel.remoteAddress?.ipAddress
    let reader = PartReader(inbound.makeAsyncIterator())
    do {
      while case .head(let head)? = try await reader.next() {
        let keepAlive = try await respond(to: head, reader, outbound, peer)
        if !keepAlive { break }
      }
    } catch {
      // Between requests: the bytes are not HTTP, or the head did not come in time.
      await refuse(error, outbound, peer)
    }
  }

  /// - Returns: Whether the connection may carry another request.
  private func respond(
    to head: HTTPRequestHead, _ reader: PartReader, _ outbound: Outbound, _ peer: String?
  ) async throws -> Bool {
    reader.begin(head, outbound)
    var headers = HeaderFields()
    headers.reserveCapacity(head.headers.count)
    for (name, value) in head.headers { headers.appendParsed(name, value) }
    let isChunked = head.headers.contains(name: "transfer-encoding")
    let length = head.headers.first(name: "content-length").map { Int($0) ?? .max } ?? (isChunked ? nil : 0)
    let request = Request(
      method: HTTPMethod(head.method.rawValue), target: head.uri, headers: headers, peer: peer,
      declaredLength: length, source: { try await reader.nextBody() })
    let response = await application.respond(to: request)

    // What is left of a small body is read over; a big one, or one that the client still waits to be
    // asked for, costs the connection.
    let remains = !reader.isAtEnd
    let drains = remains && !reader.awaitsContinue && (length ?? .max) <= 65_536 && !reader.failed
    var keepAlive = head.isKeepAlive && (!remains || drains) && !application.isShuttingDown
    if response.headers["connection"].map({ HeaderFields.equal($0, "close") }) == true { keepAlive = false }
    if head.changesProtocol { keepAlive = false }
    do {
      keepAlive = try await write(response, head, outbound, keepAlive: keepAlive)
    } catch {
      return false
    }
    if keepAlive, drains { while try await reader.nextBody() != nil {} }
    return keepAlive
  }

  private func write(
    _ response: Response, _ head: HTTPRequestHead, _ outbound: Outbound, keepAlive: Bool
  ) async throws -> Bool {
    var keepAlive = keepAlive
    var fields = HTTPHeaders()
    fields.reserveCapacity(response.headers.count + 2)
    for field in response.headers { fields.add(name: field.name, value: field.value) }
    if !fields.contains(name: "date") { fields.add(name: "Date", value: HTTPDate.now()) }
    if response.body.length == nil, !fields.contains(name: "content-length"), !response.status.forbidsBody, head.method != .HEAD {
      // HTTP/1.0 has no chunks: the end of the connection is the end of the body.
      if isOld(head) { keepAlive = false } else { fields.add(name: "Transfer-Encoding", value: "chunked") }
    }
    if !keepAlive {
      fields.replaceOrAdd(name: "Connection", value: "close")
    } else if isOld(head) {
      fields.replaceOrAdd(name: "Connection", value: "keep-alive")
    }
    let start = HTTPResponseHead(
      version: isOld(head) ? .http1_0 : .http1_1,
      status: HTTPResponseStatus(statusCode: response.status.code, reasonPhrase: response.status.reason), headers: fields)
    switch response.body.source {
    case .bytes(let bytes):
      let parts: [HTTPServerResponsePart] =
        bytes.isEmpty ? [.head(start), .end(nil)] : [.head(start), .body(.byteBuffer(ByteBuffer(bytes: bytes))), .end(nil)]
      try await outbound.write(contentsOf: parts)
    case .stream:
      try await outbound.write(.head(start))
      do {
        try await response.body.write(
          to: BodyWriter { bytes in try await outbound.write(.body(.byteBuffer(ByteBuffer(bytes: bytes)))) })
      } catch {
        // The client must not take half of a body for the whole: no end, the connection breaks.
        throw error
      }
      try await outbound.write(.end(nil))
    }
    return keepAlive
  }

  /// Answers what never became a request.
  private func refuse(_ error: any Error, _ outbound: Outbound, _ peer: String?) async {
    let failure: HTTPError
    switch error {
    case HTTPParserError.headerOverflow:
      failure = HTTPError(
        .headersTooLarge, "The header fields may have at most \(application.configuration.headerLimit) bytes in all.")
    case let error as HTTPParserError: failure = HTTPError(.badRequest, "The bytes are not HTTP/1.1: \(error).")
    case let error as HTTPError: failure = error
    default: return
    }
    let response = application.refusal(failure, peer: peer)
    let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: "/")
    _ = try? await write(response, head, outbound, keepAlive: false)
  }
}

extension HTTPRequestHead {
  /// Whether the client asks for another protocol after this request. No such change is granted here, which RFC 9110
  /// §7.8 allows, but the decoder takes what follows for the other protocol and does not read it.
  var changesProtocol: Bool { method == .CONNECT || headers.contains(name: "upgrade") }
}

/// HTTP/1.0 knows neither chunks nor connections that stay.
private func isOld(_ head: HTTPRequestHead) -> Bool {
  head.version.major < 1 || (head.version.major == 1 && head.version.minor < 1)
}

/// The parts of a connection's requests, one reader after another: the loop of the connection, then the
/// body of a request while that is answered.
final class PartReader: @unchecked Sendable {
  // Confined: the connection's loop waits for the application's answer, and of a body there is one reader
  // (`BodyStorage` hands its source out once), so no two calls overlap.
  private var iterator: HTTPConnection.Inbound
  private var outbound: HTTPConnection.Outbound?
  private(set) var isAtEnd = true
  private(set) var failed = false
  private(set) var awaitsContinue = false

  init(_ iterator: HTTPConnection.Inbound) { self.iterator = iterator }

  func next() async throws -> HTTPServerRequestPart? { try await iterator.next() }

  func begin(_ head: HTTPRequestHead, _ outbound: HTTPConnection.Outbound) {
    let length = head.headers.first(name: "content-length")
    isAtEnd = false
    self.outbound = outbound
    awaitsContinue =
      !isOld(head) && head.headers.first(name: "expect")?.lowercased() == "100-continue" && length != "0"
  }

  func nextBody() async throws -> [UInt8]? {
    if isAtEnd { return nil }
    if awaitsContinue {
      awaitsContinue = false
      try await outbound?.write(.head(HTTPResponseHead(version: .http1_1, status: .continue)))
    }
    do {
      switch try await iterator.next() {
      case .body(let buffer): return Array(buffer.readableBytesView)
      case .end:
        isAtEnd = true
        return nil
      case .head, nil:
        failed = true
        throw HTTPError(.badRequest, "The connection ended inside of the body.")
      }
    } catch let error as HTTPParserError {
      failed = true
      throw HTTPError(.badRequest, "The body's framing is not valid: \(error).")
    } catch {
      failed = true
      throw error
    }
  }
}
