extension APIComparison {
  /// A schema in a form that can be compared.
  private struct Form {
    var tree: JSONTree
    var types: Set<String>
    var isNullable: Bool

    init(_ schema: JSONTree, _ reader: ClientAPI.TypeReader) {
      var tree = reader.resolved(schema), isNullable = false
      // `anyOf: [X, null]` is X, or null.
      if let parts = (tree["anyOf"] ?? tree["oneOf"])?.elements {
        let rest = parts.filter { $0["type"] != "null" }
        isNullable = rest.count < parts.count
        if rest.count == 1 { tree = reader.resolved(rest[0]) }
      }
      let types = tree["type"].map { $0.elements ?? [$0] }?.compactMap(\.textValue) ?? []
      isNullable = isNullable || types.contains("null") || tree["enum"]?.elements?.contains(.null) == true
      self.tree = tree
      self.types = Set(types.filter { $0 != "null" })
      self.isNullable = isNullable
    }
  }

  /// A component is a place of its own: what changes in it is said once, not for each operation.
  private static func component(_ schema: JSONTree) -> String? {
    let plain = schema["anyOf"]?.elements?.first { $0["$ref"] != nil } ?? schema
    return plain["$ref"]?.textValue?.split(separator: "/").last.map(String.init)
  }

  mutating func compare(_ before: JSONTree?, _ after: JSONTree?, at place: String, _ direction: Direction) {
    guard let before, let after else { return }
    var place = place
    let was = Form(before, ClientAPI.TypeReader(document: old)), now = Form(after, ClientAPI.TypeReader(document: new))
    if was.isNullable != now.isNullable {
      narrowed(
        was.isNullable, direction, now.isNullable ? "nullable" : "not-nullable", place,
        "null is \(now.isNullable ? "possible" : "no value") now")
    }
    if let l = Self.component(before), let r = Self.component(after) {
      guard compared.insert("\(l) \(r) \(direction)").inserted else { return }
      place = r + (direction == .request ? ", in requests" : ", in responses")
    }
    compareTypes(was, now, place, direction)
    compareChoices(was.tree, now.tree, place, direction)
    compareLimits(was.tree, now.tree, place, direction)
    compareProperties(was.tree, now.tree, place, direction)
    if was.tree["items"] != nil, now.tree["items"] != nil {
      compare(was.tree["items"], now.tree["items"], at: place + "[]", direction)
    }
    compareUnions(was.tree, now.tree, place, direction)
  }

  /// A change that lets fewer values through breaks requests, one that lets more through breaks responses.
  private mutating func narrowed(
    _ isNarrower: Bool, _ direction: Direction, _ code: String, _ place: String, _ message: String
  ) {
    report((direction == .request) == isNarrower ? .breaking : .safe, code, place, message)
  }

  private mutating func compareTypes(_ was: Form, _ now: Form, _ place: String, _ direction: Direction) {
    func text(_ types: Set<String>) -> String { types.isEmpty ? "any" : types.sorted().joined(separator: " or ") }
    if was.types != now.types {
      let message = "\(text(was.types)) is \(text(now.types)) now"
      // Every integer is a number.
      func values(_ types: Set<String>) -> Set<String> { types.contains("number") ? types.union(["integer"]) : types }
      let olds = values(was.types), news = values(now.types)
      if now.types.isEmpty || (!was.types.isEmpty && olds.isSubset(of: news)) {
        narrowed(false, direction, "type-widened", place, message)
      } else if was.types.isEmpty || news.isSubset(of: olds) {
        narrowed(true, direction, "type-narrowed", place, message)
      } else {
        report(.breaking, "type-changed", place, message)
      }
    }
    // A list of values says more than a format.
    guard now.tree["enum"] == nil else { return }
    for member in ["format", "contentEncoding", "pattern"] { compareForm(member, was.tree, now.tree, place, direction) }
  }
  private mutating func compareForm(_ member: String, _ was: JSONTree, _ now: JSONTree, _ place: String, _ direction: Direction) {
    let (l, r) = (was[member]?.textValue, now[member]?.textValue)
    switch (l, r) {
    case (l, r) where l == r: break
    case ("int32"?, "int64"?), (_?, nil):
      narrowed(
        false, direction, member + "-widened", place, "the \(member) “\(l ?? "")” \(r.map { "is “\($0)” now" } ?? "is gone")")
    case ("int64"?, "int32"?), (nil, _?):
      narrowed(true, direction, member + "-narrowed", place, "the \(member) is “\(r ?? "")” now")
    default: report(.breaking, member + "-changed", place, "the \(member) “\(l ?? "")” is “\(r ?? "")” now")
    }
  }

  private mutating func compareChoices(_ was: JSONTree, _ now: JSONTree, _ place: String, _ direction: Direction) {
    func choices(_ tree: JSONTree) -> [JSONTree]? {
      (tree["enum"]?.elements ?? tree["const"].map { [$0] })?.filter { $0 != .null }
    }
    func text(_ values: [JSONTree]) -> String { values.map { $0.textValue ?? $0.text }.joined(separator: ", ") }
    switch (choices(was), choices(now)) {
    case (nil, nil): break
    case (nil, let now?): narrowed(true, direction, "choices-added", place, "only these values are left: \(text(now))")
    case (_?, nil): narrowed(false, direction, "choices-removed", place, "the values are not limited any more")
    case (let was?, let now?):
      let gone = was.filter { !now.contains($0) }, added = now.filter { !was.contains($0) }
      if !gone.isEmpty { narrowed(true, direction, "choice-removed", place, "no value any more: \(text(gone))") }
      if !added.isEmpty { narrowed(false, direction, "choice-added", place, "new values: \(text(added))") }
    }
  }

  private mutating func compareLimits(_ was: JSONTree, _ now: JSONTree, _ place: String, _ direction: Direction) {
    func number(_ tree: JSONTree, _ name: String) -> Double? {
      if case .number(let text)? = tree[name] { Double(text) } else { nil }
    }
    for (name, isLeast) in [
      ("minimum", true), ("exclusiveMinimum", true), ("minLength", true), ("minItems", true), ("maximum", false),
      ("exclusiveMaximum", false), ("maxLength", false), ("maxItems", false),
    ] {
      let (l, r) = (number(was, name), number(now, name))
      guard l != r else { continue }
      let isTighter = r.map { r in l.map { isLeast ? r > $0 : r < $0 } ?? true } ?? false
      let message = "\(name) is \(now[name]?.text ?? "gone")" + (was[name].map { "; it was \($0.text)" } ?? "")
      // Longer texts and larger numbers in responses break nobody in practice.
      report(
        isTighter && direction == .request ? .breaking : .safe, isTighter ? "limit-tightened" : "limit-loosened", place, message)
    }
  }

  private mutating func compareUnions(_ was: JSONTree, _ now: JSONTree, _ place: String, _ direction: Direction) {
    for name in ["anyOf", "oneOf", "allOf"] {
      let olds = was[name]?.elements ?? [], news = now[name]?.elements ?? []
      if olds.count == news.count {
        for (old, new) in zip(olds, news) { compare(old, new, at: place, direction) }
      } else {
        narrowed(
          (news.count < olds.count) != (name == "allOf"), direction, "union-changed", place,
          "\(name) has \(news.count) parts; it had \(olds.count)")
      }
    }
  }
}
