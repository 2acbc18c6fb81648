/// The status code of a response: RFC 9110 §15.
public struct HTTPStatus: Sendable, Hashable, CustomStringConvertible, ExpressibleByIntegerLiteral {
  /// The three digits.
  public let code: Int

  /// A status by its code; a code outside of 100 to 999 becomes 500, for it could not be sent.
  public init(_ code: Int) { self.code = (100...999).contains(code) ? code : 500 }
  /// A status by its code.
  public init(integerLiteral value: Int) { self.init(value) }

  /// `404 Not Found`
  public var description: String { reason.isEmpty ? String(code) : "\(code) \(reason)" }

  /// Whether the response has no body by definition: 1xx, 204, 304.
  public var forbidsBody: Bool { code < 200 || code == 204 || code == 304 }
  /// Whether the code says success: 200 to 299.
  public var isSuccess: Bool { (200..<300).contains(code) }

  /// 200
  public static let ok = HTTPStatus(200)
  /// 201
  public static let created = HTTPStatus(201)
  /// 202
  public static let accepted = HTTPStatus(202)
  /// 204
  public static let noContent = HTTPStatus(204)
  /// 206
  public static let partialContent = HTTPStatus(206)
  /// 301
  public static let movedPermanently = HTTPStatus(301)
  /// 302
  public static let found = HTTPStatus(302)
  /// 303
  public static let seeOther = HTTPStatus(303)
  /// 304
  public static let notModified = HTTPStatus(304)
  /// 307
  public static let temporaryRedirect = HTTPStatus(307)
  /// 308
  public static let permanentRedirect = HTTPStatus(308)
  /// 400
  public static let badRequest = HTTPStatus(400)
  /// 401
  public static let unauthorized = HTTPStatus(401)
  /// 403
  public static let forbidden = HTTPStatus(403)
  /// 404
  public static let notFound = HTTPStatus(404)
  /// 405
  public static let methodNotAllowed = HTTPStatus(405)
  /// 406
  public static let notAcceptable = HTTPStatus(406)
  /// 408
  public static let requestTimeout = HTTPStatus(408)
  /// 409
  public static let conflict = HTTPStatus(409)
  /// 410
  public static let gone = HTTPStatus(410)
  /// 412
  public static let preconditionFailed = HTTPStatus(412)
  /// 413
  public static let contentTooLarge = HTTPStatus(413)
  /// 414
  public static let uriTooLong = HTTPStatus(414)
  /// 415
  public static let unsupportedMediaType = HTTPStatus(415)
  /// 416
  public static let rangeNotSatisfiable = HTTPStatus(416)
  /// 422
  public static let unprocessableContent = HTTPStatus(422)
  /// 426
  public static let upgradeRequired = HTTPStatus(426)
  /// 428
  public static let preconditionRequired = HTTPStatus(428)
  /// 429
  public static let tooManyRequests = HTTPStatus(429)
  /// 431
  public static let headerFieldsTooLarge = HTTPStatus(431)
  /// 500
  public static let internalServerError = HTTPStatus(500)
  /// 501
  public static let notImplemented = HTTPStatus(501)
  /// 502
  public static let badGateway = HTTPStatus(502)
  /// 503
  public static let serviceUnavailable = HTTPStatus(503)

  /// The phrase of RFC 9110, or an empty text for a code without one.
  public var reason: String {
    switch code {
    case 100: "Continue"
    case 101: "Switching Protocols"
    case 200: "OK"
    case 201: "Created"
    case 202: "Accepted"
    case 204: "No Content"
    case 206: "Partial Content"
    case 301: "Moved Permanently"
    case 302: "Found"
    case 303: "See Other"
    case 304: "Not Modified"
    case 307: "Temporary Redirect"
    case 308: "Permanent Redirect"
    case 400: "Bad Request"
    case 401: "Unauthorized"
    case 403: "Forbidden"
    case 404: "Not Found"
    case 405: "Method Not Allowed"
    case 406: "Not Acceptable"
    case 408: "Request Timeout"
    case 409: "Conflict"
    case 410: "Gone"
    case 412: "Precondition Failed"
    case 413: "Content Too Large"
    case 414: "URI Too Long"
    case 415: "Unsupported Media Type"
    case 416: "Range Not Satisfiable"
    case 422: "Unprocessable Content"
    case 426: "Upgrade Required"
    case 428: "Precondition Required"
    case 429: "Too Many Requests"
    case 431: "Request Header Fields Too Large"
    case 500: "Internal Server Error"
    case 501: "Not Implemented"
    case 502: "Bad Gateway"
    case 503: "Service Unavailable"
    default: ""
    }
  }
}
