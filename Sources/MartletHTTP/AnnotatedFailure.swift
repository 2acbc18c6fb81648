package import MartletCore

/// A failure with header fields that middleware adds to its answer.
package struct AnnotatedFailure: ProblemConvertible {
  /// What failed.
  package let error: any ProblemConvertible
  private var headers: HeaderFields

  /// The error with changed header fields; as it is where it has nothing to tell a client.
  ///
  /// An ``HTTPError`` stays one: it holds header fields of its own.
  package static func changing(_ error: any Error, _ change: (inout HeaderFields) -> Void) -> any Error {
    switch error {
    case var error as HTTPError:
      change(&error.headers)
      return error
    case var failure as AnnotatedFailure:
      change(&failure.headers)
      return failure
    case let error as any ProblemConvertible:
      var failure = AnnotatedFailure(error: error, headers: HeaderFields())
      for field in error.problem.headers { failure.headers.append(field.name, field.value) }
      change(&failure.headers)
      return failure
    case let error as DecodingError: return changing(error.validationError, change)
    default: return error
    }
  }

  /// The failure's, with these header fields.
  package var problem: ProblemDetails {
    var problem = error.problem
    problem.headers = headers.map { ($0.name, $0.value) }
    return problem
  }
}
