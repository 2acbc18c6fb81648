import SwiftSyntax

// Whether the settings of a column fit its type and each other.
extension Validators {
  /// `maxLength` is for text.
  @Sendable static func maxLength(_ property: Property, _ model: ModelDeclaration) -> [Mistake] {
    guard property.isColumn, let field = property.marker(.field)?.arguments, let argument = field.argument("maxLength") else {
      return []
    }
    // A text key (`@Model(key: .text)`) has a limit too: Django's session_key is varchar(40).
    let isTextKey = property.role == .key && model.key == .text
    if !isTextKey, KnownType.isCertainlyNot("String", property) {
      return [
        wrongType(
          argument, "maxLength", "String", property, [.init(message: "remove 'maxLength:'", edits: [field.removing("maxLength")])]
        )
      ]
    }
    if let text = field.text("maxLength"), let length = Int(text.filter { $0 != "_" }), length < 1 {
      return [Mistake(argument, "maxLength is at least 1")]
    }
    return []
  }

  /// `digits` is for decimals: all of them, then those after the point.
  @Sendable static func digits(_ property: Property, _ model: ModelDeclaration) -> [Mistake] {
    guard property.isColumn, let field = property.marker(.field)?.arguments, let argument = field.argument("digits") else {
      return []
    }
    if KnownType.isCertainlyNot("Decimal", property) {
      return [
        wrongType(
          argument, "digits", "Decimal", property, [.init(message: "remove 'digits:'", edits: [field.removing("digits")])])
      ]
    }
    let numbers =
      argument.expression.as(TupleExprSyntax.self)?.elements.compactMap { Int($0.expression.trimmedDescription) } ?? []
    guard numbers.count == 2 else { return [] }
    if numbers[0] >= 1, (0...numbers[0]).contains(numbers[1]) { return [] }
    return [
      Mistake(
        argument, "digits are (in all, after the point): of \(numbers[0]) in all, \(numbers[1]) cannot come after the point")
    ]
  }

  /// `autoNow` and `autoNowAdd` write points in time.
  @Sendable static func clock(_ property: Property, _ model: ModelDeclaration) -> [Mistake] {
    guard property.isColumn, let field = property.marker(.field)?.arguments, KnownType.isCertainlyNot("Date", property) else {
      return []
    }
    return ["autoNow", "autoNowAdd"].filter(field.isTrue).compactMap { label in
      field.argument(label).map {
        wrongType($0, label, "Date", property, [.init(message: "remove '\(label):'", edits: [field.removing(label)])])
      }
    }
  }

  /// Django's check fields.E160: one of the two.
  @Sendable static func bothClocks(_ property: Property, _ model: ModelDeclaration) -> [Mistake] {
    guard let field = property.marker(.field)?.arguments, field.isTrue("autoNow"), field.isTrue("autoNowAdd"),
      let argument = field.argument("autoNowAdd")
    else { return [] }
    return [
      Mistake(
        argument, "autoNow and autoNowAdd exclude each other: autoNow writes the time of every save, the insert included",
        fixes: ["autoNowAdd", "autoNow"].map { .init(message: "remove '\($0):'", edits: [field.removing($0)]) })
    ]
  }

  /// What the database computes, nothing else fills in.
  @Sendable static func generated(_ property: Property, _ model: ModelDeclaration) -> [Mistake] {
    guard let field = property.marker(.field)?.arguments, let argument = field.argument("generated") else { return [] }
    let remove = Mistake.Fix(message: "remove 'generated:'", edits: [field.removing("generated")])
    switch property.role {
    case .key: return [Mistake(argument, "the database computes no primary key from other columns", fixes: [remove])]
    case .reference: return [Mistake(argument, "the database computes no reference", fixes: [remove])]
    case .column: break
    case .compositeReference, .hasOne, .hasMany, .manyToMany, .transient, .unusable: return []
    }
    var mistakes = ["dbDefault", "autoNow", "autoNowAdd"].compactMap { label in
      field.argument(label).map {
        Mistake(
          $0, "'generated:' and '\(label):' exclude each other: the database computes '\(property.name)' from other columns",
          fixes: [.init(message: "remove '\(label):'", edits: [field.removing(label)])])
      }
    }
    if property.initializer == nil, let type = property.type, !type.isOptional {
      let fixes = property.typeSyntax.map { syntax in
        [Mistake.Fix(message: "make it optional", edits: [.replace(syntax, with: "\(type.text)?")])]
      }
      mistakes.append(
        Mistake(
          argument,
          "'\(property.name)' needs a default value or an optional type: the database computes it when the row is inserted",
          fixes: fixes ?? []))
    }
    return mistakes
  }

  /// A unique constraint is an index.
  @Sendable static func redundantIndex(_ property: Property, _ model: ModelDeclaration) -> [Mistake] {
    guard let field = property.marker(.field)?.arguments, field.isTrue("unique"), field.isTrue("index"),
      let argument = field.argument("index")
    else { return [] }
    return [
      Mistake(
        argument, "'index:' is redundant: a unique column has an index", isWarning: true,
        fixes: [.init(message: "remove 'index:'", edits: [field.removing("index")])])
    ]
  }

  /// A unique boolean is nearly always a slip.
  @Sendable static func uniqueBool(_ property: Property, _ model: ModelDeclaration) -> [Mistake] {
    guard let type = property.type, type.shape == .named("Bool"), let field = property.marker(.field)?.arguments,
      field.isTrue("unique"),
      let argument = field.argument("unique")
    else { return [] }
    return [
      Mistake(
        argument, "a unique Bool allows one row with true and one with false", isWarning: true,
        fixes: [.init(message: "remove 'unique:'", edits: [field.removing("unique")])])
    ]
  }

  /// `column:` is a name that the macro can read.
  @Sendable static func columnName(_ property: Property, _ model: ModelDeclaration) -> [Mistake] {
    property.marker(.field).map { nameLiteral("column", of: $0.arguments) } ?? []
  }

  private static func wrongType(
    _ argument: LabeledExprSyntax, _ label: String, _ wanted: String, _ property: Property, _ fixes: [Mistake.Fix]
  ) -> Mistake {
    Mistake(argument, "\(label) is for \(wanted), and '\(property.name)' is \(property.type?.text ?? "")", fixes: fixes)
  }
}
