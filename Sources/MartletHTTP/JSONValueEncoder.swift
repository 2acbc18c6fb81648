import Foundation
import MartletCore

/// Writes one value as JSON into bytes, in the order in which its properties are encoded.
///
/// Scalars go straight into the bytes of the container that holds them. Only containers that stay open
/// beside others (`nestedContainer`, `superEncoder`) are kept as children and put in their place at the end.
/// Foundation's `JSONEncoder` orders keys by hash, so equal values would have unequal bytes and tags.
final class JSONValueEncoder: Encoder {
  let codingPath: [any CodingKey]
  var userInfo: [CodingUserInfoKey: Any] { [:] }
  private var content: [UInt8] = []
  private var children: [(offset: Int, child: JSONValueEncoder)] = []
  private var closing: UInt8?
  private(set) var count = 0

  init(codingPath: [any CodingKey]) { self.codingPath = codingPath }

  /// The finished text; `{}` for a value that encoded nothing, as Foundation has it.
  var bytes: [UInt8] {
    var out: [UInt8] = []
    write(to: &out)
    return out
  }
  private func write(to out: inout [UInt8]) {
    if content.isEmpty { content = Array("{}".utf8) } else if let closing { content.append(closing) }
    closing = nil
    if children.isEmpty { return out.append(contentsOf: content) }
    var start = 0
    for (offset, child) in children {
      out.append(contentsOf: content[start..<offset])
      child.write(to: &out)
      start = offset
    }
    out.append(contentsOf: content[start...])
  }

  // MARK: Containers

  private func open(_ begin: UInt8, _ end: UInt8) {
    guard closing == nil else { return }
    content.append(begin)
    closing = end
  }
  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    open(UInt8(ascii: "{"), UInt8(ascii: "}"))
    return KeyedEncodingContainer(JSONObjectContainer<Key>(encoder: self))
  }
  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    open(UInt8(ascii: "["), UInt8(ascii: "]"))
    return JSONListContainer(encoder: self)
  }
  func singleValueContainer() -> any SingleValueEncodingContainer { JSONScalarContainer(encoder: self) }

  /// Begins the next entry of an object or, without a key, of a list.
  func entry(_ key: String?) {
    if count > 0 { content.append(UInt8(ascii: ",")) }
    count += 1
    guard let key else { return }
    JSONText.append(key, to: &content)
    content.append(UInt8(ascii: ":"))
  }
  /// A container that is filled while this one stays open.
  func child(_ path: [any CodingKey]) -> JSONValueEncoder {
    let child = JSONValueEncoder(codingPath: path)
    children.append((content.count, child))
    return child
  }

  // MARK: Values

  func null() { content.append(contentsOf: "null".utf8) }
  func scalar(_ value: Bool) { content.append(contentsOf: (value ? "true" : "false").utf8) }
  func scalar(_ value: String) { JSONText.append(value, to: &content) }
  func scalar(_ value: some BinaryInteger & CustomStringConvertible) { content.append(contentsOf: value.description.utf8) }
  func scalar(_ value: some BinaryFloatingPoint & CustomStringConvertible, _ path: [any CodingKey]) throws {
    guard let text = JSONText.number(value) else {
      throw EncodingError.invalidValue(value, .init(codingPath: path, debugDescription: "JSON has no \(value)."))
    }
    content.append(contentsOf: text.utf8)
  }

  /// A value of any type: the ones with a form of their own, then what the type does itself.
  func encodeAny<T: Encodable>(_ value: T, key: (any CodingKey)? = nil) throws {
    // Comparing types costs next to nothing, five casts that fail cost thousands of instructions.
    if JSONValueEncoder.hasOwnForm(T.self) { try encodeOwnForm(value) } else { try encodeByType(value, key) }
  }
  private static func hasOwnForm(_ type: Any.Type) -> Bool {
    type == Date.self || type == UUID.self || type == URL.self || type == Data.self || type == Decimal.self
  }
  private func encodeOwnForm(_ value: Any) throws {
    switch value {
    case let value as Date: scalar(TimestampText.rfc3339(microseconds: value.microsecondsSince1970))
    case let value as UUID: scalar(value.uuidString.lowercased())
    case let value as URL: scalar(value.absoluteString)
    case let value as Data: scalar(value.base64EncodedString())
    case let value as Decimal:
      guard value.isFinite else {
        throw EncodingError.invalidValue(value, .init(codingPath: codingPath, debugDescription: "JSON has no \(value)."))
      }
      content.append(contentsOf: value.description.utf8)
    default: break
    }
  }
  private func encodeByType(_ value: some Encodable, _ key: (any CodingKey)?) throws {
    if content.isEmpty, key == nil, closing == nil { return try value.encode(to: self) }
    let inner = JSONValueEncoder(codingPath: key.map { codingPath + [$0] } ?? codingPath)
    try value.encode(to: inner)
    inner.write(to: &content)
  }
}

private struct JSONObjectContainer<Key: CodingKey>: KeyedEncodingContainerProtocol {
  let encoder: JSONValueEncoder
  var codingPath: [any CodingKey] { encoder.codingPath }

