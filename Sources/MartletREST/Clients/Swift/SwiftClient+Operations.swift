extension SwiftClient {
  /// An argument of a method.
  private struct Argument {
    var name: String
    var type: String
    var isRequired: Bool
    /// What the argument does to the call.
    var use: String
    var text: String?
    var label = ""

    var declaration: String {
      "\(label)\(name): \(type)" + (isRequired ? "" : name == "options" ? " = CallOptions()" : "? = nil")
    }
    /// A label needs no backticks, and may have none.
    var forwarding: String { label.isEmpty ? "\(name.filter { $0 != "`" }): \(name)" : name }
  }
  private struct Method {
    var operation: ClientOperation
    var name: String
    var arguments: [Argument]
    var output: String
  }

  private var methods: [Method] {
    var names = NameScope(reserved: ["init", "self", "calls", "credentials", "core"])
    return operations.map { operation in
      let name = SwiftNames.escaped(names.claim(ClientNames.member(operation.id)))
      return Method(operation: operation, name: name, arguments: arguments(operation), output: output(operation))
    }
  }
  private func output(_ operation: ClientOperation) -> String {
    switch operation.answer {
    case .none: "Void"
    case .json(let type): types.type(type)
    case .text: "String"
    case .binary, .form: "Data"
    }
  }

  private func arguments(_ operation: ClientOperation) -> [Argument] {
    var names = NameScope(reserved: ["body", "options", "call", "self"])
    var arguments = operation.parameters.map { parameter in
      let name = SwiftNames.escaped(names.claim(ClientNames.member(parameter.name))), wire = SwiftNames.literal(parameter.name)
      let use =
        switch parameter.place {
        case .path: "call.path(\(wire), \(name))"
        case .query where isList(parameter.type): "call.list(\(wire), \(name), isJoined: \(parameter.isJoined))"
        case .query: "call.query(\(wire), \(name))"
        case .header: "call.header(\(wire), \(name))"
        }
      return Argument(
        name: name, type: types.type(parameter.type), isRequired: parameter.isRequired, use: use, text: parameter.text)
    }
    // The path first, then the body, then what may be left out.
    var sorted = arguments.filter { $0.use.hasPrefix("call.path") }
    arguments.removeAll { $0.use.hasPrefix("call.path") }
    if let body = operation.body {
      let media = SwiftNames.literal(body.contentType)
      let (type, use) =
        switch body.content {
        case .json(let type): (types.type(type), "call.body(body, \(media))")
        case .form: ("MultipartForm", "call.form(body)")
        case .text: ("String", "call.text(body, \(media))")
        case .binary, .none: ("Data", "call.data(body, \(media))")
        }
      sorted.append(Argument(name: "body", type: type, isRequired: body.isRequired, use: use, text: "The body.", label: "_ "))
    }
    sorted += arguments.filter(\.isRequired) + arguments.filter { !$0.isRequired }
    return sorted + [Argument(name: "options", type: "CallOptions", isRequired: false, use: "", text: nil)]
  }
  private func isList(_ type: ClientType) -> Bool { if case .array = type { true } else { false } }

  func writeClient(_ source: inout SourceText) {
    let methods = methods
    Self.comment([api.title, api.text].compactMap { $0 }.joined(separator: "\n\n"), &source)
    source.block("public struct Client: Sendable {", "}") { source in
      source.lines(SwiftRuntime.client(server: api.server.map(SwiftNames.literal)))
      for method in methods { writeMethod(method, &source) }
    }
    source.line()
    source.line("/// The operations as values: for an answer's headers, and for lists page by page.")
    source.block("public struct ClientCalls: Sendable {", "}") { source in
      source.line("let core: ClientCore")
      for method in methods { writeCall(method, &source) }
    }
  }

  private func writeMethod(_ method: Method, _ source: inout SourceText) {
    source.line()
    writeComment(method, &source)
    let result = method.output == "Void" ? "" : " -> \(method.output)"
    let forwarded = method.arguments.map(\.forwarding).joined(separator: ", ")
    source.block("public func \(method.name)(\(declaration(method))) async throws(APIError)\(result) {", "}") { source in
      source.line("try await self.calls.\(method.name)(\(forwarded)).value()")
    }
  }
  private func writeCall(_ method: Method, _ source: inout SourceText) {
    let operation = method.operation
    source.line()
    writeComment(method, &source)
    let item = operation.paging.map { types.type($0.item) }
    let result = item.map { "PagedCall<\(method.output), \($0)>" } ?? "Call<\(method.output)>"
    source.block("public func \(method.name)(\(declaration(method))) -> \(result) {", "}") { source in
      let uses = method.arguments.map(\.use).filter { !$0.isEmpty }
      source.line(
        "\(uses.isEmpty ? "let" : "var") call = PreparedCall(\(SwiftNames.literal(operation.method)), \(SwiftNames.literal(operation.path)), options)"
      )
      for use in uses { source.line(use) }
      let decode =
        switch operation.answer {
        case .none: "{ _ in () }"
        case .json: "{ try ClientCore.decoded(\(method.output).self, $0) }"
        case .text: "{ String(decoding: $0, as: UTF8.self) }"
        case .binary, .form: "{ $0 }"
        }
      guard let paging = operation.paging else { return source.line("return Call(self.core, call, \(decode))") }
      let items = SwiftNames.escaped(ClientNames.member(paging.items))
      source.line(
        "return PagedCall(Call(self.core, call, \(decode)), \(paging.pages == .links ? "next: { $0.next }, " : "")items: { $0.\(items) })"
      )
    }
  }
  private func declaration(_ method: Method) -> String { method.arguments.map(\.declaration).joined(separator: ", ") }

  private func writeComment(_ method: Method, _ source: inout SourceText) {
    let operation = method.operation
    Self.comment(
      [operation.text, "`\(operation.method) \(operation.path)`"].compactMap { $0 }.joined(separator: "\n\n"), &source)
    for argument in method.arguments {
      if let text = argument.text { source.line("/// - Parameter \(argument.name): \(Self.oneLine(text))") }
    }
    if operation.isDeprecated { source.line("@available(*, deprecated)") }
  }

  // MARK: Errors and credentials

  /// What failed answers hold, as properties of the error: `error.problem`, `error.errorAnswer`.
  func writeErrors(_ source: inout SourceText) {
    var names = NameScope(reserved: [
      "kind", "status", "headers", "body", "underlying", "call", "description", "fields", "codes", "decoded",
    ])
    var seen: Set<String> = []
    source.block("extension APIError {", "}") { source in
      for failure in operations.flatMap(\.failures) {
        guard case .reference(let component) = failure.type, seen.insert(component).inserted else { continue }
        let type = types.name(component), name = SwiftNames.escaped(names.claim(ClientNames.member(component)))
        source.line("/// The answer as \(type), where it is one.")
        source.line("public var \(name): \(type)? { decoded(\(type).self) }")
      }
    }
    source.line()
  }

  func writeCredentials(_ source: inout SourceText) {
    var names = NameScope(reserved: ["init", "self", "schemes"])
    let properties = api.schemes.map { (name: SwiftNames.escaped(names.claim(ClientNames.member($0.name))), scheme: $0) }
    source.line("/// What proves who calls.")
    source.block("public struct Credentials: Sendable {", "}") { source in
      for property in properties {
        Self.comment(property.scheme.text, &source)
        source.line("public var \(property.name): Secret?")
      }
      source.line("public init(\(properties.map { "\($0.name): Secret? = nil" }.joined(separator: ", "))) {")
      for property in properties { source.line("  self.\(property.name) = \(property.name)") }
      source.line("}")
      source.block("var schemes: [(place: CredentialPlace, secret: Secret?)] {", "}") { source in
        let values = properties.map { property in
          let place =
            switch property.scheme.place {
            case .header(let name, let prefix): ".header(\(SwiftNames.literal(name)), prefix: \(SwiftNames.literal(prefix)))"
            case .cookie(let name): ".cookie(\(SwiftNames.literal(name)))"
            case .query(let name): ".query(\(SwiftNames.literal(name)))"
            }
          return "(\(place), \(property.name))"
        }
        source.line("[\(values.joined(separator: ", "))]")
      }
    }
    source.line()
  }
}
