extension ModelDeclaration {
  /// `Relations`: how each relation is joined, and where its rows go.
  func renderRelations(_ code: inout CodeWriter) {
    code.block("\(access)enum Relations") { code in
      for property in properties { renderRelation(property, &code) }
    }
  }

  private func renderRelation(_ property: Property, _ code: inout CodeWriter) {
    let name = property.spelling
    let constant = "\(property.access)static let \(name) = MartletORM."
    let label = quoted(property.name)
    switch property.role {
    case .reference(let target, _, _):
      let isNullable = property.type?.isOptional == true
      code.line(
        "\(constant)ToOne<\(typeName), \(target)>(\(label), column: \(quoted(property.column)), isNullable: \(isNullable), "
          + "get: { $0.\(name)\(isNullable ? "?" : "").loaded }, set: { $0.\(name) = MartletORM.Ref($1) })")
    case .compositeReference(let target, let names, _):
      let columns = referring(names).map { quoted($0.column) }.joined(separator: ", ")
      code.line(
        "\(constant)ToOne<\(typeName), \(target)>(\(label), columns: [\(columns)], isNullable: \(isNullable(names)), "
          + "key: { \(key(of: target, names)) }, get: { $0.\(name).loadedRow }, set: { $0.\(name) = MartletORM.One($1) })")
    case .hasOne(let target, let foreignKey):
      code.line(
        "\(constant)ToOne<\(typeName), \(target)>(\(label), inverse: { $0.\(foreignKey) }, "
          + "get: { $0.\(name).loadedRow }, set: { $0.\(name) = MartletORM.One($1) })")
    case .hasMany(let target, let foreignKey):
      code.line(
        "\(constant)ToMany<\(typeName), \(target)>(\(label), foreignKey: { $0.\(foreignKey) }, "
          + "get: { $0.\(name).loaded }, set: { $0.\(name) = MartletORM.Many($1) })")
    case .manyToMany(let target, let path):
      code.line(
        "\(constant)ToMany<\(typeName), \(target)>(\(label), \(arguments(of: path, to: target)), "
          + "get: { $0.\(name).loaded }, set: { $0.\(name) = MartletORM.Many($1) })")
    case .key, .column, .transient, .unusable: break
    }
  }

  /// The other row's key by this row's columns: the compiler compares their number and types with the other model's.
  private func key(of target: String, _ names: [String]) -> String {
    let parts = referring(names)
    let values = parts.map { part in
      let optional = part.type?.isOptional == true
      return (
        name: part.spelling, value: part.isReference ? "$0.\(part.spelling)\(optional ? "?" : "").id" : "$0.\(part.spelling)",
        optional
      )
    }
    let arguments = values.enumerated().map { $1.2 ? "part\($0)" : $1.value }.joined(separator: ", ")
    let bindings = values.enumerated().compactMap { $1.2 ? "let part\($0) = \($1.value)" : nil }
    let key = "\(target).ID(\(arguments))"
    return bindings.isEmpty ? key : "if \(bindings.joined(separator: ", ")) { \(key) } else { nil }"
  }

  private func arguments(of path: ManyToManyPath, to target: String) -> String {
    switch path {
    case .link(let table, let ownColumn, let otherColumn):
      "link: \(quoted(table)), owner: \(quoted(ownColumn)), target: \(quoted(otherColumn))"
    case .through(let model, let from, let to):
      "through: \(model), owner: { $0.\(from) }, target: { $0.\(to) }"
    case .inverse(let property):
      "inverseOf: { \(target).Relations.\(property) }"
    }
  }
}
