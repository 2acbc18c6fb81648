extension SchemaRegistry {
  /// The schema with each list of choices among its properties as a component of its own: `status` of `Article` is
  /// `ArticleStatus`, wherever it stands.
  func namingEnums(_ schema: JSONTree, owner: String) -> JSONTree {
    guard case .object(let properties)? = schema["properties"] else { return schema }
    let named = properties.map { property in
      JSONTree.Member(property.name, namingEnum(property.value, owner: owner, field: property.name))
    }
    return schema.replacing("properties", .object(named))
  }

  /// A field's schema, or a reference to its choices beside what else is said of the field.
  func namingEnum(_ schema: JSONTree, owner: String, field: String) -> JSONTree {
    guard case .object(let members) = schema, case .array(let values)? = schema["enum"], values.count > 1 else { return schema }
    let choices = values.filter { $0 != .null }
    let type = schema["type"]?.elements?.first { $0 != "null" } ?? schema["type"]
    var component: JSONTree = ["enum": .array(choices)]
    component = component.adding("type", type)
    let reference = add(owner + ClientNames.type(field), component)
    let rest = members.filter { !["enum", "type", "minLength", "maxLength", "minimum", "maximum", "format"].contains($0.name) }
    let isNullable = choices.count < values.count || schema["type"]?.elements?.contains("null") == true
    guard case .object(let named) = isNullable ? reference.nullable : reference else { return schema }
    return .object(named + rest)
  }
}
