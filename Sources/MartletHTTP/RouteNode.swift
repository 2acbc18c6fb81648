/// One segment of the tree of routes.
final class RouteNode: Sendable {
  /// A route: one object, so that handing it on costs one reference count.
  final class Entry: Sendable {
    let path: String
    let names: [String]
    let source: RouteSource
    let optionsHeaders: HeaderFields
    let handler: RequestHandler

    init(_ route: RouteDescription) {
      path = route.path
      names = route.placeholders
      source = route.source
      optionsHeaders = route.optionsHeaders
      handler = compose(route.middleware, around: route.handler)
    }
  }
  /// The routes of one path, a handful of methods at most: looking along costs less than hashing.
  typealias Entries = [(method: HTTPMethod, entry: Entry)]

  let literals: LiteralTable
  let capture: RouteNode?
  let entries: Entries
  let restEntries: Entries

  private init(_ builder: Builder) {
    literals = LiteralTable(builder.literals.mapValues { RouteNode($0) })
    capture = builder.capture.map { RouteNode($0) }
    entries = builder.entries
    restEntries = builder.restEntries
  }

  /// The tree while it grows.
  private final class Builder {
    var literals: [String: Builder] = [:]
    var capture: Builder?
    var entries: Entries = []
    var restEntries: Entries = []

    private func note(_ method: HTTPMethod, _ entry: Entry, in entries: inout Entries) {
      if !entries.contains(where: { $0.method == method }) { entries.append((method, entry)) }
    }
    func add(_ segments: ArraySlice<RouteTemplate.Segment>, _ method: HTTPMethod, _ entry: Entry) {
      guard let first = segments.first else {
        note(method, entry, in: &entries)
        return
      }
      switch first {
      case .literal(let text):
        let child = literals[text] ?? Builder()
        literals[text] = child
        child.add(segments.dropFirst(), method, entry)
      case .capture:
        let child = capture ?? Builder()
        capture = child
        child.add(segments.dropFirst(), method, entry)
      case .rest:
        note(method, entry, in: &restEntries)
      }
    }
  }

  /// The tree of valid routes.
  static func tree(of routes: [RouteDescription]) -> RouteNode {
    let root = Builder()
    for route in routes {
      root.add(RouteTemplate.segments(of: route.path)[...], route.method, Entry(route))
    }
    return RouteNode(root)
  }
}
