public import MartletCore

/// A failure of the HTTP layer, most of them a request's own fault.
///
/// ```swift
/// throw HTTPError.notFound("There is no article “\(slug)”.")
/// ```
public struct HTTPError: ProblemConvertible, Sendable, CustomStringConvertible {
  /// What failed; its raw value is the stable slug of the problem document.
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    case badRequest = "bad-request"
    case invalidPath = "invalid-path"
    case invalidHost = "invalid-host"
    case malformedJSON = "malformed-json"
    case malformedForm = "malformed-form"
    case invalidParameter = "invalid-parameter"
    case unauthorized
    case forbidden
    case csrfFailed = "csrf-failed"
    case notFound = "not-found"
    case methodNotAllowed = "method-not-allowed"
    case notAcceptable = "not-acceptable"
    case requestTimeout = "request-timeout"
    case conflict
    case preconditionFailed = "precondition-failed"
    case upgradeRequired = "upgrade-required"
    case preconditionRequired = "precondition-required"
    case idempotencyKeyReused = "idempotency-key-reused"
    case contentTooLarge = "content-too-large"
    case unsupportedMediaType = "unsupported-media-type"
    case rangeNotSatisfiable = "range-not-satisfiable"
    case headersTooLarge = "headers-too-large"
    case tooManyRequests = "too-many-requests"
    case bodyAlreadyRead = "body-already-read"
    case invalidRoutes = "invalid-routes"
    case invalidConfiguration = "invalid-configuration"
    case templateFailed = "template-failed"
    case serviceUnavailable = "service-unavailable"
    case internalError = "internal-error"

    /// The status that a client sees.
    public var status: HTTPStatus {
      switch self {
      case .badRequest, .invalidPath, .invalidHost, .malformedJSON, .malformedForm, .invalidParameter: .badRequest
      case .unauthorized: .unauthorized
      case .forbidden, .csrfFailed: .forbidden
      case .notFound: .notFound
      case .methodNotAllowed: .methodNotAllowed
      case .notAcceptable: .notAcceptable
      case .requestTimeout: .requestTimeout
      case .conflict: .conflict
      case .preconditionFailed: .preconditionFailed
      case .upgradeRequired: .upgradeRequired
      case .preconditionRequired: .preconditionRequired
      case .idempotencyKeyReused: .unprocessableContent
      case .contentTooLarge: .contentTooLarge
      case .unsupportedMediaType: .unsupportedMediaType
      case .rangeNotSatisfiable: .rangeNotSatisfiable
      case .headersTooLarge: .headerFieldsTooLarge
      case .tooManyRequests: .tooManyRequests
      case .serviceUnavailable: .serviceUnavailable
      case .bodyAlreadyRead, .invalidRoutes, .invalidConfiguration, .templateFailed, .internalError: .internalServerError
      }
    }
    /// The same words for every occurrence of the kind.
    public var title: String {
      switch self {
      case .badRequest: "The request is not valid"
      case .invalidPath: "The path is not valid"
      case .invalidHost: "The host is not served here"
      case .malformedJSON: "The body is not valid JSON"
      case .malformedForm: "The body is not a valid form"
      case .invalidParameter: "A parameter is not valid"
      case .unauthorized: "Credentials are missing or not valid"
      case .forbidden: "This is not allowed"
      case .csrfFailed: "CSRF verification failed"
      case .notFound: "Nothing is here"
      case .methodNotAllowed: "The method is not allowed here"
      case .notAcceptable: "No acceptable form of the answer exists"
      case .requestTimeout: "The request took too long to arrive"
      case .conflict: "The request is in conflict with the resource"
      case .preconditionFailed: "A condition of the request does not hold"
      case .upgradeRequired: "Another protocol is required"
      case .preconditionRequired: "The request must be conditional"
      case .idempotencyKeyReused: "The idempotency key stands for another request"
      case .contentTooLarge: "The body is too large"
      case .unsupportedMediaType: "The body's media type is not supported"
      case .rangeNotSatisfiable: "The range is outside of the resource"
      case .headersTooLarge: "The header fields are too large"
      case .tooManyRequests: "Too many requests"
      case .serviceUnavailable: "The service is not available"
      case .bodyAlreadyRead, .invalidRoutes, .invalidConfiguration, .templateFailed, .internalError:
        "The server could not answer"
      }
    }
  }

  /// What failed.
  public var kind: Kind
  /// What happened and what to do next. A client sees it unless ``kind`` stands for a server's fault (5xx).
  public var message: String
  /// The inputs at fault.
  public var errors: [FieldError]
  /// Response headers that belong to the failure.
  public var headers: HeaderFields

  /// A failure.
  public init(_ kind: Kind, _ message: String, errors: [FieldError] = [], headers: HeaderFields = HeaderFields()) {
    self.kind = kind
    self.message = message
    self.errors = errors
    self.headers = headers
  }

  /// 404
  public static func notFound(_ message: String) -> HTTPError { HTTPError(.notFound, message) }
  /// 403
  public static func forbidden(_ message: String) -> HTTPError { HTTPError(.forbidden, message) }
  /// 400
  public static func badRequest(_ message: String) -> HTTPError { HTTPError(.badRequest, message) }
  /// 409
  public static func conflict(_ message: String) -> HTTPError { HTTPError(.conflict, message) }
  /// 401 with the challenge of RFC 9110 §11.6.1, such as `Bearer` or `Token`.
  public static func unauthorized(_ message: String, challenge: String) -> HTTPError {
    HTTPError(.unauthorized, message, headers: ["WWW-Authenticate": challenge])
  }

  /// `not-found: There is no article “x”.`
  public var description: String { "\(kind.rawValue): \(message)" }
  /// The client's view: a server's fault keeps its message for the log.
  public var problem: ProblemDetails {
    let status = kind.status.code
    let told = status < 500 || kind == .serviceUnavailable
    return ProblemDetails(
      status: status, type: told ? kind.rawValue : Kind.internalError.rawValue, title: kind.title,
      detail: told ? message : nil, errors: errors, headers: headers.map { ($0.name, $0.value) })
  }
}
