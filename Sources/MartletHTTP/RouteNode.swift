/// One segment of the tree of routes.
final class RouteNode: Sendable {
  struct Entry: Sendable {
    let path: String
    let names: [String]
    let source: RouteSource
    let optionsHeaders: HeaderFields
    let handler: RequestHandler
  }
  let literals: [String: RouteNode]
  let capture: RouteNode?
  let entries: [HTTPMethod: Entry]
  let restEntries: [HTTPMethod: Entry]

  private init(_ builder: Builder) {
    literals = builder.literals.mapValues { RouteNode($0) }
    capture = builder.capture.map { RouteNode($0) }
    entries = builder.entries
    restEntries = builder.restEntries
  }

  /// The tree while it grows.
  private final class Builder {
    var literals: [String: Builder] = [:]
    var capture: Builder?
    var entries: [HTTPMethod: Entry] = [:]
    var restEntries: [HTTPMethod: Entry] = [:]

    func add(_ segments: ArraySlice<RouteTemplate.Segment>, _ method: HTTPMethod, _ entry: Entry) {
      guard let first = segments.first else {
        if entries[method] == nil { entries[method] = entry }
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
        if restEntries[method] == nil { restEntries[method] = entry }
      }
    }
  }

  /// The tree of valid routes.
  static func tree(of routes: [RouteDescription]) -> RouteNode {
    let root = Builder()
    for route in routes {
      let entry = Entry(
        path: route.path, names: route.placeholders, source: route.source, optionsHeaders: route.optionsHeaders,
        handler: compose(route.middleware, around: route.handler))
      root.add(RouteTemplate.segments(of: route.path)[...], route.method, entry)
    }
    return RouteNode(root)
  }
}

/// One walk down the tree.
struct RouteSearch {
  let segments: [String]
  let method: HTTPMethod
  /// The texts of the placeholders on the way.
  var captures: [String] = []
  /// The methods of every route that fits the path.
  var allowed: Set<HTTPMethod> = []
  /// What those routes add to the answer to OPTIONS.
  var optionsHeaders = HeaderFields()

  init(segments: [String], method: HTTPMethod) {
    self.segments = segments
    self.method = method
  }

  mutating func find(in node: RouteNode, at index: Int = 0) -> RouteNode.Entry? {
    if index == segments.count {
      if let entry = pick(node.entries) { return entry }
    } else {
      let segment = segments[index]
      if let child = node.literals[segment], let entry = find(in: child, at: index + 1) { return entry }
      if !segment.isEmpty, let child = node.capture {
        captures.append(segment)
        if let entry = find(in: child, at: index + 1) { return entry }
        captures.removeLast()
      }
      if !node.restEntries.isEmpty, let entry = pick(node.restEntries) {
        captures.append(segments[index...].joined(separator: "/"))
        return entry
      }
    }
    return nil
  }

  private mutating func pick(_ entries: [HTTPMethod: RouteNode.Entry]) -> RouteNode.Entry? {
    if let entry = entries[method] { return entry }
    if method == .head, let entry = entries[.get] { return entry }
    allowed.formUnion(entries.keys)
    if method == .options {
      for field in entries.values.flatMap(\.optionsHeaders) { optionsHeaders.setDefault(field.name, field.value) }
    }
    return nil
  }
}
