/// The types of a Swift program: every object and every list of choices has a name.
struct SwiftTypes {
  private(set) var schemas: [ClientSchema] = []
  /// The components that a request's body holds: there, leaving a member out and `null` are two things.
  private(set) var inputs: Set<String> = []
  private var names: [String: String] = [:]
  private var typeNames = NameScope(reserved: SwiftNames.reservedTypes)
  private var components = NameScope()

  init(_ api: ClientAPI) {
    for schema in api.schemas { claim(schema.name) }
    for schema in api.schemas {
      schemas.append(ClientSchema(name: schema.name, type: inner(schema.type, schema.name), text: schema.text))
    }
    schemas.sort { $0.name < $1.name }
  }
  private mutating func claim(_ component: String) {
    _ = components.claim(component)
    names[component] = typeNames.claim(ClientNames.type(component))
  }

  /// The type's name in the program.
  func name(_ component: String) -> String { names[component] ?? "JSONValue" }

  /// The operation with types that all have names; what its body holds is an input.
  mutating func naming(_ operation: ClientOperation) -> ClientOperation {
    var operation = operation
    let id = ClientNames.type(operation.id)
    for index in operation.parameters.indices {
      let parameter = operation.parameters[index]
      operation.parameters[index].type = named(parameterType(parameter.type), id + "." + parameter.name)
    }
    if case .json(let type)? = operation.body?.content {
      let type = named(type, id + ".Body")
      operation.body?.content = .json(type)
      markInputs(type)
    }
    if case .json(let type) = operation.answer { operation.answer = .json(named(type, id + ".Answer")) }
    operation.failures = operation.failures.map {
      ClientFailure(status: $0.status, type: named($0.type, id + "." + $0.status + "Failure"))
    }
    operation.paging = nil
    return operation.withPaging(in: self)
  }

  /// A parameter is a text, or a list of texts; what has a form of its own goes as JSON.
  private func parameterType(_ type: ClientType, isElement: Bool = false) -> ClientType {
    switch type {
    case .object, .map: return .any
    case .oneOf: return type.isTextOrNumber ? type : .any
    case .array(let element): return isElement ? .any : .array(parameterType(element.required, isElement: true))
    case .nullable(let wrapped): return parameterType(wrapped, isElement: isElement)
    case .reference(let name):
      switch schema(name)?.type {
      case .choices, .string, .integer, .number, .boolean: return type
      case .array(let element)? where !isElement: return parameterType(.array(element))
      default: return .any
      }
    default: return type
    }
  }

  /// The type with names for its parts, where it is a component itself.
  private mutating func inner(_ type: ClientType, _ path: String) -> ClientType {
    if case .oneOf(let types) = type, !type.isTextOrNumber {
      return .oneOf(types.enumerated().map { named($1, path + ".Case\($0 + 1)") })
    }
    guard case .object(var object) = type else {
      if case .choices = type { return type }
      return named(type, path)
    }
    for index in object.fields.indices {
      object.fields[index].type = named(object.fields[index].type, path + "." + object.fields[index].name)
    }
    return .object(object)
  }
  /// The type with names for all that needs one; the same type under the same path has one name.
  private mutating func named(_ type: ClientType, _ path: String) -> ClientType {
    switch type {
    case .object, .choices, .oneOf:
      if type.isTextOrNumber { return type }
      let component = components.claim(path)
      names[component] = typeNames.claim(ClientNames.type(path))
      schemas.append(ClientSchema(name: component, type: inner(type, component), text: nil))
      return .reference(component)
    case .array(let element): return .array(named(element, path))
    case .map(let value): return .map(named(value, path))
    case .nullable(let wrapped): return named(wrapped, path).nullable
    default: return type
    }
  }

  func schema(_ component: String) -> ClientSchema? { schemas.first { $0.name == component } }

  private mutating func markInputs(_ type: ClientType) {
    switch type {
    case .reference(let name):
      guard inputs.insert(name).inserted, let schema = schema(name) else { return }
      if case .object(let object) = schema.type {
        for field in object.fields { markInputs(field.type) }
      } else {
        markInputs(schema.type)
      }
    case .array(let type), .map(let type), .nullable(let type): markInputs(type)
    case .oneOf(let types): for type in types { markInputs(type) }
    default: break
    }
  }

  /// Whether a struct would hold itself, through members that are no lists.
  func isRecursive(_ component: String, _ type: ClientType) -> Bool {
    var seen: Set<String> = []
    func reaches(_ type: ClientType) -> Bool {
      guard case .reference(let name) = type.required else { return false }
      if name == component { return true }
      guard seen.insert(name).inserted, let schema = schema(name) else { return false }
      if case .object(let object) = schema.type { return object.fields.contains { reaches($0.type) } }
      return reaches(schema.type)
    }
    return reaches(type)
  }

  /// The type as Swift writes it.
  func type(_ type: ClientType) -> String {
    switch type {
    case .any, .object, .choices: return "JSONValue"
    case .boolean: return "Bool"
    case .integer: return "Int"
    case .number: return "Double"
    case .string(let format): return format == "date-time" ? "Date" : format == "uuid" ? "UUID" : "String"
    case .reference(let name): return self.name(name)
    case .array(let element): return "[\(self.type(element))]"
    case .map(let value): return "[String: \(self.type(value))]"
    case .nullable(let wrapped): return self.type(wrapped) + "?"
    case .oneOf: return type.isTextOrNumber ? "String" : "JSONValue"
    }
  }
}

extension ClientType {
  private var isText: Bool { if case .string = self { true } else { false } }
  /// Whether it is a text or a number, as decimals are in input: a text stands for both.
  var isTextOrNumber: Bool {
    guard case .oneOf(let types) = self else { return false }
    return types.contains(where: \.isText) && types.allSatisfy { [.integer, .number].contains($0) || $0.isText }
  }
}

extension ClientOperation {
  /// With the paging that the types allow: names may have come in between.
  fileprivate func withPaging(in types: SwiftTypes) -> ClientOperation {
    var operation = self
    guard method == "GET", case .json(.reference(let name)) = answer, case .object(let object)? = types.schema(name)?.type else {
      return self
    }
    operation.paging = ClientPaging(of: object, parameters)
    return operation
  }
}
