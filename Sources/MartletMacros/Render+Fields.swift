extension ModelDeclaration {
  /// `Fields`: what `$0` is in queries. It holds a path of joins, so that `$0.author.name` is plain member lookup.
  func renderFields(_ code: inout CodeWriter) {
    code.block("\(access)struct Fields: MartletORM.ModelFields") { code in
      code.line("\(access)typealias M = \(typeName)")
      code.line("\(access)let joinPath: MartletORM.Path")
      code.line("\(access)init(_ joinPath: MartletORM.Path) { self.joinPath = joinPath }")
      if hasCompositeKey { code.line("\(access)var id: MartletORM.Expr<\(keyType)> { .key(joinPath) }") }
      var index = 0
      for property in properties {
        renderField(property, index, &code)
        if property.isColumn { index += 1 }
      }
    }
  }

  private func renderField(_ property: Property, _ index: Int, _ code: inout CodeWriter) {
    let variable = "\(property.access)var \(property.spelling)"
    let column = "joinPath, \(quoted(property.column)), \(index)"
    guard let type = property.type else { return }
    switch property.role {
    case .key:
      code.line("\(variable): MartletORM.Expr<\(keyType)> { .column(\(column), key: true) }")
    case .column:
      code.line("\(variable): MartletORM.Expr<\(type.text)> { .column(\(column)\(type.isOptional ? ", nullable: true" : "")) }")
    case .reference(let target, _, _):
      renderJoin(property, variable, target, isNullable: type.isOptional, &code)
    case .compositeReference(let target, let names, _):
      renderJoin(property, variable, target, isNullable: isNullable(names), &code)
    case .hasOne(let target, _):
      renderJoin(property, variable, target, isNullable: true, &code)
    case .hasMany(let target, _), .manyToMany(let target, _):
      code.line("\(variable): MartletORM.Related<\(typeName), \(target)> { .init(joinPath, Relations.\(property.spelling)) }")
    case .transient, .unusable: break
    }
  }

  /// Whether one of the columns of a reference may be NULL, and so nothing be referred to.
  func isNullable(_ reference: [String]) -> Bool { referring(reference).contains { $0.type?.isOptional == true } }

  private func renderJoin(
    _ property: Property, _ variable: String, _ target: String, isNullable: Bool, _ code: inout CodeWriter
  ) {
    let fields = "\(target).Fields(joinPath.to(Relations.\(property.spelling)))"
    if isNullable {
      code.line("\(variable): MartletORM.Maybe<\(target).Fields> { .init(\(fields)) }")
    } else {
      code.line("\(variable): \(target).Fields { \(fields) }")
    }
  }
}
