public import MartletORM
public import MartletSQL

/// The tables of a database as migrations leave them.
public struct SchemaState: Sendable, Hashable {
  /// The tables by name.
  public var tables: [String: TableState] = [:]
  /// No tables.
  public init() {}
  /// These tables.
  public init(_ tables: [TableState]) {
    for table in tables { self.tables[table.name] = table }
  }
}

/// A table.
public struct TableState: Sendable, Hashable {
  public var name: String
  /// In the order in which they were added.
  public var columns: [ColumnState]
  /// Indexes and unique constraints over several columns.
  public var indexes: [IndexState]
  /// Conditions that every row meets.
  public var checks: [CheckState]

  /// A table.
  public init(_ name: String, columns: [ColumnState] = [], indexes: [IndexState] = [], checks: [CheckState] = []) {
    self.name = name
    self.columns = columns
    self.indexes = indexes
    self.checks = checks
  }
  /// The column of this name.
  public func column(_ name: String) -> ColumnState? { columns.first { $0.name == name } }
  /// The index of this name.
  public func index(_ name: String) -> IndexState? { indexes.first { $0.name == name } }
  /// The check of this name.
  public func check(_ name: String) -> CheckState? { checks.first { $0.name == name } }
  /// The tables that foreign keys refer to, without the table itself.
  var referencedTables: Set<String> { Set(columns.compactMap { $0.references?.table }).subtracting([name]) }
}

/// A column.
public struct ColumnState: Sendable, Hashable {
  public var name: String
  /// What it holds.
  public var type: ColumnType
  /// Whether NULL is allowed.
  public var isNullable: Bool
  /// Whether it is the key.
  public var isPrimaryKey: Bool
  /// Whether the database counts the key.
  public var autoIncrement: Bool
  /// Whether no two rows may share a value.
  public var isUnique: Bool
  /// The default that stays in the table.
  public var dbDefault: DatabaseDefault?
  /// What it refers to, where it is a foreign key.
  public var references: ReferenceState?

  /// A column.
  public init(
    _ name: String, _ type: ColumnType, null: Bool = false, primaryKey: Bool = false, autoIncrement: Bool = false,
    unique: Bool = false, dbDefault: DatabaseDefault? = nil, references: ReferenceState? = nil
  ) {
    self.name = name
    self.type = type
    isNullable = null
    isPrimaryKey = primaryKey
    self.autoIncrement = autoIncrement
    isUnique = unique
    self.dbDefault = dbDefault
    self.references = references
  }
}

/// What a foreign key refers to.
public struct ReferenceState: Sendable, Hashable {
  public var table: String
  /// The other table's key.
  public var column: String
  /// What happens to the row when the other one is deleted.
  public var onDelete: OnDelete

  /// A reference.
  public init(_ table: String, _ column: String = "id", onDelete: OnDelete) {
    self.table = table
    self.column = column
    self.onDelete = onDelete
  }
}

/// An index, perhaps unique, perhaps over some of the rows.
public struct IndexState: Sendable, Hashable {
  public var name: String
  /// The columns; a leading `-` means descending, as in Django.
  public var columns: [String]
  /// Whether no two rows may share the values.
  public var isUnique: Bool
  /// SQL that says which rows it covers; all where absent.
  public var condition: String?

  /// An index.
  public init(_ name: String, _ columns: [String], unique: Bool = false, where condition: String? = nil) {
    self.name = name
    self.columns = columns
    isUnique = unique
    self.condition = condition
  }
  /// The columns without their order.
  var columnNames: [String] { columns.map { $0.hasPrefix("-") ? String($0.dropFirst()) : $0 } }
}

/// A condition that every row meets.
public struct CheckState: Sendable, Hashable {
  public var name: String
  /// SQL, with column names in double quotes.
  public var sql: String

  /// A check.
  public init(_ name: String, _ sql: String) {
    self.name = name
    self.sql = sql
  }
}
