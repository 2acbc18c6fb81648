public import Logging
import MartletCore
import Foundation
import Synchronization

/// Everything between a transport and the routes: errors, hosts, limits, headers, logs. Without a socket,
/// so that tests can ask it directly.
///
/// ```swift
/// let response = await application.respond(to: Request(.get, "/articles"))
/// ```
public final class HTTPApplication: Sendable {
  /// The routes.
  public let router: Router
  /// How it serves.
  public let configuration: HTTPServerConfiguration
  let logger: Logger
  private let prepare: @Sendable (inout Request) -> Void
  private let answer: RequestHandler
  private let hosts: HostPolicy
  private let proxies: TrustedProxies
  private let accessLog: AccessLog
  private let stopping = Mutex(false)

  /// An application.
  ///
  /// - Parameters:
  ///   - middleware: Stands around static files and all routes, unknown ones too; the first is the outermost.
  ///   - prepare: Completes a request before everything else, for instance with a database.
  /// - Throws: ``HTTPError`` (`invalid-configuration`) for a trusted proxy or static folder that is none.
  public init(
    router: Router, configuration: HTTPServerConfiguration = HTTPServerConfiguration(),
    middleware: [any Middleware] = [], logger: Logger = Logger(label: "martlet.http"),
    prepare: @escaping @Sendable (inout Request) -> Void = { _ in }
  ) throws {
    self.router = router
    self.configuration = configuration
    self.logger = logger
    self.prepare = prepare
    hosts = HostPolicy(allowedHosts: configuration.allowedHosts, debug: configuration.debug)
    proxies = try TrustedProxies(configuration.trustedProxies)
    accessLog = AccessLog(configuration)
    let files = try configuration.staticFiles.map { try StaticFolder($0) }
    answer = compose(middleware) { request in
      for folder in files {
        if let response = try await folder.respond(to: request) { return response }
      }
      return try await router.respond(to: request)
    }
  }

  /// Answers a request; every failure becomes a response.
  ///
  /// The access log's line is written, and temporary files are removed, when a body in memory is returned
  /// or a streamed one has been read.
  public func respond(to request: Request) async -> Response {
    let start = ContinuousClock.now, time = Date()
    var request = request
    request.limits = configuration.bodyLimits
    request.origin = proxies.resolve(request.origin, headers: request.headers)
    request.logger = logger
    if configuration.debug { request[DebugTraceKey.self] = DebugTrace() }

    var response: Response
    if let health = await health(request) {
      response = health
    } else if let preflight = configuration.cors?.preflight(request) {
      response = preflight
    } else {
      do {
        response = try await handle(&request)
      } catch {
        response = problem(error, request)
      }
      configuration.cors?.apply(to: &response.headers, request: request)
    }
    finish(&response, request: request, start: start, time: time)
    return response
  }

  /// Checks that come before the routes, then the routes.
  private func handle(_ request: inout Request) async throws -> Response {
    try hosts.validate(request.host)
    if let problem = request.pathProblem { throw HTTPError(.invalidPath, problem) }
    prepare(&request)
    let response = Conditional.apply(
      to: try await answer(request), request: request, limit: configuration.automaticETagLimit)
    return try configuration.compression?.apply(to: response, request: request) ?? response
  }

  /// The response for an error. An error that is a server's fault is logged, once, here.
  private func problem(_ error: any Error, _ request: Request) -> Response {
    let problem = ProblemDetails(describing: error)
    if problem.status >= 500, !(error is CancellationError) {
      request.logger.error("\(request.method) \(request.path) failed: \(String(reflecting: error))")
    }
    if configuration.debug, problem.status >= 500, DebugPage.isWanted(by: request) {
      return DebugPage.response(error, problem, request)
    }
    var details = problem
    if configuration.debug, problem.status >= 500 { details.detail = String(reflecting: error) }
    return details.response(instance: request.encodedPath, requestID: request.id)
  }

