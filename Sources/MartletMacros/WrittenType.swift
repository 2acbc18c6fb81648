import SwiftSyntax

/// A type as the source spells it, taken apart as far as the macro needs.
struct WrittenType {
  enum Shape: Hashable {
    /// A name without module: `String`, `Status`, `JSON`.
    case named(String)
    case ref(String), many(String), one(String)
    /// A list that may be one of models; a list of a known column type is `.named("[String]")`.
    case array(String)
    case dictionary
    /// A tuple, a closure, `any P`…: what it is, for the message.
    case unsupported(String)

    /// The model that a relation leads to.
    var target: String? {
      switch self {
      case .ref(let target), .many(let target), .one(let target): target
      case .named, .array, .dictionary, .unsupported: nil
      }
    }
  }
  /// The whole type; `Self` is replaced by the model's name, for it means something else in nested types.
  let text: String
  /// The type without its optionality.
  let wrapped: String
  let isOptional: Bool
  let shape: Shape

  init(_ syntax: TypeSyntax, selfName: String) {
    text = Self.spelling(syntax, selfName)
    if let inner = Self.optional(syntax) {
      isOptional = true
      wrapped = Self.spelling(inner, selfName)
      shape = Self.optional(inner) == nil ? Self.shape(inner, selfName) : .unsupported("an optional of an optional")
    } else {
      isOptional = false
      wrapped = text
      shape = Self.shape(syntax, selfName)
    }
  }
  /// The type that a literal tells.
  init(literal name: String) {
    text = name
    wrapped = name
    isOptional = false
    shape = .named(name)
  }

  private static func spelling(_ syntax: TypeSyntax, _ selfName: String) -> String {
    guard syntax.tokens(viewMode: .sourceAccurate).contains(where: { $0.tokenKind == .keyword(.Self) }) else {
      return syntax.trimmedDescription
    }
    let parts = syntax.trimmed.tokens(viewMode: .sourceAccurate).map {
      $0.tokenKind == .keyword(.Self) ? selfName + $0.trailingTrivia.description : $0.description
    }
    return parts.joined()
  }

  /// The inside of `T?`, `Optional<T>` and `Swift.Optional<T>`.
  private static func optional(_ syntax: TypeSyntax) -> TypeSyntax? {
    if let optional = syntax.as(OptionalTypeSyntax.self) { return unparenthesized(optional.wrappedType) }
    guard let (name, arguments) = generic(syntax), name == "Optional", arguments.count == 1 else { return nil }
    return arguments[0]
  }
  private static func unparenthesized(_ syntax: TypeSyntax) -> TypeSyntax {
    guard let tuple = syntax.as(TupleTypeSyntax.self), tuple.elements.count == 1, let only = tuple.elements.first,
      only.firstName == nil
    else { return syntax }
    return only.type
  }

  /// The last component of a name, and its generic arguments.
  private static func generic(_ syntax: TypeSyntax) -> (name: String, arguments: [TypeSyntax])? {
    let name: TokenSyntax, clause: GenericArgumentClauseSyntax?
    if let type = syntax.as(IdentifierTypeSyntax.self) {
      (name, clause) = (type.name, type.genericArgumentClause)
    } else if let type = syntax.as(MemberTypeSyntax.self) {
      (name, clause) = (type.name, type.genericArgumentClause)
    } else {
      return nil
    }
    return (name.text, clause?.arguments.compactMap { $0.argument.as(TypeSyntax.self) } ?? [])
  }

  private static func shape(_ syntax: TypeSyntax, _ selfName: String) -> Shape {
    if let array = syntax.as(ArrayTypeSyntax.self) { return list(of: array.element, selfName) }
    if syntax.is(DictionaryTypeSyntax.self) { return .dictionary }
    guard let (name, arguments) = generic(syntax) else { return .unsupported(kind(of: syntax)) }
    switch (name, arguments.count) {
    case ("Ref", 1): return .ref(spelling(arguments[0], selfName))
    case ("Many", 1): return .many(spelling(arguments[0], selfName))
    case ("One", 1): return .one(spelling(arguments[0], selfName))
    case ("Array", 1): return list(of: arguments[0], selfName)
    case ("Set", 1): return .array(spelling(arguments[0], selfName))
    case ("Dictionary", 2): return .dictionary
    default: return .named(name)
    }
  }
  private static func list(of element: TypeSyntax, _ selfName: String) -> Shape {
    let text = spelling(element, selfName)
    return isColumn(optional(element) ?? element) ? .named("[\(text)]") : .array(text)
  }
  private static func isColumn(_ syntax: TypeSyntax) -> Bool {
    if let bytes = syntax.as(ArrayTypeSyntax.self) { return generic(bytes.element)?.name == "UInt8" }
    return generic(syntax).map { KnownType.columns.contains($0.name) } ?? false
  }
  private static func kind(of syntax: TypeSyntax) -> String {
    switch syntax.kind {
    case .tupleType: "a tuple"
    case .functionType: "a closure"
    case .someOrAnyType: "an existential or opaque type"
    case .implicitlyUnwrappedOptionalType: "an implicitly unwrapped optional"
    case .metatypeType: "a metatype"
    case .compositionType: "a protocol composition"
    case .attributedType:
      syntax.as(AttributedTypeSyntax.self)?.baseType.is(FunctionTypeSyntax.self) == true ? "a closure" : "an attributed type"
    default: "a type of this form"
    }
  }
}
