package import MartletCore

extension ProblemDetails {
  /// What a client is told about an error: its own problem if it has one, else a 500 that says nothing.
  package init(describing error: any Error) {
    switch error {
    case let error as any ProblemConvertible: self = error.problem
    case let error as DecodingError: self = error.validationError.problem
    default:
      self.init(
        status: 500, type: HTTPError.Kind.internalError.rawValue, title: HTTPError.Kind.internalError.title)
    }
  }

  /// The document as `application/problem+json`: RFC 9457, with `errors` and `requestId` added.
  ///
  /// - Parameters:
  ///   - instance: The path of the request.
  ///   - requestID: The id that the log knows the request by.
  package func response(instance: String, requestID: String) -> Response {
    let document = ProblemDocument(
      type: "/problems/" + type, title: title, status: status, detail: detail, instance: instance,
      errors: errors.isEmpty ? nil : errors.map { .init(field: $0.field, code: $0.code, message: $0.message) },
      requestId: requestID)
    var response = Response(status: HTTPStatus(status))
    // Encoding texts and numbers cannot fail; an empty body would still carry the status.
    response.body = .bytes((try? JSONCoding.encode(document)) ?? [])
    response.headers["Content-Type"] = "application/problem+json"
    response.headers["Cache-Control"] = "no-store"
    for header in headers { response.headers[header.name] = header.value }
    return response
  }
}

private struct ProblemDocument: Encodable {
  struct Entry: Encodable { var field: String, code: String, message: String }
  var type: String
  var title: String
  var status: Int
  var detail: String?
  var instance: String
  var errors: [Entry]?
  var requestId: String
}
