import Foundation
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// A server between a client and PostgreSQL that does not mean well, or a network that breaks.
final class ManInTheMiddle: Sendable {
  enum Trick: Sendable {
    /// Passes on what comes, until ``stall(_:)``.
    case none
    /// Says that the server has no TLS.
    case denyTLS
    /// Ends TLS with a certificate of his own, and speaks to the server without.
    case endTLS(certificate: String, key: String)
    /// Ends TLS, and begins it again with the server.
    case endTLSTwice(certificate: String, key: String)
    /// Ends TLS where it has a certificate, and asks for the password in this way (an Authentication message's code).
    case ask(UInt32, certificate: String?, key: String?)
  }

  private let channel: any Channel
  private let state: Mutex<State>
  private struct State { var isStalled = false, pairs: [Relay] = [] }
  let port: Int
  /// What the client said after the demand of ``Trick/ask(_:certificate:key:)``.
  let heard = Mutex<[UInt8]>([])

  init(before server: Int, _ trick: Trick) async throws {
    let reference = Reference()
    channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelInitializer { channel in channel.pipeline.addHandler(Front(server, trick, reference)) }
      .bind(host: "127.0.0.1", port: 0).get()
    port = channel.localAddress?.port ?? 0
    state = Mutex(State())
    reference.man.withLock { $0 = WeakMan(man: self) }
  }
  deinit { channel.close(promise: nil) }

  /// Passes nothing on in either direction; then again all that has come.
  func stall(_ isStalled: Bool) {
    let pairs = state.withLock { state in
      state.isStalled = isStalled
      return state.pairs
    }
    for pair in pairs { pair.changed() }
  }
  var isStalled: Bool { state.withLock { $0.isStalled } }
  fileprivate func add(_ relay: Relay) { state.withLock { $0.pairs.append(relay) } }
}

private struct WeakMan { weak var man: ManInTheMiddle? }
/// Handlers are made before the man is.
private final class Reference: Sendable { let man = Mutex(WeakMan()) }

/// What the client reaches first. Confined to its event loop.
private final class Front: ChannelInboundHandler, RemovableChannelHandler, @unchecked Sendable {
  typealias InboundIn = ByteBuffer
  private let server: Int, trick: ManInTheMiddle.Trick, reference: Reference
  private var buffer = ByteBuffer(), hasAsked = false

  init(_ server: Int, _ trick: ManInTheMiddle.Trick, _ reference: Reference) {
    self.server = server
    self.trick = trick
    self.reference = reference
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var part = unwrapInboundIn(data)
    if hasAsked {
      let bytes = part.readBytes(length: part.readableBytes) ?? []
      if let man = reference.man.withLock({ $0.man }) { man.heard.withLock { $0 += bytes } }
      return
    }
    buffer.writeBuffer(&part)
    guard buffer.readableBytes >= 8 else { return }
    let isRequestForTLS = buffer.getInteger(at: buffer.readerIndex + 4, as: UInt32.self) == 80_877_103
    switch trick {
    case .none: connect(context, isEncrypted: false)
    case .denyTLS: if isRequestForTLS { answer(context, "N") } else { connect(context, isEncrypted: false) }
    case .endTLS(let certificate, let key):
      if isRequestForTLS { beginTLS(context, certificate, key) } else { connect(context, isEncrypted: false) }
    case .endTLSTwice(let certificate, let key):
      if isRequestForTLS { beginTLS(context, certificate, key) } else { connect(context, isEncrypted: true) }
    case .ask(let code, let certificate, let key):
      if isRequestForTLS {
        if let certificate, let key { beginTLS(context, certificate, key) } else { answer(context, "N") }
      } else {
        ask(context, code)
      }
    }
  }

