import SwiftSyntax

// Whether the rules of `@Field(validate:)` can judge the column's type.
extension Validators {
  /// Text rules are for text, bounds for what has an order, list rules for lists.
  @Sendable static func rules(_ property: Property, _ model: ModelDeclaration) -> [Mistake] {
    guard property.isColumn, let field = property.marker(.field)?.arguments, let argument = field.argument("validate") else {
      return []
    }
    let remove = Mistake.Fix(message: "remove 'validate:'", edits: [field.removing("validate")])
    if field.argument("generated") != nil {
      return [
        Mistake(
          argument, "'generated:' and 'validate:' exclude each other: nobody gives '\(property.name)' a value", fixes: [remove])
      ]
    }
    let isTextKey = property.role == .key && model.key == .text
    return RuleName.names(in: argument.expression).compactMap { name, node in
      guard let reason = name.refusal(by: property, isTextKey: isTextKey) else { return nil }
      return Mistake(node, ".\(name.rawValue) \(reason), and '\(property.name)' is \(property.type?.text ?? "")")
    }
  }

  /// Only text is transformed, and lists of it.
  @Sendable static func transform(_ property: Property, _ model: ModelDeclaration) -> [Mistake] {
    guard property.isColumn, let field = property.marker(.field)?.arguments, let argument = field.argument("transform"),
      !(property.role == .key && model.key == .text), property.type?.shape != .named("[String]"),
      KnownType.isCertainlyNot("String", property)
    else { return [] }
    return [
      Mistake(
        argument, "transform is for String, and '\(property.name)' is \(property.type?.text ?? "")",
        fixes: [.init(message: "remove 'transform:'", edits: [field.removing("transform")])])
    ]
  }
}

/// The rules that the macro knows by name: what an app has made itself, the system checks judge.
enum RuleName: String {
  case minLength, maxLength, length, pattern, email, url, slug, ipAddress, notBlank, allowBlank
  case range, min, max, greaterThan, lessThan, multipleOf
  case items, each

  /// The rules that an expression names: `.email`, `[.range(1...5), .pattern("x").message("y")]`.
  static func names(in expression: ExprSyntax) -> [(name: RuleName, node: Syntax)] {
    if let array = expression.as(ArrayExprSyntax.self) { return array.elements.flatMap { names(in: $0.expression) } }
    var current = expression
    while true {
      if let call = current.as(FunctionCallExprSyntax.self) {
        current = call.calledExpression
      } else if let member = current.as(MemberAccessExprSyntax.self) {
        guard let base = member.base, base.trimmedDescription != "FieldRule" else {
          return RuleName(rawValue: member.declName.baseName.text).map { [($0, Syntax(expression))] } ?? []
        }
        current = base
      } else {
        return []
      }
    }
  }

  /// Why it certainly cannot judge a property; `nil` where it may.
  func refusal(by property: Property, isTextKey: Bool) -> String? {
    let name: String? = if case .named(let name)? = property.type?.shape { name } else { nil }
    let isList = name?.hasPrefix("[") == true && name != "[UInt8]"
    switch self {
    case .minLength, .maxLength, .length, .pattern, .email, .url, .slug, .ipAddress, .notBlank, .allowBlank:
      if isList { return "judges text; for the elements write .each(.\(rawValue)…)" }
      return !isTextKey && KnownType.isCertainlyNot("String", property) ? "judges text" : nil
    case .range, .min, .max, .greaterThan, .lessThan:
      let hasNoOrder: Set<String> = ["Bool", "UUID", "JSON", "[UInt8]"]
      return isList || name.map(hasNoOrder.contains) ?? true ? "judges what has an order" : nil
    case .multipleOf:
      let numbers: Set<String> = [
        "Int", "Int64", "Int32", "Int16", "Int8", "UInt64", "UInt", "UInt32", "UInt16", "UInt8", "Double", "Float", "Decimal",
      ]
      guard let name else { return "judges numbers" }
      return KnownType.columns.contains(name) && !numbers.contains(name) || isList ? "judges numbers" : nil
    case .items, .each:
      guard let name else { return property.type?.shape.isList == true ? nil : "judges lists" }
      return KnownType.columns.contains(name) ? "judges lists" : nil
    }
  }
}

extension WrittenType.Shape {
  fileprivate var isList: Bool { if case .array = self { true } else { false } }
}
