import SwiftParser
import SwiftSyntax

/// The attributes that belong to Martlet.
enum MarkerKind: String, CaseIterable {
  case field = "Field"
  case relation = "Relation"
  case oneToOne = "OneToOne"
  case hasMany = "HasMany"
  case hasOne = "HasOne"
  case manyToMany = "ManyToMany"
  case transient = "Transient"
}

/// One of Martlet's attributes on a property.
struct Marker {
  let kind: MarkerKind
  let arguments: MarkerArguments
  var node: AttributeSyntax { arguments.node }

  /// `nil` for attributes that are not Martlet's.
  init?(_ attribute: AttributeSyntax) {
    guard let kind = MarkerKind(rawValue: Marker.name(of: attribute)) else { return nil }
    self.kind = kind
    arguments = MarkerArguments(attribute)
  }

  /// The attribute's name without module: `Field` of `@Martlet.Field`.
  static func name(of attribute: AttributeSyntax) -> String {
    let name = attribute.attributeName
    return name.as(MemberTypeSyntax.self)?.name.text ?? name.as(IdentifierTypeSyntax.self)?.name.text ?? name.trimmedDescription
  }
}

/// The arguments of an attribute, by label.
struct MarkerArguments {
  let node: AttributeSyntax
  let list: LabeledExprListSyntax?

  init(_ node: AttributeSyntax) {
    self.node = node
    list = node.arguments?.as(LabeledExprListSyntax.self)
  }

  /// The argument of this label (`nil`: the one without label), unless it is written `nil`.
  func argument(_ label: String?) -> LabeledExprSyntax? {
    list?.first { $0.label?.text == label && !$0.expression.is(NilLiteralExprSyntax.self) }
  }
  /// Its source text.
  func text(_ label: String?) -> String? { argument(label)?.expression.trimmedDescription }
  /// Its value, where it is a string literal.
  func string(_ label: String?) -> String? {
    argument(label)?.expression.as(StringLiteralExprSyntax.self)?.representedLiteralValue
  }
  /// The property's name that it holds, `fallback` where it is absent, `nil` where it is something else.
  func property(_ label: String?, otherwise fallback: String) -> String? {
    guard argument(label) != nil else { return fallback }
    return string(label).flatMap { Self.isIdentifier($0) ? $0 : nil }
  }
  static func isIdentifier(_ name: String) -> Bool {
    name.first.map { $0.isLetter || $0 == "_" } == true && name.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" }
  }
  /// Its values, where it is a list of string literals.
  func strings(_ label: String) -> [String]? {
    guard let elements = argument(label)?.expression.as(ArrayExprSyntax.self)?.elements else { return nil }
    let values = elements.compactMap { $0.expression.as(StringLiteralExprSyntax.self)?.representedLiteralValue }
    return values.count == elements.count ? values : nil
  }
  /// Whether it is written `true`.
  func isTrue(_ label: String) -> Bool { text(label) == "true" }
  /// The member that it names: `setNull` of `.setNull` or `OnDelete.setNull`.
  func member(_ label: String) -> String? {
    argument(label)?.expression.as(MemberAccessExprSyntax.self)?.declName.baseName.text
  }
}
