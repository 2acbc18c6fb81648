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

    func type(of schema: JSONTree, depth: Int = 0) -> ClientType {
      guard depth < Self.depthLimit, case .object(let members) = schema, !members.isEmpty else { return .any }
      if let reference = schema["$ref"]?.textValue { return named(reference, depth) }
      if let value = schema["const"] { return value == .null ? .nullable(.any) : .choices([value]) }
      if case .array(let values)? = schema["enum"] { return choices(values) }
      if let parts = (schema["anyOf"] ?? schema["oneOf"])?.elements { return union(parts, depth) }
      if let parts = schema["allOf"]?.elements { return merged(parts, depth) }
      let types = schema["type"].map { $0.elements ?? [$0] }?.compactMap(\.textValue) ?? []
      let named = types.filter { $0 != "null" }
      let plain = named.isEmpty ? [ClientAPI.TypeReader.guess(schema)] : named.map { single($0, schema, depth) }
      let type = plain.count == 1 ? plain[0] : .oneOf(plain)
      return types.contains("null") ? type.nullable : type
    }

    private func named(_ reference: String, _ depth: Int) -> ClientType {
      let prefix = "#/components/schemas/"
      guard target(reference) != nil else { return .any }
      guard reference.hasPrefix(prefix), !reference.dropFirst(prefix.count).contains("/") else {
        return type(of: target(reference) ?? .null, depth: depth + 1)
      }
      return .reference(Self.unescaped(reference.dropFirst(prefix.count)))
    }
    private func choices(_ values: [JSONTree]) -> ClientType {
      let given = values.filter { $0 != .null }
      let isSimple = given.allSatisfy { if case .string = $0 { true } else if case .number = $0 { true } else { false } }
      guard !given.isEmpty, isSimple else { return .any }
      return given.count == values.count ? .choices(given) : .nullable(.choices(given))
    }
    private func union(_ parts: [JSONTree], _ depth: Int) -> ClientType {
      var types: [ClientType] = [], isNullable = false
      for part in parts {
        if part["type"] == "null" {
          isNullable = true
        } else {
          let type = type(of: part, depth: depth + 1)
          isNullable = isNullable || type.isNullable
          if !types.contains(type.required) { types.append(type.required) }
        }
      }
      let type: ClientType = types.count == 1 ? types[0] : types.isEmpty || types.contains(.any) ? .any : .oneOf(types)
      return isNullable ? type.nullable : type
    }
    /// `allOf`: one object with the members of all.
    private func merged(_ parts: [JSONTree], _ depth: Int) -> ClientType {
      if parts.count == 1 { return type(of: parts[0], depth: depth + 1) }
      var object = ClientObject(fields: [])
      for part in parts {
        let type = type(of: resolved(part), depth: depth + 1)
        if case .map(.any) = type { continue }
        guard case .object(let next) = type else { return .any }
        object.fields.removeAll { field in next.fields.contains { $0.name == field.name } }
        object.fields += next.fields
      }
      return .object(object)
    }
    private static func guess(_ schema: JSONTree) -> ClientType { schema["properties"] == nil ? .any : .map(.any) }

    private func single(_ name: String, _ schema: JSONTree, _ depth: Int) -> ClientType {
      switch name {
      case "boolean": return .boolean
      case "integer": return .integer
      case "number": return .number
      case "string": return .string(format: schema["format"]?.textValue)
      case "array": return .array(schema["items"].map { type(of: $0, depth: depth + 1) } ?? .any)
      case "object": return object(schema, depth)
      default: return .any
      }
    }
    private func object(_ schema: JSONTree, _ depth: Int) -> ClientType {
      var others: ClientType?
      if let more = schema["additionalProperties"], case .object = more { others = type(of: more, depth: depth + 1) }
      guard case .object(let properties)? = schema["properties"], !properties.isEmpty else { return .map(others ?? .any) }
      let required = Set(schema["required"]?.elements?.compactMap(\.textValue) ?? [])
      return .object(
        ClientObject(
          fields: properties.map { property in
            ClientField(
              name: property.name, type: type(of: property.value, depth: depth + 1), isRequired: required.contains(property.name),
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
