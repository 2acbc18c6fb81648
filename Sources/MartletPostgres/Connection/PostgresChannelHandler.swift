import Logging
import MartletSQL
import NIOCore
import NIOPosix
import NIOSSL
import NIOTLS

/// Takes a new connection from its first byte to a session that is ready, then feeds the session.
final class PostgresChannelHandler: ChannelInboundHandler, @unchecked Sendable {  // confined to its channel's event loop
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  /// What a login needs to know.
  struct Login: Sendable {
    var parameters: [(String, String)]
    var circumstances: Authenticator.Circumstances
    /// The TLS to ask for; `nil` for none.
    var tls: NIOSSLContext?
    /// The name to check, and to send in the handshake.
    var serverName: String?
    /// Whether the certificate must be for ``serverName``.
    var checksName: Bool
    /// Whether the server may have no TLS.
    var mayGoWithout: Bool
  }
  private enum Phase { case connecting, askingForTLS, shakingHands, loggingIn, ready, over }

  private let session: PostgresSession
  private let login: Login
  private let ready: EventLoopPromise<Void>
  // Unchecked, here and below, where every row passes: no access lasts into another, on the one thread there is, and the check
  // costs as much as decoding a cell.
  @exclusivity(unchecked) private var phase = Phase.connecting
  @exclusivity(unchecked) private var pending: ByteBuffer?
  @exclusivity(unchecked) private var machine = PostgresStateMachine()
  private var authenticator: Authenticator?
  private var key: BackendKey?
  private var parameters: [String: String] = [:]

  init(_ session: PostgresSession, _ login: Login, ready: EventLoopPromise<Void>) {
    self.session = session
    self.login = login
    self.ready = ready
  }

  func channelActive(context: ChannelHandlerContext) { begin(context) }
  func handlerAdded(context: ChannelHandlerContext) { if context.channel.isActive { begin(context) } }

  private func begin(_ context: ChannelHandlerContext) {
    guard phase == .connecting else { return }
    if login.tls == nil { return sendStartup(context, isEncrypted: false) }
    phase = .askingForTLS
    send(context) { $0.sslRequest() }
  }

  private func sendStartup(_ context: ChannelHandlerContext, isEncrypted: Bool) {
    phase = .loggingIn
    var circumstances = login.circumstances
    circumstances.isEncrypted = isEncrypted
    if isEncrypted, let certificate = try? context.pipeline.syncOperations.nioSSL_peerCertificate(),
      let der = try? certificate.toDERBytes()
    {
      circumstances.certificateHash = CertificateHash.tlsServerEndPoint(der)
    }
    authenticator = Authenticator(circumstances)
    send(context) { $0.startup(login.parameters) }
  }

  private func send(_ context: ChannelHandlerContext, _ body: (inout MessageWriter) -> Void) {
    var writer = MessageWriter(context.channel.allocator.buffer(capacity: 256))
    body(&writer)
    context.writeAndFlush(wrapOutboundOut(writer.buffer), promise: nil)
  }

