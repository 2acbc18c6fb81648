import Foundation
import MartletSQL
import NIOCore
import NIOPosix
import Testing

@testable import MartletPostgres

/// A server that says the same to everybody, a piece for each message it gets.
final class ScriptedServer: Sendable {
  private final class Handler: ChannelInboundHandler, @unchecked Sendable {  // confined to its channel's event loop
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer
    private var script: [[UInt8]]
    init(_ script: [[UInt8]]) { self.script = script }
    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      guard !script.isEmpty else { return }
      let answer = script.removeFirst()
      // An empty piece hangs up.
      if answer.isEmpty { return context.close(promise: nil) }
      context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: answer)), promise: nil)
    }
  }
  private let channel: any Channel

  init(_ script: [[UInt8]]) async throws {
    channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Handler(script)) }
      }.bind(host: "127.0.0.1", port: 0).get()
  }

  func driver(_ change: (inout PostgresConfiguration) -> Void = { _ in }) -> PostgresDriver {
    var configuration = PostgresConfiguration(
      hosts: [.init("127.0.0.1", port: channel.localAddress?.port ?? 0)], user: "u", password: "p", database: "d",
      sslMode: .disable)
    configuration.connectTimeout = .seconds(30)
    change(&configuration)
    return PostgresDriver(configuration)
  }
  func stop() async { try? await channel.close() }

  /// The error of connecting.
  static func refusal(_ script: [[UInt8]], _ change: (inout PostgresConfiguration) -> Void = { _ in }) async throws
    -> DatabaseError?
  {
    let server = try await ScriptedServer(script)
    let driver = server.driver(change)
    let error = await failure { try await driver.connect() }
    await driver.shutdown()
    await server.stop()
    return error
  }

  /// A login without any proof.
  static var welcome: [UInt8] {
    var stream = ServerStream()
    stream.add("R", [0, 0, 0, 0])
    stream.add("K", [0, 0, 0, 1, 0, 0, 0, 2])
    stream.ready()
    return stream.bytes
  }
}

@Suite("PostgreSQL servers that are none, or hostile")
struct HostileServerTests {
  @Test("a server, or somebody between, that takes TLS away is refused")
  func strippedTLS() async throws {
    for mode in [PostgresConfiguration.SSLMode.require, .verifyFull] {
      let error = try await ScriptedServer.refusal([[0x4E], ScriptedServer.welcome]) {
        $0.sslMode = mode
        $0.sslRootCertificate = mode == .verifyFull ? "system" : nil
      }
      #expect(error?.kind == .authentication, "\(mode)")
      #expect(error?.message.contains("has no TLS") == true, "\(mode)")
    }
    #expect(try await ScriptedServer.refusal([[0x4E], ScriptedServer.welcome]) { $0.sslMode = .prefer } == nil)
  }

  @Test("where nobody listens, the error says so in the system's words", arguments: ["127.0.0.1", "localhost"])
  func nobody(_ host: String) async throws {
    var configuration = try PostgresConfiguration(url: "postgres://u@\(host):1/d")
    configuration.pool.waitsForServer = false
    let driver = PostgresDriver(configuration)
    let error = await #expect(throws: DatabaseError.self) { try await driver.connect() }
    #expect(error?.message.contains("cannot be reached: Connection refused") == true, "\(error?.message ?? "")")
    #expect(error?.message.contains("errno") == false)
    await driver.shutdown()
  }

  @Test("bytes that are sent before the TLS handshake are refused")
  func stuffing() async throws {
    let error = try await ScriptedServer.refusal([[0x53] + ScriptedServer.welcome]) { $0.sslMode = .require }
    #expect(error?.kind == .authentication)
    #expect(error?.message.contains("unencrypted data") == true)
  }

  @Test("a server that forgoes SCRAM, or cuts it short, is refused where it was asked for")
  func downgrades() async throws {
    let scram: (inout PostgresConfiguration) -> Void = { $0.requireAuthentication = [.scramSHA256] }
    #expect(try await ScriptedServer.refusal([ScriptedServer.welcome], scram)?.kind == .authentication)
    var clear = ServerStream(), md5 = ServerStream(), sasl = ServerStream()
    clear.add("R", [0, 0, 0, 3])
    md5.add("R", [0, 0, 0, 5, 1, 2, 3, 4])
    sasl.add("R", [0, 0, 0, 10] + ServerStream.text("SCRAM-SHA-256") + [0])
    #expect(try await ScriptedServer.refusal([clear.bytes, ScriptedServer.welcome])?.kind == .authentication)
    #expect(try await ScriptedServer.refusal([md5.bytes, ScriptedServer.welcome], scram)?.kind == .authentication)
    #expect(try await ScriptedServer.refusal([sasl.bytes, ScriptedServer.welcome])?.kind == .authentication)
    #expect(try await ScriptedServer.refusal([md5.bytes, ScriptedServer.welcome]) == nil)
  }

  @Test("what does not speak the protocol, hangs up or says nothing gives an error in time")
  func noServer() async throws {
    for script in [[Array("HTTP/1.1 400 Bad Request\r\n".utf8)], [[]], [[0x52, 0x7F, 0xFF, 0xFF, 0xFF]]] {
      #expect(try await ScriptedServer.refusal(script)?.kind == .connection)
    }
    let silent = try await ScriptedServer.refusal([]) { $0.connectTimeout = .seconds(1) }
    #expect(silent?.kind == .connection)
    #expect(silent?.message.contains("did not answer within") == true)
  }

  @Test("a server that falls silent in a statement is given up, some seconds after the statement time-out")
  func silence() async throws {
    let server = try await ScriptedServer([ScriptedServer.welcome])
    let driver = server.driver { $0.statementTimeout = .milliseconds(100) }
    let clock = ContinuousClock(), start = clock.now
    let error = await failure { _ = try await Database(driver).texts("SELECT 1") }
    #expect(error?.kind == .connection)
    #expect(error?.isRetryable == true)
    #expect(error?.message.contains("silent") == true)
    #expect(clock.now - start >= .seconds(5))
    await driver.shutdown()
    await server.stop()
  }

  @Test("a cancelled statement returns to its caller although the server is silent")
  func silentCancel() async throws {
    let server = try await ScriptedServer([ScriptedServer.welcome])
    let driver = server.driver()
    let task = Task { try await Database(driver).texts("SELECT 1") }
    try await Task.sleep(for: .milliseconds(200))
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    await driver.shutdown()
    await server.stop()
  }
}
