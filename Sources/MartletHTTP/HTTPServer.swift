import HummingbirdCore
public import Logging
import NIOCore
import NIOPosix
public import ServiceLifecycle

/// Listens on a socket and answers by an application: HTTP/1.1.
///
/// ```swift
/// let server = try HTTPServer(router: router, configuration: configuration, logger: logger) { request in
///   request[DatabaseKey.self] = database
/// }
/// try await ServiceGroup(
///   services: [server], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger
/// ).run()
/// ```
/// A graceful shutdown stops listening, finishes the running requests with `Connection: close`, and
/// cancels what still runs after ``HTTPServerConfiguration/shutdownGrace``.
public struct HTTPServer: Service {
  /// What answers.
  public let application: HTTPApplication
  private let logger: Logger

  /// A server of an application.
  public init(application: HTTPApplication, logger: Logger) {
    self.application = application
    self.logger = logger
  }

  /// A server.
  ///
  /// - Parameters:
  ///   - middleware: Stands around all routes, unknown ones too; the first is the outermost.
  ///   - prepare: Completes a request before everything else, for instance with a database.
  /// - Throws: ``HTTPError`` (`invalid-configuration`).
  public init(
    router: Router, configuration: HTTPServerConfiguration, middleware: [any Middleware] = [], logger: Logger,
    prepare: @escaping @Sendable (inout Request) -> Void = { _ in }
  ) throws {
    self.init(
      application: try HTTPApplication(
        router: router, configuration: configuration, middleware: middleware, logger: logger, prepare: prepare),
      logger: logger)
  }

  /// Serves until a graceful shutdown or a cancellation.
  ///
  /// - Throws: `IOError` where the address cannot be bound.
  public func run() async throws {
    let configuration = application.configuration
    let threads = configuration.threads > 0 ? configuration.threads : System.coreCount
    let group = MultiThreadedEventLoopGroup(numberOfThreads: threads)
    do {
      try await serve(on: group, configuration)
      try await group.shutdownGracefully()
    } catch {
      try? await group.shutdownGracefully()
      throw error
    }
  }

  private func serve(on group: MultiThreadedEventLoopGroup, _ configuration: HTTPServerConfiguration) async throws {
    // HummingbirdCore logs the bind itself; the app's own tool says where it listens.
    var quiet = logger
    quiet.logLevel = max(logger.logLevel, .warning)
    let server = Server(
      childChannelSetup: HTTPConnection(application: application),
      configuration: ServerConfiguration(address: .hostname(configuration.host, port: configuration.port), backlog: 1024),
      onServerRunning: { channel in
        await configuration.onListening?(channel.localAddress?.port ?? configuration.port)
      },
      eventLoopGroup: group, logger: quiet)
    let application = application
    try await withGracefulShutdownHandler {
      try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask { try await server.run() }
        tasks.addTask {
          // Sleeps for ever unless a shutdown begins; the end of the server cancels it.
          try await gracefulShutdown()
          try await Task.sleep(for: configuration.shutdownGrace)
        }
        defer { tasks.cancelAll() }
        // Whichever is first: all connections are done, or the time is up and the rest is cancelled.
        try await tasks.next()
      }
    } onGracefulShutdown: {
      application.beginShutdown()
    }
  }
}
