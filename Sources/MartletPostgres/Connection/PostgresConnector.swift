import Foundation
import Logging
import MartletSQL
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// Opens sessions: goes through the hosts, the kinds of encryption and the kinds of server that the configuration allows.
final class PostgresConnector: Sendable {
  let configuration: PostgresConfiguration
  private let group: any EventLoopGroup
  private let logger: Logger
  private let tls: TLSContexts

  init(_ configuration: PostgresConfiguration, group: any EventLoopGroup, logger: Logger) {
    self.configuration = configuration
    self.group = group
    self.logger = logger
    tls = TLSContexts(configuration)
  }

  /// A session with the first server that fits.
  /// - Throws: ``DatabaseError`` of kind `connection` or `authentication`.
  /// - Parameter loop: The identity of the event loop that it had best live on.
  func connect(on loop: ObjectIdentifier? = nil) async throws -> PostgresConnection {
    let loop = loop.flatMap { id in group.makeIterator().first { ObjectIdentifier($0) == id } }
    guard !configuration.hosts.isEmpty else { throw DatabaseError(.connection, "no PostgreSQL host is configured") }
    let hosts = configuration.loadBalanceHosts ? configuration.hosts.shuffled() : configuration.hosts
    if configuration.targetSession == .preferStandby {
      if let standby = try? await connect(hosts, .standby, loop) { return standby }
      return try await connect(hosts, .any, loop)
    }
    return try await connect(hosts, configuration.targetSession, loop)
  }

  private func connect(
    _ hosts: [PostgresConfiguration.Host], _ target: PostgresConfiguration.TargetSession, _ loop: (any EventLoop)?
  ) async throws -> PostgresConnection {
    var failures: [DatabaseError] = []
    for host in hosts {
      do {
        let connection = try await connect(host, loop)
        do {
          if let misfit = try await misfit(connection, target) {
            await connection.close()
            failures.append(DatabaseError(.connection, "\(place(host)) \(misfit)"))
            continue
          }
        } catch {
          await connection.close()
          throw error
        }
        return connection
      } catch let error as DatabaseError {
        // Another host would hardly think otherwise of the same password; libpq stops here too.
        if error.kind == .authentication { throw error }
        failures.append(error)
      }
    }
    guard var error = failures.first, failures.count > 1 else {
      throw failures.first ?? DatabaseError(.connection, "no PostgreSQL server could be reached")
    }
    error.message = "none of \(failures.count) PostgreSQL servers will do: " + failures.map(\.message).joined(separator: "; ")
    throw error
  }

  /// What keeps the server from being used.
  private func misfit(_ connection: PostgresConnection, _ target: PostgresConfiguration.TargetSession) async throws -> String? {
    guard target != .any else { return nil }
    let answer = Mutex((isStandby: false, isReadOnly: false))
    try await connection.run(SQLStatement("SELECT pg_is_in_recovery(), current_setting('transaction_read_only')::bool")) { row in
      let found = (isStandby: try row.int() != 0, isReadOnly: try row.int() != 0)
      answer.withLock { $0 = found }
    }
    let (isStandby, isReadOnly) = answer.withLock { $0 }
    switch target {
    case .readWrite: return isReadOnly ? "accepts reads only, and target_session_attrs is read-write" : nil
    case .readOnly: return isReadOnly ? nil : "accepts writes, and target_session_attrs is read-only"
    case .primary: return isStandby ? "is a standby, and target_session_attrs is primary" : nil
    case .standby, .preferStandby: return isStandby ? nil : "is no standby, and target_session_attrs is standby"
    case .any: return nil
    }
  }

  // MARK: One host

  private enum Encryption { case none, offered, demanded }

