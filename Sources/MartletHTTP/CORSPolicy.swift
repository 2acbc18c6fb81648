/// Which other origins may read answers, and how: the CORS protocol of the Fetch standard.
///
/// ```swift
/// configuration.cors = CORSPolicy(origins: ["https://app.example.com"], credentials: true)
/// ```
public struct CORSPolicy: Sendable, Hashable {
  /// The exact origins, such as `https://app.example.com`; `*` for any, which excludes ``credentials``.
  public var origins: [String]
  /// Whether cookies and HTTP authentication may come along.
  public var credentials: Bool
  /// The methods that may be asked for.
  public var methods: [HTTPMethod] = [.get, .head, .post, .put, .patch, .delete]
  /// The request headers that may be sent beyond the safelisted ones.
  public var allowedHeaders: [String] = [
    "Accept", "API-Version", "Authorization", "Content-Type", "Idempotency-Key", "If-Match", "If-None-Match", "Prefer", "Range",
    "X-CSRFToken", "X-Requested-With",
  ]
  /// The response headers that a script may read beyond the safelisted ones.
  public var exposedHeaders: [String] = [
    "Accept-Patch", "API-Version", "Content-Disposition", "Content-Range", "Deprecation", "ETag", "Idempotency-Replayed", "Link",
    "Location", "Preference-Applied", "Retry-After", "Sunset", "X-Request-ID",
  ]
  /// How long a browser may keep the answer to a preflight.
  public var maxAge: Duration = .seconds(600)

  /// A policy for these origins.
  public init(origins: [String], credentials: Bool = false) {
    self.origins = origins
    self.credentials = credentials
  }

  /// What to say in `Access-Control-Allow-Origin` to this origin; `nil` for nothing. Any origin with
  /// credentials would hand every site the viewer's data, so `*` never allows credentials.
  func allowedOrigin(for origin: String) -> String? {
    if origins.contains(origin), origin != "*" { return origin }
    return origins.contains("*") && !credentials ? "*" : nil
  }

  /// The answer to a preflight: an OPTIONS with an origin and the method that is to follow.
  func preflight(_ request: Request) -> Response? {
    guard request.method == .options, let origin = request.headers["origin"],
      let wanted = request.headers["access-control-request-method"]
    else { return nil }
    var response = Response(status: .noContent)
    response.headers["Vary"] = "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"
    guard let allowed = allowedOrigin(for: origin), methods.contains(HTTPMethod(wanted)) else { return response }
    response.headers["Access-Control-Allow-Origin"] = allowed
    response.headers["Access-Control-Allow-Methods"] = methods.map(\.name).joined(separator: ", ")
    response.headers["Access-Control-Allow-Headers"] = allowedHeaders.joined(separator: ", ")
    response.headers["Access-Control-Max-Age"] = String(maxAge.components.seconds)
    if credentials { response.headers["Access-Control-Allow-Credentials"] = "true" }
    return response
  }

  /// Marks an actual answer.
  func apply(to headers: inout HeaderFields, request: Request) {
    if origins != ["*"] { headers.addToken("Origin", to: "Vary") }
    guard let origin = request.headers["origin"], let allowed = allowedOrigin(for: origin) else { return }
    headers["Access-Control-Allow-Origin"] = allowed
    if credentials { headers["Access-Control-Allow-Credentials"] = "true" }
    if !exposedHeaders.isEmpty { headers["Access-Control-Expose-Headers"] = exposedHeaders.joined(separator: ", ") }
  }
}
