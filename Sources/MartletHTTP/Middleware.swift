/// Answers a request.
public typealias RequestHandler = @Sendable (Request) async throws -> Response

/// Stands between the request and its handler: looks at or changes the request, the response, or both.
///
/// ```swift
/// struct Timing: Middleware {
///   func handle(_ request: Request, next: RequestHandler) async throws -> Response {
///     let start = ContinuousClock.now
///     let response = try await next(request)
///     return response.setting("Server-Timing", "app;dur=\((ContinuousClock.now - start) / .milliseconds(1))")
///   }
/// }
/// ```
/// Errors that the handler throws pass through `next`: they become a response outside of all middleware,
/// unless a middleware catches them.
public protocol Middleware: Sendable {
  /// Answers the request, usually by calling `next` once.
  func handle(_ request: Request, next: RequestHandler) async throws -> Response
}

/// A middleware that is a closure.
///
/// ```swift
/// Group("beta") { … }.middleware(MiddlewareFunction { request, next in … })
/// ```
public struct MiddlewareFunction: Middleware {
  private let body: @Sendable (Request, RequestHandler) async throws -> Response

  /// A middleware that calls `body`.
  public init(_ body: @escaping @Sendable (Request, RequestHandler) async throws -> Response) { self.body = body }

  /// Calls the closure.
  public func handle(_ request: Request, next: RequestHandler) async throws -> Response { try await body(request, next) }
}

/// The handler with middleware around it; the first of the list is the outermost.
func compose(_ middleware: [any Middleware], around handler: @escaping RequestHandler) -> RequestHandler {
  var handler = handler
  for layer in middleware.reversed() {
    let next = handler
    handler = { request in try await layer.handle(request, next: next) }
  }
  return handler
}
