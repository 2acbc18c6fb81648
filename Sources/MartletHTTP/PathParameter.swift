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
  private var captures: [QueryParameters.Item] = []

  /// Nothing captured.
  public init() {}

  /// The decoded text of a placeholder.
  public subscript(_ name: String) -> String? { captures.first { $0.name == name }?.value }
  /// The placeholders in the order of the path.
  public var names: [String] { captures.map(\.name) }
  /// The texts in the order of the path.
  package var values: [String] { captures.map(\.value) }
  package var count: Int { captures.count }

  /// Gives the last captures other names: one path may have different placeholders in different versions.
  mutating func rename(last names: [String]) {
    let start = max(0, captures.count - names.count)
    for (place, name) in zip(start..., names.suffix(captures.count)) {
      captures[place] = QueryParameters.Item(name: name, value: captures[place].value)
    }
  }
  mutating func append(_ name: String, _ value: String) {
    captures.append(QueryParameters.Item(name: name, value: value))
  }
}
