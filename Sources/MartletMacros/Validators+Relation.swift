import SwiftSyntax

// Whether the arguments of relations make sense together.
extension Validators {
  /// Only a nullable column can become NULL.
  @Sendable static func setNull(_ property: Property, _ model: ModelDeclaration) -> [Mistake] {
    guard case .reference = property.role, let type = property.type, !type.isOptional,
      let marker = property.marker(.relation) ?? property.marker(.oneToOne), marker.arguments.member("onDelete") == "setNull",
      let argument = marker.arguments.argument("onDelete")
    else { return [] }
    let fixes = property.typeSyntax.map { syntax in
      [Mistake.Fix(message: "make '\(property.name)' optional", edits: [.replace(syntax, with: "\(type.text)?")])]
    }
    return [
      Mistake(argument, "onDelete: .setNull needs an optional: 'var \(property.spelling): \(type.text)?'", fixes: fixes ?? [])
    ]
  }

  /// One way across: a table, a model in between, or the other side's declaration.
  @Sendable static func manyToManyArguments(_ property: Property, _ model: ModelDeclaration) -> [Mistake] {
    guard let arguments = property.marker(.manyToMany)?.arguments else { return [] }
    let ways: [String] = ["table", "through", "inverse"].filter { arguments.argument($0) != nil }
    var mistakes: [Mistake] = []
    if ways.count > 1, let extra = arguments.argument(ways[0]) {
      let reason =
        switch (ways[0], ways[1]) {
        case ("table", "through"): "the model in between has its own table"
        case ("table", _): "the other side names the table"
        default: "the other side names the model in between"
        }
      mistakes.append(
        Mistake(
          extra, "'\(ways[0]):' and '\(ways[1]):' exclude each other: \(reason)",
          fixes: [.init(message: "remove '\(ways[0]):'", edits: [arguments.removing(ways[0])])]))
    }
    if arguments.argument("through") == nil {
      mistakes += ["from", "to"].compactMap { (label: String) in
        arguments.argument(label).map { Mistake($0, "'\(label):' names a property of the model in between: add 'through:'") }
      }
    }
    return mistakes
  }

  /// Names of properties are string literals: swiftc 6.3 crashes on key paths between models that refer to each other.
  @Sendable static func propertyArguments(_ property: Property, _ model: ModelDeclaration) -> [Mistake] {
    property.markers.flatMap { marker -> [Mistake] in
      switch marker.kind {
      case .hasMany, .hasOne: propertyLiteral(nil, of: marker.arguments)
      case .manyToMany:
        nameLiteral("table", of: marker.arguments)
          + ["from", "to", "inverse"].flatMap { propertyLiteral($0, of: marker.arguments) }
      case .field, .relation, .oneToOne, .transient: []
      }
    }
  }

  private static func propertyLiteral(_ label: String?, of arguments: MarkerArguments) -> [Mistake] {
    guard let argument = arguments.argument(label) else { return [] }
    if let name = arguments.string(label) {
      return MarkerArguments.isIdentifier(name) ? [] : [Mistake(argument.expression, "'\(name)' is not the name of a property")]
    }
    var fixes: [Mistake.Fix] = []
    var example = "author"
    if let last = argument.expression.as(KeyPathExprSyntax.self)?.components.last?.component {
      example = last.trimmedDescription
      fixes = [.init(message: "write \"\(example)\"", edits: [.replace(argument.expression, with: "\"\(example)\"")])]
    }
    return [Mistake(argument.expression, "write the property's name as a string: \"\(example)\"", fixes: fixes)]
  }

  /// A name in the database is a string literal with something in it.
  static func nameLiteral(_ label: String, of arguments: MarkerArguments) -> [Mistake] {
    guard let argument = arguments.argument(label) else { return [] }
    guard let name = arguments.string(label) else {
      return [
        Mistake(argument.expression, "'\(label):' has to be a string literal: the macro sees the text, not the value")
      ]
    }
    return name.isEmpty ? [Mistake(argument.expression, "'\(label):' is empty")] : []
  }
}

extension MarkerArguments {
  /// The source text of all arguments but the one of this label; `nil` where there are no others.
  func text(without label: String) -> String? {
    let rest = (list ?? []).filter { $0.label?.text != label }
      .map { ($0.label.map { $0.text + ": " } ?? "") + $0.expression.trimmedDescription }
    return rest.isEmpty ? nil : rest.joined(separator: ", ")
  }
  /// The change that takes the argument of this label away, with its comma.
  func removing(_ label: String) -> FixChange {
    let text = text(without: label) ?? ""
    return list.map { .replace($0, with: text) } ?? .replace(node, with: "@\(Marker.name(of: node))(\(text))")
  }
}
