/// Header fields in order, looked up without regard to case: RFC 9110 §5.
///
/// ```swift
/// response.headers["Cache-Control"] = "no-store"
/// for value in request.headers.values(for: "accept") { … }
/// ```
/// A value cannot split a response: CR, LF, NUL and other control characters become spaces (RFC 9110 §5.5), and a
/// character that no name may hold becomes `-`.
public struct HeaderFields: Sendable, Hashable, ExpressibleByDictionaryLiteral, Sequence {
  /// One field.
  public struct Field: Sendable, Hashable {
    /// The name as it was written.
    public let name: String
    /// The value without surrounding white space.
    public let value: String
  }

  private var fields: [Field]

  /// No fields.
  public init() { fields = [] }
  /// Fields in the order given.
  public init(dictionaryLiteral elements: (String, String)...) {
    fields = []
    for (name, value) in elements { append(name, value) }
  }

  /// The number of fields.
  public var count: Int { fields.count }
  /// Whether there is no field.
  public var isEmpty: Bool { fields.isEmpty }
  /// The fields in order.
  public func makeIterator() -> IndexingIterator<[Field]> { fields.makeIterator() }

  /// The value of a field; several fields of one name are joined by `, `. Setting replaces all of
  /// them, `nil` removes them.
  public subscript(_ name: String) -> String? {
    get {
      var found: String?
      for field in fields where HeaderFields.equal(field.name, name) {
        found = found.map { $0 + ", " + field.value } ?? field.value
      }
      return found
    }
    set {
      guard let newValue else { return remove(name) }
      let field = HeaderFields.field(name, newValue)
      guard let first = fields.firstIndex(where: { HeaderFields.equal($0.name, name) }) else { return fields.append(field) }
      fields[first] = field
      var index = fields.count - 1
      while index > first {
        if HeaderFields.equal(fields[index].name, name) { fields.remove(at: index) }
        index -= 1
      }
    }
  }

  /// Every value of a field, in order.
  public func values(for name: String) -> [String] {
    fields.filter { HeaderFields.equal($0.name, name) }.map(\.value)
  }
  /// Whether the field is there.
  public func contains(_ name: String) -> Bool { fields.contains { HeaderFields.equal($0.name, name) } }
  /// Adds a field after the others of its name.
  public mutating func append(_ name: String, _ value: String) { fields.append(HeaderFields.field(name, value)) }
  /// Removes every field of the name.
  public mutating func remove(_ name: String) { fields.removeAll { HeaderFields.equal($0.name, name) } }
  /// Sets a field that is not there yet.
  public mutating func setDefault(_ name: String, _ value: String) {
    if !contains(name) { append(name, value) }
  }
  /// Adds a token to a list-valued field such as `Vary`, once.
  public mutating func addToken(_ token: String, to name: String) {
    guard let present = self[name] else { return append(name, token) }
    if !present.split(separator: ",").contains(where: { HeaderFields.equal(String($0).trimmed, token) }) {
      self[name] = present + ", " + token
    }
  }

  /// A field that was parsed by the transport, which refuses invalid names and values itself.
  package mutating func appendParsed(_ name: String, _ value: String) { fields.append(Field(name: name, value: value)) }
  package mutating func reserveCapacity(_ count: Int) { fields.reserveCapacity(count) }

  private static func field(_ name: String, _ value: String) -> Field {
    Field(name: safeName(name), value: safeValue(value))
  }
  private static func safeName(_ name: String) -> String {
    if !name.isEmpty, name.utf8.allSatisfy(isTokenByte) { return name }
    let bytes = name.utf8.map { isTokenByte($0) ? $0 : UInt8(ascii: "-") }
    return bytes.isEmpty ? "-" : String(decoding: bytes, as: UTF8.self)
  }
  /// RFC 9110 §5.5 `field-vchar`, space and tab. The transport sends no response with anything else in it.
  private static func isValueByte(_ byte: UInt8) -> Bool { (byte >= 32 && byte != 127) || byte == 9 }
  private static func safeValue(_ value: String) -> String {
    if value.utf8.allSatisfy(isValueByte) { return value }
    return String(decoding: value.utf8.map { isValueByte($0) ? $0 : 32 }, as: UTF8.self)
  }

  /// ASCII letters without regard to case; every other byte as it is.
  static func equal(_ a: String, _ b: String) -> Bool {
    a.utf8.count == b.utf8.count
      && zip(a.utf8, b.utf8).allSatisfy { x, y in
        x == y || (x ^ y == 0x20 && (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(x | 0x20))
      }
  }
}

/// RFC 9110 §5.6.2 `tchar`.
func isTokenByte(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
    true
  case UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "%"), UInt8(ascii: "&"), UInt8(ascii: "'"),
    UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "^"), UInt8(ascii: "_"),
    UInt8(ascii: "`"), UInt8(ascii: "|"), UInt8(ascii: "~"):
    true
  default: false
  }
}

extension StringProtocol {
  /// Without the optional white space of RFC 9110 §5.6.3 at both ends.
  var trimmed: String {
    let bytes = utf8
    guard let start = bytes.firstIndex(where: { $0 != 32 && $0 != 9 }) else { return "" }
    var end = bytes.endIndex
    while end > start {
      let before = bytes.index(end, offsetBy: -1)
      guard bytes[before] == 32 || bytes[before] == 9 else { break }
      end = before
    }
    return String(self[start..<end])
  }
}
