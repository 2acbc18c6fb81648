import MartletCore
import MartletORM
import MartletSQL

extension SchemaRegistry {
  /// The fields of an input as a schema.
  func schema(of input: InputSchema) -> JSONTree {
    var schema = JSONTree.objectSchema(input.fields.map { ($0.name, self.schema(of: $0), $0.isRequired) })
    if input.unknownFields == .refused { schema = schema.adding("additionalProperties", false) }
    return schema.adding("description", input.documentation.map { .string($0) })
  }

  /// One field of an input as a schema.
  func schema(of field: InputField) -> JSONTree {
    let column = field.column
    guard let nested = field.nested else {
      var schema = column.writeSchema
      if column.isBlankRefused, schema["minLength"] == nil { schema = schema.adding("minLength", 1) }
      if column.options.secret { schema = schema.adding("format", "password").adding("writeOnly", true) }
      return schema.adding("default", column.options.secret ? nil : column.constantDefault)
    }
    return column.withRules(schema(of: nested)).adding("title", column.options.label.map { .string($0) })
      .adding("description", column.description.map { .string($0) })
  }
}

/// The fields of an input as parameters of a query string.
enum InputParameters {
  /// - Parameter prefix: Where the input stands in another one: `near.`
  static func list(
    _ input: InputSchema, _ registry: SchemaRegistry, prefix: String = "", isRequired: Bool = true
  ) -> [JSONTree] {
    input.fields.flatMap { field -> [JSONTree] in
      let name = prefix + field.name, isRequired = isRequired && field.isRequired
      if let nested = field.nested {
        // A list of inputs has no form in a query string, and an input in itself no end.
        guard let type = InputSchema.single(nested), prefix.split(separator: ".").count < 4 else { return [] }
        return list(type.inputSchema, registry, prefix: name + ".", isRequired: isRequired)
      }
      var field = field
      field.column.isNullable = false  // A parameter that is left out is nothing.
      let schema = registry.schema(of: field), description = schema["description"]
      let parameter: JSONTree = ["name": .string(name), "in": "query", "schema": schema.without("description")]
      return [parameter.adding("required", isRequired ? true : nil).adding("description", description)]
    }
  }
}

extension InputSchema {
  /// The input of a nested field that is no list.
  static func single(_ type: Any.Type) -> (any Input.Type)? {
    switch type {
    case let type as any OptionalType.Type: single(type.wrapped)
    case let type as any GivenType.Type: single(type.wrapped)
    default: type as? any Input.Type
    }
  }
  private static func isList(_ type: Any.Type) -> Bool {
    switch type {
    case let type as any OptionalType.Type: isList(type.wrapped)
    case let type as any GivenType.Type: isList(type.wrapped)
    default: type is any ElementType.Type
    }
  }
  /// Rules that refuse every value, and nested fields that a query string cannot hold.
  var mistakes: [CheckMessage] {
    fields.flatMap { field in
      var column = field.column
      if let nested = field.nested { column.type = Self.isList(nested) ? .array(.json) : .json }
      return column.ruleMistakes.map {
        CheckMessage(
          "rest.E030", .error, "\($0) It refuses every value.", hint: "Change @Field(validate:) of the property.",
          object: "\(name).\(field.column.property)")
      }
    }
  }
}
