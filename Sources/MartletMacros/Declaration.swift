import SwiftSyntax

/// What a struct under `@Model` says, freed of syntax: read by the validators and the renderers.
struct ModelDeclaration {
  /// The struct's own name: `Post`.
  var name: String
  /// The name that an extension at file scope needs: `Blog.Post`.
  var typeName: String
  /// `public `, `package ` or nothing: copied to everything generated.
  var access: String
  /// Django's app label.
  var app: String
  var table: String
  /// Source text of `label:` and `pluralLabel:`; `nil` where absent.
  var label: String, pluralLabel: String
  var key: KeyChoice
  /// The doc comment above it.
  var documentation: String?
  /// The stored properties, in order.
  var properties: [Property]

  let syntax: StructDeclSyntax
  let arguments: MarkerArguments

  /// The generated key type: `MartletORM.Key<Post, Int64>`, or `Post.ID` of several columns.
  var keyType: String { hasCompositeKey ? "\(typeName).ID" : "MartletORM.Key<\(typeName), \(key.raw)>" }
  /// The properties that are columns, in order.
  var columns: [Property] { properties.filter(\.isColumn) }
  /// The properties that a reference of several columns names; those that are no columns are left out.
  func referring(_ names: [String]) -> [Property] { names.compactMap { name in columns.first { $0.name == name } } }
  /// Whether there is an `id` to build the rest on.
  var hasUsableKey: Bool { properties.contains { $0.role == .key } || hasCompositeKey }
  /// The properties that together are the key, in order.
  var keyParts: [Property] { properties.filter(\.isKeyPart) }
  /// Whether several properties are the key.
  var hasCompositeKey: Bool { keyParts.count > 1 && !properties.contains { $0.name == "id" } }
}

/// `@Model(key:)`.
enum KeyChoice: String, CaseIterable {
  case int64, uuidV4, uuidV7, text

  /// The type inside the key.
  var raw: String {
    switch self {
    case .int64: "Int64"
    case .uuidV4, .uuidV7: "MartletORM.KeyUUID"
    case .text: "String"
    }
  }
  /// The case of `KeyGeneration`.
  var generation: String {
    switch self {
    case .int64: ".database"
    case .uuidV4: ".uuidV4"
    case .uuidV7: ".uuidV7"
    case .text: ".none"
    }
  }
}

/// One stored property.
struct Property {
  /// The name without backticks, for string literals.
  var name: String
  /// The name as code, with its backticks.
  var spelling: String
  /// `nil` where nothing is written and no literal tells.
  var type: WrittenType?
  /// The initial value's source text.
  var initializer: String?
  var role: Role
  /// The property's own access, at most the struct's: a public expression could show a type that is not public.
  var access: String
  /// The column's name; meaningless for what is no column.
  var column: String
  /// The source text of `@Field`'s arguments, but for `validate:`.
  var fieldArguments: String?
  /// The source text of `validate:`.
  var rules: String?
  /// The doc comment above it.
  var documentation: String?
  var markers: [Marker]

  let binding: PatternBindingSyntax
  let declaration: VariableDeclSyntax

  var isColumn: Bool {
    switch role {
    case .key, .column, .reference: true
    default: false
    }
  }
  /// Whether it is one of several columns of the key.
  var isKeyPart: Bool { isColumn && role != .key && marker(.field)?.arguments.isTrue("primaryKey") == true }
  var isLet: Bool { declaration.bindingSpecifier.tokenKind == .keyword(.let) }
  func marker(_ kind: MarkerKind) -> Marker? { markers.first { $0.kind == kind } }
  func has(_ modifier: Keyword) -> Bool { declaration.modifiers.contains { $0.name.tokenKind == .keyword(modifier) } }
}

/// What a property is to the database.
enum Role: Hashable {
  case key
  case column
  case reference(target: String, onDelete: String, isOneToOne: Bool)
  /// Other properties together refer to a key of several columns.
  case compositeReference(target: String, properties: [String], onDelete: String)
  case hasOne(target: String, foreignKey: String)
  case hasMany(target: String, foreignKey: String)
  case manyToMany(target: String, ManyToManyPath)
  case transient
  /// A validator reports why; nothing is rendered for it.
  case unusable
}

/// How a many-to-many relation gets across.
enum ManyToManyPath: Hashable {
  /// By a table of the relation's own.
  case link(table: String, owner: String, target: String)
  /// By a model in between; `model` is source text (`Membership.self`).
  case through(model: String, from: String, to: String)
  /// As the far side of the property of this name.
  case inverse(property: String)
}
