/// One walk down the tree.
struct RouteSearch {
  private let trail: PathTrail
  private let method: HTTPMethod
  /// The texts of the placeholders on the way.
  private(set) var captures: [String] = []
  /// The methods of every route that fits the path.
  private(set) var allowed: Set<HTTPMethod> = []
  /// What those routes add to the answer to OPTIONS.
  var optionsHeaders = HeaderFields()

  init(_ trail: PathTrail, method: HTTPMethod) {
    self.trail = trail
    self.method = method
  }

  /// The route of the path and the method.
  mutating func find(in root: RouteNode) -> RouteNode.Entry? {
    var text = trail.text
    return text.withUTF8 { find(in: root, $0[...]) }
  }

  /// - Parameter rest: What is left of the trail, its first separator included.
  private mutating func find(in node: RouteNode, _ rest: Slice<UnsafeBufferPointer<UInt8>>) -> RouteNode.Entry? {
    if rest.isEmpty { return pick(node.entries) }
    let start = rest.startIndex + 1
    var end = start
    while end < rest.endIndex, rest.base[end] != trail.separator { end += 1 }
    let segment = UnsafeBufferPointer(rebasing: rest.base[start..<end])
    if let child = node.literals.child(segment), let entry = find(in: child, rest.base[end..<rest.endIndex]) { return entry }
    if !segment.isEmpty, let child = node.capture {
      captures.append(String(decoding: segment, as: UTF8.self))
      if let entry = find(in: child, rest.base[end..<rest.endIndex]) { return entry }
      captures.removeLast()
    }
    if !node.restEntries.isEmpty, let entry = pick(node.restEntries) {
      captures.append(path(rest.base[start..<rest.endIndex]))
      return entry
    }
    return nil
  }

  /// The segments with slashes between them.
  private func path(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> String {
    trail.separator == UInt8(ascii: "/")
      ? String(decoding: bytes, as: UTF8.self)
      : String(decoding: bytes.map { $0 == trail.separator ? UInt8(ascii: "/") : $0 }, as: UTF8.self)
  }

  private mutating func pick(_ entries: RouteNode.Entries) -> RouteNode.Entry? {
    if let entry = RouteSearch.entry(method, in: entries) { return entry }
    if method == .head, let entry = RouteSearch.entry(.get, in: entries) { return entry }
    for (method, _) in entries { allowed.insert(method) }
    if method == .options {
      for field in entries.flatMap(\.entry.optionsHeaders) { optionsHeaders.setDefault(field.name, field.value) }
    }
    return nil
  }

  private static func entry(_ method: HTTPMethod, in entries: RouteNode.Entries) -> RouteNode.Entry? {
    for candidate in entries where candidate.method == method { return candidate.entry }
    return nil
  }
}
