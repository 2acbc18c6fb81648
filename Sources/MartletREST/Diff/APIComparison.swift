import MartletHTTP

/// Compares two OpenAPI documents: what a newer one breaks, exposes, and changes safely.
///
/// The direction matters: what a request may hold must not become less, what a response may hold must not become more.
package struct APIComparison {
  /// Which way a body goes.
  enum Direction: String, Hashable { case request, response }

  let old: JSONTree
  let new: JSONTree
  private(set) var found: [APIChange] = []
  /// The components that were compared, so that each is reported once.
  var compared: Set<String> = []

  /// The differences, the worst first.
  /// - Throws: ``RESTError`` where one is no OpenAPI 3 document.
  package static func changes(from old: JSONTree, to new: JSONTree) throws -> [APIChange] {
    for document in [old, new] { _ = try ClientAPI(document) }
    var comparison = APIComparison(old: old, new: new)
    comparison.comparePaths()
    var seen: Set<APIChange> = []
    let order = APIChange.Severity.allCases
    return comparison.found.filter { seen.insert($0).inserted }.enumerated().sorted { l, r in
      let ranks = (order.firstIndex(of: l.element.severity) ?? 0, order.firstIndex(of: r.element.severity) ?? 0)
      return ranks.0 == ranks.1 ? l.offset < r.offset : ranks.0 < ranks.1
    }.map(\.element)
  }
  private init(old: JSONTree, new: JSONTree) {
    self.old = old
    self.new = new
  }

  mutating func report(_ severity: APIChange.Severity, _ code: String, _ place: String, _ message: String) {
    found.append(APIChange(severity: severity, code: code, place: place, message: message))
  }

  // MARK: Operations

  private struct Operation {
    var name: String
    var tree: JSONTree
    var parameters: [JSONTree]
  }
  private static let methods: Set<String> = ["get", "put", "post", "delete", "options", "head", "patch", "trace"]

  /// The operations by method and path; how a path's placeholders are called makes no difference.
  private static func operations(_ document: JSONTree) -> [(key: String, operation: Operation)] {
    let types = ClientAPI.TypeReader(document: document)
    return (document["paths"]?.members ?? []).sorted { $0.name < $1.name }.flatMap { path in
      (path.value.members ?? []).filter { methods.contains($0.name) }.sorted { $0.name < $1.name }.map { method in
        let places = path.name.split(separator: "/").map { $0.hasPrefix("{") ? "{}" : $0 }
        let parameters = (path.value["parameters"]?.elements ?? []) + (method.value["parameters"]?.elements ?? [])
        return (
          method.name + " /" + places.joined(separator: "/"),
          Operation(
            name: method.name.uppercased() + " " + path.name, tree: method.value, parameters: parameters.map(types.resolved))
        )
      }
    }
  }

  private mutating func comparePaths() {
    let before = Self.operations(old), after = Self.operations(new)
    for (key, operation) in before {
      if let next = after.first(where: { $0.key == key })?.operation {
        compare(operation, next)
      } else {
        let note = operation.tree["deprecated"] == true ? "; it was deprecated" : ""
        report(.breaking, "operation-removed", operation.name, "the operation is gone\(note)")
      }
    }
    for (key, operation) in after where !before.contains(where: { $0.key == key }) {
      let isOpen = Self.access(operation.tree, new)["anonymous"] != .never
      report(.safe, "operation-added", operation.name, "a new operation" + (isOpen ? ", open to everyone" : ""))
    }
  }

  private mutating func compare(_ before: Operation, _ after: Operation) {
    let name = after.name
    if let id = before.tree["operationId"]?.textValue, let next = after.tree["operationId"]?.textValue, id != next {
      report(.breaking, "operation-renamed", name, "its operationId “\(id)” is “\(next)” now, and so is its method in clients")
    }
    if before.tree["deprecated"] != true, after.tree["deprecated"] == true {
      report(.safe, "operation-deprecated", name, "the operation is deprecated")
    }
    compareAccess(before.tree, after.tree, name)
    compareParameters(before.parameters, after.parameters, name)
    compareBody(before.tree["requestBody"], after.tree["requestBody"], name)
    compareResponses(before.tree["responses"]?.members ?? [], after.tree["responses"]?.members ?? [], name)
  }

  // MARK: Parameters

  private mutating func compareParameters(_ before: [JSONTree], _ after: [JSONTree], _ name: String) {
    // Those of the path are told apart by their order alone.
    func inPath(_ parameters: [JSONTree]) -> [JSONTree] { parameters.filter { $0["in"] == "path" } }
    for (old, new) in zip(inPath(before), inPath(after)) { compareParameter(old, new, name) }
    func others(_ parameters: [JSONTree]) -> [JSONTree] { parameters.filter { $0["in"] != "path" } }
    for old in others(before) {
      guard let new = others(after).first(where: { Self.isSame($0, old) }) else {
        report(.breaking, "parameter-removed", name, "the parameter “\(old.label)” is gone")
        continue
      }
      compareParameter(old, new, name)
    }
    for new in others(after) where !others(before).contains(where: { Self.isSame($0, new) }) {
      let isRequired = new["required"] == true
      report(
        isRequired ? .breaking : .safe, isRequired ? "required-parameter-added" : "parameter-added", name,
        "the parameter “\(new.label)” is new" + (isRequired ? " and required" : ""))
    }
  }
  private static func isSame(_ l: JSONTree, _ r: JSONTree) -> Bool {
    l["in"] == r["in"]
      && (l["in"] == "header" ? l.label.lowercased() == r.label.lowercased() : l.label == r.label)
  }
  private mutating func compareParameter(_ before: JSONTree, _ after: JSONTree, _ name: String) {
    if before["required"] != true, after["required"] == true {
      report(.breaking, "parameter-required", name, "the parameter “\(after.label)” is required now")
    } else if before["required"] == true, after["required"] != true {
      report(.safe, "parameter-optional", name, "the parameter “\(after.label)” may be left out now")
    }
    if (before["explode"] == false) != (after["explode"] == false) {
      report(.breaking, "parameter-form", name, "a list in the parameter “\(after.label)” is written otherwise")
    }
    compare(before["schema"], after["schema"], at: name + ", parameter “\(after.label)”", .request)
  }

  // MARK: Bodies

  private mutating func compareBody(_ before: JSONTree?, _ after: JSONTree?, _ name: String) {
    let before = before.map(ClientAPI.TypeReader(document: old).resolved)
    let after = after.map(ClientAPI.TypeReader(document: new).resolved)
    switch (before, after) {
    case (nil, nil): break
    case (nil, let body?):
      let isRequired = body["required"] == true
      report(
        isRequired ? .breaking : .safe, "body-added", name,
        "the operation takes a body" + (isRequired ? ", which is required" : ""))
    case (_?, nil): report(.breaking, "body-removed", name, "the operation takes no body any more")
    case (let before?, let after?):
      if before["required"] != true, after["required"] == true {
        report(.breaking, "body-required", name, "the body is required now")
      }
      compareContents(before, after, at: name + ", body", .request)
    }
  }
  private mutating func compareContents(_ before: JSONTree, _ after: JSONTree, at place: String, _ direction: Direction) {
    let olds = before["content"]?.members ?? [], news = after["content"]?.members ?? []
    for media in olds {
      if let next = news.first(where: { $0.name == media.name }) {
        compare(media.value["schema"], next.value["schema"], at: place, direction)
      } else {
        report(.breaking, "media-type-removed", place, "\(media.name) is gone")
      }
    }
    for media in news where !olds.contains(where: { $0.name == media.name }) {
      report(.safe, "media-type-added", place, "\(media.name) is possible now")
    }
  }

  private mutating func compareResponses(_ before: [JSONTree.Member], _ after: [JSONTree.Member], _ name: String) {
    let olds = ClientAPI.TypeReader(document: old), news = ClientAPI.TypeReader(document: new)
    for response in before {
      let place = name + ", response \(response.name)", isSuccess = response.name.hasPrefix("2")
      guard let next = after.first(where: { $0.name == response.name }) else {
        report(isSuccess ? .breaking : .safe, "response-removed", place, "the response is gone")
        continue
      }
      let (was, is_) = (olds.resolved(response.value), news.resolved(next.value))
      compareContents(was, is_, at: place, .response)
      for header in was["headers"]?.members ?? [] where is_["headers"]?[header.name] == nil {
        report(.breaking, "header-removed", place, "the header \(header.name) is gone")
      }
      for header in is_["headers"]?.members ?? [] where was["headers"]?[header.name] == nil {
        report(.safe, "header-added", place, "the header \(header.name) is new")
      }
    }
    for response in after where !before.contains(where: { $0.name == response.name }) {
      report(.safe, "response-added", name + ", response \(response.name)", "a new response")
    }
  }
}

extension JSONTree {
  fileprivate var label: String { self["name"]?.textValue ?? "" }
}
