public import MartletCore

/// A query or a model used in a way that cannot work, or a row that is not there.
public struct ORMError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What went wrong.
  public enum Kind: String, Sendable, Hashable {
    /// No row, where one was asked for.
    case notFound
    /// Several rows, where one was asked for.
    case multipleFound
    /// A relation was read that the query did not load.
    case notLoaded
    /// The key of a row that is not saved yet was used in a query or a write.
    case unsavedKey
    /// The policy does not allow it.
    case forbidden
    /// An expression in a place where it has no meaning.
    case invalidExpression
    /// The answer depends on rows that are not in memory.
    case needsDatabase
    /// The database did not answer as its contract says.
    case unexpectedResult
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
}

extension ORMError: ProblemConvertible {
  /// 404 for a missing row, 403 for what the policy refuses, 500 for mistakes of the program.
  public var problem: ProblemDetails {
    switch kind {
    case .notFound: ProblemDetails(status: 404, type: "not-found", title: "Not found", detail: "There is no such object.")
    case .forbidden:
      ProblemDetails(
        status: 403, type: "forbidden", title: "Forbidden", detail: "You do not have permission to perform this action.")
    default: ProblemDetails(status: 500, type: "internal-error", title: "Something went wrong on our side")
    }
  }
}
