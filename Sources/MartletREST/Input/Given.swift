/// A field of an ``Input`` that a client may leave out, apart from its value: what a PATCH changes.
///
/// JSON tells three things apart, and so do these types:
///
/// | property | missing | `null` |
/// |---|---|---|
/// | `String` | refused (`required`) | refused (`null`) |
/// | `String?` | `nil` | `nil` |
/// | `Given<String>` | `.missing` | refused (`null`) |
/// | `Given<String?>` | `.missing` | `.value(nil)` |
///
/// ```swift
/// @Input struct ArticleChange {
///   @Field(maxLength: 200) var title: Given<String>
///   var subtitle: Given<String?>
/// }
/// try await article.save(db) {
///   change.title.apply(to: &$0.title)
///   change.subtitle.apply(to: &$0.subtitle)
/// }
/// ```
public enum Given<Value: Sendable>: Sendable {
  /// The client did not send the field.
  case missing
  /// The client sent this value.
  case value(Value)

  /// The value that was sent; `nil` where none was.
  public var value: Value? { if case .value(let value) = self { value } else { nil } }
  /// Whether the client did not send the field.
  public var isMissing: Bool { if case .missing = self { true } else { false } }
  /// The value that was sent, or else this one.
  public func or(_ fallback: @autoclosure () -> Value) -> Value { value ?? fallback() }
  /// Writes the value that was sent; leaves the target as it is where none was.
  public func apply(to target: inout Value) { if case .value(let value) = self { target = value } }
  /// The value that was sent, as something else.
  public func map<T>(_ transform: (Value) throws -> T) rethrows -> Given<T> {
    if case .value(let value) = self { return .value(try transform(value)) }
    return .missing
  }
}

extension Given: Equatable where Value: Equatable {}
extension Given: Hashable where Value: Hashable {}
