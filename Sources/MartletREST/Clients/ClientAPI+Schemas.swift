extension ClientAPI {
  /// Reads the types of a document.
  struct TypeReader {
    let document: JSONTree
    private static let depthLimit = 64

    /// What a local `$ref` stands for.
    func target(_ reference: String) -> JSONTree? {
      guard reference.hasPrefix("#/") else { return nil }
      return reference.dropFirst(2).split(separator: "/", omittingEmptySubsequences: false).reduce(document as JSONTree?) {
        $0?[Self.unescaped($1)]
      }
    }
    /// A part of a JSON pointer (RFC 6901).
    private static func unescaped(_ part: Substring) -> String {
      String(part).replacing("~1", with: "/").replacing("~0", with: "~")
    }
    /// The value, or what it refers to.
    func resolved(_ tree: JSONTree) -> JSONTree {
      var tree = tree
      for _ in 0..<Self.depthLimit {
        guard let reference = tree["$ref"]?.textValue else { break }
        tree = target(reference) ?? .object([])
      }
      return tree
    }

    /// How many references that are no components may stand in one type: each writes what it refers to out, so that a document
    /// in which each refers to the next twice would double with each step.
    private static let expansionLimit = 100

    func type(of schema: JSONTree) -> ClientType {
      var left = Self.expansionLimit
      return type(of: schema, 0, &left)
    }
    private func type(of schema: JSONTree, _ depth: Int, _ left: inout Int) -> ClientType {
      guard depth < Self.depthLimit, case .object(let members) = schema, !members.isEmpty else { return .any }
      if let reference = schema["$ref"]?.textValue { return named(reference, depth, &left) }
      if let value = schema["const"] { return value == .null ? .nullable(.any) : .choices([value]) }
      if case .array(let values)? = schema["enum"] { return choices(values) }
      if let parts = (schema["anyOf"] ?? schema["oneOf"])?.elements { return union(parts, depth, &left) }
      if let parts = schema["allOf"]?.elements { return merged(parts, depth, &left) }
      let types = schema["type"].map { $0.elements ?? [$0] }?.compactMap(\.textValue) ?? []
      let named = types.filter { $0 != "null" }
      let plain = named.isEmpty ? [ClientAPI.TypeReader.guess(schema)] : named.map { single($0, schema, depth, &left) }
      let type = plain.count == 1 ? plain[0] : .oneOf(plain)
      return types.contains("null") ? type.nullable : type
    }

    private func named(_ reference: String, _ depth: Int, _ left: inout Int) -> ClientType {
      let prefix = "#/components/schemas/"
      guard target(reference) != nil else { return .any }
      guard reference.hasPrefix(prefix), !reference.dropFirst(prefix.count).contains("/") else {
        guard left > 0 else { return .any }
        left -= 1
        return type(of: target(reference) ?? .null, depth + 1, &left)
      }
      return .reference(Self.unescaped(reference.dropFirst(prefix.count)))
    }
    private func choices(_ values: [JSONTree]) -> ClientType {
      let given = values.filter { $0 != .null }
      let isSimple = given.allSatisfy { if case .string = $0 { true } else if case .number = $0 { true } else { false } }
      guard !given.isEmpty, isSimple else { return .any }
      return given.count == values.count ? .choices(given) : .nullable(.choices(given))
    }
    private func union(_ parts: [JSONTree], _ depth: Int, _ left: inout Int) -> ClientType {
      var types: [ClientType] = [], isNullable = false
      for part in parts {
        if part["type"] == "null" {
          isNullable = true
        } else {
          let type = type(of: part, depth + 1, &left)
          isNullable = isNullable || type.isNullable
          if !types.contains(type.required) { types.append(type.required) }
        }
      }
      let type: ClientType = types.count == 1 ? types[0] : types.isEmpty || types.contains(.any) ? .any : .oneOf(types)
      return isNullable ? type.nullable : type
    }
    /// `allOf`: one object with the members of all.
    private func merged(_ parts: [JSONTree], _ depth: Int, _ left: inout Int) -> ClientType {
      if parts.count == 1 { return type(of: parts[0], depth + 1, &left) }
      var object = ClientObject(fields: []), seen: Set<String> = []
      for part in written(parts, depth, &seen) {
        let type = type(of: part, depth + 1, &left)
        if case .map(.any) = type { continue }
        guard case .object(let next) = type else { return .any }
        object.fields.removeAll { field in next.fields.contains { $0.name == field.name } }
        object.fields += next.fields
      }
      return .object(object)
    }
    /// The parts of an `allOf`, with the parts of those that are an `allOf` themselves; what is referred to again says nothing
    /// new.
    private func written(_ parts: [JSONTree], _ depth: Int, _ seen: inout Set<String>) -> [JSONTree] {
      guard depth < Self.depthLimit else { return [] }
      return parts.flatMap { part -> [JSONTree] in
        var part = part
        while let reference = part["$ref"]?.textValue {
          guard seen.insert(reference).inserted else { return [] }
          part = target(reference) ?? .object([])
        }
        let isPlain = ["const", "enum", "anyOf", "oneOf"].allSatisfy { part[$0] == nil }
        guard isPlain, let inner = part["allOf"]?.elements else { return [part] }
        return written(inner, depth + 1, &seen)
      }
    }
    private static func guess(_ schema: JSONTree) -> ClientType { schema["properties"] == nil ? .any : .map(.any) }

    private func single(_ name: String, _ schema: JSONTree, _ depth: Int, _ left: inout Int) -> ClientType {
      switch name {
      case "boolean": return .boolean
      case "integer": return .integer
      case "number": return .number
      case "string": return .string(format: schema["format"]?.textValue)
      case "array": return .array(schema["items"].map { type(of: $0, depth + 1, &left) } ?? .any)
      case "object": return object(schema, depth, &left)
      default: return .any
      }
    }
    private func object(_ schema: JSONTree, _ depth: Int, _ left: inout Int) -> ClientType {
      var others: ClientType?
      if let more = schema["additionalProperties"], case .object = more { others = type(of: more, depth + 1, &left) }
      guard case .object(let properties)? = schema["properties"], !properties.isEmpty else { return .map(others ?? .any) }
      let required = Set(schema["required"]?.elements?.compactMap(\.textValue) ?? [])
      return .object(
        ClientObject(
          fields: properties.map { property in
            ClientField(
              name: property.name, type: type(of: property.value, depth + 1, &left), isRequired: required.contains(property.name),
              isReadOnly: resolved(property.value)["readOnly"] == true || property.value["readOnly"] == true,
              text: property.value["description"]?.textValue ?? property.value["title"]?.textValue)
          }, others: others))
    }
  }
}

extension JSONTree {
  /// The elements of an array.
  package var elements: [JSONTree]? { if case .array(let elements) = self { elements } else { nil } }
  /// The members of an object.
  package var members: [Member]? { if case .object(let members) = self { members } else { nil } }
  /// The text of a string.
  package var textValue: String? { if case .string(let text) = self { text } else { nil } }
}
