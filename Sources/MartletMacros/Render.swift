extension ModelDeclaration {
  /// What goes into the struct itself: the key type and the memberwise initialiser.
  func renderMembers() -> String {
    var code = CodeWriter()
    if hasCompositeKey { renderCompositeKey(&code) } else { code.line("\(access)typealias ID = \(keyType)") }
    let written = properties.filter { !($0.isLet && $0.initializer != nil) && $0.type != nil }
    let initialized = written.filter { !$0.isGenerated }
    let parameters = initialized.map { "\($0.spelling): \($0.type?.text ?? "")\(defaultArgument($0))" }
    code.block("\(initializerAccess(initialized))init(\(parameters.joined(separator: ", ")))") { code in
      for property in initialized { code.line("self.\(property.spelling) = \(property.spelling)") }
      for property in written where property.isGenerated && property.initializer == nil {
        code.line("self.\(property.spelling) = nil")
      }
    }
    return code.text
  }
  /// The key type alone, for declarations with a mistake that stops the rest: one error, not one more for every `ID`.
  func renderKeyType() -> String { "\(access)typealias ID = MartletORM.Key<\(typeName), \(key.raw)>\n" }

  /// The struct's, unless a parameter belongs to a less visible property: as Swift's own memberwise initialiser.
  private func initializerAccess(_ parameters: [Property]) -> String {
    parameters.allSatisfy { $0.access == access || access.isEmpty } ? access : ""
  }

  private func defaultArgument(_ property: Property) -> String {
    if let initializer = property.initializer { return " = \(initializer)" }
    if property.type?.isOptional == true { return " = nil" }
    switch property.role {
    case .key: return " = .auto"
    case .compositeReference, .hasOne, .hasMany, .manyToMany: return " = .init()"
    case .column where property.isFilledByTheClock && property.type?.shape == .named("Date"): return " = .distantPast"
    default: return ""
    }
  }

  /// What goes into the extension, between its braces.
  func renderExtensionBody() -> String {
    var code = CodeWriter(depth: 1)
    renderSchema(&code)
    renderFields(&code)
    renderRelations(&code)
    renderRowDecoder(&code)
    renderColumnAccess(&code)
    return code.text
  }
}

extension Property {
  /// Whether the database computes it.
  var isGenerated: Bool { isColumn && marker(.field)?.arguments.argument("generated") != nil }
  /// Whether the ORM writes the time into it on insert.
  var isFilledByTheClock: Bool {
    guard let field = marker(.field)?.arguments else { return false }
    return field.isTrue("autoNow") || field.isTrue("autoNowAdd")
  }
  /// What code calls to read it from a row.
  var readable: String {
    guard let type else { return "" }
    return type.isOptional ? "Optional<\(type.wrapped)>" : type.text
  }
}
