import MartletCore
import MartletHTTP

extension APIDocs {
  /// What is wrong with the log-in that the page is told of: an operation that the document does not have (`rest.W020`), a
  /// scheme that callers cannot use (`rest.W021`).
  static func mistakes(_ all: [RouteDescription]) -> [CheckMessage] {
    // The page shows the default version.
    let routes = all.compactMap { $0.described(inVersion: nil) }
    guard let documented = routes.first(where: { $0.operation is APIDocsOperation }),
      let info = (documented.operation as? APIDocsOperation)?.info, let login = info.login?.tree
    else { return [] }
    var found: [CheckMessage] = []
    let id = login["operationId"]?.textValue ?? ""
    if !isOperation(id, routes) {
      found.append(
        CheckMessage(
          "rest.W020", .warning, "The API's page cannot log in: no operation is called “\(id)”.",
          hint: "Name the route: Post(…) { … }.operationID(\"\(id)\").", object: documented.source.description))
    }
    if let scheme = login["scheme"]?.textValue, !info.security.contains(where: { $0.name == scheme }) {
      found.append(
        CheckMessage(
          "rest.W021", .warning, "The API's page logs in for “\(scheme)”, which is no way to prove who one is.",
          hint: "Use a name of OpenAPIInfo.security: \(info.security.map(\.name).joined(separator: ", ")).",
          object: documented.source.description))
    }
    return found
  }

  /// Whether the document has the operation. A route that was given the id by name is found without making the document.
  private static func isOperation(_ id: String, _ routes: [RouteDescription]) -> Bool {
    let isNamed = routes.contains { route in
      guard let notes = route.metadata[RouteNotes.key] as? RouteNotes else { return false }
      return notes.operationID == id && !notes.isHidden
    }
    if isNamed { return true }
    let paths = OpenAPIDocument(RouteList(routes)).tree["paths"]?.members ?? []
    return paths.contains { path in (path.value.members ?? []).contains { $0.value["operationId"]?.textValue == id } }
  }
}
