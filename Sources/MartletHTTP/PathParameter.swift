public import Foundation

/// A type that a placeholder of a path, or a query parameter, can be read as.
///
/// A text that is no such value makes the path a different one: 404, not 400.
public protocol PathParameter: Sendable {
  /// The value, or `nil` where the text has another form.
  init?(pathParameter text: String)
  /// The JSON Schema type and format of the text, for OpenAPI.
  static var parameterSchema: (type: String, format: String?) { get }
  /// What a valid text is, to complete the sentence “… is not ‹a whole number›.”
  static var parameterDescription: String { get }
}

extension PathParameter {
  /// A text.
  public static var parameterSchema: (type: String, format: String?) { ("string", nil) }
  /// `a valid value`
  public static var parameterDescription: String { "a valid value" }
}

extension String: PathParameter {
  /// The text itself.
  public init?(pathParameter text: String) { self = text }
  /// `a text`
  public static var parameterDescription: String { "a text" }
}
extension Int: PathParameter {
  /// A decimal number without a plus sign.
  public init?(pathParameter text: String) {
    guard text.utf8.first != UInt8(ascii: "+") else { return nil }
    self.init(text)
  }
  /// A 64-bit integer.
  public static var parameterSchema: (type: String, format: String?) { ("integer", "int64") }
  /// `a whole number`
  public static var parameterDescription: String { "a whole number" }
}
extension Int64: PathParameter {
  /// A decimal number without a plus sign.
  public init?(pathParameter text: String) {
    guard text.utf8.first != UInt8(ascii: "+") else { return nil }
    self.init(text)
  }
  /// A 64-bit integer.
  public static var parameterSchema: (type: String, format: String?) { ("integer", "int64") }
  /// `a whole number`
  public static var parameterDescription: String { "a whole number" }
}
extension Double: PathParameter {
  /// A finite number.
  public init?(pathParameter text: String) {
    guard let value = Double(text), value.isFinite else { return nil }
    self = value
  }
  /// A number.
  public static var parameterSchema: (type: String, format: String?) { ("number", "double") }
  /// `a number`
  public static var parameterDescription: String { "a number" }
}
extension Bool: PathParameter {
  /// `true`, `1`, `false` or `0`.
  public init?(pathParameter text: String) {
    switch text {
    case "true", "True", "1": self = true
    case "false", "False", "0": self = false
    default: return nil
    }
  }
  /// A boolean.
  public static var parameterSchema: (type: String, format: String?) { ("boolean", nil) }
  /// `true or false`
  public static var parameterDescription: String { "true or false" }
}
extension UUID: PathParameter {
  /// 36 characters, either case.
  public init?(pathParameter text: String) { self.init(uuidString: text) }
  /// A UUID.
  public static var parameterSchema: (type: String, format: String?) { ("string", "uuid") }
  /// `a UUID`
  public static var parameterDescription: String { "a UUID" }
}

/// What the placeholders of a route's path captured, by name.
public struct PathParameters: Sendable, Hashable {
  /// The placeholders in the order of the path.
  public private(set) var names: [String] = []
  /// The texts in the order of the path: as many.
  package private(set) var values: [String] = []

  /// Nothing captured.
  public init() {}
  /// What a route captured: a text for each name. What has no partner is dropped.
  init(names: [String], values: [String]) {
    let count = min(names.count, values.count)
    self.names = names.count == count ? names : Array(names[..<count])
    self.values = values.count == count ? values : Array(values[..<count])
  }

  /// The decoded text of a placeholder.
  public subscript(_ name: String) -> String? { names.firstIndex(of: name).map { values[$0] } }
  package var count: Int { values.count }

  /// Gives the last captures other names: one path may have different placeholders in different versions.
  mutating func rename(last names: [String]) {
    let start = max(0, count - names.count)
    for (place, name) in zip(start..., names.suffix(count)) { self.names[place] = name }
  }
  /// Adds what another router captured further down.
  mutating func append(_ other: PathParameters) {
    names += other.names
    values += other.values
  }
}
