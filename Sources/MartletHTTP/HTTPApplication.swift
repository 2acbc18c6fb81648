public import Logging
import MartletCore
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
  private let compressor: Compressor?
  /// The security headers over HTTP and over HTTPS.
  private let protections: (plain: HeaderFields, secure: HeaderFields)
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
    compressor = configuration.compression.map { Compressor($0) }
    let headers = configuration.securityHeaders
    protections = (headers.fields(isSecure: false), headers.fields(isSecure: true))
    let files = try configuration.staticFiles.map { try StaticFolder($0) }
    guard !files.isEmpty else {
      answer = compose(middleware) { try await router.answer($0) }
      return
    }
    answer = compose(middleware) { request in
      for folder in files {
        if let response = try await folder.respond(to: request) { return response }
      }
      return try await router.answer(request)
    }
  }

  /// Answers a request; every failure becomes a response.
  ///
  /// The access log's line is written, and temporary files are removed, when a body in memory is returned
  /// or a streamed one has been read.
  public func respond(to request: Request) async -> Response {
    let start = accessLog.isOn ? RequestStart() : nil
    var request = request
    request.limits = configuration.bodyLimits
    proxies.resolve(&request.origin, headers: request.headers)
    request.logger = logger
    if configuration.debug { request[DebugTraceKey.self] = DebugTrace() }

    var response: Response
    if asksForHealth(request) {
      response = await health(request)
    } else if configuration.cors != nil, let preflight = configuration.cors?.preflight(request) {
      response = preflight
    } else {
      do {
        response = try await handle(&request)
      } catch {
        response = problem(error, request)
      }
      if configuration.cors != nil { configuration.cors?.apply(to: &response.headers, request: request) }
    }
    finish(&response, request: request, start: start)
    return response
  }

  /// Checks that come before the routes, then the routes.
  @inline(__always) private func handle(_ request: inout Request) async throws -> Response {
    try hosts.validate(request.host)
    if let problem = request.pathProblem { throw HTTPError(.invalidPath, problem) }
    prepare(&request)
    var response = try await answer(request)
    Conditional.apply(to: &response, request: request, limit: configuration.automaticETagLimit)
    try await compressor?.apply(to: &response, request: request)
    return response
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
    let start = accessLog.isOn ? RequestStart() : nil
    var request = Request("-", "/-")
    request.origin.peer = peer
    var response = error.problem.response(instance: "/", requestID: request.id)
    finish(&response, request: request, start: start)
    return response
  }

  // MARK: Health

  /// From now on `/readyz` answers 503. The transport calls it when a shutdown begins.
  package func beginShutdown() { stopping.withLock { $0 = true } }
  /// Whether a shutdown began.
  package var isShuttingDown: Bool { stopping.withLock { $0 } }

  private func asksForHealth(_ request: Request) -> Bool {
    (request.path == configuration.healthPath || request.path == configuration.readyPath)
      && (request.method == .get || request.method == .head)
  }
  private func health(_ request: Request) async -> Response {
    if request.path == configuration.healthPath { return .text("ok\n") }
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

  private func finish(_ response: inout Response, request: Request, start: RequestStart?) {
    response.sealCookies(secureRequest: request.isSecure)
    addFields(to: &response, request)
    if request.method == .head { response.body = .empty }

    let lifetime = request.lifetime, status = response.status.code
    let entry = start.map { start in
      AccessLog.Entry(
        start: start, method: request.method.name, path: request.path, status: status, requestID: request.id, peer: request.peer)
    }
    guard case .stream(let length, let produce) = response.body.source else {
      lifetime.end()
      if let entry { accessLog.write(entry, bytes: response.body.length ?? 0, viewer: lifetime.viewer) }
      return
    }
    let end = RequestEnd(accessLog, lifetime, entry), logger = request.logger
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

  /// The fields that every answer gets.
  private func addFields(to response: inout Response, _ request: Request) {
    // The transport adds two fields more at most.
    response.headers.setDefaults(request.isSecure ? protections.secure : protections.plain, spare: 4)
    // An id has no other characters than letters, digits, `-`, `_` and `.`.
    response.headers.set(HeaderFields.Field(name: "X-Request-ID", value: request.id))
    if response.status.forbidsBody {
      response.body = .empty
      response.headers.remove("Content-Length")
    } else if let length = response.body.length {
      response.headers.set(HeaderFields.Field(name: "Content-Length", value: String(length)))
    }
  }
}
