import Foundation
import MartletCore

/// Decodes `Decodable` types from names and texts: query strings and forms. Finds every mistake it can, not the
/// first alone: a field that is wrong gets a stand-in, and the decoding goes on.
package enum FieldsDecoder {
  package static func decode<T: Decodable>(_ type: T.Type, from fields: QueryParameters) throws -> T {
    let mistakes = FieldMistakes()
    do {
      let value = try T(from: FieldsRoot(fields: fields, mistakes: mistakes))
      if mistakes.found.isEmpty { return value }
    } catch let error as DecodingError {
      mistakes.found += error.validationError.errors
    }
    throw ValidationError(mistakes.found)
  }
}

/// The mistakes of one decoding.
private final class FieldMistakes {
  var found: [FieldError] = []

  /// A value to go on with, where the type has one.
  func standIn<T>(_ type: T.Type, for error: DecodingError) throws -> T {
    let value: Any? =
      switch type {
      case is String.Type: ""
      case is Bool.Type: false
      case is Date.Type: Date(timeIntervalSince1970: 0)
      case is UUID.Type: UUID()
      case is Decimal.Type: Decimal(0)
      case let type as any FixedWidthInteger.Type: type.init(0 as Int)
      case let type as any BinaryFloatingPoint.Type: type.init(0 as Int)
      case let type as any CaseIterable.Type: FieldMistakes.first(of: type)
      default: nil
      }
    guard let value = value as? T else { throw error }
    found += error.validationError.errors
    return value
  }
  private static func first<C: CaseIterable>(of type: C.Type) -> Any? { type.allCases.first }
}

private struct FieldsRoot: Decoder {
  let fields: QueryParameters
  let mistakes: FieldMistakes
  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedDecodingContainer<Key> {
    KeyedDecodingContainer(FieldsContainer<Key>(fields: fields, mistakes: mistakes))
  }
  func unkeyedContainer() throws -> any UnkeyedDecodingContainer { throw notKeyed() }
  func singleValueContainer() throws -> any SingleValueDecodingContainer { throw notKeyed() }
  private func notKeyed() -> DecodingError {
    DecodingError.dataCorrupted(.init(codingPath: [], debugDescription: "Fields decode into a type with named properties."))
  }
}

private struct FieldsContainer<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let fields: QueryParameters
  let mistakes: FieldMistakes
  var codingPath: [any CodingKey] { [] }
  var allKeys: [Key] { fields.names.compactMap { Key(stringValue: $0) } }

  func contains(_ key: Key) -> Bool { fields[key.stringValue] != nil }
  func decodeNil(forKey key: Key) -> Bool { fields[key.stringValue] == nil }

  private func text(_ key: Key) throws -> String {
    guard let text = fields[key.stringValue] else {
      throw DecodingError.keyNotFound(key, .init(codingPath: [], debugDescription: "This field is required."))
    }
    return text
  }
  func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
    let values = fields.all(key.stringValue)
    do {
      if values.isEmpty, !(type is any Collection.Type) || type == String.self { _ = try text(key) }
      return try FieldsValue(values: values, codingPath: [key]).decode(type)
    } catch let error as DecodingError {
      return try mistakes.standIn(type, for: error)
    }
  }
  func decodeIfPresent<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T? {
    guard let last = fields[key.stringValue], !last.isEmpty || type == String.self else { return nil }
    return try present(type, key)
  }
  // The typed forms are witnesses of their own; without them the default would go through `decode`, which
  // fails on an empty text where the property is optional.
  func decodeIfPresent(_ type: Bool.Type, forKey key: Key) throws -> Bool? { try present(type, key) }
  func decodeIfPresent(_ type: String.Type, forKey key: Key) throws -> String? { fields[key.stringValue] }
  func decodeIfPresent(_ type: Double.Type, forKey key: Key) throws -> Double? { try present(type, key) }
  func decodeIfPresent(_ type: Float.Type, forKey key: Key) throws -> Float? { try present(type, key) }
  func decodeIfPresent(_ type: Int.Type, forKey key: Key) throws -> Int? { try present(type, key) }
  func decodeIfPresent(_ type: Int32.Type, forKey key: Key) throws -> Int32? { try present(type, key) }
  func decodeIfPresent(_ type: Int64.Type, forKey key: Key) throws -> Int64? { try present(type, key) }
  func decodeIfPresent(_ type: UInt.Type, forKey key: Key) throws -> UInt? { try present(type, key) }
  private func present<T: Decodable>(_ type: T.Type, _ key: Key) throws -> T? {
    let values = fields.all(key.stringValue)
    guard let last = values.last, !last.isEmpty || type == String.self else { return nil }
    do {
      return try FieldsValue(values: values, codingPath: [key]).decode(type)
    } catch let error as DecodingError {
      return try mistakes.standIn(type, for: error)
    }
  }

  func nestedContainer<N: CodingKey>(keyedBy type: N.Type, forKey key: Key) throws -> KeyedDecodingContainer<N> {
    throw DecodingError.typeMismatch([String: String].self, .init(codingPath: [key], debugDescription: "A field is one text."))
  }
  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    FieldsList(values: fields.all(key.stringValue), codingPath: [key])
  }
  func superDecoder() throws -> any Decoder { FieldsRoot(fields: fields, mistakes: mistakes) }
  func superDecoder(forKey key: Key) throws -> any Decoder {
    FieldsValue(values: fields.all(key.stringValue), codingPath: [key])
  }
}

