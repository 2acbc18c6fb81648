import MartletCore

extension ClientAPI {
  /// Reads a document.
  ///
  /// - Throws: ``RESTError`` of kind `unreadableDocument` where the value is no OpenAPI 3 document.
  package init(_ document: JSONTree) throws {
    guard let version = document["openapi"]?.textValue, version.hasPrefix("3."), document["paths"]?.members != nil else {
      throw RESTError(
        .unreadableDocument, "This is no OpenAPI 3 document: it has no member “openapi” with a version 3, or no “paths”.",
        hint: "The command `openapi` writes one.")
    }
    let types = TypeReader(document: document)
    title = document["info"]?["title"]?.textValue ?? "API"
    self.version = document["info"]?["version"]?.textValue ?? ""
    text = document["info"]?["description"]?.textValue
    server = document["servers"]?.elements?.first?["url"]?.textValue
    let components = document["components"]
    schemas = (components?["schemas"]?.members ?? []).sorted { $0.name < $1.name }.map {
      ClientSchema(name: $0.name, type: types.type(of: $0.value), text: $0.value["description"]?.textValue)
    }
    let named = Dictionary(schemas.map { ($0.name, $0.type) }, uniquingKeysWith: { $1 })
    for index in schemas.indices where Self.isCircular(schemas[index].name, named) { schemas[index].type = .any }
    schemes = (components?["securitySchemes"]?.members ?? []).sorted { $0.name < $1.name }.compactMap {
      Self.scheme($0.name, types.resolved($0.value))
    }
    if case .reference(let name)? = components?["responses"]?["Problem"].map({ types.content(of: $0) })?.type { problem = name }
    for path in (document["paths"]?.members ?? []).sorted(by: { $0.name < $1.name }) {
      for method in (path.value.members ?? []).sorted(by: { $0.name < $1.name }) where Self.methods.contains(method.name) {
        let shared = path.value["parameters"]?.elements ?? []
        operations.append(types.operation(path.name, method.name, method.value, shared))
      }
    }
    operations.sort { ($0.id, $0.path, $0.method) < ($1.id, $1.path, $1.method) }
  }

  /// Whether a component is made of nothing but itself, through others that have no members of their own.
  private static func isCircular(_ name: String, _ schemas: [String: ClientType]) -> Bool {
    var seen: Set<String> = []
    func reaches(_ type: ClientType) -> Bool {
      switch type {
      case .reference(let next):
        if next == name { return true }
        return seen.insert(next).inserted && schemas[next].map(reaches) == true
      case .array(let type), .map(let type), .nullable(let type): return reaches(type)
      case .oneOf(let types): return types.contains { !$0.isCollection && reaches($0) }
      default: return false
      }
    }
    return schemas[name].map(reaches) == true
  }

  private static let methods: Set<String> = ["get", "put", "post", "delete", "options", "head", "patch", "trace"]

  private static func scheme(_ name: String, _ tree: JSONTree) -> ClientScheme? {
    let text = tree["description"]?.textValue, place: ClientScheme.Place
    switch (tree["type"]?.textValue, tree["in"]?.textValue, tree["name"]?.textValue) {
    case ("http", _, _):
      place = .header("Authorization", prefix: tree["scheme"]?.textValue?.lowercased() == "basic" ? "Basic " : "Bearer ")
    case ("oauth2", _, _), ("openIdConnect", _, _): place = .header("Authorization", prefix: "Bearer ")
    case ("apiKey", "header"?, let header?): place = .header(header, prefix: tree["x-prefix"]?.textValue ?? "")
    case ("apiKey", "cookie"?, let cookie?): place = .cookie(cookie)
    case ("apiKey", "query"?, let parameter?): place = .query(parameter)
    default: return nil
    }
    return ClientScheme(name: name, place: place, text: text)
  }
}

extension ClientContent {
  /// The type of a JSON body.
  var type: ClientType? { if case .json(let type) = self { type } else { nil } }
}

extension ClientAPI.TypeReader {
  func operation(_ path: String, _ method: String, _ tree: JSONTree, _ shared: [JSONTree]) -> ClientOperation {
    let words = path.split { !$0.isLetter && !$0.isNumber }.map { $0.prefix(1).uppercased() + $0.dropFirst() }
    let texts = [tree["summary"]?.textValue, tree["description"]?.textValue].compactMap { $0 }
    let responses = tree["responses"]?.members ?? []
    var operation = ClientOperation(
      id: tree["operationId"]?.textValue ?? method + words.joined(), method: method.uppercased(), path: path,
      text: texts.isEmpty ? nil : texts.joined(separator: "\n\n"), isDeprecated: tree["deprecated"] == true,
      parameters: parameters(shared, tree["parameters"]?.elements ?? []),
      body: tree["requestBody"].flatMap { body(resolved($0)) }, answer: answer(responses), failures: failures(responses))
    operation.paging = paging(of: operation)
    return operation
  }