  private func connect(_ host: PostgresConfiguration.Host, _ loop: (any EventLoop)?) async throws -> PostgresConnection {
    let attempts: [Encryption] =
      switch configuration.sslMode {
      case _ where host.isSocket: [.none]
      case .disable: [.none]
      case .allow: [.none, .demanded]
      case .prefer: [.offered, .none]
      case .require, .verifyCA, .verifyFull: [.demanded]
      }
    for attempt in attempts.dropLast() {
      do { return try await open(host, attempt, loop) } catch let error as DatabaseError where error.code == "28000" {
        // pg_hba.conf has no line for this kind of connection: perhaps it has one for the other.
        continue
      } catch is TLSFailure where attempt == .offered {
        continue
      } catch let failure as TLSFailure {
        throw failure.error
      }
    }
    do { return try await open(host, attempts.last ?? .demanded, loop) } catch let failure as TLSFailure { throw failure.error }
  }

  private func open(
    _ host: PostgresConfiguration.Host, _ encryption: Encryption, _ loop: (any EventLoop)?
  ) async throws -> PostgresConnection {
    let loop = loop ?? group.any(), context = encryption == .none ? nil : try tls.context(), name = try tls.serverName(host)
    let session = PostgresSession(eventLoop: loop, configuration: configuration, place: place(host), logger: logger)
    let login = PostgresChannelHandler.Login(
      parameters: try startupParameters(),
      circumstances: Authenticator.Circumstances(
        user: configuration.user, password: host.password ?? configuration.password, isEncrypted: false, isLocal: host.isSocket,
        channelBinding: configuration.channelBinding, allowed: configuration.requireAuthentication, certificateHash: nil),
      tls: context, serverName: name, checksName: configuration.sslMode == .verifyFull, mayGoWithout: encryption == .offered)
    let ready = loop.makePromise(of: Void.self)
    let timeout = loop.scheduleTask(in: amount(configuration.connectTimeout)) {
      [limit = configuration.connectTimeout, place = place(host)] in
      ready.fail(
        DatabaseError(.connection, "\(place) did not answer within \(limit)", hint: "connect_timeout says how long to wait"))
    }
    defer { timeout.cancel() }
    let opening = dial(host, loop).flatMap { channel in
      channel.pipeline.addHandler(PostgresChannelHandler(session, login, ready: ready)).map { channel }
    }
    opening.whenFailure { ready.fail($0) }
    do {
      try await ready.futureResult.get()
      let channel = try await opening.get()
      session.eventLoop.execute { [group] in
        session.sendCancel = { [weak channel] key in
          guard let channel else { return loop.makeSucceededVoidFuture() }
          return Self.cancel(key, channel, host, context, name, group)
        }
      }
      return PostgresConnection(session, channel)
    } catch {
      opening.whenSuccess { $0.close(promise: nil) }
      if error is DatabaseError || error is TLSFailure { throw error }
      throw DatabaseError(
        .connection, "\(place(host)) cannot be reached: \(Self.reason(error))",
        hint: "is the server running, and the address right?")
    }
  }

  private func dial(_ host: PostgresConfiguration.Host, _ loop: any EventLoop) -> EventLoopFuture<any Channel> {
    var bootstrap = ClientBootstrap(group: loop).connectTimeout(amount(configuration.connectTimeout))
      .channelOption(.maxMessagesPerRead, value: 4)
      .channelOption(
        .recvAllocator, value: AdaptiveRecvByteBufferAllocator(minimum: 2048, initial: 16_384, maximum: 262_144))
    if host.isSocket { return bootstrap.connect(unixDomainSocketPath: host.socketPath) }
    bootstrap = bootstrap.channelOption(.tcpOption(.tcp_nodelay), value: 1)
    if configuration.keepAlive { bootstrap = KeepAlive.apply(configuration, bootstrap) }
    let name = host.address ?? (host.name.isEmpty ? "localhost" : host.name)
    // NIO looks names up, and addresses too, on the threads that Swift's tasks run on: while those are busy, an attempt would
    // wait for its turn until it is out of time.
    if let address = try? SocketAddress(ipAddress: name, port: host.port) { return bootstrap.connect(to: address) }
    return bootstrap.connect(host: name, port: host.port)
  }

