import Martlet

// The RealWorld API has an error format of its own. One middleware translates: whatever fails inside of the group,
// the framework's checks included, arrives here as a problem with field errors and leaves as `{"errors": {…}}`.

/// A failure in the words of the RealWorld API.
struct RealWorldError: ProblemConvertible {
  var status: Int
  var field: String
  var message: String

  static func notFound(_ resource: String) -> Self { Self(status: 404, field: resource, message: "not found") }
  static func forbidden(_ resource: String) -> Self { Self(status: 403, field: resource, message: "forbidden") }

  var problem: ProblemDetails {
    ProblemDetails(
      status: status, type: status == 404 ? "not-found" : "forbidden", title: "\(field): \(message)",
      errors: [FieldError(field, code: "invalid", message)])
  }
}

/// Turns errors into `{"errors": {"title": ["can't be blank"]}}`.
struct RealWorldErrors: Middleware {
  func handle(_ request: Request, next: RequestHandler) async throws -> Response {
    do {
      return try await next(request)
    } catch let error as any ProblemConvertible {
      let problem = error.problem
      guard problem.status < 500 else { throw error }  // Ours: the framework logs it and answers without details.
      // The RealWorld API knows no 400 for a parameter of the wrong form.
      let status = problem.type == "invalid-parameter" ? 422 : problem.status
      var response = Response.json(bytes: Self.body(Self.entries(of: error, problem)), status: HTTPStatus(status))
      for header in problem.headers { response.headers[header.name] = header.value }
      return response
    }
  }

  /// Field and message of everything that is wrong.
  private static func entries(of error: any Error, _ problem: ProblemDetails) -> [(field: String, message: String)] {
    if let error = error as? AuthError {
      switch error.kind {
      case .notAuthenticated: return [("token", "is missing")]
      case .invalidToken, .expiredToken: return [("token", "is invalid")]
      case .invalidCredentials: return [("credentials", "invalid")]
      default: break
      }
    }
    if problem.errors.isEmpty {
      return [(problem.status == 404 ? "resource" : "request", problem.detail ?? problem.title)]
    }
    return problem.errors.map { (field($0.field), message($0)) }
  }

  /// `article.tagList.0` → `tagList`: the API names members, not the object around them nor what is in them.
  private static func field(_ path: String) -> String {
    let parts = path.split(separator: ".")
    if parts.count > 1, ["article", "comment", "user"].contains(parts[0]) { return String(parts[1]) }
    // The column that makes addresses unique on MySQL: see the migration 0002.
    if path == "conduit_email" { return "email" }
    return path.isEmpty ? "request" : path
  }

  private static func message(_ error: FieldError) -> String {
    switch error.code {
    case "required", "null", "blank": "can't be blank"
    case "unique": "has already been taken"
    default: error.message
    }
  }

  private static func body(_ entries: [(field: String, message: String)]) -> [UInt8] {
    var fields: [String] = []
    for entry in entries where !fields.contains(entry.field) { fields.append(entry.field) }
    var json = JSONWriter()
    json.object {
      $0.key("errors")
      $0.object { json in
        for field in fields {
          json.key(field)
          json.array { for entry in entries where entry.field == field { $0.string(entry.message) } }
        }
      }
    }
    return json.finish()
  }
}
