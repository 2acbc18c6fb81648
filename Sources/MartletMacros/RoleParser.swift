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
      guard let marker = property.marker(.hasOne), !type.isOptional else { return .unusable }
      return .hasOne(target: target, foreignKey: marker.arguments.string(nil) ?? ColumnNaming.property(for: name))
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
      return .manyToMany(target: target, path(to: target, property, marker.arguments))
    }
    guard let marker = property.marker(.hasMany) else { return .unusable }
    return .hasMany(target: target, foreignKey: marker.arguments.string(nil) ?? ColumnNaming.property(for: name))
  }

  private func path(to target: String, _ property: Property, _ arguments: MarkerArguments) -> ManyToManyPath {
    if let model = arguments.text("through") {
      return .through(
        model: model, from: arguments.string("from") ?? ColumnNaming.property(for: name),
        to: arguments.string("to") ?? ColumnNaming.property(for: target))
    }
    if let inverse = arguments.string("inverse") { return .inverse(property: inverse) }
    let own = ColumnNaming.modelName(name), other = ColumnNaming.modelName(target)
    let toItself = target == typeName || target == name
    return .link(
      table: arguments.string("table") ?? "\(table)_\(ColumnNaming.snakeCase(property.name))",
      owner: toItself ? "from_\(own)_id" : "\(own)_id", target: toItself ? "to_\(other)_id" : "\(other)_id")
  }
}
