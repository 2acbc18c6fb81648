import Logging
import NIOCore
import NIOPosix
import NIOSSL
import ServiceLifecycle
import Synchronization
import UnixSignals

@testable import MartletHTTP

/// A raw connection: bytes out, bytes in.
final class SocketClient: @unchecked Sendable {
  // Confined: one test task uses a client from beginning to end.
  private let channel: NIOAsyncChannel<ByteBuffer, ByteBuffer>
  private var iterator: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
  private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
  private var buffer: [UInt8] = []
  private(set) var isClosed = false

  private init(
    _ channel: NIOAsyncChannel<ByteBuffer, ByteBuffer>, _ inbound: NIOAsyncChannelInboundStream<ByteBuffer>,
    _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
  ) {
    self.channel = channel
    self.outbound = outbound
    iterator = inbound.makeAsyncIterator()
  }

  /// - Parameter protocols: What is offered by TLS (ALPN); no TLS if `nil`. The certificate is not checked.
  static func connect<R: Sendable>(
    _ port: Int, protocols: [String]? = nil, _ use: @Sendable (SocketClient) async throws -> R
  ) async throws -> R {
    let tls = try protocols.map { protocols in
      var tls = TLSConfiguration.makeClientConfiguration()
      tls.certificateVerification = .none
      tls.applicationProtocols = protocols
      return try NIOSSLContext(configuration: tls)
    }
    let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .channelOption(.allowRemoteHalfClosure, value: true)
      .connect(host: "127.0.0.1", port: port) { channel in
        channel.eventLoop.makeCompletedFuture {
          if let tls {
            try channel.pipeline.syncOperations.addHandler(NIOSSLClientHandler(context: tls, serverHostname: nil))
          }
          return try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
            wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true))
        }
      }
    return try await channel.executeThenClose { inbound, outbound in
      try await use(SocketClient(channel, inbound, outbound))
    }
  }

  func send(_ text: String) async throws { try await outbound.write(ByteBuffer(string: text)) }
  func send(_ bytes: [UInt8]) async throws { try await outbound.write(ByteBuffer(bytes: bytes)) }

  private func more() async throws -> Bool {
    guard let chunk = try await iterator.next() else {
      isClosed = true
      return false
    }
    buffer += Array(chunk.readableBytesView)
    return true
  }
  private func line() async throws -> String? {
    while true {
      if let end = zip(buffer, buffer.dropFirst()).firstIndex(of: (13, 10)) {
        defer { buffer.removeFirst(end + 2) }
        return String(decoding: buffer[..<end], as: UTF8.self)
      }
      guard try await more() else { return nil }
    }
  }
  /// So many bytes, fewer at the end of the connection.
  func take(_ count: Int) async throws -> [UInt8] {
    while buffer.count < count, try await more() {}
    defer { buffer.removeFirst(min(count, buffer.count)) }
    return Array(buffer.prefix(count))
  }

  struct Answer: Sendable {
    var status: Int
    var headers: HeaderFields
    var body: String
  }

  /// The next response, `nil` if the connection ended before one.
  func answer(toHead: Bool = false) async throws -> Answer? {
    guard let start = try await line() else { return nil }
    let status = Int(start.split(separator: " ")[1]) ?? 0
    var headers = HeaderFields()
    while let field = try await line(), !field.isEmpty {
      let colon = field.firstIndex(of: ":") ?? field.endIndex
      headers.append(String(field[..<colon]), field[colon...].dropFirst().trimmed)
    }
    var body: [UInt8] = []
    if toHead || status < 200 || status == 204 || status == 304 {
      return Answer(status: status, headers: headers, body: "")
    }
    if headers["transfer-encoding"] == "chunked" {
      while let size = try await line().flatMap({ Int($0, radix: 16) }) {
        body += try await take(size)
        _ = try await line()
        if size == 0 { break }
      }
    } else if let length = headers["content-length"].flatMap({ Int($0) }) {
      body = try await take(length)
    } else {
      while try await more() {}
      body = buffer
    }
    return Answer(status: status, headers: headers, body: String(decoding: body, as: UTF8.self))
  }

  /// Whether the server ends the connection without sending more.
  func ends() async throws -> Bool {
    while try await more() {}
    return buffer.isEmpty
  }
}

extension Sequence where Element == (UInt8, UInt8) {
  fileprivate func firstIndex(of pair: (UInt8, UInt8)) -> Int? {
    for (index, element) in enumerated() where element == pair { return index }
    return nil
  }
}

/// Runs a server on a free port for as long as `use` runs, then shuts it down gracefully.
func withServer<R: Sendable>(
  log: CapturedLog = CapturedLog(), endsOnSIGTERM: Bool = false, configure: (inout HTTPServerConfiguration) -> Void = { _ in },
  @RoutesBuilder routes: () -> RouteList, use: @escaping @Sendable (Int, RunningServer) async throws -> R
) async throws -> R {
  let (ports, continuation) = AsyncStream<Int>.makeStream()
  let app = try application(log: log) {
    $0.port = 0
    $0.onListening = { continuation.yield($0) }
    configure(&$0)
  } _: {
    routes()
  }
  let group = ServiceGroup(
    configuration: .init(
      services: [.init(service: HTTPServer(application: app, logger: log.logger))],
      gracefulShutdownSignals: endsOnSIGTERM ? [.sigterm] : [],
      logger: log.logger))
  return try await withThrowingTaskGroup(of: R?.self) { tasks in
    tasks.addTask {
      try await group.run()
      return nil
    }
    tasks.addTask {
      var iterator = ports.makeAsyncIterator()
      guard let port = await iterator.next() else { throw CancellationError() }
      do {
        let result = try await use(port, RunningServer(group: group))
        await group.triggerGracefulShutdown()
        return result
      } catch {
        await group.triggerGracefulShutdown()
        throw error
      }
    }
    var result: R?
    while let next = try await tasks.next() { if let next { result = next } }
    guard let result else { throw CancellationError() }
    return result
  }
}

struct RunningServer: Sendable {
  let group: ServiceGroup
  func shutDown() async { await group.triggerGracefulShutdown() }
}
