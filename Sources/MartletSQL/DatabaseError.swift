public import MartletCore

/// A failure of a database, normalised at the driver's edge.
public struct DatabaseError: Error, Sendable, CustomStringConvertible {
  /// What failed; handlers switch over this, never over texts.
  public enum Kind: Sendable, Hashable {
    /// A unique constraint or index; the constraint's name (or what the database says of it) and its columns where known.
    case uniqueViolation(constraint: String, columns: [String])
    /// A row that is referred to does not exist, or one that is still referred to was to go.
    case foreignKeyViolation(constraint: String?)
    case notNullViolation(column: String)
    case checkViolation(constraint: String)
    /// The statement is not valid SQL for this schema.
    case invalidStatement
    /// An exclusion constraint: two rows that must not overlap do (PostgreSQL).
    case exclusionViolation(constraint: String)
    /// A value is out of its column's range, too long for it, or cannot be read as its type.
    case invalidValue(column: String?)
    /// A lock was not had in time.
    case busy
    /// The transaction waited for another that waited for it, and was chosen to end.
    case deadlock
    /// The transaction lost against one that ran at the same time: run it again.
    case serializationFailure
    /// The statement took longer than the statement time-out allows.
    case statementTimeout
    /// The server cannot be reached, or went away.
    case connection
    /// The server refused the user, the password or the certificate; or what it asked for would be unsafe to answer.
    case authentication
    /// This database cannot do that; names the ``SQLCapabilities`` that is missing.
    case unsupported(capability: String)
    /// No connection became free in time.
    case poolTimeout
    case readOnly
    case outOfSpace
    case corrupt
    /// A row's value does not fit the Swift type.
    case decoding
    /// A transaction was used wrongly.
    case transaction
    case other
  }
  /// What failed.
  public var kind: Kind
  /// What failed and where, for developers; may hold names of tables and columns.
  public var message: String
  /// What to do next.
  public var hint: String?
  /// The statement's text, without its values.
  public var sql: String?
  /// The driver's own code, as `SQLITE_BUSY (5)`.
  public var code: String?

  /// A failure.
  public init(_ kind: Kind, _ message: String, hint: String? = nil, sql: String? = nil, code: String? = nil) {
    self.kind = kind
    self.message = message
    self.hint = hint
    self.sql = sql
    self.code = code
  }

  /// Whether the same work may succeed when it is tried again: what `db.transaction(retries:)` goes by.
  ///
  /// After ``Kind/connection`` a statement outside of a transaction may or may not have been carried out.
  public var isRetryable: Bool {
    switch kind {
    case .busy, .deadlock, .serializationFailure, .connection, .poolTimeout: true
    default: false
    }
  }

  /// The message with statement, code and hint.
  public var description: String {
    var text = message
    if let code { text += " [\(code)]" }
    if let sql { text += " in: \(sql)" }
    if let hint { text += " — \(hint)" }
    return text
  }
}

extension DatabaseError: ProblemConvertible {
  /// 409 for conflicts, 422 for rule violations, 503 where trying again helps, 500 otherwise; never SQL.
  public var problem: ProblemDetails {
    switch kind {
    case .uniqueViolation(_, let columns):
      let errors = columns.map { FieldError($0, code: "unique", "has already been taken") }
      return ProblemDetails(
        status: 409, type: "conflict", title: "The row conflicts with another",
        detail: errors.isEmpty ? "A value that must be unique has already been taken." : nil, errors: errors)
    case .foreignKeyViolation, .exclusionViolation:
      return ProblemDetails(
        status: 409, type: "conflict", title: "The row conflicts with another",
        detail: "It refers to a row that does not exist, or other rows still refer to it.")
    case .notNullViolation(let column):
      return ValidationError(column, code: "required", "is required").problem
    case .checkViolation, .invalidValue:
      return ProblemDetails(
        status: 422, type: "validation-error", title: "The input is not valid", detail: "A value breaks a rule of the table.")
    case .busy, .deadlock, .serializationFailure, .statementTimeout, .poolTimeout, .connection:
      return ProblemDetails(
        status: 503, type: "unavailable", title: "The service is busy", detail: "Try again in a moment.",
        headers: [("Retry-After", "1")])
    default:
      return ProblemDetails(status: 500, type: "internal-error", title: "Something went wrong on our side")
    }
  }
}
