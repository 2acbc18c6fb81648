import SwiftSyntax

// How a stored property may be declared and called.
extension Validators {
  /// Saving and reloading assign to properties.
  @Sendable static func constant(_ property: Property, _ model: ModelDeclaration) -> [Mistake] {
    guard property.isLet, property.marker(.transient) == nil || property.initializer == nil else { return [] }
    let keyword = property.declaration.bindingSpecifier
    return [
      Mistake(
        keyword, "'\(property.name)' has to be a 'var': inserting and saving a row writes to its properties",
        fixes: [.init(message: "make it a 'var'", edits: [.replace(keyword, with: "var")])])
    ]
  }

  /// A column has its value at any time, and owns it.
  @Sendable static func storage(_ property: Property, _ model: ModelDeclaration) -> [Mistake] {
    for keyword in [Keyword.lazy, .weak, .unowned] {
      guard let modifier = property.declaration.modifiers.first(where: { $0.name.tokenKind == .keyword(keyword) }) else {
        continue
      }
      let advice = keyword == .lazy ? "make it a computed property" : "refer to other rows with Ref<Model>"
      return [
        Mistake(
          modifier, "a '\(modifier.name.text)' property is no column: \(advice)",
          fixes: keyword == .lazy ? [] : [.init(message: "remove '\(modifier.name.text)'", edits: [.remove(modifier)])])
      ]
    }
    return []
  }

  /// One name at a time.
  @Sendable static func tuplePatterns(_ model: ModelDeclaration) -> [Mistake] {
    let variables = model.syntax.memberBlock.members.compactMap { $0.decl.as(VariableDeclSyntax.self) }.filter(\.isInstanceMember)
    return variables.flatMap(\.bindings).filter { $0.isStored && !$0.pattern.is(IdentifierPatternSyntax.self) }.map {
      Mistake($0.pattern, "a stored property of a model is one name: declare the properties one by one")
    }
  }

  /// The macro can read the type.
  @Sendable static func writtenType(_ property: Property, _ model: ModelDeclaration) -> [Mistake] {
    guard property.type == nil, property.role != .transient, let value = property.binding.initializer?.value else { return [] }
    let pattern = property.binding.pattern
    var fixes: [Mistake.Fix] = []
    if let callee = value.as(FunctionCallExprSyntax.self)?.calledExpression.trimmedDescription,
      callee.first?.isUppercase == true, !callee.contains(".")
    {
      fixes = [.init(message: "write the type '\(callee)'", edits: [.insert(": \(callee)", after: pattern)])]
    }
    return [
      Mistake(
        pattern, "'\(property.name)' needs its type: a macro sees what is written, not what is inferred", fixes: fixes)
    ]
  }

  /// Names that the generated code needs, or that Swift keeps for itself.
  @Sendable static func reservedName(_ property: Property, _ model: ModelDeclaration) -> [Mistake] {
    let reserved: Set<String> = [
      "joinPath", "columnValue", "readColumn", "ID", "M", "Fields", "Relations", "self", "Self", "Type", "init",
    ]
    guard reserved.contains(property.name) else { return [] }
    return [
      Mistake(
        property.binding.pattern,
        "'\(property.name)' is taken by what @Model writes: choose another name, and keep the column's with "
          + "@Field(column: \"\(property.column)\")")
    ]
  }

  /// Django's checks fields.E001 to E003: filters in URLs are `author__name`, and `pk` is any model's key.
  @Sendable static func djangoName(_ property: Property, _ model: ModelDeclaration) -> [Mistake] {
    let reason: String
    if property.name == "pk" {
      reason = "'pk' means the primary key of any model"
    } else if property.name.contains("__") {
      reason = "'\(property.name)' contains '__', which separates names in filters"
    } else if property.name.hasSuffix("_") {
      reason = "'\(property.name)' ends with '_', which filters could not tell from their separator '__'"
    } else {
      return []
    }
    return [Mistake(property.binding.pattern, "\(reason): choose another name")]
  }

  /// `id` is the generated key type.
  @Sendable static func keyType(_ property: Property, _ model: ModelDeclaration) -> [Mistake] {
    guard property.name == "id", property.role == .unusable || property.role == .transient, !property.isLet else { return [] }
    if let marker = property.marker(.transient) {
      return [Mistake(marker.node, "the primary key is a column: remove @Transient")]
    }
    let written = property.type?.text ?? "of no written type"
    let hint =
      switch property.type?.wrapped {
      case "UUID": "; for a UUID inside write @Model(key: .uuidV7)"
      case "String": "; for text inside write @Model(key: .text)"
      default: ""
      }
    let fixes = property.typeSyntax.map { type in
      [Mistake.Fix(message: "make it 'ID'", edits: [.replace(type, andValueOf: property.binding, with: "ID")])]
    }
    return [
      Mistake(property.typeNode, "the primary key is 'var id: ID', and this one is \(written)\(hint)", fixes: fixes ?? [])
    ]
  }
}

extension Property {
  /// The annotation; `nil` where there is none, or where it stands with a later name (`var a, b: Int`).
  var typeSyntax: TypeSyntax? { binding.typeAnnotation?.type }
  /// Where to report what is wrong with the type.
  var typeNode: Syntax { typeSyntax.map { Syntax($0) } ?? Syntax(binding.pattern) }
}
