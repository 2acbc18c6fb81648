import MartletCore
import MartletHTTP
import MartletORM

extension OpenAPIBuilder {
  /// A custom action, or a write of many rows.
  mutating func callOperation(_ call: ResourceCall, _ notes: RouteNotes) -> [JSONTree.Member] {
    let shape = call.shape, names = SchemaNames(shape, schemas, call.directory), many = shape.schema.pluralLabel
    var members: [JSONTree.Member] = [
      .init("operationId", .string(operationID(Self.id(call)))),
      .init("summary", .string(notes.summary ?? Self.summary(call))),
      .init("tags", .array((notes.tags.isEmpty ? [shape.path] : notes.tags).map { .string($0) })),
      .init("security", .array(security(call))),
    ]
    if let details = notes.details ?? (shape.isPolicyDeclared ? nil : "For staff alone.") {
      members.append(.init("description", .string(details)))
    }
    var responses: [JSONTree.Member] = [], failures: [(status: Int, name: String)]
    switch call.kind {
    case .action(let action):
      if let input = action.input, ActionShape.hasBody(action.method) {
        members.append(.init("requestBody", Self.body(input(schemas))))
      }
      responses.append(actionResponse(action, names, shape.schema.label))
      failures = Self.failures(action.input == nil ? .delete : .update).filter { $0.status != 404 || !action.isCollection }
    case .bulkUpdate:
      members.append(.init("requestBody", Self.body(bulkList(names.input(.update) ?? .object([]), shape, needsKey: true))))
      responses.append(.init("200", Self.response("The \(many) as they are now.", Self.rows(names.read))))
      responses.append(outcomes(names.read))
      failures = Self.failures(.update).filter { $0.status != 404 }
    case .bulkDelete:
      responses.append(.init("204", Self.response("The \(many) are deleted.", nil)))
      responses.append(outcomes(names.read))
      failures = [(400, "BadRequest"), (401, "Unauthorized"), (403, "Forbidden"), (409, "Conflict"), (422, "ValidationFailed")]
    }
    if call.needsCondition { failures.append((412, "PreconditionFailed")) }
    if call.needsCondition || call.isUnconditional { failures.append((428, "PreconditionRequired")) }
    for failure in failures { responses.append(.init(String(failure.status), .reference("responses", failure.name))) }
    responses.append(.init("default", .reference("responses", "Problem")))
    members.append(.init("responses", .object(responses)))
    return members
  }

  private func security(_ call: ResourceCall) -> [JSONTree] {
    let isRefused = call.access.anonymous == .never && (call.isCollection || !call.shape.isPolicyDeclared)
    return isRefused ? requirements : [.object([])] + requirements
  }

  /// The query and header parameters of such an operation.
  func callParameters(_ call: ResourceCall) -> [JSONTree] {
    switch call.kind {
    case .action(let action):
      guard let input = action.input, !ActionShape.hasBody(action.method) else { return [] }
      return queryFields(of: input(schemas))
    case .bulkUpdate: return [Self.preference]
    case .bulkDelete:
      let key = call.shape.schema.primaryKey, name = call.shape.keyName + "[in]"
      let items: JSONTree = ["type": "array", "items": key.readSchema, "minItems": 1, "maxItems": .limit(call.shape)]
      let parameter = Self.query(name, items, "The keys of the rows, separated by commas.", isRequired: true)
      return [parameter.adding("style", "form").adding("explode", false), Self.preference]
    }
  }

  /// The operation that creates a row, where it takes a list as well.
  mutating func withBulkCreate(
    _ members: [JSONTree.Member], _ operation: ResourceOperation, _ names: SchemaNames
  ) -> [JSONTree.Member] {
    guard operation.action == .create, operation.shape.writing.bulkLimit != nil, let one = names.input(.create) else {
      return members
    }
    return members.map { member in
      switch member.name {
      case "requestBody":
        return .init("requestBody", Self.body(["oneOf": [one, bulkList(one, operation.shape, needsKey: false)]]))
      case "responses":
        guard case .object(var responses) = member.value, let place = responses.firstIndex(where: { $0.name == "201" }) else {
          return member
        }
        responses[place].value = responses[place].value.adding(
          "content", ["application/json": ["schema": ["oneOf": [names.read, Self.rows(names.read)]]]])
        responses.insert(outcomes(names.read), at: place + 1)
        return .init("responses", .object(responses))
      default: return member
      }
    }
  }

  // MARK: Pieces

  private func actionResponse(_ action: ActionShape, _ names: SchemaNames, _ label: String) -> JSONTree.Member {
    switch action.output {
    case .row:
      .init(
        "200", Self.response("The \(label) as it is now; without a body where the caller may not read it any more.", names.read))
    case .value(let schema): .init("200", Self.response("What the action gives back.", schema(schemas)))
    case .nothing: .init("204", Self.response("It is done.", nil))
    }
  }

