/// Something that contributes routes: a route, a group of them, a REST resource, an admin site.
///
/// A module of its own kind of routes conforms its type and says the routes flat:
/// ```swift
/// struct Health: RouteComponent {
///   var descriptions: [RouteDescription] {
///     Get("health") { _ in "ok" }.descriptions
///   }
/// }
/// ```
public protocol RouteComponent: Sendable {
  /// The routes, with paths relative to where the component stands.
  var descriptions: [RouteDescription] { get }
}

/// What an app's `routes` are: `var routes: some Routes { … }`.
public typealias Routes = RouteComponent

/// Routes in order.
public struct RouteList: RouteComponent {
  /// The routes.
  public var descriptions: [RouteDescription]

  /// Routes that are described already.
  public init(_ descriptions: [RouteDescription]) { self.descriptions = descriptions }
  /// The routes of a builder.
  public init(@RoutesBuilder _ content: () -> RouteList) { self = content() }
}

/// Collects the routes of a block: components one under another, `if`, `switch`, `for`.
@resultBuilder
public enum RoutesBuilder {
  /// One component.
  public static func buildExpression(_ component: some RouteComponent) -> RouteList { RouteList(component.descriptions) }
  /// One component without its type.
  public static func buildExpression(_ component: any RouteComponent) -> RouteList { RouteList(component.descriptions) }
  /// All the components of a block.
  public static func buildBlock(_ parts: RouteList...) -> RouteList { RouteList(parts.flatMap(\.descriptions)) }
  /// An `if` without `else`.
  public static func buildOptional(_ part: RouteList?) -> RouteList { part ?? RouteList([]) }
  /// The first branch.
  public static func buildEither(first part: RouteList) -> RouteList { part }
  /// The second branch.
  public static func buildEither(second part: RouteList) -> RouteList { part }
  /// A `for` loop.
  public static func buildArray(_ parts: [RouteList]) -> RouteList { RouteList(parts.flatMap(\.descriptions)) }
  /// A block inside of `if #available`.
  public static func buildLimitedAvailability(_ part: RouteList) -> RouteList { part }
}

/// Routes under a common path and common middleware.
///
/// ```swift
/// Group("api", middleware: Throttle()) {
///   Get("articles") { request in … }
/// }
/// ```
public struct Group: RouteComponent {
  /// The routes with the group's path and middleware.
  public let descriptions: [RouteDescription]

  /// A group.
  ///
  /// - Parameters:
  ///   - path: The common path; it may hold placeholders.
  ///   - middleware: Stands around every route of the group; the first is the outermost.
  public init(_ path: String = "", middleware: any Middleware..., @RoutesBuilder routes: () -> RouteList) {
    descriptions = routes().descriptions.map { route in
      var route = route
      route.path = RouteTemplate.joined(path, route.path)
      route.middleware = middleware + route.middleware
      return route
    }
  }
}

extension RouteComponent {
  /// The routes with middleware around them, outside of what they have already; the first is the outermost.
  public func middleware(_ middleware: any Middleware...) -> RouteList {
    RouteList(
      descriptions.map { route in
        var route = route
        route.middleware = middleware + route.middleware
        return route
      })
  }
  /// The routes with a piece of metadata, for OpenAPI and tools.
  public func metadata(_ key: String, _ value: any Sendable) -> RouteList {
    RouteList(
      descriptions.map { route in
        var route = route
        route.metadata[key] = value
        return route
      })
  }
}
