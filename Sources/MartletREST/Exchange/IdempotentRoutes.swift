import MartletCore
public import MartletHTTP
import MartletORM

extension RouteComponent {
  /// POST and PATCH routes take an `Idempotency-Key`: the same key sent again gets the first answer again.
  ///
  /// ```swift
  /// Post("payments") { request in try await pay(request, request.db) }.idempotent(required: true)
  /// ```
  /// What the handler writes through the request's database is committed together with its answer, or not at all. What it
  /// does elsewhere (a mail, a call) is outside of that: leave it to `onCommit`. Cookies are not repeated, and a streamed
  /// answer is collected first.
  ///
  /// - Parameters:
  ///   - required: Whether a request without a key is refused with 400.
  ///   - lifetime: How long an answer is kept, in the table of ``IdempotencyRecord``.
  public func idempotent(required: Bool = false, lifetime: Duration = .seconds(86_400)) -> RouteList {
    let options = IdempotencyOptions(isRequired: required, lifetime: lifetime)
    let idempotency = Idempotency(options)
    return RouteList(
      descriptions.map { route in
        guard route.method == .post || route.method == .patch, IdempotencyOptions(of: route) == nil else { return route }
        var route = route
        // Inside of all other middleware: who sends the key must be known.
        route.middleware.append(IdempotencyMiddleware(idempotency: idempotency, choice: route.versions?.choice))
        route.metadata[IdempotencyOptions.metadataKey] = options
        return route
      })
  }
}

private struct IdempotencyMiddleware: Middleware {
  let idempotency: Idempotency
  /// Where the route stands for several versions.
  let choice: VersionChoice?
  func handle(_ request: Request, next: RequestHandler) async throws -> Response {
    try await idempotency.respond(to: request, choice: choice, next)
  }
}

extension IdempotencyOptions {
  static let metadataKey = "idempotency"

  /// What was declared of a route, on its resource or on itself.
  init?(of route: RouteDescription) {
    let resource = (route.operation as? ResourceOperation).flatMap { $0.action == .create ? $0.shape.exchange.idempotency : nil }
    guard let options = resource ?? (route.metadata[IdempotencyOptions.metadataKey] as? IdempotencyOptions) else { return nil }
    self = options
  }
}

extension Idempotency {
  /// Idempotent routes of an app that has no table for their answers.
  static func mistakes(_ routes: [RouteDescription], _ models: [any Model.Type]?) -> [CheckMessage] {
    guard let models, !models.contains(where: { $0 == IdempotencyRecord.self }) else { return [] }
    return routes.filter { IdempotencyOptions(of: $0) != nil }.map { route in
      CheckMessage(
        "rest.E021", .error,
        "\(route.method) \(route.path) is idempotent, but IdempotencyRecord, which keeps its answers, is not among the app's models.",
        hint: "Add RESTModels.all to `models`, then run makemigrations.", object: route.source.description)
    }
  }
}
