public import MartletCore

/// Finds the route for a request. Built once, immutable afterwards.
///
/// At every segment a literal wins over a placeholder `{name}`, and that over a rest `{name...}`; where the
/// better match has no route of the method, the next one is tried. `/a/` is the same as `/a`. HEAD falls
/// back on GET, OPTIONS is answered with `Allow`, another method of a known path with 405.
public struct Router: Sendable {
  /// The routes in the order declared.
  public let routes: [RouteDescription]
  private let root: RouteNode

  /// A router.
  ///
  /// - Throws: ``HTTPError`` (`invalid-routes`) listing what ``check(_:)`` finds.
  public init(_ routes: some RouteComponent) throws {
    let all = routes.descriptions
    self.routes = all.map { route in
      guard let bind = route.bind else { return route }
      var bound = route
      bound.handler = bind(all)
      return bound
    }
    let faults = Router.check(routes).filter { $0.level == .error }
    guard faults.isEmpty else {
      throw HTTPError(.invalidRoutes, faults.map(\.description).joined(separator: "\n"))
    }
    root = RouteNode.tree(of: self.routes)
  }
  /// A router of the routes in a block.
  public init(@RoutesBuilder _ content: () -> RouteList) throws { try self.init(content()) }

  /// What is wrong with the routes: placeholders that do not fit the handler, duplicates, templates that
  /// cannot match. Nothing if all is well.
  public static func check(_ routes: some RouteComponent) -> [CheckMessage] {
    var found: [CheckMessage] = []
    var seen: [String: RouteDescription] = [:]
    for route in routes.descriptions {
      found += route.everyVersion.flatMap { check($0) } + (route.versions?.choice.mistakes ?? []).filter { !found.contains($0) }
      let shape = RouteTemplate.shape(of: route.path)
      let key = route.method.name + " " + shape
      if let first = seen[key] {
        found.append(
          CheckMessage(
            "http.E003", .error, "The route is declared twice, at \(first.source) and at \(route.source).",
            hint: "Remove one of them.", object: "\(route.method) \(route.path)"))
      } else {
        seen[key] = route
      }
    }
    return found
  }

  private static func check(_ route: RouteDescription) -> [CheckMessage] {
    var found: [CheckMessage] = []
    func report(_ id: String, _ message: String, _ hint: String) {
      found.append(CheckMessage(id, .error, message, hint: hint, object: "\(route.method) \(route.path) (\(route.source))"))
    }
    let names = route.placeholders, arity = route.parameterTypes.count
    if arity != 0, arity != names.count, arity != route.ownPlaceholders {
      report(
        "http.E001", "The handler takes \(arity) path parameters, but the path has \(names.count) placeholders.",
        "Give the closure one parameter for each placeholder.")
    }
    if Set(names).count != names.count {
      report("http.E002", "A placeholder's name stands twice in the path.", "Give each placeholder its own name.")
    }
    for (index, segment) in RouteTemplate.segments(of: route.path).enumerated() {
      switch segment {
      case .literal(let text):
        if text.contains("{") || text.contains("}") {
          report("http.E004", "“\(text)” is neither a text nor a placeholder.", "A placeholder is a whole segment: {name}.")
        } else if text == "." || text == ".." || text.contains("?") || text.contains("#") {
          report("http.E004", "“\(text)” can never match.", "Requests with such a segment are refused.")
        }
      case .capture(let name):
        if name.isEmpty { report("http.E004", "A placeholder has no name.", "Write {name}.") }
      case .rest(let name):
        if name.isEmpty { report("http.E004", "A placeholder has no name.", "Write {name...}.") }
        if index != RouteTemplate.segments(of: route.path).count - 1 {
          report("http.E005", "{\(name)...} is not the last segment.", "It takes the whole rest, so nothing can follow.")
        }
      }
    }
    return found
  }

  /// Answers a request by its route.
  ///
  /// - Throws: ``HTTPError``: 404 for an unknown path, 405 with `Allow` for a known one; what the handler throws.
  public func respond(to request: Request) async throws -> Response { try await answer(request) }

  /// The same as a part of its caller: every frame of an asynchronous function costs some hundred instructions.
  @inline(__always) func answer(_ request: Request) async throws -> Response {
    var search = RouteSearch(request.trail, method: request.method)
    if let entry = search.find(in: root) {
      var request = request
      request.noteRoute(entry, captures: search.captures)
      return try await entry.handler(request)
    }
    return try Router.refusal(of: request, &search)
  }

  /// The answer where no route has the path and the method.
  private static func refusal(of request: Request, _ search: inout RouteSearch) throws -> Response {
    guard !search.allowed.isEmpty else {
      throw HTTPError.notFound("There is nothing at “\(request.path.prefix(200))”.")
    }
    let allow = Router.allow(search.allowed)
    if request.method == .options {
      search.optionsHeaders["Allow"] = allow
      return Response(status: .noContent, headers: search.optionsHeaders)
    }
    throw HTTPError(
      .methodNotAllowed, "\(request.method.name.prefix(20)) is not allowed at “\(request.path.prefix(200))”; \(allow) are.",
      headers: ["Allow": allow])
  }

  /// The methods of a path for `Allow`, GET bringing HEAD along.
  private static func allow(_ methods: Set<HTTPMethod>) -> String {
    var methods = methods.union([.options])
    if methods.contains(.get) { methods.insert(.head) }
    return methods.map(\.name).sorted().joined(separator: ", ")
  }

  /// The path of a named route with its placeholders filled in, escaped; `nil` for an unknown name or
  /// another number of values.
  ///
  /// ```swift
  /// router.path(named: "article", "a-title")   // "/articles/a-title"
  /// ```
  public func path(named name: String, _ values: String...) -> String? {
    guard let route = routes.first(where: { $0.name == name }), route.placeholders.count == values.count else { return nil }
    var rest = values[...]
    let parts = RouteTemplate.segments(of: route.path).map { segment in
      switch segment {
      case .literal(let text): text
      case .capture: PercentCoding.encode(rest.popFirst() ?? "")
      case .rest: PercentCoding.encode(rest.popFirst() ?? "", keeping: "/")
      }
    }
    return "/" + parts.joined(separator: "/")
  }
}