  /// The operation's own parameters stand for the path's of the same name.
  private func parameters(_ shared: [JSONTree], _ own: [JSONTree]) -> [ClientParameter] {
    var found: [ClientParameter] = []
    for tree in (shared + own).map(resolved) {
      guard let name = tree["name"]?.textValue, let place = tree["in"]?.textValue.flatMap(ClientParameter.Place.init) else {
        continue
      }
      // These are set from the body and the credentials (OpenAPI 3.1, section 4.8.12.1).
      if place == .header, ["accept", "content-type", "authorization"].contains(name.lowercased()) { continue }
      found.removeAll { $0.name == name && $0.place == place }
      let schema = tree["schema"] ?? tree["content"]?.members?.first?.value["schema"] ?? .object([])
      found.append(
        ClientParameter(
          name: name, place: place, type: type(of: schema).required,
          isRequired: place == .path || tree["required"] == true,
          isJoined: place != .query || tree["explode"] == false, text: tree["description"]?.textValue))
    }
    return found
  }

  private func body(_ tree: JSONTree) -> ClientBody? {
    guard let media = preferred(tree["content"]?.members ?? []) else { return nil }
    return ClientBody(
      contentType: media.name, content: content(media), isRequired: tree["required"] == true)
  }
  /// JSON where there is a choice.
  private func preferred(_ contents: [JSONTree.Member]) -> JSONTree.Member? {
    contents.first { $0.name == "application/json" } ?? contents.first { $0.name.hasSuffix("+json") } ?? contents.first
  }
  private func content(_ media: JSONTree.Member) -> ClientContent {
    let name = media.name.prefix { $0 != ";" }.lowercased()
    if name == "application/json" || name.hasSuffix("+json") { return .json(media.value["schema"].map { type(of: $0) } ?? .any) }
    if name == "multipart/form-data" { return .form }
    return name.hasPrefix("text/") || name == "application/x-ndjson" ? .text : .binary
  }
  func content(of response: JSONTree) -> ClientContent {
    preferred(resolved(response)["content"]?.members ?? []).map(content) ?? .none
  }

  private func answer(_ responses: [JSONTree.Member]) -> ClientContent {
    let good = responses.filter { $0.name.hasPrefix("2") }.sorted { $0.name < $1.name }.map { content(of: $0.value) }
    let types = good.compactMap(\.type)
    guard let first = types.first else { return good.first { $0 != .none } ?? .none }
    var different: [ClientType] = []
    for type in types where !different.contains(type) { different.append(type) }
    return .json(different.count == 1 ? first : .oneOf(different))
  }
  private func failures(_ responses: [JSONTree.Member]) -> [ClientFailure] {
    responses.filter { !$0.name.hasPrefix("2") && !$0.name.hasPrefix("1") && !$0.name.hasPrefix("3") }
      .sorted { $0.name < $1.name }
      .map { ClientFailure(status: $0.name, type: content(of: $0.value).type ?? .any) }
  }

  private func paging(of operation: ClientOperation) -> ClientPaging? {
    guard operation.method == "GET", case .json(let type) = operation.answer, let object = object(type) else { return nil }
    return ClientPaging(of: object, operation.parameters)
  }
  private func object(_ type: ClientType) -> ClientObject? {
    switch type {
    case .object(let object): object
    case .reference(let name):
      if case .object(let object) = self.type(of: resolved(.reference("schemas", name))) { object } else { nil }
    default: nil
    }
  }
}

extension ClientPaging {
  /// Whether the answer is a page, by its members and the operation's parameters.
  init?(of page: ClientObject, _ parameters: [ClientParameter]) {
    let lists = page.fields.filter { if case .array = $0.type { $0.isRequired } else { false } }
    guard lists.count == 1, case .array(let item) = lists[0].type else { return nil }
    items = lists[0].name
    self.item = item
    if let next = page.fields.first(where: { $0.name == "next" })?.type, next.isNullable, case .string = next.required {
      pages = .links
      return
    }
    let numbers = parameters.filter { $0.place == .query && $0.type == .integer }.map(\.name)
    guard numbers.contains("limit"), numbers.contains("offset") else { return nil }
    pages = .offset
  }
}