/// The values of one field: the last as a single value, all of them as a list.
private struct FieldsValue: Decoder, SingleValueDecodingContainer {
  let values: [String]
  let codingPath: [any CodingKey]
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    throw DecodingError.typeMismatch(
      [String: String].self, .init(codingPath: codingPath, debugDescription: "A field is one text."))
  }
  func unkeyedContainer() -> any UnkeyedDecodingContainer { FieldsList(values: values, codingPath: codingPath) }
  func singleValueContainer() -> any SingleValueDecodingContainer { self }

  private var text: String { values.last ?? "" }
  private func fail<T>(_ type: T.Type, _ what: String) -> DecodingError {
    DecodingError.typeMismatch(type, .init(codingPath: codingPath, debugDescription: "“\(text.prefix(80))” is not \(what)."))
  }

  func decodeNil() -> Bool { values.isEmpty }
  func decode(_ type: Bool.Type) throws -> Bool {
    switch text.lowercased() {
    case "true", "1", "on", "yes": return true
    case "false", "0", "off", "no", "": return false
    default: throw fail(type, "true or false")
    }
  }
  func decode(_ type: String.Type) throws -> String { text }
  func decode(_ type: Double.Type) throws -> Double {
    guard let value = Double(text), value.isFinite else { throw fail(type, "a number") }
    return value
  }
  func decode(_ type: Float.Type) throws -> Float { Float(try decode(Double.self)) }
  private func integer<T: FixedWidthInteger>(_ type: T.Type) throws -> T {
    guard let value = T(text) else { throw fail(type, "a whole number") }
    return value
  }
  func decode(_ type: Int.Type) throws -> Int { try integer(type) }
  func decode(_ type: Int8.Type) throws -> Int8 { try integer(type) }
  func decode(_ type: Int16.Type) throws -> Int16 { try integer(type) }
  func decode(_ type: Int32.Type) throws -> Int32 { try integer(type) }
  func decode(_ type: Int64.Type) throws -> Int64 { try integer(type) }
  func decode(_ type: UInt.Type) throws -> UInt { try integer(type) }
  func decode(_ type: UInt8.Type) throws -> UInt8 { try integer(type) }
  func decode(_ type: UInt16.Type) throws -> UInt16 { try integer(type) }
  func decode(_ type: UInt32.Type) throws -> UInt32 { try integer(type) }
  func decode(_ type: UInt64.Type) throws -> UInt64 { try integer(type) }
  func decode<T: Decodable>(_ type: T.Type) throws -> T {
    switch type {
    case is Date.Type:
      guard let value = TimestampText.parse(text).map(Date.init(microsecondsSince1970:)) as? T else {
        throw fail(type, "a date and time")
      }
      return value
    case is UUID.Type:
      guard let value = UUID(uuidString: text) as? T else { throw fail(type, "a UUID") }
      return value
    case is Decimal.Type:
      guard let value = Decimal(string: text, locale: Locale(identifier: "en_US_POSIX")) as? T else {
        throw fail(type, "a number")
      }
      return value
    case is URL.Type:
      guard let value = URL(string: text) as? T else { throw fail(type, "a URL") }
      return value
    default:
      return try T(from: self)
    }
  }
}

private struct FieldsList: UnkeyedDecodingContainer {
  let values: [String]
  let codingPath: [any CodingKey]
  var currentIndex = 0
  var count: Int? { values.count }
  var isAtEnd: Bool { currentIndex >= values.count }

  init(values: [String], codingPath: [any CodingKey]) {
    self.values = values
    self.codingPath = codingPath
  }
  mutating func decodeNil() -> Bool { false }
  mutating func decode<T: Decodable>(_ type: T.Type) throws -> T {
    guard !isAtEnd else {
      throw DecodingError.valueNotFound(type, .init(codingPath: codingPath, debugDescription: "The list is at its end."))
    }
    defer { currentIndex += 1 }
    return try FieldsValue(values: [values[currentIndex]], codingPath: codingPath + [IndexKey(currentIndex)]).decode(type)
  }
  mutating func nestedContainer<N: CodingKey>(keyedBy type: N.Type) throws -> KeyedDecodingContainer<N> {
    throw DecodingError.typeMismatch(
      [String: String].self, .init(codingPath: codingPath, debugDescription: "A field is one text."))
  }
  mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
    throw DecodingError.typeMismatch([String].self, .init(codingPath: codingPath, debugDescription: "A field is one text."))
  }
  mutating func superDecoder() throws -> any Decoder { FieldsValue(values: values, codingPath: codingPath) }
}

private struct IndexKey: CodingKey {
  let intValue: Int?
  var stringValue: String { intValue.map(String.init) ?? "" }
  init(_ index: Int) { intValue = index }
  init?(intValue: Int) { self.intValue = intValue }
  init?(stringValue: String) { return nil }
}
