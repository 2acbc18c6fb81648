import Martlet

// JSON tells three things apart that an optional cannot: a member that is missing, one that is null, one with a value.

/// A member of a JSON object, as it was sent.
enum Given<Value: Decodable & Sendable>: Decodable, Sendable {
  case missing
  case null
  case value(Value)

  /// In a place that is no member of an object, where nothing can be missing.
  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    self = container.decodeNil() ? .null : .value(try container.decode(Value.self))
  }

  var isMissing: Bool {
    if case .missing = self { return true }
    return false
  }
}

extension KeyedDecodingContainer {
  /// What `Decodable` calls for a member of this type: a missing one is no error.
  func decode<Value>(_ type: Given<Value>.Type, forKey key: Key) throws -> Given<Value> {
    if let value = try decodeIfPresent(Value.self, forKey: key) { return .value(value) }
    return contains(key) ? .null : .missing
  }
}

/// Checks input field by field and reports everything that is wrong at once.
struct InputCheck {
  private(set) var errors: [FieldError] = []

  /// A text that must be there. The empty result stands for one that is not; ``finish()`` throws then.
  mutating func required(_ text: Given<String>, _ field: String) -> String {
    if case .value(let text) = text, !text.isBlank { return text }
    errors.append(.blank(field))
    return ""
  }

  /// A text that may stay as it is, but not become blank.
  mutating func changed(_ text: Given<String>, _ field: String) -> String? {
    text.isMissing ? nil : required(text, field)
  }

  /// The names of tags, each once, in the order sent; `nil` where nothing was sent.
  mutating func tags(_ list: Given<[String]>, _ field: String = "tagList") -> [String]? {
    switch list {
    case .missing: return nil
    case .null:
      errors.append(.blank(field))
      return nil
    case .value(let list):
      var names: [String] = []
      for name in list.map({ $0.trimmed }) where !names.contains(name) { names.append(name) }
      if names.contains(where: { $0.isEmpty || $0.unicodeScalars.count > Tag.maxLength || $0.utf8.contains(0) }) {
        errors.append(FieldError(field, code: "invalid", "must hold texts of 1 to \(Tag.maxLength) characters"))
      }
      return names
    }
  }

  /// Adds what a rule of the caller's own found.
  mutating func add(_ found: [FieldError]) { errors += found }

  /// - Throws: `ValidationError` with everything that was found.
  func finish() throws {
    if !errors.isEmpty { throw ValidationError(errors) }
  }
}

extension FieldError {
  static func blank(_ field: String) -> FieldError { FieldError(field, code: "required", "can't be blank") }
}

extension String {
  /// Without white space at both ends.
  var trimmed: String {
    guard let first = firstIndex(where: { !$0.isWhitespace }), let last = lastIndex(where: { !$0.isWhitespace })
    else { return "" }
    return String(self[first...last])
  }
  var isBlank: Bool { allSatisfy(\.isWhitespace) }
}
