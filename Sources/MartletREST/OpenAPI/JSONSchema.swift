/// A JSON Schema (2020-12), for a type that cannot describe itself by its `Decodable` conformance.
///
/// ```swift
/// extension Money: SchemaDescribing {
///   static var jsonSchema: JSONSchema { .object(["amount": .string(format: "decimal"), "currency": .text(of: ["EUR", "CHF"])]) }
/// }
/// ```
public struct JSONSchema: Sendable, Hashable {
  package var tree: JSONTree

  /// Any value.
  public static let any = JSONSchema(tree: .object([]))
  /// `true` or `false`.
  public static let boolean = JSONSchema(tree: ["type": "boolean"])
  /// A 64-bit integer.
  public static let integer = JSONSchema(tree: ["type": "integer", "format": "int64"])
  /// A number.
  public static let number = JSONSchema(tree: ["type": "number"])
  /// A text. A pattern is a regular expression of ECMA-262 that has to match somewhere in it.
  public static func string(format: String? = nil, maxLength: Int? = nil, pattern: String? = nil) -> JSONSchema {
    var members: [JSONTree.Member] = [.init("type", "string")]
    if let format { members.append(.init("format", .string(format))) }
    if let maxLength { members.append(.init("maxLength", .number(String(maxLength)))) }
    if let pattern { members.append(.init("pattern", .string(pattern))) }
    return JSONSchema(tree: .object(members))
  }
  /// One of these texts.
  public static func text(of values: [String]) -> JSONSchema {
    JSONSchema(tree: ["type": "string", "enum": .array(values.map { .string($0) })])
  }
  /// A list.
  public static func array(of element: JSONSchema) -> JSONSchema {
    JSONSchema(tree: ["type": "array", "items": element.tree])
  }
  /// An object; every property is required unless `optional` names it.
  public static func object(_ properties: KeyValuePairs<String, JSONSchema>, optional: Set<String> = []) -> JSONSchema {
    JSONSchema(
      tree: .objectSchema(properties.map { ($0.key, $0.value.tree, !optional.contains($0.key)) }))
  }
  /// The value, or `null`.
  public var nullable: JSONSchema { JSONSchema(tree: tree.nullable) }
  /// With a sentence that says what it is.
  public func described(_ text: String) -> JSONSchema { JSONSchema(tree: tree.adding("description", .string(text))) }
}

/// A type that says its own schema; others are described by what their `Decodable` conformance asks for.
public protocol SchemaDescribing {
  /// The type as JSON.
  static var jsonSchema: JSONSchema { get }
}

extension JSONTree {
  /// With one more member; an object only.
  func adding(_ name: String, _ value: JSONTree?) -> JSONTree {
    guard let value, case .object(let members) = self else { return self }
    return .object(members.filter { $0.name != name } + [Member(name, value)])
  }

  /// The schema that allows `null` too.
  var nullable: JSONTree {
    guard case .object(let members) = self, !members.isEmpty else { return self }
    switch self["type"] {
    case .string(let type)?:
      var result = adding("type", [.string(type), "null"])
      if case .array(let values)? = self["enum"] { result = result.adding("enum", .array(values + [.null])) }
      return result
    case .array(let types)?: return types.contains("null") ? self : adding("type", .array(types + ["null"]))
    default: return ["anyOf": [self, ["type": "null"]]]
    }
  }

  /// The schema of an object.
  static func objectSchema(_ properties: [(name: String, schema: JSONTree, isRequired: Bool)]) -> JSONTree {
    var members: [Member] = [.init("type", "object")]
    members.append(.init("properties", .object(properties.map { Member($0.name, $0.schema) })))
    let required = properties.filter(\.isRequired).map { JSONTree.string($0.name) }
    if !required.isEmpty { members.append(.init("required", .array(required))) }
    return .object(members)
  }

  /// A reference to a component.
  static func reference(_ kind: String, _ name: String) -> JSONTree { ["$ref": .string("#/components/\(kind)/\(name)")] }
}
