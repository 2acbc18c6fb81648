import Foundation

/// The named schemas of one document, and how Swift types become schemas. Confined to the making of one document.
final class SchemaRegistry {
  private(set) var components: [String: JSONTree] = [:]
  private var names: [ObjectIdentifier: String] = [:]
  private var named: [String: String] = [:]

  /// Adds a schema under a name, or under the name with a number where another schema has it already.
  ///
  /// - Returns: A reference to it.
  func add(_ name: String, _ schema: JSONTree) -> JSONTree {
    let free = freeName(name, for: schema)
    components[free] = schema
    return .reference("schemas", free)
  }
  /// The schema of something that may refer to itself: its name is taken before it is made.
  ///
  /// - Parameter key: What it is known by; made once for each.
  func reference(for key: String, named name: String, _ make: () -> JSONTree) -> JSONTree {
    if let known = named[key] { return .reference("schemas", known) }
    let free = freeName(name, for: nil)
    named[key] = free
    components[free] = .object([])
    components[free] = make()
    return .reference("schemas", free)
  }
  private func freeName(_ name: String, for schema: JSONTree?) -> String {
    var candidate = name, number = 2
    while let present = components[candidate], present != schema {
      candidate = "\(name)\(number)"
      number += 1
    }
    return candidate
  }

  /// The schema of a type.
  func schema(of type: Any.Type) -> JSONTree {
    if let known = SchemaRegistry.known[ObjectIdentifier(type)] { return known }
    switch type {
    case let type as any SchemaDescribing.Type: return type.jsonSchema.tree
    case let type as any Input.Type: return described(type)
    case let type as any GivenType.Type: return schema(of: type.wrapped)
    case let type as any OptionalType.Type: return schema(of: type.wrapped).nullable
    case let type as any DictionaryType.Type: return ["type": "object", "additionalProperties": schema(of: type.value)]
    case let type as any ElementType.Type: return ["type": "array", "items": schema(of: type.element)]
    case let type as any Decodable.Type: return enumeration(type) ?? probed(type)
    default: return .object([])
    }
  }

  /// An input by its fields; a component, so that inputs may contain themselves.
  private func described(_ type: any Input.Type) -> JSONTree {
    let id = ObjectIdentifier(type)
    if let name = names[id] { return .reference("schemas", name) }
    let name = freeName(SchemaRegistry.name(of: type), for: nil)
    names[id] = name
    components[name] = .object([])
    components[name] = schema(of: type.inputSchema)
    return .reference("schemas", name)
  }

  /// A type by what its `init(from:)` asks for; objects become components, so that types may contain themselves.
  private func probed(_ type: any Decodable.Type) -> JSONTree {
    let id = ObjectIdentifier(type)
    if let name = names[id] { return .reference("schemas", name) }
    let name = freeName(SchemaRegistry.name(of: type), for: nil)
    names[id] = name
    components[name] = .object([])
    let record = ProbeRecord(registry: self)
    // A type that checks its input refuses the probe's empty values; what it asked for until then counts.
    _ = try? type.init(from: ProbeDecoder(record: record, depth: 0))
    if let single = record.single {
      names[id] = nil
      components[name] = nil
      return single
    }
    components[name] = .objectSchema(record.properties)
    return .reference("schemas", name)
  }

  /// An enum of texts or numbers whose cases are known.
  private func enumeration(_ type: any Decodable.Type) -> JSONTree? {
    guard let type = type as? any (CaseIterable & RawRepresentable).Type else { return nil }
    return SchemaRegistry.choices(type).map { add(SchemaRegistry.name(of: type), $0) }
  }
  private static func choices<T: CaseIterable & RawRepresentable>(_ type: T.Type) -> JSONTree? {
    if T.RawValue.self == String.self {
      return ["type": "string", "enum": .array(T.allCases.compactMap { $0.rawValue as? String }.map { .string($0) })]
    }
    let numbers = T.allCases.compactMap { ($0.rawValue as? any BinaryInteger).map { JSONTree.number("\($0)") } }
    return numbers.isEmpty ? nil : ["type": "integer", "enum": .array(numbers)]
  }

  /// `Blog.NewPost.Author` → `NewPost.Author`; what a component's name cannot hold becomes `_`.
  static func name(of type: Any.Type) -> String {
    let parts = String(reflecting: type).split(separator: ".").filter { !$0.contains("(") && !$0.contains(")") }
    let joined = (parts.count > 1 ? parts.dropFirst() : parts[...]).joined(separator: ".")
    let name = String(joined.unicodeScalars.map { isNameScalar($0) ? Character($0) : "_" })
    return name.isEmpty ? "Schema" : name
  }
  private static func isNameScalar(_ scalar: Unicode.Scalar) -> Bool {
    scalar.isASCII
      && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || scalar == "." || scalar == "_" || scalar == "-")
  }

  private static let known: [ObjectIdentifier: JSONTree] = [
    ObjectIdentifier(String.self): ["type": "string"],
    ObjectIdentifier(Bool.self): ["type": "boolean"],
    ObjectIdentifier(Int.self): ["type": "integer", "format": "int64"],
    ObjectIdentifier(Int64.self): ["type": "integer", "format": "int64"],
    ObjectIdentifier(UInt.self): ["type": "integer", "minimum": 0],
    ObjectIdentifier(UInt64.self): ["type": "integer", "minimum": 0],
    ObjectIdentifier(Int32.self): ["type": "integer", "format": "int32"],
    ObjectIdentifier(UInt32.self): ["type": "integer", "minimum": 0],
    ObjectIdentifier(Int16.self): ["type": "integer", "minimum": -32768, "maximum": 32767],
    ObjectIdentifier(UInt16.self): ["type": "integer", "minimum": 0, "maximum": 65535],
    ObjectIdentifier(Int8.self): ["type": "integer", "minimum": -128, "maximum": 127],
    ObjectIdentifier(UInt8.self): ["type": "integer", "minimum": 0, "maximum": 255],
    ObjectIdentifier(Double.self): ["type": "number", "format": "double"],
    ObjectIdentifier(Float.self): ["type": "number", "format": "float"],
    ObjectIdentifier(Decimal.self): ["type": "number"],
    ObjectIdentifier(Date.self): ["type": "string", "format": "date-time"],
    ObjectIdentifier(UUID.self): ["type": "string", "format": "uuid"],
    ObjectIdentifier(URL.self): ["type": "string", "format": "uri"],
    ObjectIdentifier(Data.self): ["type": "string", "contentEncoding": "base64"],
  ]
}

/// `Optional`, of whatever it wraps.
protocol OptionalType { static var wrapped: Any.Type { get } }
extension Optional: OptionalType { static var wrapped: Any.Type { Wrapped.self } }
/// `Given`, of whatever it wraps.
protocol GivenType { static var wrapped: Any.Type { get } }
extension Given: GivenType { static var wrapped: Any.Type { Value.self } }
/// Lists and sets, of whatever they hold.
protocol ElementType { static var element: Any.Type { get } }
extension Array: ElementType { static var element: Any.Type { Element.self } }
extension Set: ElementType { static var element: Any.Type { Element.self } }
/// Dictionaries by text, of whatever they hold.
protocol DictionaryType { static var value: Any.Type { get } }
extension Dictionary: DictionaryType where Key == String { static var value: Any.Type { Value.self } }
