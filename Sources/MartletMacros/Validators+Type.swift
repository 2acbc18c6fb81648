import SwiftSyntax

// What a column can hold.
extension Validators {
  /// Tuples, closures, arrays and the like are no columns.
  @Sendable static func supportedType(_ property: Property, _ model: ModelDeclaration) -> [Mistake] {
    guard property.role == .unusable, property.name != "id", let type = property.type else { return [] }
    switch type.shape {
    case .unsupported(let kind): return [unsupported(kind, property)]
    case .dictionary:
      return [
        Mistake(
          property.typeNode, "no column can hold \(type.text): store it as JSON<\(type.wrapped)>", fixes: json(property, type))
      ]
    case .array(let element): return [array(of: element, property, type)]
    case .named, .ref, .many, .one: return []
    }
  }

  private static func unsupported(_ kind: String, _ property: Property) -> Mistake {
    let message = "'\(property.name)' is \(kind), which no column can hold"
    if let syntax = property.typeSyntax?.as(ImplicitlyUnwrappedOptionalTypeSyntax.self) {
      let plain = syntax.wrappedType.trimmedDescription
      return Mistake(
        syntax, message,
        fixes: ["\(plain)?", plain].map { .init(message: "make it \($0)", edits: [.replace(syntax, with: $0)]) })
    }
    return Mistake(property.typeNode, message + "; mark it @Transient if it is no column")
  }

  private static func array(of element: String, _ property: Property, _ type: WrittenType) -> Mistake {
    if KnownType.columns.contains(element) || element.hasPrefix("[") || element.hasPrefix("(") {
      return Mistake(
        property.typeNode, "no column can hold \(type.text): store it as JSON<\(type.wrapped)>", fixes: json(property, type))
    }
    var fixes: [Mistake.Fix] = []
    if let syntax = property.typeSyntax {
      let edits: [FixChange] = [
        .insert("@HasMany ", before: property.declaration),
        .replace(syntax, andValueOf: property.binding, with: "Many<\(element)>"),
      ]
      fixes.append(.init(message: "make it '@HasMany … Many<\(element)>'", edits: edits))
    }
    return Mistake(
      property.typeNode,
      "no column can hold \(type.text): for rows of the model \(element) use Many<\(element)> with @HasMany or @ManyToMany, "
        + "for a value JSON<\(type.wrapped)>"
        + (type.wrapped.hasPrefix("Set<") ? "" : "; mark an array of an enum's cases @Field"),
      fixes: fixes + json(property, type))
  }

  private static func json(_ property: Property, _ type: WrittenType) -> [Mistake.Fix] {
    guard let syntax = property.typeSyntax else { return [] }
    let stored = "JSON<\(type.wrapped)>" + (type.isOptional ? "?" : "")
    var edits: [FixChange] = [.replace(syntax, with: stored)]
    if let value = property.binding.initializer?.value, !value.is(NilLiteralExprSyntax.self) {
      edits += [.replace(value, with: "JSON(\(value.trimmedDescription))")]
    }
    return [.init(message: "store it as \(stored)", edits: edits)]
  }

  /// A relation leads to a model.
  @Sendable static func relationTarget(_ property: Property, _ model: ModelDeclaration) -> [Mistake] {
    guard let type = property.type, let target = type.shape.target, !KnownType.canBeModel(target) else { return [] }
    let fixes = property.typeSyntax.map { syntax in
      let plain = target + (type.isOptional ? "?" : "")
      return KnownType.columns.contains(target)
        ? [Mistake.Fix(message: "make it \(plain)", edits: [.replace(syntax, with: plain)])] : []
    }
    return [Mistake(property.typeNode, "\(target) is no model: a relation leads to a struct with @Model", fixes: fixes ?? [])]
  }

  /// Rows elsewhere are none or some, never NULL.
  @Sendable static func optionalCollection(_ property: Property, _ model: ModelDeclaration) -> [Mistake] {
    guard property.role == .unusable, let type = property.type, type.isOptional else { return [] }
    switch type.shape {
    case .many, .one:
      let fixes = property.typeSyntax.map { [Mistake.Fix(message: "remove the '?'", edits: [.replace($0, with: type.wrapped)])] }
      return [
        Mistake(
          property.typeNode, "\(type.wrapped) is never nil: it holds what was loaded, which may be nothing", fixes: fixes ?? [])
      ]
    default: return []
    }
  }

  /// `Many` and `One` say over which property the rows are found.
  @Sendable static func undeclaredCollection(_ property: Property, _ model: ModelDeclaration) -> [Mistake] {
    guard property.role == .unusable, !property.isLet, property.name != "id", let type = property.type, !type.isOptional else {
      return []
    }
    // Another kind of relation than the type's is reported as such.
    if property.markers.contains(where: { [.hasMany, .hasOne, .manyToMany].contains($0.kind) }) { return [] }
    // Its columns: are reported as such.
    if property.marker(.relation)?.arguments.argument("columns") != nil { return [] }
    func mistake(_ message: String, _ attributes: [String]) -> [Mistake] {
      let fixes = attributes.map { name in
        Mistake.Fix(message: "add @\(name)", edits: [.insert("@\(name) ", before: property.declaration)])
      }
      return [Mistake(property.binding.pattern, message, fixes: fixes)]
    }
    switch type.shape {
    case .many(let target):
      return mistake(
        "'\(property.name)' needs @HasMany (\(target) has a Ref<\(model.name)>) or @ManyToMany (a table in between)",
        ["HasMany", "ManyToMany"])
    case .one(let target):
      return mistake("'\(property.name)' needs @HasOne: \(target) has the @OneToOne Ref<\(model.name)>", ["HasOne"])
    default: return []
    }
  }
}
