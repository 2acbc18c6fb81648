import MartletCore
import MartletHTTP
import MartletORM

extension OpenAPIBuilder {
  /// One route of a resource.
  mutating func resourceOperation(
    _ operation: ResourceOperation, _ route: RouteDescription, _ notes: RouteNotes
  ) -> [JSONTree.Member] {
    let shape = operation.shape, action = operation.action, names = SchemaNames(shape, schemas, operation.directory)
    let label = shape.schema.label, many = shape.schema.pluralLabel
    var members: [JSONTree.Member] = [
      .init("operationId", .string(operationID(Self.id(action, shape)))),
      .init("summary", .string(notes.summary ?? Self.summary(action, label, many))),
      .init("tags", .array((notes.tags.isEmpty ? [shape.path] : notes.tags).map { .string($0) })),
      .init("security", .array(security(operation))),
    ]
    if let details = notes.details ?? Self.details(action, shape) { members.append(.init("description", .string(details))) }
    if let input = names.input(action) { members.append(.init("requestBody", Self.body(input))) }
    var responses: [JSONTree.Member] = []
    switch action {
    case .list: responses.append(.init("200", Self.listResponse(names.page, shape)))
    case .retrieve: responses.append(.init("200", Self.response("The \(label).", names.read)))
    case .create:
      let created = Self.response("The new \(label); without a body where the caller may not read it.", names.read)
      responses.append(
        .init(
          "201",
          created.adding(
            "headers",
            [
              "Location": [
                "description": .string("The path of the new \(label)."), "schema": ["type": "string", "format": "uri-reference"],
              ]
            ])))
    case .replace, .update:
      responses.append(
        .init(
          "200", Self.response("The \(label) as it is now; without a body where the caller may not read it any more.", names.read)
        ))
    case .delete: responses.append(.init("204", Self.response("The \(label) is deleted.", nil)))
    }
    for failure in Self.failures(action) {
      responses.append(.init(String(failure.status), .reference("responses", failure.name)))
    }
    responses.append(.init("default", .reference("responses", "Problem")))
    members.append(.init("responses", .object(responses)))
    return withBulkCreate(members, operation, names)
  }

  /// The parameters of a list: its page, its order, and each filter with each of its lookups.
  func listParameters(_ shape: ResourceShape, _ directory: ResourceDirectory) -> [JSONTree] {
    let names = ListParameterNames(shape)
    var parameters = pagingParameters(shape, names) + rowParameters(shape, directory, isList: true)
    if !shape.ordering.isEmpty {
      let keys = shape.ordering.flatMap { [JSONTree.string($0.name), .string("-" + $0.name)] }
      let ordering = Self.query(
        names.ordering, ["type": "array", "items": ["type": "string", "enum": .array(keys)]],
        "Sort keys, the first decides; a minus sign turns one around.")
      parameters.append(ordering.adding("style", "form").adding("explode", false))
    }
    return parameters + filterParameters(shape)
  }

  /// A caller must prove who they are only where nobody else gets an answer: a list that shows them nothing is one.
  private func security(_ operation: ResourceOperation) -> [JSONTree] {
    let isRefused = operation.access.anonymous == .never && (operation.action == .create || !operation.shape.isPolicyDeclared)
    return isRefused ? requirements : [.object([])] + requirements
  }

  // MARK: Words

