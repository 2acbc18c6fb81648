import Foundation
import HummingbirdCore
public import Logging
import NIOCore
import NIOPosix
public import ServiceLifecycle

/// Listens on a socket and answers by an application: HTTP/1.1, and HTTP/2 where there is TLS.
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
  /// - Throws: ``HTTPError`` (`invalid-configuration`) where the address cannot be listened on, or the certificate
  ///   cannot be used.
  public func run() async throws {
    let configuration = application.configuration
    let certificates = try configuration.tls.map { try ServerCertificates($0) }
    // HummingbirdCore logs the bind itself; the app's own tool says where it listens.
    var quiet = logger
    quiet.logLevel = max(logger.logLevel, .warning)
    // The process's own loops, one thread a core: a group of our own would have to outlive what HummingbirdCore
    // still does after its server has returned.
    let loops = MultiThreadedEventLoopGroup.singleton, queues = LoopQueues(loops)
    let server = Server(
      childChannelSetup: HTTPConnections(application: application, queues: queues, certificates: certificates),
      configuration: ServerConfiguration(
        address: .hostname(configuration.host, port: configuration.port), backlog: 1024,
        availableConnectionsDelegate: MaximumAvailableConnections(configuration.maximumConnections ?? HTTPServer.openFiles)),
      onServerRunning: { channel in
        await configuration.onListening?(channel.localAddress?.port ?? configuration.port)
      },
      eventLoopGroup: loops, logger: quiet)
    let application = application
    try await withGracefulShutdownHandler {
      try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask {
          do {
            try await server.run()
          } catch let error as IOError {
            throw HTTPServer.cannotListen(configuration, error)
          }
        }
        if let limit = configuration.blockingLimit {
          let watch = LoopWatch(queues: queues.all, limit: limit, logger: logger)
          tasks.addTask { await watch.run() }
        }
        if let certificates { tasks.addTask { await certificates.watch(logger) } }
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
  /// Nine tenths of the files that the process may have open, the system's limit raised as far as it lets us.
  private static var openFiles: Int {
    var limit = rlimit()
    guard getrlimit(fileLimit, &limit) == 0 else { return 900 }
    if limit.rlim_cur < limit.rlim_max {
      var raised = limit
      raised.rlim_cur = max(limit.rlim_cur, min(limit.rlim_max, 1_048_576))
      if setrlimit(fileLimit, &raised) == 0 { limit = raised }
    }
    return Int(clamping: limit.rlim_cur) / 10 * 9
  }

  private static func cannotListen(_ configuration: HTTPServerConfiguration, _ error: IOError) -> HTTPError {
    let advice =
      switch error.errnoCode {
      case EADDRINUSE: "Another program listens there already. Stop it, or choose another port."
      case EACCES: "Ports below 1024 need a privilege. Choose a higher one."
      case EADDRNOTAVAIL: "This machine has no such address. Listen on 127.0.0.1, or on 0.0.0.0 for every one."
      default: "The system says: \(error)."
      }
    return HTTPError(.invalidConfiguration, "Cannot listen on \(configuration.host):\(configuration.port). \(advice)")
  }
}

#if canImport(Glibc) || canImport(Musl)
  private let fileLimit = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
#else
  private let fileLimit = RLIMIT_NOFILE
#endif
