public import MartletSQL

/// A JSON column or a nullable one.
public protocol JSONColumnValue: ColumnValue {}
extension JSON: JSONColumnValue {}
extension Optional: JSONColumnValue where Wrapped: JSONColumnValue {}

/// A step into JSON: a key of an object or a place in a list. Both are bound, never pasted.
public struct JSONPathKey: Sendable, Hashable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
  enum Step: Sendable, Hashable { case key(String), index(Int) }
  let step: Step
  /// A key, whatever characters it has.
  public init(_ key: String) { step = .key(key) }
  /// A place, from 0.
  public init(_ index: Int) { step = .index(index) }
  public init(stringLiteral key: String) { step = .key(key) }
  public init(integerLiteral index: Int) { step = .index(index) }
}

extension Expr where V: JSONColumnValue {
  /// What lies at a path in the JSON; without keys, all of it.
  ///
  /// ```swift
  /// Account.filter { $0.settings.json("theme", "colors", 0).string == "red" }
  /// Account.filter { $0.settings.json("beta").isJSONNull }
  /// ```
  public func json(_ keys: JSONPathKey...) -> JSONExpression { JSONExpression(base: node, keys: keys) }
}

/// A place in JSON, while it is written: ask it for a value of a type.
///
/// SQL NULL and JSON null differ: where there is nothing at the path, ``exists`` is false and ``isJSONNull`` is false too.
public struct JSONExpression: Sendable {
  let base: Node
  let keys: [JSONPathKey]

  /// A step further.
  public subscript(key: JSONPathKey) -> JSONExpression { JSONExpression(base: base, keys: keys + [key]) }
  /// The text, where there is a string; else NULL.
  public var string: Expr<String?> { read(.string) }
  /// The whole number, a fraction cut off, where there is a number; else NULL.
  public var int: Expr<Int?> { read(.int) }
  /// The number, where there is one; else NULL.
  public var double: Expr<Double?> { read(.double) }
  /// The truth value, where there is one; else NULL.
  public var bool: Expr<Bool?> { read(.bool) }
  /// `object`, `array`, `string`, `number`, `boolean`, `null`; NULL where there is nothing.
  public var type: Expr<String?> { read(.type) }
  /// How many elements a list, or keys an object has; else NULL.
  public var count: Expr<Int?> { read(.count) }
  /// Whether there is something, be it JSON null.
  public var exists: Expr<Bool> { .init(type.isNotNull.node) }
  /// Whether there is JSON null.
  public var isJSONNull: Expr<Bool> { type == "null" }
  /// Whether there is an object with the key.
  public func hasKey(_ key: String) -> Expr<Bool> { self[JSONPathKey(key)].exists }
  /// Whether there is an object with at least one of the keys.
  public func hasAnyKeys(_ keys: [String]) -> Expr<Bool> { keys.reduce(.never) { $0 || hasKey($1) } }
  /// Whether there is an object with all of the keys.
  public func hasAllKeys(_ keys: [String]) -> Expr<Bool> { keys.reduce(.always) { $0 && hasKey($1) } }
  /// Whether there is JSON that holds `part`: each key of an object with what it holds, each element of a list.
  ///
  /// ```swift
  /// Account.filter { $0.settings.json().contains(["theme": "dark"]) }
  /// ```
  public func contains<T: Codable & Sendable & Hashable>(_ part: T) -> Expr<Bool> {
    .init(.custom(JSONNode(base: base, keys: keys, kind: .contains(JSON(part).sqlValue))))
  }

  private func read<T>(_ kind: JSONNode.Kind) -> Expr<T> { .init(.custom(JSONNode(base: base, keys: keys, kind: kind))) }
}
