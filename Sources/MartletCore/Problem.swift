/// One thing wrong with one input, in the shape that every surface shares.
public struct FieldError: Sendable, Hashable {
  /// Where: the input's field in the API's naming; nested fields are joined by dots (`author.name`,
  /// `tags.0`). Empty for errors of the whole input.
  public var field: String
  /// Stable and machine-readable, in Django's terms where there is one: `required`, `max_length`, `unique`.
  public var code: String
  /// What is wrong, for a person.
  public var message: String

  /// An error of one field.
  public init(_ field: String, code: String, _ message: String) {
    self.field = field
    self.code = code
    self.message = message
  }
}

/// What a client is told about a failure: RFC 9457, *Problem Details for HTTP APIs*.
///
/// It never holds SQL, a path or a secret; those stay in the error that was converted.
public struct ProblemDetails: Sendable, Hashable {
  /// The HTTP status code.
  public var status: Int
  /// A stable slug for programs, in the manner of `not-found`; rendered as the URI reference `/problems/<slug>`.
  public var type: String
  /// A short summary that is the same for every occurrence of ``type``.
  public var title: String
  /// What happened this time and what to do next.
  public var detail: String?
  /// The inputs at fault, all of them at once.
  public var errors: [FieldError]
  /// Response headers that belong to the failure (`Allow`, `WWW-Authenticate`, `Retry-After`).
  public var headers: [(name: String, value: String)] {
    get { headerPairs.map { ($0.name, $0.value) } }
    set { headerPairs = newValue.map { HeaderPair(name: $0.name, value: $0.value) } }
  }
  private var headerPairs: [HeaderPair]

  /// A problem document.
  public init(
    status: Int, type: String, title: String, detail: String? = nil, errors: [FieldError] = [],
    headers: [(name: String, value: String)] = []
  ) {
    self.status = status
    self.type = type
    self.title = title
    self.detail = detail
    self.errors = errors
    self.headerPairs = headers.map { HeaderPair(name: $0.name, value: $0.value) }
  }

  private struct HeaderPair: Sendable, Hashable { var name: String, value: String }
}

/// An error that knows what a client may be told about it.
///
/// An error without this conformance becomes a 500 that says nothing; its text goes to the log.
public protocol ProblemConvertible: Error {
  /// The client's view of the error.
  var problem: ProblemDetails { get }
}

/// Input that breaks the rules, with every broken rule listed.
public struct ValidationError: ProblemConvertible, Sendable, Hashable, CustomStringConvertible {
  /// What is wrong, in the order of the input's fields.
  public var errors: [FieldError]

  /// A failed validation.
  public init(_ errors: [FieldError]) { self.errors = errors }
  /// A failed validation of one field.
  public init(_ field: String, code: String, _ message: String) { errors = [FieldError(field, code: code, message)] }

  /// One line per broken rule.
  public var description: String {
    "invalid input: " + errors.map { $0.field.isEmpty ? $0.message : "\($0.field): \($0.message)" }.joined(separator: "; ")
  }
  /// 422 with the errors.
  public var problem: ProblemDetails {
    ProblemDetails(status: 422, type: "validation-error", title: "The input is not valid", errors: errors)
  }
}
