import MartletHTTP

/// Problem documents (RFC 9457) as schemas and responses.
enum ProblemSchemas {
  static let problem: JSONTree = [
    "type": "object",
    "description": "What went wrong: RFC 9457, with the errors of single fields and the request's id.",
    "properties": [
      "type": ["type": "string", "format": "uri-reference", "description": "What kind of problem, for programs."],
      "title": ["type": "string", "description": "The same words for every problem of the type."],
      "status": ["type": "integer", "description": "The status code."],
      "detail": ["type": "string", "description": "What happened this time."],
      "instance": ["type": "string", "format": "uri-reference", "description": "The path of the request."],
      "requestId": ["type": "string", "description": "What the log knows the request by."],
      "errors": [
        "type": "array",
        "description": "Every input at fault.",
        "items": [
          "type": "object",
          "properties": [
            "field": ["type": "string", "description": "The field, with dots for nested ones; empty for the whole input."],
            "code": ["type": "string", "description": "What is wrong, for programs, such as “required”."],
            "message": ["type": "string", "description": "What is wrong, for people."],
          ],
          "required": ["field", "code", "message"],
        ],
      ],
    ],
    "required": ["type", "title", "status", "instance", "requestId"],
  ]

  /// The kinds of problems behind the responses.
  private static let kinds: [String: HTTPError.Kind] = [
    "BadRequest": .malformedJSON, "Unauthorized": .unauthorized, "Forbidden": .forbidden, "NotFound": .notFound,
    "Conflict": .conflict, "PreconditionFailed": .preconditionFailed, "ContentTooLarge": .contentTooLarge,
    "UnsupportedMediaType": .unsupportedMediaType, "TooManyRequests": .tooManyRequests, "Problem": .internalError,
  ]
  /// A problem as the response holds it.
  private static func example(_ name: String) -> JSONTree? {
    let isInvalid = name == "ValidationFailed"
    guard isInvalid || kinds[name] != nil else { return nil }
    let type = isInvalid ? "validation-error" : kinds[name]?.rawValue ?? ""
    let title = isInvalid ? "The input is not valid" : kinds[name]?.title ?? ""
    let problem: JSONTree = [
      "type": .string("/problems/" + type), "title": .string(title),
      "status": .number(String(isInvalid ? 422 : kinds[name]?.status.code ?? 500)), "instance": "/",
      "requestId": "0198f2d45c1a7e63",
    ]
    let errors: JSONTree = [["field": "title", "code": "required", "message": "This field is required."]]
    return problem.adding("errors", isInvalid ? errors : nil)
  }

  /// The responses that operations refer to.
  static func responses(_ problem: JSONTree) -> JSONTree {
    let texts = [
      ("BadRequest", "The body is not JSON, or a query parameter is not valid."),
      ("Unauthorized", "The caller must prove who they are."), ("Forbidden", "The caller may not do this."),
      ("NotFound", "There is no such row, or the caller may not read it."),
      ("Conflict", "A value that must be unique is taken, or other rows still refer to this one."),
      ("NotAcceptable", "“Accept” allows no form that is offered."),
      ("PreconditionFailed", "The row has changed since; the problem's ETag is the current one."),
      ("PreconditionRequired", "The request must say by If-Match which state it changes."),
      ("ContentTooLarge", "The body is too large."), ("UnsupportedMediaType", "The body must be JSON."),
      ("ValidationFailed", "The input breaks rules; all of them are listed."), ("Problem", "Anything else that goes wrong."),
    ]
    return .object(
      texts.map { name, text in
        var response: JSONTree = [
          "description": .string(text),
          "content": ["application/problem+json": JSONTree.object([.init("schema", problem)]).adding("example", example(name))],
        ]
        if name == "Unauthorized" {
          response = response.adding(
            "headers", ["WWW-Authenticate": ["description": "How to.", "schema": ["type": "string"]]])
        }
        return .init(name, response)
      })
  }
}
