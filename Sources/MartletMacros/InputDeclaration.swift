import SwiftSyntax

/// What a struct under `@Input` says, freed of syntax.
struct InputDeclaration {
  /// The struct's own name, for the schema.
  var name: String
  var access: String
  var documentation: String?
  /// Source texts of the arguments; `nil` where absent.
  var naming: String?, unknownFields: String?
  /// The stored properties that are read, in order.
  var fields: [Property]

  let syntax: StructDeclSyntax
  let arguments: MarkerArguments
  /// The struct as the parser of models sees it: properties are parsed alike.
  let model: ModelDeclaration

  init(_ syntax: StructDeclSyntax, attribute: AttributeSyntax) {
    model = ModelDeclaration(syntax, attribute: attribute, typeName: nil, fileID: "Input/Input.swift")
    arguments = MarkerArguments(attribute)
    self.syntax = syntax
    name = model.name
    access = model.access
    documentation = model.documentation
    naming = arguments.text("naming")
    unknownFields = arguments.text("unknownFields")
    fields = model.properties.filter { !($0.isLet && $0.initializer != nil) && $0.marker(.transient) == nil }.map { property in
      var field = property
      // What is a relation or a key to a model is a value here.
      field.role = property.type == nil ? .unusable : .column
      return field
    }
  }
}

extension Property {
  /// `Given<…>`: what a client may leave out.
  var isGiven: Bool { if case .named("Given")? = type?.shape { true } else { false } }
}
