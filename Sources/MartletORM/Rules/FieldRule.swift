public import MartletSQL

/// A rule that a field's value must obey: `@Field(validate: .email)`, or several: `@Field(validate: [.range(1...5), .multipleOf(2)])`.
///
/// Rules hold on REST input, on ``Input``s of hand-written routes and on every write of the ORM, and stand in the OpenAPI
/// document. A missing value (NULL) breaks no rule. Codes and messages are Django REST framework's.
///
/// ```swift
/// @Field(maxLength: 254, validate: .email) var email: String
/// @Field(validate: .range(1...5)) var stars: Int
/// @Field(validate: [.minLength(3), .pattern("^[a-z]+$").message("Lower case letters only.")]) var code: String
/// @Field(validate: .init("even", "Must be even.") { (value: Int) in value.isMultiple(of: 2) }) var pairs: Int
/// ```
public struct FieldRule: Sendable, ExpressibleByArrayLiteral {
  /// What one rule asks.
  package indirect enum Test: Sendable {
    case minLength(Int)
    case maxLength(Int)
    /// The least value; whether it is out of bounds itself.
    case min(SQLValue, isExcluded: Bool)
    case max(SQLValue, isExcluded: Bool)
    case multipleOf(SQLValue)
    case pattern(TextPattern)
    /// A pattern that cannot be read, and why.
    case unreadable(pattern: String, reason: String)
    case email
    case url(schemes: [String])
    case slug(allowsUnicode: Bool)
    case ipAddress(IPVersion?)
    case oneOf([SQLValue])
    case notBlank
    /// No rule but a permission: text without a default may be blank.
    case allowBlank
    case minItems(Int)
    case maxItems(Int)
    case each([Part])
    /// `nil` where the value is not of the type that the rule judges.
    case custom(@Sendable (SQLValue) -> Bool?)
  }
  /// A rule, and what it says where it is broken.
  package struct Part: Sendable {
    package var test: Test
    package var code: String
    package var message: String
  }
  package var parts: [Part]

  init(_ test: Test, _ code: String, _ message: String) { parts = [Part(test: test, code: code, message: message)] }

  /// All of these rules.
  public init(arrayLiteral elements: FieldRule...) { parts = elements.flatMap(\.parts) }

  /// A rule of one's own: the value is fine where the test says so.
  ///
  /// ```swift
  /// .init("even", "Must be even.") { (value: Int) in value.isMultiple(of: 2) }
  /// ```
  /// - Parameters:
  ///   - code: What is wrong, for programs: `not_a_prime`.
  ///   - message: What is wrong, for people.
  ///   - test: Whether the value is fine. Write its parameter's type: it is the property's, without `?`.
  public init<V: ColumnValue>(_ code: String, _ message: String, _ test: @escaping @Sendable (V) -> Bool) {
    let erased: @Sendable (SQLValue) -> Bool? = { value in
      (try? RowCells.withRow([value]) { try V.read(&$0) }).map(test)
    }
    self.init(.custom(erased), code, message)
  }

  /// The same rule with another message, and another code where one is given.
  ///
  /// ```swift
  /// .pattern("^[A-Z]{3}$").message("A currency has three letters, such as CHF.", code: "currency")
  /// ```
  public func message(_ text: String, code: String? = nil) -> FieldRule {
    var copy = self
    for index in copy.parts.indices {
      copy.parts[index].message = text
      if let code { copy.parts[index].code = code }
    }
    return copy
  }
}

/// Internet addresses: version 4 (`192.0.2.1`) or 6 (`2001:db8::1`).
public enum IPVersion: String, Sendable, Hashable {
  case v4
  case v6
}

// What columns know of their rules.
extension ColumnSchema {
  /// Whether blank text is fine, although the column has no default.
  package var allowsBlank: Bool { rules.contains { $0.parts.contains { if case .allowBlank = $0.test { true } else { false } } } }
}
