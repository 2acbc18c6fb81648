public import MartletCore
public import MartletSQL

/// A struct that is a table. Conformance is written by ``Model(app:table:key:label:pluralLabel:)``.
public protocol Model: Sendable, Identifiable where ID: PrimaryKey {
  /// What `$0` is in queries: the columns and relations as expressions.
  associatedtype Fields: ModelFields where Fields.M == Self
  /// The table and its columns.
  static var schema: ModelSchema { get }
  /// The table's name. Apart from ``schema``, whose initialisers refer to each other's tables.
  static var table: String { get }
  /// The primary key.
  var id: ID { get set }
  /// A row, read cell by cell in the order of the schema's columns.
  /// - Throws: ``RowError`` where a cell does not fit.
  init(row: inout Row) throws
  /// The value of the column at `index`.
  func columnValue(at index: Int) -> SQLValue
  /// Sets the column at `index` from the row's next cell.
  /// - Throws: ``RowError`` where the cell does not fit.
  mutating func readColumn(at index: Int, from row: inout Row) throws
  /// Indexes, unique constraints and checks over several columns.
  static var constraints: [Constraint] { get }
  /// How the database keeps the table: `static let tableOptions: TableOptions = .strict`.
  static var tableOptions: TableOptions { get }
  /// Who may read and change rows. Without one, nobody but staff.
  static var policy: Policy<Self> { get }
}

extension Model {
  /// None.
  public static var constraints: [Constraint] { [] }
  /// None.
  public static var tableOptions: TableOptions { [] }
  /// Nobody but staff.
  public static var policy: Policy<Self> { .undeclared }
}

/// The expressions of a model's columns and relations, as the macro writes them.
public protocol ModelFields: Sendable {
  /// The model.
  associatedtype M: Model
  /// Where in the query's joins the row stands.
  var joinPath: Path { get }
  /// The expressions for the row there.
  init(_ joinPath: Path)
}

/// An enum as a column: `enum Status: String, Choices { case draft, published }`. `@Field var states: [Status]` is one too.
public protocol Choices: ArrayElement, CaseIterable, RawRepresentable where RawValue: ColumnValue {}

extension Choices {
  /// The raw value's type.
  public static var columnType: ColumnType { RawValue.columnType }
  /// All cases, labelled by their names.
  public static var choices: [Choice] { allCases.map { Choice(value: $0.rawValue.sqlValue, label: "\($0)") } }
  /// The raw value.
  public var sqlValue: SQLValue { rawValue.sqlValue }
  /// The case with the raw value that the row holds.
  /// - Throws: ``RowError`` where there is none.
  public static func read(_ row: inout Row) throws -> Self {
    let raw = try RawValue.read(&row)
    guard let value = Self(rawValue: raw) else {
      throw RowError(index: row.index - 1, message: "'\(raw)' is no case of \(Self.self)")
    }
    return value
  }
}

/// The slot of a request's context that holds the database.
public enum DatabaseContext: ContextKey {
  /// A database.
  public typealias Value = Database
}
