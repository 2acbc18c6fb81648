/// A route of one method, the method being in the type: see ``Get``, ``Post``, ``Put``, ``Patch``,
/// ``Delete``, ``Head``.
///
/// ```swift
/// Get("articles/{slug}") { (request, slug: String) in
///   try await Article.filter { $0.slug == slug }.one(request.db)
/// }
/// ```
/// What the closure takes and returns is said at ``Route``.
public struct VerbRoute<Verb: RouteVerb>: RouteComponent {
  /// The route.
  public let description: RouteDescription
  /// The route.
  public var descriptions: [RouteDescription] { [description] }

  /// A route whose handler returns something that knows its response.
  public init<each P: PathParameter, Result: ResponseConvertible>(
    _ path: String, name: String? = nil, operation: (any Sendable)? = nil, file: String = #fileID, line: Int = #line,
    handler: @escaping @Sendable (Request, repeat each P) async throws -> Result
  ) {
    description =
      Route(Verb.method, path, name: name, operation: operation, file: file, line: line, handler: handler).description
  }
  /// A route whose handler returns a value to send as JSON.
  public init<each P: PathParameter, Result: Encodable & SendableMetatype>(
    _ path: String, name: String? = nil, operation: (any Sendable)? = nil, file: String = #fileID, line: Int = #line,
    handler: @escaping @Sendable (Request, repeat each P) async throws -> Result
  ) {
    description =
      Route(Verb.method, path, name: name, operation: operation, file: file, line: line, handler: handler).description
  }
  /// A route whose handler returns something that knows its response, though it could be JSON too: a `String`.
  public init<each P: PathParameter, Result: ResponseConvertible & Encodable>(
    _ path: String, name: String? = nil, operation: (any Sendable)? = nil, file: String = #fileID, line: Int = #line,
    handler: @escaping @Sendable (Request, repeat each P) async throws -> Result
  ) {
    description =
      Route(Verb.method, path, name: name, operation: operation, file: file, line: line, handler: handler).description
  }
  /// A route whose handler returns nothing: 204.
  @_disfavoredOverload
  public init<each P: PathParameter>(
    _ path: String, name: String? = nil, operation: (any Sendable)? = nil, file: String = #fileID, line: Int = #line,
    handler: @escaping @Sendable (Request, repeat each P) async throws -> Void
  ) {
    description =
      Route(Verb.method, path, name: name, operation: operation, file: file, line: line, handler: handler).description
  }
}

/// The method of a ``VerbRoute``.
public protocol RouteVerb: Sendable {
  /// The method.
  static var method: HTTPMethod { get }
}

/// The methods that have a route type of their own.
public enum RouteVerbs {
  /// GET
  public enum Get: RouteVerb {
    /// GET
    public static var method: HTTPMethod { .get }
  }
  /// HEAD
  public enum Head: RouteVerb {
    /// HEAD
    public static var method: HTTPMethod { .head }
  }
  /// POST
  public enum Post: RouteVerb {
    /// POST
    public static var method: HTTPMethod { .post }
  }
  /// PUT
  public enum Put: RouteVerb {
    /// PUT
    public static var method: HTTPMethod { .put }
  }
  /// PATCH
  public enum Patch: RouteVerb {
    /// PATCH
    public static var method: HTTPMethod { .patch }
  }
  /// DELETE
  public enum Delete: RouteVerb {
    /// DELETE
    public static var method: HTTPMethod { .delete }
  }
}

/// A GET route; HEAD is answered by it too.
public typealias Get = VerbRoute<RouteVerbs.Get>
/// A HEAD route, for where GET's own answer would cost too much.
public typealias Head = VerbRoute<RouteVerbs.Head>
/// A POST route.
public typealias Post = VerbRoute<RouteVerbs.Post>
/// A PUT route.
public typealias Put = VerbRoute<RouteVerbs.Put>
/// A PATCH route.
public typealias Patch = VerbRoute<RouteVerbs.Patch>
/// A DELETE route.
public typealias Delete = VerbRoute<RouteVerbs.Delete>
