public import MartletSQL

/// A Swift type that is a composite type of PostgreSQL's.
///
/// ```swift
/// struct Point: PostgresComposite {        // CREATE TYPE point3 AS (x float8, y float8, name text)
///   static var nativeType: String { "point3" }
///   var x: Double, y: Double, name: String?
///   var fields: [SQLValue] { [x.sqlValue, y.sqlValue, name.sqlValue] }
///   init(fields: inout PostgresFields) throws {
///     (x, y, name) = (try fields.next(), try fields.next(), try fields.next())
///   }
/// }
/// ```
public protocol PostgresComposite: ArrayElement {
  /// The name of the server's type, as SQL writes it.
  static var nativeType: String { get }
  /// The fields in the order of the type.
  var fields: [SQLValue] { get }
  /// Reads the fields in the order of the type.
  /// - Throws: ``RowError`` where a field does not fit.
  init(fields: inout PostgresFields) throws
}
extension PostgresComposite {
  /// The server's type.
  public static var columnType: ColumnType { .native(nativeType) }
  /// The record's text.
  public var sqlValue: SQLValue { .native(type: Self.nativeType, text: PostgresText.record(fields.map(PostgresText.text))) }
  /// The value in the row's next cell.
  /// - Throws: ``RowError`` where it holds none.
  public static func read(_ row: inout Row) throws -> Self {
    let text = try row.text(of: "a \(nativeType)")
    guard var fields = PostgresFields(text) else { throw row.mismatch("a \(nativeType)") }
    do {
      let value = try Self(fields: &fields)
      guard fields.isAtEnd else { throw row.refusal("the composite has more fields than \(Self.self) reads") }
      return value
    } catch let error as RowError {
      throw row.refusal(error.message)
    }
  }
}

/// The fields of a composite value, read one after the other.
public struct PostgresFields: Sendable {
  private let texts: [String?]
  private var place = 0

  /// The text of a record: `(1,"a b",)`.
  package init?(_ text: String) {
    guard text.utf8.count >= 2, text.hasPrefix("("), text.hasSuffix(")"),
      let parts = PostgresText.parts(text.dropFirst().dropLast())
    else { return nil }
    texts = parts
  }
  /// Whether all fields are read.
  public var isAtEnd: Bool { place == texts.count }
  /// The next field.
  /// - Throws: ``RowError`` where it does not fit, or there is none.
  public mutating func next<Value: ColumnValue>(_ type: Value.Type = Value.self) throws -> Value {
    guard place < texts.count else { throw RowError(index: 0, message: "the composite has only \(texts.count) fields") }
    defer { place += 1 }
    do { return try ArrayText.value(texts[place]) } catch let error as RowError {
      throw RowError(index: 0, message: "field \(place + 1) of the composite: \(error.message)")
    }
  }
}
