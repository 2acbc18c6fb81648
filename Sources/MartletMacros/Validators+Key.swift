import SwiftSyntax

// Keys of several columns.
extension Validators {
  /// What can be a part of a key.
  @Sendable static func keyPart(_ property: Property, _ model: ModelDeclaration) -> [Mistake] {
    guard let field = property.marker(.field)?.arguments, field.isTrue("primaryKey"), let argument = field.argument("primaryKey")
    else { return [] }
    let remove = Mistake.Fix(message: "remove 'primaryKey:'", edits: [field.removing("primaryKey")])
    if property.name == "id" {
      return model.keyParts.isEmpty
        ? [Mistake(argument, "'id' is the primary key already", fixes: [remove])]
        : [
          Mistake(
            argument,
            "'id' is the whole key, of all its columns: call this property otherwise, and keep the column with "
              + "@Field(column: \"id\")")
        ]
    }
    if model.properties.contains(where: { $0.name == "id" }) {
      return [
        Mistake(
          argument, "'id' is the primary key: remove it, or this 'primaryKey:'; unique(…) makes a second key", fixes: [remove])
      ]
    }
    if field.argument("generated") != nil {
      return [Mistake(argument, "the database computes no primary key from other columns", fixes: [remove])]
    }
    guard let type = property.type, type.isOptional, property.isColumn else { return [] }
    let fixes = property.typeSyntax.map { syntax in
      [Mistake.Fix(message: "make it \(type.wrapped)", edits: [.replace(syntax, with: type.wrapped)])]
    }
    return [Mistake(property.typeNode, "a column of the primary key is never NULL", fixes: fixes ?? [])]
  }

  /// What a model with such a key cannot have.
  @Sendable static func compositeKey(_ model: ModelDeclaration) -> [Mistake] {
    guard model.hasCompositeKey else { return [] }
    let links = model.properties.compactMap { property -> Mistake? in
      guard case .manyToMany = property.role, let marker = property.marker(.manyToMany) else { return nil }
      return Mistake(
        marker.node,
        "a many-to-many relation refers to a key of one column: write a model in between with @Relation(columns:), and @HasMany here"
      )
    }
    guard let key = model.arguments.argument("key") else { return links }
    return [Mistake(key, "'key:' is the type of a key of one column, and this model has several", fixes: [])] + links
  }
}