  static func id(_ action: ResourceAction, _ shape: ResourceShape) -> String {
    let words = Naming.camelCase(shape.path.split { !$0.isLetter && !$0.isNumber }.joined(separator: "_"))
    return action.rawValue + words.prefix(1).uppercased() + words.dropFirst()
  }
  private static func summary(_ action: ResourceAction, _ label: String, _ many: String) -> String {
    // By sound, roughly: an article, a user.
    let startsWithVowel = label.first.map { "aeiouAEIOU".contains($0) } == true && !label.lowercased().hasPrefix("us")
    let article = startsWithVowel ? "an" : "a"
    return switch action {
    case .list: "List \(many)"
    case .create: "Create \(article) \(label)"
    case .retrieve: "Read \(article) \(label)"
    case .replace: "Replace \(article) \(label)"
    case .update: "Change some fields of \(article) \(label)"
    case .delete: "Delete \(article) \(label)"
    }
  }
  private static func details(_ action: ResourceAction, _ shape: ResourceShape) -> String? {
    if !shape.isPolicyDeclared { return "For staff alone." }
    return action == .list ? shape.summary : nil
  }
  static func failures(_ action: ResourceAction) -> [(status: Int, name: String)] {
    let refused = [(401, "Unauthorized"), (403, "Forbidden")]
    let input = [
      (400, "BadRequest"), (409, "Conflict"), (413, "ContentTooLarge"), (415, "UnsupportedMediaType"), (422, "ValidationFailed"),
    ]
    return switch action {
    case .list: refused + [(400, "BadRequest"), (404, "NotFound")]
    case .retrieve: refused + [(404, "NotFound")]
    case .create: refused + input
    case .replace, .update: refused + input + [(404, "NotFound")]
    case .delete: refused + [(404, "NotFound"), (409, "Conflict")]
    }
  }
}

/// The schemas of one resource, as references.
struct SchemaNames {
  let read: JSONTree
  let page: JSONTree
  private let create: JSONTree
  private let replace: JSONTree
  private let update: JSONTree

  init(_ shape: ResourceShape, _ registry: SchemaRegistry, _ directory: ResourceDirectory) {
    let name = shape.schema.name
    let row = RowSchema(registry: registry, directory: directory).reference(shape)
    read = row
    let link: JSONTree = ["type": ["string", "null"], "format": "uri"]
    var members: [(name: String, schema: JSONTree, isRequired: Bool)] = []
    if shape.count != .none { members.append(("count", ["type": "integer", "minimum": 0], true)) }
    members += [("next", link, true), ("previous", link, true), ("results", ["type": "array", "items": row], true)]
    page = registry.add(name + "Page", .objectSchema(members))
    let nested = shape.writing.nested.map { (shape: $0, schema: $0.inputSchema(of: shape.schema, registry)) }
    // Only what the resource's actions take becomes a component.
    func input(_ suffix: String, _ action: ResourceAction, _ fields: [(String, JSONTree, Bool)]) -> JSONTree {
      guard shape.actions.contains(action) else { return .null }
      let own = fields.map { field in
        // A reference takes an object in place of its key.
        let byValue = nested.first { $0.shape.kind == .reference && $0.shape.name == field.0 }?.schema
        return (name: field.0, schema: byValue ?? field.1, isRequired: field.2)
      }
      let others = nested.filter { $0.shape.kind != .reference }.map {
        (name: $0.shape.name, schema: $0.schema, isRequired: false)
      }
      let schema = registry.namingEnums(.objectSchema(own + others), owner: name)
      return registry.add(name + suffix, schema.adding("additionalProperties", false))
    }
    let writable = shape.fields.filter(\.isWritable)
    create = input(
      "Create", .create, shape.fields.filter(\.isWritableOnCreate).map { ($0.name, $0.writeSchema, $0.isRequired) })
    // Read-only fields may come back as they were read.
    let fixed =
      shape.fields.filter { !$0.isWritable }.map { ($0.name, $0.readSchema.adding("readOnly", true), false) }
      + shape.computed.map { ($0.name, $0.schema, false) }
    replace = input("Replace", .replace, writable.map { ($0.name, $0.writeSchema, $0.isRequired) } + fixed)
    update = input("Update", .update, writable.map { ($0.name, $0.writeSchema.without("default"), false) } + fixed)
  }

  func input(_ action: ResourceAction) -> JSONTree? {
    switch action {
    case .create: create
    case .replace: replace
    case .update: update
    default: nil
    }
  }
}

extension JSONTree {
  /// Without a member.
  package func without(_ name: String) -> JSONTree {
    guard case .object(let members) = self else { return self }
    return .object(members.filter { $0.name != name })
  }
}
