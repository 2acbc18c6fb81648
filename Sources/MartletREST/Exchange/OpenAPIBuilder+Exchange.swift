import MartletHTTP

// What conditions, preferences, idempotency and negotiation add to the operations of a resource.
extension OpenAPIBuilder {
  /// The header fields that an operation reads.
  func headerParameters(_ route: RouteDescription) -> [JSONTree] {
    var parameters: [JSONTree] = []
    if let choice = route.versions?.choice {
      let schema: JSONTree = [
        "type": "string", "enum": .array(choice.names.map { .string($0) }), "default": .string(choice.defaultVersion),
      ]
      parameters.append(Self.header(choice.header, "The version of the API.").adding("schema", schema))
    }
    if let file = route.operation as? FileOperation { parameters += Self.fileHeaders(file) }
    if let call = route.operation as? ResourceCall, call.needsCondition {
      parameters.append(
        Self.header("If-Match", "The ETag that you read, or *: 412 if the row has changed since.", isRequired: true))
    }
    if let resource = route.operation as? ResourceOperation {
      switch resource.action {
      case .retrieve:
        parameters.append(Self.header("If-None-Match", "The ETag that you have: 304 if it is still the current one."))
      case .replace, .update, .delete:
        parameters.append(
          Self.header(
            "If-Match", "The ETag that you read, or *: 412 if the row has changed since.",
            isRequired: resource.shape.exchange.isMatchRequired))
      case .list, .create: break
      }
      if [.create, .replace, .update].contains(resource.action) {
        let takesLists = resource.action == .create && resource.shape.writing.bulkLimit != nil
        let wish = "return=minimal for an answer without a body (RFC 7240), or return=representation."
        parameters.append(
          Self.header("Prefer", wish + (takesLists ? " handling=lenient writes the rows of a list that can be written." : "")))
      }
    }
    if let idempotency = IdempotencyOptions(of: route) {
      let parameter = Self.header(
        Idempotency.header,
        "A text of your own for this request, best a UUID. Sent again with the same request, it gives the same answer again.",
        isRequired: idempotency.isRequired)
      let least: JSONTree = .number(String(route.access.anonymous == .never ? 1 : IdempotencyKey.anonymousLength))
      parameters.append(
        parameter.adding("schema", ["type": "string", "minLength": least, "maxLength": 255, "pattern": "^[!-~]([ -~]*[!-~])?$"]))
    }
    return parameters
  }

  static func header(_ name: String, _ description: String, isRequired: Bool = false) -> JSONTree {
    let parameter: JSONTree = ["name": .string(name), "in": "header", "schema": ["type": "string"]]
    return parameter.adding("required", isRequired ? true : nil).adding("description", .string(description))
  }

  /// The operation of a resource with the answers and header fields that the exchange adds.
  func exchanged(_ operation: [JSONTree.Member], _ resource: ResourceOperation) -> [JSONTree.Member] {
    operation.map { member in
      switch member.name {
      case "responses": .init(member.name, answers(member.value, resource))
      case "requestBody" where resource.action == .update: .init(member.name, Self.patchBody(member.value))
      default: member
      }
    }
  }

  private func answers(_ responses: JSONTree, _ resource: ResourceOperation) -> JSONTree {
    let action = resource.action, exchange = resource.shape.exchange
    var responses = responses
    let tag: JSONTree = ["description": "Names this state of the row.", "schema": ["type": "string"]]
    for status in ["200", "201"] where action != .list {
      guard let answer = responses[status] else { continue }
      var headers = (answer["headers"] ?? .object([])).adding("ETag", tag)
      if action != .retrieve {
        headers = headers.adding(
          "Preference-Applied", ["description": "The preference that was followed.", "schema": ["type": "string"]])
      }
      if action == .create, exchange.idempotency != nil {
        headers = headers.adding(
          Idempotency.replayedHeader,
          ["description": "“true” for an answer that was given before.", "schema": ["type": "string"]])
      }
      responses = responses.adding(status, answer.adding("headers", headers))
    }
    func add(_ status: String, _ answer: JSONTree) {
      if responses[status] == nil { responses = responses.adding(status, answer) }
    }
    if action != .delete { add("406", .reference("responses", "NotAcceptable")) }
    switch action {
    case .retrieve: add("304", Self.response("You have the current state.", nil))
    case .replace, .update, .delete:
      if action != .delete {
        let done = Self.response("Changed; the answer is left out, as was preferred.", nil)
        add("204", done.adding("headers", ["ETag": tag]))
      }
      add("412", .reference("responses", "PreconditionFailed"))
      if exchange.isMatchRequired { add("428", .reference("responses", "PreconditionRequired")) }
    case .list, .create: break
    }
    if action == .retrieve { add("412", .reference("responses", "PreconditionFailed")) }
    return responses
  }

  /// A change may be named as the merge patch that it is.
  private static func patchBody(_ body: JSONTree) -> JSONTree {
    guard let schema = body["content"]?["application/json"] else { return body }
    return body.adding("content", .object(MergePatch.mediaTypes.reversed().map { .init($0, schema) }))
  }
}

extension RouteDescription {
  /// The route as a version has it, under the path that all have; `nil` where the version does not have it.
  func described(inVersion name: String?) -> RouteDescription? {
    guard let versions else { return self }
    let wanted = name.flatMap { versions.choice.names.contains($0) ? $0 : nil } ?? versions.choice.defaultVersion
    guard let variant = versions.variants.first(where: { $0.name == wanted }) else { return nil }
    var route = variant.route
    // What stands around all versions stands around the version's own.
    route.middleware = middleware + route.middleware
    let shared = path.split(separator: "/").count - route.path.split(separator: "/").count
    route.path =
      "/" + (path.split(separator: "/").prefix(max(0, shared)) + route.path.split(separator: "/")).joined(separator: "/")
    // Notes of all versions are the variants' already.
    for (key, value) in metadata where key != RouteNotes.key && route.metadata[key] == nil { route.metadata[key] = value }
    return route
  }
}
