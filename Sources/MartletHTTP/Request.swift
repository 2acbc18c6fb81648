public import Logging
public import MartletCore
import Synchronization

/// A request, independent of the transport that brought it.
///
/// A value: middleware changes its copy and hands it on. What never changes sits in one shared
/// object, so that a copy costs a few reference counts.
///
/// ```swift
/// Get("articles") { request in
///   let limit = try request.query.value("limit", as: Int.self, default: 20, in: 1...100)
///   …
/// }
/// ```
public struct Request: Sendable {
  private let head: RequestHead
  /// The values that middleware handed along, by key.
  @usableFromInline var context = ContextValues()
  private var baseLogger: Logger?
  private var viewerValue: Viewer = .anonymous
  /// What the placeholders of the route's path captured.
  public internal(set) var parameters = PathParameters()
  /// Where the request came from and for whom it was meant.
  var origin: RequestOrigin
  var limits = BodyLimits()
  /// The template of the route that answers, such as `/articles/{slug}`; `nil` before routing.
  public internal(set) var route: String?

  /// A request with a body in memory.
  ///
  /// ```swift
  /// let response = await application.respond(to: Request(.get, "/articles?limit=5"))
  /// ```
  public init(_ method: HTTPMethod, _ target: String, headers: HeaderFields = HeaderFields(), body: [UInt8] = []) {
    self.init(method: method, target: target, headers: headers, peer: nil, body: BodyStorage(body))
  }

  /// A request with a body that arrives in chunks.
  package init(
    method: HTTPMethod, target: String, headers: HeaderFields, peer: String?, isSecure: Bool = false,
    declaredLength: Int?, source: @escaping BodySource
  ) {
    self.init(
      method: method, target: target, headers: headers, peer: peer, isSecure: isSecure,
      body: BodyStorage(declaredLength: declaredLength, source: source))
  }

  private init(
    method: HTTPMethod, target: String, headers: HeaderFields, peer: String?, isSecure: Bool = false, body: BodyStorage
  ) {
    head = RequestHead(method: method, target: target, headers: headers, body: body)
    origin = RequestOrigin(peer: peer, isSecure: isSecure, host: head.split.authority ?? headers["host"])
  }

  /// The method.
  public var method: HTTPMethod { head.method }
  /// The target as it stood in the request line: path and query, undecoded.
  public var target: String { head.target }
  /// The decoded path. Segments `.` and `..`, and malformed escapes, never get this far: such a
  /// request is answered with 400. A trailing slash is dropped.
  public var path: String { head.split.path }
  /// The decoded segments of the path.
  var segments: [String] { head.split.trail.segments }
  /// The same, as the router walks along them.
  var trail: PathTrail { head.split.trail }
  /// What is wrong with the path.
  var pathProblem: String? { head.split.problem }
  /// The path as a URI reference: what no URI holds (RFC 3986) is escaped again.
  var encodedPath: String {
    path == "*"
      ? path
      : "/" + segments.map { PercentCoding.encode($0, keeping: "!$&'()*+,;=:@") }.joined(separator: "/")
  }
  /// The header fields.
  public var headers: HeaderFields { head.headers }
  /// The query string without its `?`, undecoded.
  public var queryString: String { head.split.query }
  /// The parameters of the query string.
  public var query: QueryParameters { head.query }
  /// The cookies.
  public var cookies: RequestCookies { head.cookies }
  /// The id that marks every log line and problem document of this request: the client's
  /// `X-Request-ID` where that is sane (1 to 128 letters, digits, `-`, `_`, `.`), else a random one.
  public var id: String { head.id }
  /// The body.
  public var body: RequestBody { RequestBody(storage: head.body, limits: limits) }

  /// Who sends the request, as far as middleware has found out.
  public var viewer: Viewer {
    get { viewerValue }
    set {
      viewerValue = newValue
      head.lifetime.noteViewer(newValue)
    }
  }
  /// A logger whose lines carry the request's id.
  public var logger: Logger {
    // The id is put in when somebody asks: most requests log nothing, and its place in the metadata costs a dictionary.
    get {
      guard var logger = baseLogger else { return Logger(label: "martlet.http") }
      logger[metadataKey: "request_id"] = "\(id)"
      return logger
    }
    set { baseLogger = newValue }
  }
  /// The value of a context slot.
  @inlinable public subscript<K: ContextKey>(_ key: K.Type) -> K.Value? {
    get { context[key] }
    set { context[key] = newValue }
  }

  /// The address of the client: of the connection, or what a trusted proxy says it is.
  public var peer: String? { origin.peer }
  /// `http` or `https`, by the connection or a trusted proxy.
  public var scheme: String { origin.isSecure ? "https" : "http" }
  /// The host asked for, with its port if there was one: from `Host` or a trusted proxy.
  public var host: String? { origin.host }
  /// Whether the client speaks HTTPS.
  public var isSecure: Bool { origin.isSecure }

  /// What lives as long as the request: files to remove, facts for the access log.
  var lifetime: RequestLifetime { head.lifetime }

  /// Keeps the route that answers, and what its placeholders captured.
  mutating func noteRoute(_ entry: RouteNode.Entry, captures: [String]) {
    if parameters.count == 0 {
      parameters = PathParameters(names: entry.names, values: captures)
    } else {
      parameters.append(PathParameters(names: entry.names, values: captures))
    }
    route = entry.path
    head.lifetime.noteRoute(entry)
  }
}

/// Where a request came from and for whom it was meant.
struct RequestOrigin: Sendable {
  var peer: String?
  var isSecure: Bool
  var host: String?
}

/// The part of a request that never changes.
private final class RequestHead: Sendable {
  let method: HTTPMethod
  let target: String
  let split: RequestTarget
  let headers: HeaderFields
  let id: String
  let body: BodyStorage
  let lifetime = RequestLifetime()

  init(method: HTTPMethod, target: String, headers: HeaderFields, body: BodyStorage) {
    self.method = method
    self.target = target
    self.headers = headers
    self.body = body
    split = RequestTarget(target)
    id = headers["x-request-id"].flatMap { RequestHead.isSane($0) ? $0 : nil } ?? RandomID.next()
  }

  var query: QueryParameters { QueryParameters(split.query) }
  var cookies: RequestCookies { RequestCookies(headers) }

  private static func isSane(_ id: String) -> Bool {
    (1...128).contains(id.utf8.count)
      && id.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
          true
        default: false
        }
      }
  }
}
