/// A route of any method.
///
/// ```swift
/// Route("PURGE", "cache/{key}") { (request, key: String) in … }
/// ```
/// The closure takes the request and then the placeholders of the path: those of the route itself, or
/// those of its groups too, or none. It returns a ``Response``, anything ``ResponseConvertible``, an
/// `Encodable` value (JSON; 404 for `nil`), or nothing (204).
public struct Route: RouteComponent {
  /// The route.
  public let description: RouteDescription
  /// The route.
  public var descriptions: [RouteDescription] { [description] }

  /// A route whose handler returns something that knows its response.
  public init<each P: PathParameter, Result: ResponseConvertible>(
    _ method: HTTPMethod, _ path: String, name: String? = nil, operation: (any Sendable)? = nil, file: String = #fileID,
    line: Int = #line, handler: @escaping @Sendable (Request, repeat each P) async throws -> Result
  ) {
    self.init(method, path, name, operation, RouteSource(file: file, line: line), types: repeat (each P).self) {
      request, values in
      try await handler(request, repeat values.next((each P).self)).response(for: request)
    }
  }

  /// A route whose handler returns a value to send as JSON.
  public init<each P: PathParameter, Result: Encodable & SendableMetatype>(
    _ method: HTTPMethod, _ path: String, name: String? = nil, operation: (any Sendable)? = nil, file: String = #fileID,
    line: Int = #line, handler: @escaping @Sendable (Request, repeat each P) async throws -> Result
  ) {
    let mayBeNil = Response.isOptional(Result.self)
    self.init(method, path, name, operation, RouteSource(file: file, line: line), types: repeat (each P).self) {
      request, values in
      try Response.encoding(await handler(request, repeat values.next((each P).self)), for: request, mayBeNil: mayBeNil)
    }
  }

  /// A route whose handler returns something that knows its response, though it could be JSON too: a `String`.
  public init<each P: PathParameter, Result: ResponseConvertible & Encodable>(
    _ method: HTTPMethod, _ path: String, name: String? = nil, operation: (any Sendable)? = nil, file: String = #fileID,
    line: Int = #line, handler: @escaping @Sendable (Request, repeat each P) async throws -> Result
  ) {
    self.init(method, path, name, operation, RouteSource(file: file, line: line), types: repeat (each P).self) {
      request, values in
      try await handler(request, repeat values.next((each P).self)).response(for: request)
    }
  }

  /// A route whose handler returns nothing: 204.
  @_disfavoredOverload
  public init<each P: PathParameter>(
    _ method: HTTPMethod, _ path: String, name: String? = nil, operation: (any Sendable)? = nil, file: String = #fileID,
    line: Int = #line, handler: @escaping @Sendable (Request, repeat each P) async throws -> Void
  ) {
    self.init(method, path, name, operation, RouteSource(file: file, line: line), types: repeat (each P).self) {
      request, values in
      try await handler(request, repeat values.next((each P).self))
      return Response(status: .noContent)
    }
  }

  /// A part of its callers, so that the two closures become one: see `Router.answer`.
  @inline(__always) private init<each P: PathParameter>(
    _ method: HTTPMethod, _ path: String, _ name: String?, _ operation: (any Sendable)?, _ source: RouteSource,
    types: repeat (each P).Type,
    handler: @escaping @Sendable (Request, inout CapturedValues) async throws -> Response
  ) {
    var parameterTypes: [any PathParameter.Type] = []
    for type in repeat each types { parameterTypes.append(type) }
    let count = parameterTypes.count
    description = RouteDescription(
      method, path, name: name, operation: operation, parameterTypes: parameterTypes, source: source
    ) { request in
      var values = CapturedValues(request, count: count)
      return try await handler(request, &values)
    }
  }
}

/// Hands the captures of a path to a handler's parameters, in order.
struct CapturedValues {
  private var rest: ArraySlice<String>
  private let path: String

  /// The last `count` captures: a route inside of groups with placeholders may take its own alone.
  init(_ request: Request, count: Int) {
    rest = count == 0 ? [] : request.parameters.values.suffix(count)
    path = request.path
  }

  mutating func next<P: PathParameter>(_ type: P.Type) throws -> P {
    guard let text = rest.popFirst(), let value = P(pathParameter: text) else {
      throw HTTPError.notFound("There is nothing at “\(path)”.")
    }
    return value
  }
}
