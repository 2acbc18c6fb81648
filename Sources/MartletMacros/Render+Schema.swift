extension ModelDeclaration {
  /// `table` and `schema`; not in one static property, or schemas that refer to each other would re-enter their initialisers.
  func renderSchema(_ code: inout CodeWriter) {
    code.line("\(access)static var table: String { \(quoted(table)) }")
    code.block("\(access)static let schema: MartletORM.ModelSchema =", closing: "}()") { code in
      code.line(
        "var b = MartletORM.SchemaBuilder(\(quoted(name)), app: \(quoted(app)), table: \(quoted(table)), "
          + "label: \(label), pluralLabel: \(pluralLabel))")
      if let documentation { code.line("b.document(\(quoted(documentation)))") }
      for property in properties {
        renderSchemaEntry(property, &code)
        renderNotes(property, &code)
      }
      if hasCompositeKey { code.line("b.compositeKey(\(keyParts.map { quoted($0.name) }.joined(separator: ", ")))") }
      code.line("return b.build()")
    }
  }

  /// What a column's entry does not hold: its rules, and its doc comment, which a to-many relation may have as well.
  private func renderNotes(_ property: Property, _ code: inout CodeWriter) {
    if property.isColumn, let rules = property.rules { code.line("b.rules(\(quoted(property.name)), \(rules))") }
    switch property.role {
    case .key, .column, .reference, .hasMany, .manyToMany:
      if let text = property.documentation { code.line("b.document(\(quoted(property.name)), \(quoted(text)))") }
    case .compositeReference, .hasOne, .transient, .unusable: break
    }
  }

  private func renderSchemaEntry(_ property: Property, _ code: inout CodeWriter) {
    let names = "\(quoted(property.name)), \(quoted(property.column))"
    let type = property.type?.text ?? ""
    let options = property.fieldArguments.map { ", .init(\($0))" } ?? ""
    switch property.role {
    case .key:
      code.line("b.key(\(names), \(keyType).self, \(key.generation)\(options))")
    case .column:
      let initial = property.initializer.map { ", default: { \($0) }" } ?? ""
      code.line("b.column(\(names), \(type).self\(initial)\(options))")
    case .reference(_, let onDelete, let isOneToOne):
      let oneToOne = isOneToOne ? ", isOneToOne: true" : ""
      code.line("b.reference(\(names), \(type).self, onDelete: \(onDelete)\(oneToOne)\(options))")
    case .compositeReference(let target, let names, let onDelete):
      let columns = referring(names).map { quoted($0.column) }.joined(separator: ", ")
      code.line("b.foreignKey(\(quoted(property.name)), [\(columns)], \(target).self, onDelete: \(onDelete))")
    case .hasMany(let target, _):
      code.line("b.toMany(\(quoted(property.name)), \(target).self, isManyToMany: false)")
    case .manyToMany(let target, let path):
      code.line("b.toMany(\(quoted(property.name)), \(target).self, isManyToMany: true)")
      if case .link(let table, let ownColumn, let otherColumn) = path {
        code.line("b.link(\(quoted(table)), \(quoted(ownColumn)), \(quoted(otherColumn)), \(target).self)")
      }
    case .hasOne, .transient, .unusable: break
    }
  }
}

/// A string literal of this value.
func quoted(_ text: String) -> String {
  var literal = "\""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\"": literal += "\\\""
    case "\\": literal += "\\\\"
    case "\n": literal += "\\n"
    case _ where scalar.value < 0x20: literal += "\\u{\(String(scalar.value, radix: 16))}"
    default: literal.unicodeScalars.append(scalar)
    }
  }
  return literal + "\""
}
