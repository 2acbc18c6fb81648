extension TypeScriptClient {
  /// One operation with its names in the program.
  private struct Method {
    var operation: ClientOperation
    var name: String
    var failure: String
    var input: String
    /// Path and query parameters by their keys in the arguments.
    var parameters: [(key: String, parameter: ClientParameter)] = []
    /// Header parameters by their keys in the options.
    var headers: [(key: String, parameter: ClientParameter)] = []
  }

  private var methods: [Method] {
    var names = NameScope(reserved: ["constructor", "with", "then"]), types = NameScope(reserved: Set(typeNames.values))
    return api.operations.map { operation in
      let name = names.claim(ClientNames.member(operation.id))
      let type = name.prefix(1).uppercased() + name.dropFirst()
      var method = Method(
        operation: operation, name: name, failure: types.claim(type + "Failure"), input: types.claim(type + "Parameters"))
      var keys = NameScope(), options = NameScope(reserved: ["signal", "headers"])
      for parameter in operation.parameters {
        if parameter.place == .header {
          method.headers.append((options.claim(ClientNames.member(parameter.name)), parameter))
        } else {
          method.parameters.append((keys.claim(parameter.name), parameter))
        }
      }
      return method
    }
  }

  func writeClient(_ source: inout SourceText) {
    let methods = methods
    for method in methods {
      writeParameters(method, &source)
      writeFailure(method, &source)
    }
    Self.comment([api.title, api.text].compactMap { $0 }.joined(separator: "\n\n"), &source)
    source.block("export class Client {", "}") { source in
      for method in methods { writeDeclaration(method, &source) }
      source.line("private readonly _options: ClientOptions;")
      source.line()
      source.block("constructor(options: ClientOptions = {}) {", "}") { source in
        source.line("this._options = options;")
        source.line("const core = new Core(options, \(api.server.map(Self.string) ?? "\"\""));")
        for method in methods { writeAssignment(method, &source) }
      }
      source.line()
      source.line("/** A client with other options, the rest as here: `client.with({ credentials: { … } })`. */")
      source.block("with(options: ClientOptions): Client {", "}") { source in
        source.line("return new Client({ ...this._options, ...options });")
      }
    }
  }

  private func writeParameters(_ method: Method, _ source: inout SourceText) {
    guard !method.parameters.isEmpty else { return }
    source.line("/** What `\(method.name)` takes from path and query. */")
    source.block("export interface \(method.input) {", "}") { source in
      for (key, parameter) in method.parameters {
        Self.comment(parameter.text, &source)
        source.line(member(key, parameter) + ";")
      }
    }
    source.line()
  }

  /// The type of what an operation answers when it fails: by status, so that a comparison tells the bodies apart.
  private func writeFailure(_ method: Method, _ source: inout SourceText) {
    var cases: [String] = [], other = "Json"
    for failure in method.operation.failures {
      if Int(failure.status) != nil {
        cases.append("{ status: \(failure.status); body: \(type(failure.type)) }")
      } else if failure.status == "default" {
        other = type(failure.type)
      }
    }
    cases.append("{ status: OtherStatus; body: \(other) }")
    source.line("/** How `\(method.name)` fails. */")
    source.line("export type \(method.failure) = " + cases.joined(separator: " | ") + ";")
    source.line()
  }

  private func writeDeclaration(_ method: Method, _ source: inout SourceText) {
    let operation = method.operation
    let text = [operation.text, operation.isDeprecated ? "@deprecated" : nil, "`\(operation.method) \(operation.path)`"]
      .compactMap { $0 }.joined(separator: "\n\n")
    Self.comment(text, &source)
    let arguments = "[" + arguments(method).joined(separator: ", ") + "]"
    if let paging = operation.paging {
      source.line(
        "readonly \(method.name): PagedOperation<\(arguments), \(answer(operation)), \(type(paging.item)), \(method.failure)>;")
    } else {
      source.line("readonly \(method.name): Operation<\(arguments), \(answer(operation)), \(method.failure)>;")
    }
  }
  private func answer(_ operation: ClientOperation) -> String {
    switch operation.answer {
    case .none: "void"
    case .json(let type): self.type(type)
    case .text: "string"
    case .binary, .form: "Blob"
    }
  }

  /// `parameters: {…}, body: …, options?: …`; nothing that is needed stands behind something that is not.
  private func arguments(_ method: Method) -> [String] {
    var arguments: [String] = []
    let needsBody = method.operation.body?.isRequired == true
    let needsOptions = method.headers.contains { $0.parameter.isRequired }
    if !method.parameters.isEmpty {
      let isOptional = !needsBody && !needsOptions && !method.parameters.contains { $0.parameter.isRequired }
      arguments.append("parameters\(isOptional ? "?" : ""): \(method.input)")
    }
    if let body = method.operation.body {
      let type: String =
        switch body.content {
        case .json(let type): self.type(type)
        case .form: "FormData"
        case .text: "string"
        case .binary, .none: "BodyInit"
        }
      arguments.append("body\(needsBody || needsOptions ? "" : "?"): \(type)")
    }
    let headers = method.headers.map { key, parameter in member(key, parameter) }
    let own = headers.isEmpty ? "" : " & { \(headers.joined(separator: "; ")) }"
    arguments.append("options\(needsOptions ? "" : "?"): CallOptions\(own)")
    return arguments
  }
  private func member(_ key: String, _ parameter: ClientParameter) -> String {
    let isNeeded = parameter.isRequired
    return Self.propertyName(key) + (isNeeded ? ": " : "?: ") + type(parameter.type) + (isNeeded ? "" : " | undefined")
  }

  /// What the runtime needs to know of the operation, as a value.
  private func writeAssignment(_ method: Method, _ source: inout SourceText) {
    let operation = method.operation
    var members = ["method: \(Self.string(operation.method))", "path: \(Self.string(operation.path))"]
    func list(_ name: String, _ parameters: [(key: String, parameter: ClientParameter)]) {
      guard !parameters.isEmpty else { return }
      let texts = parameters.map { key, parameter in
        "[\(Self.string(key)), \(Self.string(parameter.name)), \(parameter.isJoined)]"
      }
      members.append("\(name): [\(texts.joined(separator: ", "))]")
    }
    list("inPath", method.parameters.filter { $0.parameter.place == .path })
    list("inQuery", method.parameters.filter { $0.parameter.place == .query })
    list("inHeader", method.headers)
    if !method.parameters.isEmpty { members.append("takesParameters: true") }
    if let body = operation.body {
      members.append("body: \(Self.string(operation.body?.content == .form ? "" : body.contentType))")
    }
    let reads =
      switch operation.answer {
      case .none: "none";
      case .json: "json";
      case .text: "text";
      case .binary, .form: "blob"
      }
    members.append("answer: \"\(reads)\"")
    if let paging = operation.paging {
      members.append("pages: \(paging.pages == .links ? "\"links\"" : "\"offset\"")")
      members.append("items: \(Self.string(paging.items))")
    }
    source.line(
      "this.\(method.name) = \(operation.paging == nil ? "operation" : "paged")(core, { \(members.joined(separator: ", ")) });")
  }
}
