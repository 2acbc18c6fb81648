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

  private var fields: [Field] = []
  /// A bit for each name that is there, or was: most names that are looked for are not, and this says so at once.
  private var marks = FieldBytes.Marks()

  /// No fields.
  public init() {}
  /// Fields in the order given.
  public init(dictionaryLiteral elements: (String, String)...) {
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
      guard let first = place(of: name, from: 0) else { return nil }
      guard var next = place(of: name, from: first + 1) else { return fields[first].value }
      var found = fields[first].value + ", " + fields[next].value
      while let place = place(of: name, from: next + 1) {
        found += ", " + fields[place].value
        next = place
      }
      return found
    }
    set {
      guard let newValue else { return remove(name) }
      set(HeaderFields.field(name, newValue))
    }
  }

  /// The place of the next field of the name.
  private func place(of name: String, from start: Int) -> Int? {
    guard marks.mayContain(name) else { return nil }
    let count = fields.count
    var place = start
    while place < count {
      if FieldBytes.equal(fields[place].name, name) { return place }
      place += 1
    }
    return nil
  }

  /// Sets a field whose name and value are known to be clean.
  mutating func set(_ field: Field) {
    guard let first = place(of: field.name, from: 0) else { return add(field) }
    fields[first] = field
    var index = fields.count - 1
    while index > first {
      if FieldBytes.equal(fields[index].name, field.name) { fields.remove(at: index) }
      index -= 1
    }
  }
  private mutating func add(_ field: Field) {
    marks.insert(field.name)
    fields.append(field)
  }
  /// Adds the fields that are not there yet, and leaves room for as many more as `spare`.
  mutating func setDefaults(_ defaults: HeaderFields, spare: Int) {
    fields.reserveCapacity(fields.count + defaults.count + spare)
    if marks.isDisjoint(with: defaults.marks) {
      fields.append(contentsOf: defaults.fields)
    } else {
      for field in defaults.fields where place(of: field.name, from: 0) == nil { fields.append(field) }
    }
    marks.formUnion(defaults.marks)
  }

  /// Every value of a field, in order.
  public func values(for name: String) -> [String] {
    fields.filter { HeaderFields.equal($0.name, name) }.map(\.value)
  }
  /// Whether the field is there.
  public func contains(_ name: String) -> Bool { place(of: name, from: 0) != nil }
  /// Adds a field after the others of its name.
  public mutating func append(_ name: String, _ value: String) { add(HeaderFields.field(name, value)) }
  /// Removes every field of the name.
  public mutating func remove(_ name: String) {
    if contains(name) { fields.removeAll { HeaderFields.equal($0.name, name) } }
  }
  /// Sets a field that is not there yet.
  public mutating func setDefault(_ name: String, _ value: String) {
    if !contains(name) { append(name, value) }
  }
  /// Adds a token to a list-valued field such as `Vary`, once.
  public mutating func addToken(_ token: String, to name: String) {
    guard let present = self[name] else { return append(name, token) }
    if HeaderFields.equal(present, token) { return }
    if !present.split(separator: ",").contains(where: { HeaderFields.equal(String($0).trimmed, token) }) {
      self[name] = present + ", " + token
    }
  }

  /// One field, with room for those that every response gets.
  init(only field: Field) {
    fields.reserveCapacity(HeaderFields.usualCount)
    add(field)
  }
  /// As many fields as a response has that a handler adds few to.
  private static let usualCount = 12

  /// The same fields in the same order.
  public static func == (l: HeaderFields, r: HeaderFields) -> Bool { l.fields == r.fields }
  /// By the fields.
  public func hash(into hasher: inout Hasher) { hasher.combine(fields) }

  /// A field that was parsed by the transport, which refuses invalid names and values itself.
  package mutating func appendParsed(_ name: String, _ value: String) { add(Field(name: name, value: value)) }
  package mutating func reserveCapacity(_ count: Int) { fields.reserveCapacity(count) }

  /// A field whose name and value can do no harm.
  static func field(_ name: String, _ value: String) -> Field {
    Field(name: safeName(name), value: safeValue(value))
  }
  private static func safeName(_ name: String) -> String {
    if FieldBytes.isToken(name) { return name }
    let bytes = name.utf8.map { isTokenByte($0) ? $0 : UInt8(ascii: "-") }
    return bytes.isEmpty ? "-" : String(decoding: bytes, as: UTF8.self)
  }
  private static func safeValue(_ value: String) -> String {
    if FieldBytes.isValue(value) { return value }
    return String(decoding: value.utf8.map { FieldBytes.isValueByte($0) ? $0 : 32 }, as: UTF8.self)
  }

  /// ASCII letters without regard to case; every other byte as it is.
  static func equal(_ a: String, _ b: String) -> Bool { FieldBytes.equal(a, b) }
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