  private func answer(_ context: ChannelHandlerContext, _ letter: String) {
    buffer.clear()
    context.writeAndFlush(NIOAny(context.channel.allocator.buffer(string: letter)), promise: nil)
  }
  private func beginTLS(_ context: ChannelHandlerContext, _ certificate: String, _ key: String) {
    answer(context, "S")
    do {
      let tls = TLSConfiguration.makeServerConfiguration(
        certificateChain: try NIOSSLCertificate.fromPEMFile(certificate).map { .certificate($0) },
        privateKey: .privateKey(try NIOSSLPrivateKey(file: key, format: .pem)))
      try context.pipeline.syncOperations.addHandler(
        NIOSSLServerHandler(context: try NIOSSLContext(configuration: tls)), position: .first)
    } catch { context.close(promise: nil) }
  }
  private func ask(_ context: ChannelHandlerContext, _ code: UInt32) {
    hasAsked = true
    var message = context.channel.allocator.buffer(capacity: 64)
    message.writeInteger(UInt8(ascii: "R"))
    let rest: [UInt8] = code == 5 ? [1, 2, 3, 4] : code == 10 ? Array("SCRAM-SHA-256\0\0".utf8) : []
    message.writeMultipleIntegers(UInt32(8 + rest.count), code)
    message.writeBytes(rest)
    context.writeAndFlush(NIOAny(message), promise: nil)
  }

  private func connect(_ context: ChannelHandlerContext, isEncrypted: Bool) {
    let client = context.channel, first = buffer, reference = reference
    let relay = Relay(reference, waiting: first)
    hasAsked = true
    context.pipeline.syncOperations.removeHandler(self, promise: nil)
    do { try client.pipeline.syncOperations.addHandler(relay) } catch { return client.close(promise: nil) }
    ClientBootstrap(group: client.eventLoop).channelInitializer { upstream in
      upstream.eventLoop.makeCompletedFuture {
        if isEncrypted { try upstream.pipeline.syncOperations.addHandler(RequestTLS()) }
        try upstream.pipeline.syncOperations.addHandler(Relay(reference, peer: client, relay))
      }
    }.connect(host: "127.0.0.1", port: server).whenComplete { result in
      switch result {
      case .success(let upstream): if !isEncrypted { relay.glue(to: upstream) }
      case .failure: client.close(promise: nil)
      }
    }
  }
}

/// Asks PostgreSQL for TLS and begins it. Confined to its event loop.
private final class RequestTLS: ChannelInboundHandler, RemovableChannelHandler, @unchecked Sendable {
  typealias InboundIn = ByteBuffer
  func channelActive(context: ChannelHandlerContext) {
    var request = context.channel.allocator.buffer(capacity: 8)
    request.writeMultipleIntegers(UInt32(8), UInt32(80_877_103))
    context.writeAndFlush(NIOAny(request), promise: nil)
  }
  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var tls = TLSConfiguration.makeClientConfiguration()
    tls.certificateVerification = .none
    do {
      let handler = try NIOSSLClientHandler(context: try NIOSSLContext(configuration: tls), serverHostname: nil)
      let relay = try context.pipeline.syncOperations.handler(type: Relay.self)
      try context.pipeline.syncOperations.addHandler(handler, position: .first)
      let channel = context.channel
      context.pipeline.syncOperations.removeHandler(self, promise: nil)
      relay.start(channel)
    } catch { context.close(promise: nil) }
  }
}

/// One direction of a pair of connections. Confined to the event loop that both share.
private final class Relay: ChannelInboundHandler, @unchecked Sendable {
  typealias InboundIn = ByteBuffer
  private let reference: Reference
  private var peer: (any Channel)?, waiting = ByteBuffer(), channel: (any Channel)?
  private let other: Relay?

  init(_ reference: Reference, waiting: ByteBuffer = ByteBuffer(), peer: (any Channel)? = nil, _ other: Relay? = nil) {
    self.reference = reference
    self.waiting = waiting
    self.peer = peer
    self.other = other
    reference.man.withLock { $0.man }?.add(self)
  }
  func handlerAdded(context: ChannelHandlerContext) { channel = context.channel }
  func glue(to peer: any Channel) {
    self.peer = peer
    pass()
  }
  /// The way to the server is open.
  func start(_ channel: any Channel) { other?.glue(to: channel) }
  func changed() { channel?.eventLoop.execute { self.pass() } }

  private func pass() {
    guard let peer, waiting.readableBytes > 0, reference.man.withLock({ $0.man })?.isStalled != true else { return }
    peer.writeAndFlush(waiting, promise: nil)
    waiting = ByteBuffer()
  }
  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var part = unwrapInboundIn(data)
    waiting.writeBuffer(&part)
    pass()
  }
  func channelInactive(context: ChannelHandlerContext) { peer?.close(promise: nil) }
  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