  private func at(_ key: Key) -> JSONValueEncoder {
    encoder.entry(key.stringValue)
    return encoder
  }
  func encodeNil(forKey key: Key) { at(key).null() }
  func encode(_ value: Bool, forKey key: Key) { at(key).scalar(value) }
  func encode(_ value: String, forKey key: Key) { at(key).scalar(value) }
  func encode(_ value: Double, forKey key: Key) throws { try at(key).scalar(value, codingPath + [key]) }
  func encode(_ value: Float, forKey key: Key) throws { try at(key).scalar(value, codingPath + [key]) }
  func encode(_ value: Int, forKey key: Key) { at(key).scalar(value) }
  func encode(_ value: Int8, forKey key: Key) { at(key).scalar(value) }
  func encode(_ value: Int16, forKey key: Key) { at(key).scalar(value) }
  func encode(_ value: Int32, forKey key: Key) { at(key).scalar(value) }
  func encode(_ value: Int64, forKey key: Key) { at(key).scalar(value) }
  func encode(_ value: UInt, forKey key: Key) { at(key).scalar(value) }
  func encode(_ value: UInt8, forKey key: Key) { at(key).scalar(value) }
  func encode(_ value: UInt16, forKey key: Key) { at(key).scalar(value) }
  func encode(_ value: UInt32, forKey key: Key) { at(key).scalar(value) }
  func encode(_ value: UInt64, forKey key: Key) { at(key).scalar(value) }
  func encode<T: Encodable>(_ value: T, forKey key: Key) throws { try at(key).encodeAny(value, key: key) }

  func nestedContainer<N: CodingKey>(keyedBy type: N.Type, forKey key: Key) -> KeyedEncodingContainer<N> {
    at(key).child(codingPath + [key]).container(keyedBy: type)
  }
  func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
    at(key).child(codingPath + [key]).unkeyedContainer()
  }
  func superEncoder() -> any Encoder {
    encoder.entry("super")
    return encoder.child(codingPath)
  }
  func superEncoder(forKey key: Key) -> any Encoder { at(key).child(codingPath + [key]) }
}

private struct JSONListContainer: UnkeyedEncodingContainer {
  let encoder: JSONValueEncoder
  var codingPath: [any CodingKey] { encoder.codingPath }
  var count: Int { encoder.count }

  private var next: JSONValueEncoder {
    encoder.entry(nil)
    return encoder
  }
  private var path: [any CodingKey] { codingPath + [JSONListIndex(intValue: count)] }
  func encodeNil() { next.null() }
  func encode(_ value: Bool) { next.scalar(value) }
  func encode(_ value: String) { next.scalar(value) }
  func encode(_ value: Double) throws { try next.scalar(value, path) }
  func encode(_ value: Float) throws { try next.scalar(value, path) }
  func encode(_ value: Int) { next.scalar(value) }
  func encode(_ value: Int8) { next.scalar(value) }
  func encode(_ value: Int16) { next.scalar(value) }
  func encode(_ value: Int32) { next.scalar(value) }
  func encode(_ value: Int64) { next.scalar(value) }
  func encode(_ value: UInt) { next.scalar(value) }
  func encode(_ value: UInt8) { next.scalar(value) }
  func encode(_ value: UInt16) { next.scalar(value) }
  func encode(_ value: UInt32) { next.scalar(value) }
  func encode(_ value: UInt64) { next.scalar(value) }
  func encode<T: Encodable>(_ value: T) throws {
    let key = JSONListIndex(intValue: count)
    try next.encodeAny(value, key: key)
  }
  func nestedContainer<N: CodingKey>(keyedBy type: N.Type) -> KeyedEncodingContainer<N> {
    next.child(path).container(keyedBy: type)
  }
  func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { next.child(path).unkeyedContainer() }
  func superEncoder() -> any Encoder { next.child(path) }
}

private struct JSONScalarContainer: SingleValueEncodingContainer {
  let encoder: JSONValueEncoder
  var codingPath: [any CodingKey] { encoder.codingPath }

  func encodeNil() { encoder.null() }
  func encode(_ value: Bool) { encoder.scalar(value) }
  func encode(_ value: String) { encoder.scalar(value) }
  func encode(_ value: Double) throws { try encoder.scalar(value, codingPath) }
  func encode(_ value: Float) throws { try encoder.scalar(value, codingPath) }
  func encode(_ value: Int) { encoder.scalar(value) }
  func encode(_ value: Int8) { encoder.scalar(value) }
  func encode(_ value: Int16) { encoder.scalar(value) }
  func encode(_ value: Int32) { encoder.scalar(value) }
  func encode(_ value: Int64) { encoder.scalar(value) }
  func encode(_ value: UInt) { encoder.scalar(value) }
  func encode(_ value: UInt8) { encoder.scalar(value) }
  func encode(_ value: UInt16) { encoder.scalar(value) }
  func encode(_ value: UInt32) { encoder.scalar(value) }
  func encode(_ value: UInt64) { encoder.scalar(value) }
  func encode<T: Encodable>(_ value: T) throws { try encoder.encodeAny(value) }
}

private struct JSONListIndex: CodingKey {
  let intValue: Int?
  var stringValue: String { intValue.map(String.init) ?? "" }
  init(intValue: Int) { self.intValue = intValue }
  init?(stringValue: String) { return nil }
}
