import MartletCore

/// Versions of an API at the same paths, told apart by a header field or by `Accept`.
///
/// ```swift
/// Versions(header: "API-Version", default: "2") {
///   Version("1") { REST("api") { Resource(OldArticle.self).path("articles") }.deprecated(since: …) }
///   Version("2") { REST("api") { Resource(Article.self) } }
/// }
/// ```
/// A request names its version by the field, or by a parameter of a media type (`Accept: application/json; version=1`); one
/// that names none gets the default. An unknown version is refused: 400 by the field, 406 by `Accept`. Answers say their
/// version in the same field. Django REST framework's `AcceptHeaderVersioning`; versions in the path need no more than two
/// groups.
public struct Versions: RouteComponent {
  private let header: String
  private let defaultVersion: String
  private let versions: [Version]
  private let source: RouteSource

  /// Versions of an API.
  ///
  /// - Parameters:
  ///   - header: The field that names the version.
  ///   - defaultVersion: The version of requests that name none.
  public init(
    header: String = "API-Version", default defaultVersion: String, file: String = #fileID, line: Int = #line,
    @VersionsBuilder versions: () -> [Version]
  ) {
    self.header = header
    self.defaultVersion = defaultVersion
    self.versions = versions()
    source = RouteSource(file: file, line: line)
  }

  /// One route for each method and path that any version has.
  public var descriptions: [RouteDescription] {
    let choice = VersionChoice(header: header, defaultVersion: defaultVersion, names: versions.map(\.name), source: source)
    var order: [String] = [], routes: [String: [RouteVersion]] = [:]
    for version in versions {
      for route in version.routes.descriptions {
        let key = route.method.name + " " + RouteTemplate.shape(of: route.path)
        if routes[key] == nil { order.append(key) }
        routes[key, default: []].append(RouteVersion(name: version.name, route: route))
      }
    }
    return order.compactMap { routes[$0].flatMap { VersionedRoute(choice: choice, variants: $0).description } }
  }
}

/// One version of an API, in ``Versions``.
public struct Version: Sendable {
  let name: String
  let routes: RouteList

  /// The routes of a version.
  public init(_ name: String, @RoutesBuilder routes: () -> RouteList) {
    self.name = name
    self.routes = routes()
  }
}

/// Collects the versions of a ``Versions`` block.
@resultBuilder
public enum VersionsBuilder {
  /// All versions of the block.
  public static func buildBlock(_ versions: Version...) -> [Version] { versions }
}

/// How a request says which version it wants.
package struct VersionChoice: Sendable {
  package let header: String
  package let defaultVersion: String
  package let names: [String]
  let source: RouteSource

  /// - Throws: ``HTTPError`` for a version that there is not: 400, or 406 where `Accept` names it.
  package func version(of request: Request) throws -> String {
    let known = "The versions are \(names.joined(separator: ", "))."
    if let name = request.headers[header], !name.isEmpty {
      guard names.contains(name) else {
        let fault = FieldError(header, code: "invalid_choice", "There is no version “\(name.prefix(40))”. \(known)")
        throw HTTPError(.invalidParameter, "“\(header)” names no version of this API. \(known)", errors: [fault])
      }
      return name
    }
    let ranges = MediaRange.list(request.headers["accept"] ?? "").filter { $0.quality > 0 }
    let named = ranges.sorted { $0.quality > $1.quality }.compactMap { $0.parameters["version"] }
    guard let first = named.first else { return defaultVersion }
    guard let name = named.first(where: names.contains) else {
      throw HTTPError(.notAcceptable, "“Accept” asks for version “\(first.prefix(40))” of this API. \(known)")
    }
    return name
  }

  /// Says in an answer which version it is of, if of any, and what decides that.
  func note(_ version: String?, in headers: inout HeaderFields) {
    if let version { headers.setDefault(header, version) }
    headers.addToken(header, to: "Vary")
    headers.addToken("Accept", to: "Vary")
  }

  /// What is wrong with the declaration.
  var mistakes: [CheckMessage] {
    var found: [CheckMessage] = []
    if !names.contains(defaultVersion) {
      found.append(
        CheckMessage(
          "http.E006", .error, "The default version “\(defaultVersion)” is none of \(names.joined(separator: ", ")).",
          hint: "Name one of the versions.", object: source.description))
    }
    if Set(names).count != names.count {
      found.append(
        CheckMessage(
          "http.E007", .error, "A version is declared twice among \(names.joined(separator: ", ")).",
          hint: "Put its routes into one block.", object: source.description))
    }
    return found
  }
}

/// A route as one version has it.
package struct RouteVersion: Sendable {
  package let name: String
  package var route: RouteDescription
}

/// The versions of one method and path, kept in the metadata of the route that stands for them.
package struct VersionedRoute: Sendable {
  static let metadataKey = "versions"

  package let choice: VersionChoice
  package var variants: [RouteVersion]

  /// The variant that the route describes itself by: the default version's, else the newest.
  package var base: RouteVersion? { variants.first { $0.name == choice.defaultVersion } ?? variants.last }

  var description: RouteDescription? {
    guard var route = base?.route else { return nil }
    // From here on it has what is said of all versions: middleware outside of the variants' own.
    route.middleware = []
    route.metadata[VersionedRoute.metadataKey] = self
    route.handler = handler(variants)
    if variants.contains(where: { $0.route.bind != nil }) { route.bind = { all in handler(bound(all)) } }
    return route
  }

  /// The variants with the handlers that are made once all routes are known.
  private func bound(_ all: [RouteDescription]) -> [RouteVersion] {
    variants.map { variant in
      var variant = variant
      if let bind = variant.route.bind { variant.route.handler = bind(all) }
      return variant
    }
  }

  private func handler(_ variants: [RouteVersion]) -> RequestHandler {
    var handlers: [String: (names: [String], handler: RequestHandler)] = [:]
    for variant in variants {
      handlers[variant.name] = (
        variant.route.placeholders, compose(variant.route.middleware, around: variant.route.handler)
      )
    }
    let choice = choice, chosen = handlers
    return { request in
      var version: String?
      do {
        let named = try choice.version(of: request)
        version = named
        guard let (names, handler) = chosen[named] else {
          throw HTTPError.notFound("Version \(named) has nothing at “\(request.path.prefix(200))”.")
        }
        var request = request
        request[VersionContext.self] = named
        request.parameters.rename(last: names)
        var response = try await handler(request)
        choice.note(named, in: &response.headers)
        return response
      } catch { throw AnnotatedFailure.changing(error) { choice.note(version, in: &$0) } }
    }
  }
}

extension RouteDescription {
  /// The versions of the route, where it has several.
  package var versions: VersionedRoute? { metadata[VersionedRoute.metadataKey] as? VersionedRoute }
  /// Changes the descriptions of the route's versions.
  package mutating func changeVersions(_ change: (inout RouteDescription) -> Void) {
    guard var versioned = versions else { return }
    for index in versioned.variants.indices { change(&versioned.variants[index].route) }
    metadata[VersionedRoute.metadataKey] = versioned
  }
  /// The route, or all its versions.
  package var everyVersion: [RouteDescription] { versions.map { $0.variants.map(\.route) } ?? [self] }
}

private enum VersionContext: ContextKey {
  typealias Value = String
}

extension Request {
  /// The version of the API that the request asks for, in a route of ``Versions``; `nil` elsewhere.
  public var apiVersion: String? { self[VersionContext.self] }
}