  // MARK: Reading

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var buffer = unwrapInboundIn(data)
    do {
      if phase == .askingForTLS { return try answerAboutTLS(&buffer, context) }
      if phase == .connecting || phase == .shakingHands {
        throw ProtocolViolation("the server spoke before it was asked")
      }
      session.noteSign()
      if var message = pending {
        // First of all: with two owners the bytes would be copied before they are added to.
        pending = nil
        Self.complete(&message, from: &buffer)
        // Also where it is not complete yet: its length may be one that no message has.
        try consume(&message, context)
        if message.readableBytes > 0, phase != .over { return pending = message }
      }
      try consume(&buffer, context)
      if buffer.readableBytes > 0, phase != .over { pending = beginning(buffer, context) }
    } catch {
      fail(error, context)
    }
  }

  /// The beginning of a message, in memory of its own: the channel uses the buffer again.
  private func beginning(_ rest: ByteBuffer, _ context: ChannelHandlerContext) -> ByteBuffer {
    var message = context.channel.allocator.buffer(capacity: max(512, rest.readableBytes))
    message.writeImmutableBuffer(rest)
    return message
  }

  /// Adds what a message lacks from what has been read, and no more: the rest is decoded where it lies, not copied.
  private static func complete(_ message: inout ByteBuffer, from buffer: inout ByteBuffer) {
    while buffer.readableBytes > 0 {
      // A letter and the length, which counts itself.
      let length = message.getInteger(at: message.readerIndex + 1, as: Int32.self).map { Int($0) + 1 } ?? 5
      let missing = length - message.readableBytes
      guard missing > 0, let part = buffer.readSlice(length: min(missing, buffer.readableBytes)) else { return }
      message.writeImmutableBuffer(part)
    }
  }

  private func consume(_ buffer: inout ByteBuffer, _ context: ChannelHandlerContext) throws {
    let used = try buffer.withUnsafeReadableBytes { bytes throws -> Int in
      var offset = 0
      while offset < bytes.count, phase != .over {
        let rest = UnsafeRawBufferPointer(rebasing: bytes[offset...])
        // The session owns the machine once it runs: it also notes what is sent.
        switch phase == .ready ? session.machine.next(rest) : machine.next(rest) {
        case .needsMore: return offset
        case .violation(let violation): throw violation
        case .event(let event, let consumed):
          offset += consumed
          if phase == .ready {
            try session.handle(event)
            if session.isClosed { phase = .over }
          } else {
            try handleLogin(event, context)
          }
        }
      }
      return offset
    }
    buffer.moveReaderIndex(forwardBy: used)
  }

  // MARK: TLS

  private func answerAboutTLS(_ buffer: inout ByteBuffer, _ context: ChannelHandlerContext) throws {
    guard let answer = buffer.readInteger(as: UInt8.self) else { return }
    switch answer {
    case UInt8(ascii: "S"):
      // Bytes sent along would pass for encrypted ones (CVE-2021-23222).
      guard buffer.readableBytes == 0 else {
        throw DatabaseError(
          .authentication, "\(session.place) sent unencrypted data where the TLS handshake was due",
          hint: "somebody may stand between this client and the server")
      }
      guard let tls = login.tls else { return }
      phase = .shakingHands
      try context.pipeline.syncOperations.addHandler(
        try NIOSSLClientHandler(context: tls, serverHostname: login.serverName), position: .before(self))
    case UInt8(ascii: "N"):
      guard login.mayGoWithout else {
        throw DatabaseError(
          .authentication, "\(session.place) has no TLS, and sslmode asks for it",
          hint: "turn ssl on in postgresql.conf; if it is on, somebody may stand between this client and the server")
      }
      guard buffer.readableBytes == 0 else { throw ProtocolViolation("the server sent more than its answer about TLS") }
      sendStartup(context, isEncrypted: false)
    default:
      // An error message at this place has not been sent by anybody who is known (CVE-2024-10977): it is not shown.
      throw ProtocolViolation("the server's answer about TLS is neither yes nor no")
    }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case TLSUserEvent.handshakeCompleted = event, phase == .shakingHands {
      if let problem = nameProblem(context) {
        fail(TLSFailure(message: "\(session.place): \(problem)"), context)
      } else {
        sendStartup(context, isEncrypted: true)
      }
    }
    context.fireUserInboundEventTriggered(event)
  }

  private func nameProblem(_ context: ChannelHandlerContext) -> String? {
    guard login.checksName, let name = login.serverName else { return nil }
    guard let certificate = try? context.pipeline.syncOperations.nioSSL_peerCertificate() else {
      return "the server showed no certificate"
    }
    return CertificateName.matches(name, certificate) ? nil : "the server's certificate is not for '\(name)'"
  }

  // MARK: Logging in

  private func handleLogin(_ event: BackendEvent, _ context: ChannelHandlerContext) throws {
    switch event {
    case .authentication(let request): try authenticate(request, context)
    case .parameterStatus(let name, let value): parameters[name] = value
    case .keyData(let process, let secret): key = BackendKey(processID: process, secret: secret)
    case .notice, .notification: break
    case .protocolVersion: break  // The client speaks 3.0, which no server is too old for.
    case .failure(let report):
      var error = report.error(sql: nil)
      error.message = "\(session.place) refused the connection: \(error.message)"
      throw error
    case .ready:
      phase = .ready
      session.start(context, key: key, parameters: parameters, machine: machine)
      ready.succeed()
    default: throw ProtocolViolation("the server sent an answer before the session had begun")
    }
  }

  private func authenticate(_ request: AuthenticationRequest, _ context: ChannelHandlerContext) throws {
    guard let answer = try authenticator?.answer(request) else { return }
    switch answer {
    case .nothing: break
    case .password(let text): send(context) { $0.password(text) }
    case .saslInitial(let mechanism, let response): send(context) { $0.saslInitial(mechanism: mechanism, response) }
    case .compute(let challenge):
      let loopBound = NIOLoopBound(context, eventLoop: context.eventLoop)
      NIOThreadPool.singleton.runIfActive(eventLoop: context.eventLoop) { try challenge.saltedPassword() }.whenComplete {
        [self] result in
        let context = loopBound.value
        guard phase == .loggingIn else { return }
        switch result {
        case .success(let salted):
          guard let response = authenticator?.respond(challenge, saltedPassword: salted) else { return }
          send(context) { $0.saslResponse(response) }
        case .failure(let error): fail(error, context)
        }
      }
    }
  }

  // MARK: Failing

  private func fail(_ error: any Error, _ context: ChannelHandlerContext) {
    let wasReady = phase == .ready
    phase = .over
    pending = nil
    if wasReady { session.close(error) }
    ready.fail(described(error))
    context.close(promise: nil)
  }

  private func described(_ error: any Error) -> any Error {
    switch error {
    case let error as DatabaseError: error
    case is TLSFailure: error
    case let violation as ProtocolViolation:
      DatabaseError(
        .connection, "\(session.place) does not speak PostgreSQL's protocol: \(violation.message)",
        hint: "is it a PostgreSQL server?")
    case is NIOSSLError, is BoringSSLError, is NIOSSLExtraError:
      TLSFailure(message: "\(session.place): the TLS handshake failed: \(error)")
    default: DatabaseError(.connection, "\(session.place) cannot be reached: \(PostgresConnector.reason(error))")
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    // Servers close without TLS's goodbye.
    if phase == .ready, let ssl = error as? NIOSSLError, case .uncleanShutdown = ssl { return session.closedByServer() }
    fail(error, context)
  }

  func channelInactive(context: ChannelHandlerContext) {
    let last = phase
    phase = .over
    if last == .ready { session.closedByServer() }
    if last == .shakingHands {
      ready.fail(TLSFailure(message: "\(session.place) closed the connection during the TLS handshake"))
    }
    ready.fail(DatabaseError(.connection, "\(session.place) closed the connection before the session had begun"))
    context.fireChannelInactive()
  }
}

/// The TLS handshake failed; with `sslmode=prefer`, the next attempt goes without.
struct TLSFailure: Error {
  var message: String

  var error: DatabaseError {
    DatabaseError(
      .authentication, message,
      hint: "check sslrootcert, the host's name in the server's certificate, and its date; sslmode says how much is checked")
  }
}