  private func bulkList(_ row: JSONTree, _ shape: ResourceShape, needsKey: Bool) -> JSONTree {
    var item = row
    if needsKey {
      // The fields of a change, with the key that says whose.
      let component = row["$ref"]?.textValue?.split(separator: "/").last.map(String.init) ?? ""
      var change = schemas.components[component] ?? row
      if case .object(let properties)? = change["properties"] {
        let named = properties.map { $0.name == shape.keyName ? JSONTree.Member($0.name, $0.value.without("readOnly")) : $0 }
        change = change.replacing("properties", .object(named))
      }
      item = change.adding("required", [.string(shape.keyName)])
    }
    return ["type": "array", "items": item, "minItems": 1, "maxItems": .limit(shape)]
  }
  /// The rows of a bulk write; a row that the caller may not read is `null`.
  private static func rows(_ row: JSONTree) -> JSONTree { ["type": "array", "items": row.nullable] }

  private func outcomes(_ row: JSONTree) -> JSONTree.Member {
    let error = ProblemSchemas.problem["properties"]?["errors"] ?? .object([])
    let result = JSONTree.objectSchema([
      ("index", ["type": "integer", "minimum": 0, "description": "The place in the request."], true),
      ("status", ["type": "integer", "description": "What the row alone would have been answered with."], true),
      ("data", row, false), ("type", ["type": "string", "format": "uri-reference"], false), ("detail", ["type": "string"], false),
      ("errors", error, false),
    ])
    return .init(
      "207",
      Self.response(
        "With “Prefer: handling=lenient”: what became of each row.",
        .objectSchema([("results", ["type": "array", "items": result], true)])))
  }

  static let preference: JSONTree = [
    "name": "Prefer", "in": "header", "schema": ["type": "string"],
    "description": "“handling=lenient” writes the rows that can be written; without it all are written or none.",
  ]

  /// The members of an object's schema as parameters of the query string.
  private func queryFields(of schema: JSONTree) -> [JSONTree] {
    var schema = schema
    if let name = schema["$ref"].flatMap({ if case .string(let text) = $0 { text.split(separator: "/").last } else { nil } }) {
      schema = schemas.components[String(name)] ?? schema
    }
    guard case .object(let properties)? = schema["properties"] else { return [] }
    let required: [JSONTree] = if case .array(let names)? = schema["required"] { names } else { [] }
    return properties.map { Self.query($0.name, $0.value, nil, isRequired: required.contains(.string($0.name))) }
  }

  // MARK: Words

  private static func id(_ call: ResourceCall) -> String {
    let words = pathWords(call.shape.path)
    return switch call.kind {
    case .action(let action): camel(action.name) + words
    case .bulkUpdate: "bulkUpdate" + words
    case .bulkDelete: "bulkDelete" + words
    }
  }
  private static func summary(_ call: ResourceCall) -> String {
    let many = call.shape.schema.pluralLabel
    switch call.kind {
    case .action(let action):
      let words = action.name.split { !$0.isLetter && !$0.isNumber }.joined(separator: " ")
      return action.summary ?? words.prefix(1).uppercased() + words.dropFirst()
        + (action.isCollection ? ": \(many)" : ": \(call.shape.schema.label)")
    case .bulkUpdate: return "Change some fields of many \(many)"
    case .bulkDelete: return "Delete many \(many)"
    }
  }
  private static func camel(_ path: String) -> String {
    Naming.camelCase(path.split { !$0.isLetter && !$0.isNumber }.joined(separator: "_"))
  }
  private static func pathWords(_ path: String) -> String {
    let words = camel(path)
    return words.prefix(1).uppercased() + words.dropFirst()
  }
}

extension JSONTree {
  fileprivate static func limit(_ shape: ResourceShape) -> JSONTree { .number(String(shape.writing.bulkLimit ?? 0)) }
}

extension NestedShape {
  /// What the relation takes: keys, objects, or objects with a key.
  func inputSchema(of parent: ModelSchema, _ registry: SchemaRegistry) -> JSONTree {
    let key = child.schema.primaryKey, keyName = child.keyName
    var fields = child.fields.filter { $0.isWritableOnCreate && !$0.column.isPrimaryKey }.map {
      (name: $0.name, schema: $0.writeSchema, isRequired: false)
    }
    fields.insert(
      (keyName, key.readSchema.adding("description", "The row to keep or change; a new row without it."), false), at: 0)
    for nested in child.writing.nested {
      fields.removeAll { $0.name == nested.name }
      fields.append((nested.name, nested.inputSchema(of: child.schema, registry), false))
    }
    let row = registry.add(
      "\(parent.name)\(child.schema.name)Input", JSONTree.objectSchema(fields).adding("additionalProperties", false))
    let either: JSONTree = ["oneOf": [key.readSchema, row]]
    switch kind {
    case .many, .links: return ["type": "array", "items": either, "maxItems": .number(String(NestedItems.limit))]
    case .one: return row.nullable
    case .reference: return foreignKey.map { parent.columns[$0].isNullable } == true ? either.nullable : either
    }
  }
}
