import MartletCore
import MartletHTTP
import MartletORM

extension OpenAPIBuilder {
  /// One route of a file of a row.
  mutating func fileOperation(_ file: FileOperation, _ notes: RouteNotes) -> [JSONTree.Member] {
    let label = file.shape.schema.label, name = file.field.name
    let words = [file.shape.path, file.field.segment].flatMap { $0.split { !$0.isLetter && !$0.isNumber } }
    let id = file.action.rawValue + words.map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined() + "File"
    let verb =
      switch file.action {
      case .read: "Read"
      case .write: "Store"
      case .delete: "Remove"
      }
    var members: [JSONTree.Member] = [
      .init("operationId", .string(operationID(id))),
      .init("summary", .string(notes.summary ?? "\(verb) the file “\(name)” of the \(label)")),
      .init("tags", .array((notes.tags.isEmpty ? [file.shape.path] : notes.tags).map { .string($0) })),
      .init("security", .array(security(file))),
    ]
    if let details = notes.details { members.append(.init("description", .string(details))) }
    let types = file.field.types.isEmpty ? ["*/*"] : file.field.types
    let content = JSONTree.object(types.map { .init($0, .object([])) })
    if file.action == .write {
      members.append(
        .init(
          "requestBody",
          [
            "required": true, "description": .string("The bytes of the file, \(file.field.maxSize) at most."), "content": content,
          ]))
    }
    members.append(.init("responses", .object(fileAnswers(file, content))))
    return members
  }

  /// A caller must prove who they are only where nobody else gets an answer: of most rows one is told whether they are there.
  private func security(_ file: FileOperation) -> [JSONTree] {
    let isRefused = file.access.anonymous == .never && !file.shape.isPolicyDeclared
    return isRefused ? requirements : [.object([])] + requirements
  }

  private func fileAnswers(_ file: FileOperation, _ content: JSONTree) -> [JSONTree.Member] {
    let tag: JSONTree = ["ETag": ["description": "Names this file.", "schema": ["type": "string"]]]
    func answer(_ text: String) -> JSONTree { Self.response(text, nil).adding("headers", tag) }
    func problem(_ status: Int, _ name: String) -> JSONTree.Member { .init(String(status), .reference("responses", name)) }
    let refused = [
      problem(401, "Unauthorized"), problem(403, "Forbidden"), problem(404, "NotFound"), problem(412, "PreconditionFailed"),
    ]
    let isConditional = file.action != .read && file.shape.exchange.isMatchRequired
    let end: [JSONTree.Member] =
      (isConditional ? [problem(428, "PreconditionRequired")] : []) + [.init("default", .reference("responses", "Problem"))]
    return switch file.action {
    case .read:
      [
        .init("200", answer("The file.").adding("content", content)),
        .init("206", answer("The part that “Range” asks for.").adding("content", content)),
        .init("304", Self.response("You have the current file.", nil)),
        .init("416", Self.response("The file has no such part.", nil)),
      ] + refused + end
    case .write:
      [.init("201", answer("The file is stored.")), .init("204", answer("The file is stored in the place of another."))] + refused
        + [problem(413, "ContentTooLarge"), problem(415, "UnsupportedMediaType")] + end
    case .delete: [.init("204", Self.response("The file is removed.", nil))] + refused + end
    }
  }

  /// The header fields that a route of a file reads.
  static func fileHeaders(_ file: FileOperation) -> [JSONTree] {
    switch file.action {
    case .read:
      [
        header("Range", "A part of the file, such as bytes=0-1023."),
        header("If-None-Match", "The ETag that you have: 304 if it is still the current one."),
      ]
    case .write:
      [
        header("If-Match", "The ETag of the file that you replace: 412 if there is another."),
        header("If-None-Match", "*: 412 if there is a file already."),
      ]
    case .delete: [header("If-Match", "The ETag of the file that you remove: 412 if there is another.")]
    }
  }
}
