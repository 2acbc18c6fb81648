import SwiftSyntax

/// The rules for a declaration of `@Input`: each looks for one kind of mistake.
enum InputValidators {
  typealias Rule = @Sendable (InputDeclaration) -> [Mistake]

  /// Every rule, in the order of the reports.
  static let all: [Rule] = [
    conditionalProperties, tuplePatterns, each(storage), each(writtenType), each(attributes), each(tableSettings), each(type),
    each(reservedName), each(Validators.rules), each(Validators.transform), each(Validators.maxLength), each(Validators.digits),
    transient,
  ]

  private static func each(_ rule: @escaping @Sendable (Property, ModelDeclaration) -> [Mistake]) -> Rule {
    { input in
      input.fields.flatMap { field in rule(field.withoutGiven, input.model) }
    }
  }

  /// The fields are the same in every build.
  @Sendable static func conditionalProperties(_ input: InputDeclaration) -> [Mistake] {
    Validators.conditionalProperties(input.model).map {
      Mistake($0.node, "a stored property of an input cannot stand under #if: its form would differ from build to build")
    }
  }
  /// One name at a time.
  @Sendable static func tuplePatterns(_ input: InputDeclaration) -> [Mistake] {
    Validators.tuplePatterns(input.model).map {
      Mistake($0.node, "a stored property of an input is one name: declare the properties one by one")
    }
  }

  /// A field has its value at any time, and owns it.
  @Sendable static func storage(_ field: Property, _ model: ModelDeclaration) -> [Mistake] {
    [Keyword.lazy, .weak, .unowned].compactMap { keyword in
      field.declaration.modifiers.first { $0.name.tokenKind == .keyword(keyword) }.map {
        Mistake($0, "a '\($0.name.text)' property is no field of an input: make it a computed property")
      }
    }
  }

  /// The macro can read the type.
  @Sendable static func writtenType(_ field: Property, _ model: ModelDeclaration) -> [Mistake] {
    guard field.type == nil, field.binding.initializer != nil || field.binding.typeAnnotation == nil else { return [] }
    return [
      Mistake(
        field.binding.pattern, "'\(field.name)' needs its type: a macro sees what is written, not what is inferred")
    ]
  }

  /// `@Field` alone has a meaning here.
  @Sendable static func attributes(_ field: Property, _ model: ModelDeclaration) -> [Mistake] {
    field.declaration.attributes.compactMap { element in
      guard let attribute = element.as(AttributeSyntax.self) else { return nil }
      let name = Marker.name(of: attribute)
      guard name != "Field", name.first?.isUppercase == true else { return nil }
      let reason =
        MarkerKind(rawValue: name) == nil
        ? "@\(name) makes '\(field.name)' something that cannot be read" : "@\(name) is for models; an input is no table"
      return Mistake(attribute, reason, fixes: [.init(message: "remove @\(name)", edits: [.remove(attribute)])])
    }
  }

  /// Settings of tables do nothing here.
  @Sendable static func tableSettings(_ field: Property, _ model: ModelDeclaration) -> [Mistake] {
    guard let arguments = field.marker(.field)?.arguments else { return [] }
    let labels = [
      "primaryKey", "unique", "index", "dbDefault", "generated", "autoNow", "autoNowAdd", "column", "renamedFrom", "editable",
      "hidden",
    ]
    return labels.compactMap { label in
      arguments.argument(label).map {
        Mistake(
          $0, "'\(label):' is a setting of tables; an input is none",
          fixes: [.init(message: "remove '\(label):'", edits: [arguments.removing(label)])])
      }
    }
  }

  /// Tuples, closures and the like have no form in JSON; dictionaries have one as `JSON<…>`.
  @Sendable static func type(_ field: Property, _ model: ModelDeclaration) -> [Mistake] {
    switch field.type?.shape {
    case .unsupported(let kind): [Mistake(field.typeNode, "'\(field.name)' is \(kind), which no JSON becomes")]
    case .many(let target), .one(let target):
      [Mistake(field.typeNode, "'\(field.name)' is loaded from a database; for nested input make \(target) a struct with @Input")]
    default: []
    }
  }

  /// Names that the generated code needs.
  @Sendable static func reservedName(_ field: Property, _ model: ModelDeclaration) -> [Mistake] {
    guard ["inputSchema", "self", "Self", "Type", "init"].contains(field.name) else { return [] }
    return [Mistake(field.binding.pattern, "'\(field.name)' is taken by what @Input writes: choose another name")]
  }

  /// What is not read has a value of its own.
  @Sendable static func transient(_ input: InputDeclaration) -> [Mistake] {
    input.model.properties.flatMap { Validators.transientMarker($0, input.model) }
  }
}

extension Property {
  /// The field with the type inside of `Given<…>`, which its rules are about.
  fileprivate var withoutGiven: Property {
    guard isGiven, let inner = typeSyntax?.as(IdentifierTypeSyntax.self)?.genericArgumentClause?.arguments.first?.argument,
      let type = inner.as(TypeSyntax.self)
    else { return self }
    var copy = self
    copy.type = WrittenType(type, selfName: "Self")
    return copy
  }
}

extension Mistake {
  /// An input is a value.
  static func inputIsNoStruct(_ declaration: some DeclGroupSyntax) -> Mistake {
    Mistake(declaration.introducer, "@Input goes on a struct: an input is a value")
  }
}
