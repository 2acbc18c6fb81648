/// A response, independent of the transport that sends it.
///
/// ```swift
/// Response.json(article, status: .created)
/// Response.redirect(to: "/articles/\(slug)")
/// ```
public struct Response: Sendable {
  /// The status.
  public var status: HTTPStatus
  /// The header fields. `Content-Length` is added when the response leaves.
  public var headers: HeaderFields
  /// The body.
  public var body: ResponseBody
  /// The cookies to set, at most one of a name, path and domain.
  public private(set) var cookies: [Cookie] = []
  /// What the connection becomes after the response.
  package var upgrade: WebSocketUpgrade?

  /// A response.
  public init(status: HTTPStatus = .ok, headers: HeaderFields = HeaderFields(), body: ResponseBody = .empty) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  /// `text/plain` in UTF-8.
  public static func text(_ text: String, status: HTTPStatus = .ok) -> Response {
    Response(status: status, headers: HeaderFields(only: KnownFields.text), body: .text(text))
  }
  /// `text/html` in UTF-8. The text is sent as it is: escape what came from outside.
  public static func html(_ text: String, status: HTTPStatus = .ok) -> Response {
    Response(status: status, headers: HeaderFields(only: KnownFields.html), body: .text(text))
  }
  /// JSON of a value: dates as RFC 3339 in UTC to the microsecond, UUIDs in lower case.
  ///
  /// - Throws: `EncodingError`, for instance for a number that is not finite.
  public static func json(_ value: some Encodable, status: HTTPStatus = .ok) throws -> Response {
    json(bytes: try JSONCoding.encode(value), status: status)
  }
  /// JSON that is written already.
  public static func json(bytes: [UInt8], status: HTTPStatus = .ok) -> Response {
    Response(status: status, headers: HeaderFields(only: KnownFields.json), body: .bytes(bytes))
  }
  /// Sends the client elsewhere: 302 unless told otherwise.
  ///
  /// - Parameter location: A path or a URL; white space, control and non-ASCII characters are escaped.
  public static func redirect(to location: String, status: HTTPStatus = .found) -> Response {
    let bytes = location.utf8.flatMap { $0 > 32 && $0 < 127 ? [$0] : percentEncoded($0) }
    return Response(status: status, headers: ["Location": String(decoding: bytes, as: UTF8.self)])
  }

  /// Sets a cookie, replacing one of the same name, path and domain.
  public mutating func setCookie(_ cookie: Cookie) {
    cookies.removeAll { $0.name == cookie.name && $0.path == cookie.path && $0.domain == cookie.domain }
    cookies.append(cookie)
  }
  /// The response with a cookie.
  public func settingCookie(_ cookie: Cookie) -> Response {
    var copy = self
    copy.setCookie(cookie)
    return copy
  }
  /// The response with a header field set.
  public func setting(_ name: String, _ value: String) -> Response {
    var copy = self
    copy.headers[name] = value
    return copy
  }

  /// Turns the cookies into fields, once, when the response leaves.
  mutating func sealCookies(secureRequest: Bool) {
    if cookies.isEmpty { return }
    for cookie in cookies { headers.append("Set-Cookie", cookie.header(secureRequest: secureRequest)) }
    cookies = []
  }
}