  /// The answer to bytes that never became a request, with its line in the access log.
  func refusal(_ error: HTTPError, peer: String?) -> Response {
    let start = ContinuousClock.now
    var request = Request("-", "/-")
    request.origin.peer = peer
    var response = error.problem.response(instance: "/", requestID: request.id)
    finish(&response, request: request, start: start, time: Date())
    return response
  }

  // MARK: Health

  /// From now on `/readyz` answers 503. The transport calls it when a shutdown begins.
  package func beginShutdown() { stopping.withLock { $0 = true } }
  /// Whether a shutdown began.
  package var isShuttingDown: Bool { stopping.withLock { $0 } }

  private func health(_ request: Request) async -> Response? {
    guard request.method == .get || request.method == .head else { return nil }
    if request.path == configuration.healthPath { return .text("ok\n") }
    guard request.path == configuration.readyPath else { return nil }
    if isShuttingDown { return .text("shutting down\n", status: .serviceUnavailable) }
    var lines: [String] = [], failed = false
    for check in configuration.readiness {
      do {
        try await check.run()
        lines.append("\(check.name): ok")
      } catch {
        failed = true
        lines.append("\(check.name): failed")
        logger.error("readiness check \(check.name) failed: \(String(reflecting: error))")
      }
    }
    if lines.isEmpty { lines = ["ok"] }
    return .text(lines.joined(separator: "\n") + "\n", status: failed ? .serviceUnavailable : .ok)
  }

  // MARK: The end of a request

  private func finish(_ response: inout Response, request: Request, start: ContinuousClock.Instant, time: Date) {
    response.sealCookies(secureRequest: request.isSecure)
    configuration.securityHeaders.apply(to: &response.headers, isSecure: request.isSecure)
    response.headers["X-Request-ID"] = request.id
    if response.status.forbidsBody {
      response.body = .empty
      response.headers.remove("Content-Length")
    } else if let length = response.body.length {
      response.headers["Content-Length"] = String(length)
    }
    if request.method == .head { response.body = .empty }

    let end = RequestEnd(
      log: accessLog, lifetime: request.lifetime,
      entry: AccessLog.Entry(
        time: time, method: request.method.name, path: request.path, status: response.status.code, duration: .zero, bytes: 0,
        requestID: request.id, viewer: nil, peer: request.peer), start: start)
    guard case .stream(let length, let produce) = response.body.source else {
      return end.note(bytes: response.body.length ?? 0, isLast: true)
    }
    let logger = request.logger
    response.body.source = .stream(length: length) { writer in
      defer { end.note(bytes: 0, isLast: true) }
      do {
        try await produce(
          BodyWriter { chunk in
            try await writer.write(chunk)
            end.note(bytes: chunk.count, isLast: false)
          })
      } catch {
        if !(error is CancellationError) { logger.debug("the response's body broke off: \(String(reflecting: error))") }
        throw error
      }
    }
  }
}

/// The end of a request, once: its files are removed and its line is written, when the body is sent or when a
/// response that nobody sent is dropped.
private final class RequestEnd: Sendable {
  private let log: AccessLog
  private let lifetime: RequestLifetime
  private let entry: AccessLog.Entry
  private let start: ContinuousClock.Instant
  private let state = Mutex((bytes: 0, isOver: false))

  init(log: AccessLog, lifetime: RequestLifetime, entry: AccessLog.Entry, start: ContinuousClock.Instant) {
    self.log = log
    self.lifetime = lifetime
    self.entry = entry
    self.start = start
  }
  deinit { note(bytes: 0, isLast: true) }

  func note(bytes: Int, isLast: Bool) {
    let sent: Int? = state.withLock { state in
      guard !state.isOver else { return nil }
      state.bytes += bytes
      state.isOver = isLast
      return isLast ? state.bytes : nil
    }
    guard let sent else { return }
    lifetime.end()
    var entry = entry
    entry.duration = ContinuousClock.now - start
    entry.bytes = sent
    entry.viewer = lifetime.viewer
    log.write(entry)
  }
}