  /// Asks the server behind `channel` to cancel.
  private static func cancel(
    _ key: BackendKey, _ channel: any Channel, _ host: PostgresConfiguration.Host, _ tls: NIOSSLContext?, _ name: String?,
    _ group: any EventLoopGroup
  ) -> EventLoopFuture<Void> {
    let loop = channel.eventLoop
    let isEncrypted = (try? channel.pipeline.syncOperations.handler(type: NIOSSLClientHandler.self)) != nil
    let done = loop.makePromise(of: Void.self)
    let bootstrap = ClientBootstrap(group: loop).connectTimeout(.seconds(5))
    let opening: EventLoopFuture<any Channel>
    if host.isSocket {
      opening = bootstrap.connect(unixDomainSocketPath: host.socketPath)
    } else if let address = channel.remoteAddress {
      // The very address: a name may stand for several servers.
      opening = bootstrap.connect(to: address)
    } else {
      opening = loop.makeFailedFuture(DatabaseError(.connection, "the connection is closed"))
    }
    let timeout = loop.scheduleTask(in: .seconds(8)) {
      done.fail(DatabaseError(.connection, "the server did not take the request to cancel"))
    }
    opening.flatMap { $0.pipeline.addHandler(CancelHandler(key, tls: isEncrypted ? tls : nil, serverName: name, done: done)) }
      .whenFailure { done.fail($0) }
    done.futureResult.whenComplete { _ in
      timeout.cancel()
      opening.whenSuccess { $0.close(promise: nil) }
    }
    return done.futureResult
  }

  // MARK: Settings

  /// Settings that the decoding of values relies on come last, so that no option overrides them.
  private func startupParameters() throws -> [(String, String)] {
    var result = [
      ("user", configuration.user), ("database", configuration.database.isEmpty ? configuration.user : configuration.database),
    ]
    if !configuration.applicationName.isEmpty { result.append(("application_name", configuration.applicationName)) }
    if let options = configuration.options { result.append(("options", options)) }
    if let limit = configuration.statementTimeout { result.append(("statement_timeout", milliseconds(limit))) }
    if let limit = configuration.lockTimeout { result.append(("lock_timeout", milliseconds(limit))) }
    for (name, value) in configuration.parameters.sorted(by: { $0.key < $1.key }) { result.append((name, value)) }
    result += [("client_encoding", "UTF8"), ("DateStyle", "ISO"), ("IntervalStyle", "iso_8601"), ("TimeZone", "UTC")]
    for (name, value) in result where name.isEmpty || name.utf8.contains(0) || value.utf8.contains(0) {
      throw DatabaseError(.connection, "the connection setting '\(name)' is empty or holds a zero byte")
    }
    return result
  }

  private func milliseconds(_ limit: Duration) -> String { String(max(1, Int64(limit / .milliseconds(1)))) }

  private func amount(_ limit: Duration) -> TimeAmount { .milliseconds(Int64(max(1, min(limit / .milliseconds(1), 86_400_000)))) }

  private func place(_ host: PostgresConfiguration.Host) -> String {
    host.isSocket
      ? "PostgreSQL at \(host.socketPath)"
      : "PostgreSQL at \(host.name.contains(":") ? "[\(host.name)]" : host.name):\(host.port)"
  }

  /// Why a connection was not made or was lost, as the system says it.
  static func reason(_ error: any Error) -> String {
    switch error {
    case let failure as IOError: return String(cString: strerror(failure.errnoCode))
    case let failure as NIOConnectionError:
      if let dns = failure.dnsAError ?? failure.dnsAAAAError, failure.connectionErrors.isEmpty { return "\(dns)" }
      return failure.connectionErrors.map { reason($0.error) }.joined(separator: ", ")
    default: return "\(error)"
    }
  }
}
