public import MartletCore

/// A resource that was declared or wired in a way that cannot work. A client's mistakes never become this.
public struct RESTError: ProblemConvertible, Sendable, Hashable, CustomStringConvertible {
  /// What went wrong.
  public enum Kind: String, Sendable, Hashable {
    /// The request carries no database.
    case missingDatabase
    /// The request carries no storage for files.
    case missingFileStorage
    /// A row could not be made of valid input: a column is neither writable nor has a default.
    case unfillableColumn
    /// A type cannot be described in an OpenAPI document.
    case undescribableType
    /// What should be an OpenAPI document is none.
    case unreadableDocument
  }
  /// What went wrong.
  public var kind: Kind
  /// What failed, and where.
  public var message: String
  /// What to do next.
  public var hint: String?

  /// An error.
  public init(_ kind: Kind, _ message: String, hint: String? = nil) {
    self.kind = kind
    self.message = message
    self.hint = hint
  }
  /// The message and the hint.
  public var description: String { message + (hint.map { " — \($0)" } ?? "") }
  /// 500, which says nothing of the program.
  public var problem: ProblemDetails {
    ProblemDetails(status: 500, type: "internal-error", title: "Something went wrong on our side")
  }
}
