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

  /// The properties that together refer to a key of several columns.
  @Sendable static func referenceColumns(_ property: Property, _ model: ModelDeclaration) -> [Mistake] {
    guard let relation = property.marker(.relation)?.arguments, let argument = relation.argument("columns") else { return [] }
    if case .ref(let target) = property.type?.shape, let syntax = property.typeSyntax {
      return [
        Mistake(
          argument, "a Ref is a column of its own: with 'columns:' other properties are the reference, and the row is a One",
          fixes: [.init(message: "make it One<\(target)>", edits: [.replace(syntax, with: "One<\(target)>")])])
      ]
    }
    guard let names = relation.strings("columns") else {
      return [Mistake(argument.expression, "write the properties' names as strings: [\"shop\", \"number\"]")]
    }
    if names.count < 2 {
      return [Mistake(argument.expression, "a key of several columns is referred to by as many: for one column use Ref<Model>")]
    }
    var mistakes = names.compactMap { name -> Mistake? in
      guard !model.columns.contains(where: { $0.name == name }) else { return nil }
      return Mistake(argument.expression, "'\(name)' is no column of '\(model.name)'")
    }
    if mistakes.isEmpty, relation.member("onDelete") == "setNull", let onDelete = relation.argument("onDelete"),
      let fixed = model.referring(names).first(where: { $0.type?.isOptional != true })
    {
      mistakes.append(Mistake(onDelete, "onDelete: .setNull needs optional columns, and '\(fixed.name)' is none"))
    }
    return mistakes
  }
}
