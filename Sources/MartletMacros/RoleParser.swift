import SwiftSyntax

extension ModelDeclaration {
  /// What a property is, by its attributes and its type.
  func role(of property: Property) -> Role {
    if property.marker(.transient) != nil { return .transient }
    guard let type = property.type, !property.isLet, !property.has(.lazy), !property.has(.weak), !property.has(.unowned) else {
      return .unusable
    }
    if property.name == "id" { return isKey(type) ? .key : .unusable }
    if let target = type.shape.target, !KnownType.canBeModel(target) { return .unusable }
    switch type.shape {
    case .named: return .column
    case .ref(let target): return reference(to: target, property)
    case .many(let target): return type.isOptional ? .unusable : toMany(target, property)
    case .one(let target):
      if let relation = property.marker(.relation)?.arguments, relation.argument("columns") != nil {
        guard let names = relation.strings("columns"), !type.isOptional else { return .unusable }
        return .compositeReference(target: target, properties: names, onDelete: relation.text("onDelete") ?? ".cascade")
      }
      guard let marker = property.marker(.hasOne), !type.isOptional,
        let foreignKey = marker.arguments.property(nil, otherwise: ColumnNaming.property(for: name))
      else { return .unusable }
      return .hasOne(target: target, foreignKey: foreignKey)
    // Only @Field says that the elements are the values of an enum, or of a type of the app's own, and not models.
    case .array(let element)
    where property.marker(.field) != nil && !type.wrapped.hasPrefix("Set<") && KnownType.canBeModel(element):
      return .column
    case .array, .dictionary, .unsupported: return .unusable
    }
  }

  /// `ID`, `Self.ID`, `Post.ID` or the generated type written out.
  private func isKey(_ type: WrittenType) -> Bool {
    guard !type.isOptional else { return false }
    let compact = type.text.filter { !$0.isWhitespace }
    return ["ID", "\(name).ID", "\(typeName).ID"].contains(compact) || compact.hasPrefix("Key<\(name),")
      || compact.hasPrefix("MartletORM.Key<\(name),") || compact.hasPrefix("Martlet.Key<\(name),")
  }

  private func reference(to target: String, _ property: Property) -> Role {
    let marker = property.marker(.oneToOne) ?? property.marker(.relation)
    return .reference(
      target: target, onDelete: marker?.arguments.text("onDelete") ?? ".cascade", isOneToOne: marker?.kind == .oneToOne)
  }

  private func toMany(_ target: String, _ property: Property) -> Role {
    if let marker = property.marker(.manyToMany) {
      return path(to: target, property, marker.arguments).map { .manyToMany(target: target, $0) } ?? .unusable
    }
    let foreignKey = property.marker(.hasMany)?.arguments.property(nil, otherwise: ColumnNaming.property(for: name))
    return foreignKey.map { .hasMany(target: target, foreignKey: $0) } ?? .unusable
  }

  private func path(to target: String, _ property: Property, _ arguments: MarkerArguments) -> ManyToManyPath? {
    if let model = arguments.text("through") {
      guard let from = arguments.property("from", otherwise: ColumnNaming.property(for: name)),
        let to = arguments.property("to", otherwise: ColumnNaming.property(for: target))
      else { return nil }
      return .through(model: model, from: from, to: to)
    }
    if arguments.argument("inverse") != nil { return arguments.property("inverse", otherwise: "").map { .inverse(property: $0) } }
    let own = ColumnNaming.modelName(name), other = ColumnNaming.modelName(target)
    let toItself = target == typeName || target == name
    return .link(
      table: arguments.string("table") ?? "\(table)_\(ColumnNaming.snakeCase(property.name))",
      owner: toItself ? "from_\(own)_id" : "\(own)_id", target: toItself ? "to_\(other)_id" : "\(other)_id")
  }
}
