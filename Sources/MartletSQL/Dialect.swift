/// What differs between databases in the text of SQL and in how values are stored.
///
/// Pure: a dialect holds no connection.
public protocol SQLDialect: Sendable {
  /// `sqlite`, `postgresql`, `mysql`, `mariadb`.
  var name: String { get }
  /// Which grammar it speaks.
  var family: SQLFamily { get }
  /// What this database can do that others cannot.
  var capabilities: SQLCapabilities { get }
  /// How many bindings one statement may have.
  var maxBindings: Int { get }
  /// A name in quotes, with quotes inside doubled.
  func quote(_ name: String) -> String
  /// The placeholder of the binding at `index`, from 1.
  func placeholder(_ index: Int) -> String
  /// A bound value inside an expression: the placeholder, with a cast where the database needs one.
  func bound(_ value: SQLValue, placeholder: String) -> String
  /// The column type in DDL.
  func typeName(_ type: ColumnType) -> String
  /// A value as a literal in DDL, where nothing can be bound.
  func literal(_ value: SQLValue) -> String
  /// The value as this database stores it, in the primitive cases null, int, double, text and blob where it has no better.
  func encode(_ value: SQLValue) -> SQLValue
  /// The statements that open a transaction.
  func begin(_ options: TransactionOptions) -> [String]
}

/// The grammars that SQL is written in.
public enum SQLFamily: Sendable, Hashable {
  case sqlite, postgres
  /// MySQL 8 and MariaDB, which differ in places: see ``SQLDialect/capabilities``.
  case mysql
}

/// Features that not every database has.
public struct SQLCapabilities: OptionSet, Sendable, Hashable {
  public let rawValue: UInt64
  public init(rawValue: UInt64) { self.rawValue = rawValue }

  /// `RETURNING` on INSERT (MariaDB has it there and on DELETE).
  public static let insertReturning = SQLCapabilities(rawValue: 1 << 0)
  /// DDL rolls back with its transaction.
  public static let transactionalDDL = SQLCapabilities(rawValue: 1 << 1)
  /// `ALTER TABLE` can change a column's type, nullability and constraints.
  public static let alterColumn = SQLCapabilities(rawValue: 1 << 2)
  /// Transactions can choose an isolation level.
  public static let isolationLevels = SQLCapabilities(rawValue: 1 << 3)
  /// `RETURNING` on UPDATE.
  public static let updateReturning = SQLCapabilities(rawValue: 1 << 4)
  /// `RETURNING` on DELETE.
  public static let deleteReturning = SQLCapabilities(rawValue: 1 << 5)

  // Migrations: bits 40 to 47.
  /// A unique constraint may hold for some of the rows.
  public static let partialIndexes = SQLCapabilities(rawValue: 1 << 40)
  /// Texts without a limit of length may be unique.
  public static let textKeys = SQLCapabilities(rawValue: 1 << 41)
  /// Foreign keys may be asked at the end of the transaction.
  public static let deferredReferences = SQLCapabilities(rawValue: 1 << 42)
  /// Computed columns may be computed at every read; elsewhere they are kept.
  public static let virtualColumns = SQLCapabilities(rawValue: 1 << 43)
}

/// How isolated a transaction is from others that run at the same time (SQL:1992, 4.28).
public enum IsolationLevel: String, Sendable, Hashable, CaseIterable {
  case readCommitted = "READ COMMITTED"
  case repeatableRead = "REPEATABLE READ"
  case serializable = "SERIALIZABLE"
}

/// How a transaction is opened.
public struct TransactionOptions: Sendable, Hashable {
  /// `nil` for the database's default. SQLite is always serializable, which satisfies every level.
  public var isolation: IsolationLevel?
  /// Refuses writes, and may run on a reader.
  public var readOnly: Bool
  /// Options.
  public init(isolation: IsolationLevel? = nil, readOnly: Bool = false) {
    self.isolation = isolation
    self.readOnly = readOnly
  }
}
