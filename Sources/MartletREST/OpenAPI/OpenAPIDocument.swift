public import MartletHTTP

/// The OpenAPI 3.1 document of an app's routes: resources in full, other routes with what their paths, handlers and
/// notes (``RouteComponent/summary(_:)`` and its kin) say.
///
/// The same routes give the same text: names are sorted, and nothing in it depends on time or place.
///
/// ```swift
/// print(OpenAPIDocument(application.routes).text)
/// ```
public struct OpenAPIDocument: Sendable {
  package let tree: JSONTree

  /// The document of these routes.
  ///
  /// - Parameters:
  ///   - info: What is said of the API as a whole; what the routes' ``APIDocs`` say without it.
  ///   - version: Which of ``Versions`` to describe; the default one without it.
  public init(_ routes: some RouteComponent, info: OpenAPIInfo? = nil, version: String? = nil) {
    let all = routes.descriptions.compactMap { $0.described(inVersion: version) }
    let documented = all.lazy.compactMap { $0.operation as? APIDocsOperation }.first?.info
    var builder = OpenAPIBuilder(info: info ?? documented ?? OpenAPIInfo(title: "API"))
    for route in all { builder.add(route) }
    tree = builder.document
  }

  /// The document as indented JSON that ends with a newline.
  public var text: String { tree.pretty() + "\n" }
  /// The document as YAML 1.2.
  public var yaml: String { tree.yaml() }
}

/// What the routes of ``APIDocs`` are known by: they document the others and stay out themselves.
struct APIDocsOperation: Sendable {
  var info: OpenAPIInfo
}

/// Collects the paths and components of a document. Confined to the making of one.
struct OpenAPIBuilder {
  let info: OpenAPIInfo
  let schemas = SchemaRegistry()
  var paths: [String: [JSONTree.Member]] = [:]
  var links: [ResourceLink] = []
  private var operationIDs: Set<String> = []
  private var tags: [(name: String, description: String?)] = []

  init(info: OpenAPIInfo) { self.info = info }

  /// The methods that a path item can hold (OpenAPI 3.1, section 4.8.9).
  private static let methods: Set<HTTPMethod> = [.get, .put, .post, .delete, .options, .head, .patch, .trace]

  mutating func add(_ route: RouteDescription) {
    let notes = route.metadata[RouteNotes.key] as? RouteNotes ?? RouteNotes()
    guard !notes.isHidden, !(route.operation is APIDocsOperation), Self.methods.contains(route.method) else { return }
    var operation: [JSONTree.Member]
    if let resource = route.operation as? ResourceOperation {
      operation = exchanged(resourceOperation(resource, route, notes), resource)
      noteLinks(of: resource, route)
      note(tag: notes.tags.first ?? resource.shape.path, resource.shape.about)
    } else if let call = route.operation as? ResourceCall {
      operation = callOperation(call, notes)
      note(tag: notes.tags.first ?? call.shape.path, call.shape.about)
    } else if let file = route.operation as? FileOperation {
      operation = fileOperation(file, notes)
    } else {
      operation = plainOperation(route, notes)
      for tag in notes.tags { note(tag: tag, nil) }
    }
    operation.append(.init("x-martlet-access", route.access.tree))
    operation.append(.init("parameters", .array(pathParameters(route) + queryParameters(route, notes) + headerParameters(route))))
    operation.removeAll { $0.value == .array([]) }
    if let deprecation = notes.deprecation { operation = deprecation.noted(operation) }
    let path = route.path.replacing("...}", with: "}")
    paths[path, default: []].append(.init(route.method.name.lowercased(), .object(operation)))
  }

  // MARK: Operations

  private mutating func plainOperation(_ route: RouteDescription, _ notes: RouteNotes) -> [JSONTree.Member] {
    var operation: [JSONTree.Member] = [
      .init("operationId", .string(operationID(notes.operationID ?? route.name ?? Self.words(of: route))))
    ]
    if let summary = notes.summary { operation.append(.init("summary", .string(summary))) }
    if let details = notes.details { operation.append(.init("description", .string(details))) }
    if !notes.tags.isEmpty { operation.append(.init("tags", .array(notes.tags.map { .string($0) }))) }
    if let body = notes.body {
      operation.append(.init("requestBody", Self.body(body.schema(schemas), body.contentType)))
    }
    var responses = notes.answers.map { answer in
      JSONTree.Member(
        String(answer.status.code),
        Self.response(answer.description ?? answer.status.reason, answer.schema.map { $0(schemas) }))
    }
    if responses.isEmpty { responses = [.init("200", Self.response("OK", nil))] }
    for failure in Self.inputFailures(notes) where !responses.contains(where: { $0.name == failure.status }) {
      responses.append(.init(failure.status, .reference("responses", failure.name)))
    }
    responses.append(.init("default", failure(notes)))
    operation.append(.init("responses", .object(responses)))
    if route.access.anonymous == .never { operation.append(.init("security", .array(requirements))) }
    return operation
  }

