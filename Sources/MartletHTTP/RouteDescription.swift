import MartletCore

/// One route, flat: what the router, the `routes` command and OpenAPI read.
public struct RouteDescription: Sendable {
  /// The method.
  public var method: HTTPMethod
  /// The whole template, such as `/api/articles/{slug}`: `{name}` captures a segment, a last `{name...}`
  /// the rest of the path.
  public var path: String
  /// Answers the request.
  public var handler: RequestHandler
  /// Stands around the handler; the first is the outermost.
  public var middleware: [any Middleware]
  /// A name to find the route by.
  public var name: String?
  /// What the route does, in the words of the module that made it, for OpenAPI.
  public var operation: (any Sendable)?
  /// More of that, by key.
  public var metadata: [String: any Sendable]
  /// The types of the handler's parameters, in the order of the placeholders.
  public var parameterTypes: [any PathParameter.Type]
  /// What the route adds to the answer to OPTIONS at its path.
  package var optionsHeaders = HeaderFields()
  /// Makes the handler once all routes are known: for a route that describes the others.
  package var bind: (@Sendable ([RouteDescription]) -> RequestHandler)?
  /// The number of placeholders in the route's own part of the path, without its groups'.
  var ownPlaceholders: Int
  /// Where the route was declared.
  public var source: RouteSource

  /// A route.
  public init(
    _ method: HTTPMethod, _ path: String, name: String? = nil, operation: (any Sendable)? = nil,
    metadata: [String: any Sendable] = [:], parameterTypes: [any PathParameter.Type] = [], middleware: [any Middleware] = [],
    source: RouteSource, handler: @escaping RequestHandler
  ) {
    self.method = method
    self.path = RouteTemplate.joined("", path)
    self.handler = handler
    self.middleware = middleware
    self.name = name
    self.operation = operation
    self.metadata = metadata
    self.parameterTypes = parameterTypes
    self.source = source
    ownPlaceholders = RouteTemplate.placeholders(of: path).count
  }

  /// The names of the placeholders in the order of the path.
  public var placeholders: [String] { RouteTemplate.placeholders(of: path) }
}

/// Where a route was declared.
public struct RouteSource: Sendable, Hashable, CustomStringConvertible {
  /// Module and file, as `#fileID` gives them.
  public var file: String
  /// The line, from 1.
  public var line: Int

  /// A place in the source.
  public init(file: String, line: Int) {
    self.file = file
    self.line = line
  }
  /// `Blog/Routes.swift:12`
  public var description: String { "\(file):\(line)" }
}

/// A route's path, taken apart.
enum RouteTemplate {
  enum Segment: Hashable {
    case literal(String)
    case capture(String)
    case rest(String)
  }

  /// Two parts with one slash between; no slash at the end.
  static func joined(_ prefix: String, _ path: String) -> String {
    let parts = prefix.split(separator: "/") + path.split(separator: "/")
    return "/" + parts.joined(separator: "/")
  }
  static func segments(of path: String) -> [Segment] {
    path.split(separator: "/").map { part in
      guard part.hasPrefix("{"), part.hasSuffix("}") else { return .literal(String(part)) }
      let name = part.dropFirst().dropLast()
      return name.hasSuffix("...") ? .rest(String(name.dropLast(3))) : .capture(String(name))
    }
  }
  /// The same text for paths that match the same requests, whatever their placeholders are called.
  static func shape(of path: String) -> String {
    let parts = segments(of: path).map { segment in
      switch segment {
      case .literal(let text): "=" + text
      case .capture: "{}"
      case .rest: "{...}"
      }
    }
    return parts.joined(separator: "/")
  }
  static func placeholders(of path: String) -> [String] {
    segments(of: path).compactMap { segment in
      switch segment {
      case .literal: nil
      case .capture(let name), .rest(let name): name
      }
    }
  }
}
