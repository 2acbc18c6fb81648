/// What a type's `init(from:)` asked for.
final class ProbeRecord {
  let registry: SchemaRegistry
  private(set) var properties: [(name: String, schema: JSONTree, isRequired: Bool)] = []
  var single: JSONTree?

  init(registry: SchemaRegistry) { self.registry = registry }

  func note(_ name: String, _ schema: JSONTree, isRequired: Bool) {
    guard !properties.contains(where: { $0.name == name }) else { return }
    properties.append((name, schema, isRequired))
  }
}

/// Decodes a type from nothing, to see which keys it asks for, of which types, and which of them may be missing.
struct ProbeDecoder: Decoder {
  /// Nothing more can be made up.
  struct Exhausted: Error {}

  let record: ProbeRecord
  let depth: Int
  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedDecodingContainer<Key> {
    KeyedDecodingContainer(ProbeKeys<Key>(probe: self))
  }
  func unkeyedContainer() -> any UnkeyedDecodingContainer {
    if record.single == nil { record.single = ["type": "array"] }
    return ProbeElements(probe: self)
  }
  func singleValueContainer() -> any SingleValueDecodingContainer { ProbeValue(probe: self) }

  /// Some value of the type, to let its container's `init` go on.
  func madeUp<T: Decodable>(_ type: T.Type) throws -> T {
    guard depth < 16 else { throw Exhausted() }
    for value in Self.samples { if let value = value as? T { return value } }
    if let type = type as? any CaseIterable.Type, let first = Self.firstCase(type) as? T { return first }
    // What the value asks for in turn is recorded where its own type is described.
    return try T(from: ProbeDecoder(record: ProbeRecord(registry: record.registry), depth: depth + 1))
  }
  private static func firstCase<C: CaseIterable>(_ type: C.Type) -> Any? { type.allCases.first }
}

/// An object.
private struct ProbeKeys<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let probe: ProbeDecoder
  var codingPath: [any CodingKey] { [] }
  var allKeys: [Key] { [] }
  func contains(_ key: Key) -> Bool { false }
  func decodeNil(forKey key: Key) -> Bool { true }

  func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
    probe.record.note(key.stringValue, probe.record.registry.schema(of: type), isRequired: !(type is any OptionalType.Type))
    return try probe.madeUp(type)
  }
  func decodeIfPresent<T: Decodable>(_ type: T.Type, forKey key: Key) -> T? {
    probe.record.note(key.stringValue, probe.record.registry.schema(of: type).nullable, isRequired: false)
    return nil
  }
  // The typed forms are requirements of their own; without these, the defaults would ask `contains`.
  func decodeIfPresent(_ type: Bool.Type, forKey key: Key) -> Bool? { absent(type, key) }
  func decodeIfPresent(_ type: String.Type, forKey key: Key) -> String? { absent(type, key) }
  func decodeIfPresent(_ type: Double.Type, forKey key: Key) -> Double? { absent(type, key) }
  func decodeIfPresent(_ type: Float.Type, forKey key: Key) -> Float? { absent(type, key) }
  func decodeIfPresent(_ type: Int.Type, forKey key: Key) -> Int? { absent(type, key) }
  func decodeIfPresent(_ type: Int8.Type, forKey key: Key) -> Int8? { absent(type, key) }
  func decodeIfPresent(_ type: Int16.Type, forKey key: Key) -> Int16? { absent(type, key) }
  func decodeIfPresent(_ type: Int32.Type, forKey key: Key) -> Int32? { absent(type, key) }
  func decodeIfPresent(_ type: Int64.Type, forKey key: Key) -> Int64? { absent(type, key) }
  func decodeIfPresent(_ type: UInt.Type, forKey key: Key) -> UInt? { absent(type, key) }
  func decodeIfPresent(_ type: UInt8.Type, forKey key: Key) -> UInt8? { absent(type, key) }
  func decodeIfPresent(_ type: UInt16.Type, forKey key: Key) -> UInt16? { absent(type, key) }
  func decodeIfPresent(_ type: UInt32.Type, forKey key: Key) -> UInt32? { absent(type, key) }
  func decodeIfPresent(_ type: UInt64.Type, forKey key: Key) -> UInt64? { absent(type, key) }
  private func absent<T: Decodable>(_ type: T.Type, _ key: Key) -> T? {
    probe.record.note(key.stringValue, probe.record.registry.schema(of: type).nullable, isRequired: false)
    return nil
  }

  func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type, forKey key: Key) -> KeyedDecodingContainer<Nested> {
    probe.record.note(key.stringValue, ["type": "object"], isRequired: true)
    return KeyedDecodingContainer(
      ProbeKeys<Nested>(probe: ProbeDecoder(record: ProbeRecord(registry: probe.record.registry), depth: probe.depth + 1)))
  }
  func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedDecodingContainer {
    probe.record.note(key.stringValue, ["type": "array"], isRequired: true)
    return ProbeElements(probe: probe)
  }
  func superDecoder() -> any Decoder { probe }
  func superDecoder(forKey key: Key) -> any Decoder { probe }
}

/// A list without elements.
private struct ProbeElements: UnkeyedDecodingContainer {
  let probe: ProbeDecoder
  var codingPath: [any CodingKey] { [] }
  var count: Int? { 0 }
  var isAtEnd: Bool { true }
  var currentIndex: Int { 0 }
  func decodeNil() throws -> Bool { true }
  func decode<T: Decodable>(_ type: T.Type) throws -> T { try probe.madeUp(type) }
  func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedDecodingContainer<Nested> {
    KeyedDecodingContainer(
      ProbeKeys<Nested>(probe: ProbeDecoder(record: ProbeRecord(registry: probe.record.registry), depth: probe.depth + 1)))
  }
  func nestedUnkeyedContainer() -> any UnkeyedDecodingContainer { self }
  func superDecoder() -> any Decoder { probe }
}

/// A single value: the type is written as another one.
private struct ProbeValue: SingleValueDecodingContainer {
  let probe: ProbeDecoder
  var codingPath: [any CodingKey] { [] }
  func decodeNil() -> Bool { false }
  func decode<T: Decodable>(_ type: T.Type) throws -> T {
    if probe.record.single == nil { probe.record.single = probe.record.registry.schema(of: type) }
    return try probe.madeUp(type)
  }
}
