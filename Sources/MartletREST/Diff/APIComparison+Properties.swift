extension APIComparison {
  mutating func compareProperties(_ was: JSONTree, _ now: JSONTree, _ place: String, _ direction: Direction) {
    // What only the server sets is no part of a request, what it never shows no part of a response.
    let other = direction == .request ? "readOnly" : "writeOnly"
    func properties(_ tree: JSONTree) -> [JSONTree.Member] {
      (tree["properties"]?.members ?? []).filter { $0.value[other] != true }.sorted { $0.name < $1.name }
    }
    func required(_ tree: JSONTree) -> Set<String> { Set(tree["required"]?.elements?.compactMap(\.textValue) ?? []) }
    let olds = properties(was), news = properties(now), needed = required(was), needs = required(now)
    for old in olds {
      guard let new = news.first(where: { $0.name == old.name }) else {
        report(.breaking, "field-removed", place, "the field “\(old.name)” is gone")
        continue
      }
      compareNeed(old.name, needed.contains(old.name), needs.contains(old.name), place, direction)
      compare(old.value, new.value, at: "\(place), field “\(old.name)”", direction)
    }
    for new in news where !olds.contains(where: { $0.name == new.name }) {
      let isDemanded = direction == .request && needs.contains(new.name)
      report(
        isDemanded ? .breaking : .safe, isDemanded ? "required-field-added" : "field-added", place,
        "the field “\(new.name)” is new" + (isDemanded ? " and required" : ""))
    }
    compareOthers(was, now, place, direction)
  }

  private mutating func compareNeed(_ name: String, _ was: Bool, _ now: Bool, _ place: String, _ direction: Direction) {
    guard was != now else { return }
    if now {
      report(direction == .request ? .breaking : .safe, "field-required", place, "the field “\(name)” is always there now")
    } else {
      report(direction == .response ? .breaking : .safe, "field-optional", place, "the field “\(name)” may be missing now")
    }
  }

  private mutating func compareOthers(_ was: JSONTree, _ now: JSONTree, _ place: String, _ direction: Direction) {
    let (l, r) = (was["additionalProperties"], now["additionalProperties"])
    if l != false, r == false, direction == .request, was["properties"] != nil {
      report(.breaking, "fields-closed", place, "unknown fields are refused now")
    } else if l == false, r != false {
      report(.safe, "fields-opened", place, "unknown fields are possible now")
    }
    if l?.members != nil, r?.members != nil { compare(l, r, at: place + ", any field", direction) }
  }
}
