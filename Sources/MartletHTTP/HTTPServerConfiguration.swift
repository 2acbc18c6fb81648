/// Everything about serving that is not the app itself. The defaults are the safe ones.
///
/// ```swift
/// var configuration = HTTPServerConfiguration()
/// configuration.allowedHosts = ["example.com", ".example.org"]
/// configuration.trustedProxies = ["10.0.0.0/8"]
/// ```
public struct HTTPServerConfiguration: Sendable {
  /// How the access log writes a request.
  public enum AccessLogFormat: String, Sendable, Hashable, CaseIterable {
    /// One JSON object a line.
    case json
    /// One readable line.
    case text
    /// Nothing.
    case off
  }

  /// The address to listen on.
  public var host = "127.0.0.1"
  /// The port to listen on; 0 lets the system choose.
  public var port = 8000
  /// The certificate of HTTPS; HTTP without TLS if `nil`. Clients that can get HTTP/2.
  public var tls: TLSFiles?
  /// The limits of HTTP/2 connections.
  public var http2 = HTTP2Limits()
  /// Called once with the bound port, when connections are accepted.
  public var onListening: (@Sendable (Int) async -> Void)?
  /// Development: errors answer with what went wrong, local hosts are allowed. Never in production.
  public var debug = false

  /// The hosts that requests may ask for: names, `.example.com` for a domain with its subdomains, `*` for
  /// any. Empty allows none but, with ``debug``, `localhost`, `*.localhost`, `127.0.0.1` and `[::1]`
  /// (Django's `ALLOWED_HOSTS`).
  public var allowedHosts: [String] = []
  /// The proxies (addresses or CIDR ranges) whose `X-Forwarded-For`, `-Proto` and `-Host` count.
  public var trustedProxies: [String] = []

  /// The limits of request bodies.
  public var bodyLimits = BodyLimits()
  /// The most bytes that all header fields of a request may have; more is 431.
  public var headerLimit = 32_768
  /// The most header fields that a request may have; more is 431.
  public var headerCountLimit = 128
  /// How long a request's head may take from its first byte; later is 408.
  public var headerTimeout: Duration = .seconds(10)
  /// How long the next piece of a body may take, and how long a client may take none of a response.
  public var bodyTimeout: Duration = .seconds(30)
  /// The fewest bytes a second of a body that a handler waits for, once ``bodyTimeout`` has passed: a client that sends a
  /// byte now and then would hold its handler for ever. 0 for no limit.
  public var slowestUpload = 240
  /// How long a connection may wait for its next request.
  public var idleTimeout: Duration = .seconds(60)
  /// How long running requests may take after a shutdown began; then they are cancelled.
  public var shutdownGrace: Duration = .seconds(30)

  /// How long a handler may hold its event loop, which serves other connections too, before the log names its route; `nil`
  /// to not watch. Blocking work belongs into ``offload(_:)``.
  public var blockingLimit: Duration? = .milliseconds(250)
  /// The most connections at a time: more wait in the system's queue. `nil` for nine tenths of the files that the process
  /// may have open.
  public var maximumConnections: Int?

  /// The form of the access log.
  public var accessLog: AccessLogFormat = .text
  /// Takes the lines of the access log; standard output if `nil`.
  public var accessLogSink: (@Sendable (String) -> Void)?
  /// The security headers that every response gets.
  public var securityHeaders = SecurityHeaders()
  /// Which other origins may call; none if `nil`.
  public var cors: CORSPolicy?
  /// How responses are compressed; not at all if `nil`.
  public var compression: CompressionPolicy? = CompressionPolicy()
  /// The size up to which a 200 answer to a GET gets an `ETag` of its bytes, in bytes; 0 switches it off.
  public var automaticETagLimit = 1_048_576
  /// The folders whose files are served.
  public var staticFiles: [StaticFiles] = []

  /// The path that answers 200 as long as the process is alive; `nil` for none.
  public var healthPath: String? = "/healthz"
  /// The path that answers 200 if every check of ``readiness`` passes, else 503; `nil` for none.
  public var readyPath: String? = "/readyz"
  /// What must work for the server to be ready.
  public var readiness: [ReadinessCheck] = []

  /// The defaults.
  public init() {}
}

/// Something that must work for the server to take requests: a database, a migration state.
public struct ReadinessCheck: Sendable {
  /// What the answer of `/readyz` calls it.
  public let name: String
  let run: @Sendable () async throws -> Void

  /// A check that passes unless `run` throws.
  public init(_ name: String, _ run: @escaping @Sendable () async throws -> Void) {
    self.name = name
    self.run = run
  }
}