  /// What comes of input that is none, or breaks its rules. A route that says what its 422 looks like has errors of its own.
  private static func inputFailures(_ notes: RouteNotes) -> [(status: String, name: String)] {
    guard !notes.answers.contains(where: { $0.status == .unprocessableContent }) else { return [] }
    if notes.body?.isChecked == true {
      return [
        ("400", "BadRequest"), ("413", "ContentTooLarge"), ("415", "UnsupportedMediaType"), ("422", "ValidationFailed"),
      ]
    }
    return notes.query == nil ? [] : [("400", "BadRequest")]
  }

  /// `GET /api/articles/{slug}` → `getApiArticlesSlug`
  private static func words(of route: RouteDescription) -> String {
    let parts = route.path.split { !$0.isLetter && !$0.isNumber }
    return parts.reduce(route.method.name.lowercased()) { $0 + $1.prefix(1).uppercased() + $1.dropFirst() }
  }

  /// The name, with a number where another operation has it already.
  mutating func operationID(_ name: String) -> String {
    var candidate = name, number = 2
    while !operationIDs.insert(candidate).inserted {
      candidate = "\(name)\(number)"
      number += 1
    }
    return candidate
  }

  private mutating func note(tag: String, _ description: String?) {
    guard !tags.contains(where: { $0.name == tag }) else { return }
    tags.append((tag, description))
  }

  // MARK: Parameters

  private func pathParameters(_ route: RouteDescription) -> [JSONTree] {
    let names = route.placeholders, types = route.parameterTypes
    return names.enumerated().map { index, name in
      // A handler may take only the last placeholders.
      let place = index - (names.count - types.count)
      let isRest = route.path.contains("{\(name)...}")
      let schema: JSONTree = place >= 0 && place < types.count ? .pathParameter(types[place], isRest: isRest) : .segment
      return ["name": .string(name), "in": "path", "required": true, "schema": schema]
    }
  }
  private func queryParameters(_ route: RouteDescription, _ notes: RouteNotes) -> [JSONTree] {
    let named = notes.parameters.map { parameter in
      Self.query(parameter.name, parameter.schema, parameter.description, isRequired: parameter.isRequired)
    }
    let noted = named + (notes.query?.parameters(schemas) ?? [])
    if let call = route.operation as? ResourceCall { return noted + callParameters(call) }
    guard let resource = route.operation as? ResourceOperation else { return noted }
    let shape = resource.shape
    switch resource.action {
    case .list: return noted + listParameters(shape, resource.directory)
    case .delete: return noted
    default: return noted + rowParameters(shape, resource.directory, isList: false)
    }
  }
  static func query(_ name: String, _ schema: JSONTree, _ description: String?, isRequired: Bool = false) -> JSONTree {
    let parameter: JSONTree = ["name": .string(name), "in": "query", "schema": schema]
    return parameter.adding("required", isRequired ? true : nil).adding("description", description.map { .string($0) })
  }

  // MARK: Pieces

  static func body(_ schema: JSONTree, _ contentType: String = "application/json") -> JSONTree {
    ["required": true, "content": .object([.init(contentType, ["schema": ExampleValues.adding(to: schema)])])]
  }
  static func response(_ description: String, _ schema: JSONTree?) -> JSONTree {
    let response: JSONTree = ["description": .string(description)]
    return response.adding("content", schema.map { ["application/json": ["schema": ExampleValues.adding(to: $0)]] })
  }
  /// Any of the API's ways to prove who one is.
  var requirements: [JSONTree] { info.security.map { .object([.init($0.name, [])]) } }

  // MARK: The whole

  var document: JSONTree {
    let paths = linkedPaths
    var about: JSONTree = ["title": .string(info.title), "version": .string(info.version)]
    about = about.adding("description", info.description.map { .string($0) }).adding("x-martlet-login", info.login?.tree)
    let problems = schemas.add("Problem", ProblemSchemas.problem)
    var components: [JSONTree.Member] = [
      .init("schemas", .object(schemas.components.map { .init($0.key, ExampleValues.adding(to: $0.value)) })),
      .init("responses", ProblemSchemas.responses(problems)),
    ]
    if !info.security.isEmpty {
      components.append(.init("securitySchemes", .object(info.security.map { .init($0.name, $0.tree) })))
    }
    var members: [JSONTree.Member] = [
      .init("openapi", "3.1.0"), .init("info", about),
      .init("paths", .object(paths.map { .init($0.key, .object($0.value)) })), .init("components", .object(components)),
    ]
    if !tags.isEmpty {
      members.append(
        .init(
          "tags",
          .array(
            tags.map { tag in
              let name: JSONTree = ["name": .string(tag.name)]
              return name.adding("description", tag.description.map { .string($0) })
            })))
    }
    if !info.servers.isEmpty { members.append(.init("servers", .array(info.servers.map { ["url": .string($0)] }))) }
    return .object(members)
  }
}
