import MartletCore
public import MartletSQL

/// Text whose case does not count when it is compared: PostgreSQL's `citext` (`CREATE EXTENSION citext`).
public struct PostgresCaseInsensitiveText: ArrayElement, ExpressibleByStringLiteral, CustomStringConvertible {
  /// The text as it was written.
  public var text: String
  /// A text.
  public init(_ text: String) { self.text = text }
  /// A text.
  public init(stringLiteral text: String) { self.text = text }
  /// The text as it was written.
  public var description: String { text }
  /// By lower-case letters, as the server compares.
  public static func == (l: Self, r: Self) -> Bool { l.text.lowercased() == r.text.lowercased() }
  /// By lower-case letters.
  public func hash(into hasher: inout Hasher) { hasher.combine(text.lowercased()) }

  public static var columnType: ColumnType { .native("citext") }
  public var sqlValue: SQLValue { .native(type: "citext", text: text) }
  public static func read(_ row: inout Row) throws -> Self { Self(try row.text(of: "text")) }
}

/// A Swift enum that is an enum type of PostgreSQL's, too.
///
/// ```swift
/// enum Mood: String, PostgresEnum { case sad, ok, happy }   // CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy')
/// ```
public protocol PostgresEnum: ArrayElement, CaseIterable, RawRepresentable where RawValue == String {
  /// The name of the server's type, as SQL writes it; the Swift type's name in snake_case where it is not declared.
  static var nativeType: String { get }
}
extension PostgresEnum {
  /// The Swift type's name in snake_case.
  public static var nativeType: String { Naming.snakeCase("\(Self.self)") }
  /// The server's type.
  public static var columnType: ColumnType { .native(nativeType) }
  /// All cases, labelled by their names.
  public static var choices: [Choice] { allCases.map { Choice(value: $0.sqlValue, label: "\($0)") } }
  /// The label, as a value of the server's type.
  public var sqlValue: SQLValue { .native(type: Self.nativeType, text: rawValue) }
  /// The value in the row's next cell.
  /// - Throws: ``RowError`` where it holds none.
  public static func read(_ row: inout Row) throws -> Self {
    let text = try row.text(of: "a label of the enum \(nativeType)")
    guard let value = Self(rawValue: text) else { throw row.refusal("'\(text)' is no case of \(Self.self)") }
    return value
  }
}

/// A Swift type that is a domain of PostgreSQL's: another type with rules of its own.
///
/// ```swift
/// struct Email: PostgresDomain {           // CREATE DOMAIN email AS text CHECK (VALUE LIKE '%@%')
///   static var nativeType: String { "email" }
///   var base: String
///   init(base: String) { self.base = base }
/// }
/// ```
public protocol PostgresDomain: ArrayElement {
  /// The type that the domain stands on.
  associatedtype Base: ColumnValue
  /// The domain's name, as SQL writes it.
  static var nativeType: String { get }
  /// The value in the type that the domain stands on.
  var base: Base { get }
  /// A value that the server has accepted.
  init(base: Base)
}
extension PostgresDomain {
  /// The server's type.
  public static var columnType: ColumnType { .native(nativeType) }
  /// The value in the type that the domain stands on.
  public var sqlValue: SQLValue { base.sqlValue }
  /// The value in the row's next cell.
  /// - Throws: ``RowError`` where it holds none.
  public static func read(_ row: inout Row) throws -> Self { Self(base: try Base.read(&row)) }
}
