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
  /// The columns of a key of several columns, in its order; empty where a column is the key.
  public var primaryKey: [String]
  /// Foreign keys of several columns; those of one column are their ``ColumnState/references``.
  public var foreignKeys: [ForeignKeyState]
  /// Whether SQLite holds its values to the columns' types (`STRICT`).
  public var isStrict: Bool

  /// A table.
  public init(
    _ name: String, columns: [ColumnState] = [], indexes: [IndexState] = [], checks: [CheckState] = [],
    primaryKey: [String] = [], foreignKeys: [ForeignKeyState] = [], isStrict: Bool = false
  ) {
    self.name = name
    self.columns = columns
    self.indexes = indexes
    self.checks = checks
    self.primaryKey = primaryKey
    self.foreignKeys = foreignKeys
    self.isStrict = isStrict
  }
  /// The column of this name.
  public func column(_ name: String) -> ColumnState? { columns.first { $0.name == name } }
  /// The index of this name.
  public func index(_ name: String) -> IndexState? { indexes.first { $0.name == name } }
  /// The check of this name.
  public func check(_ name: String) -> CheckState? { checks.first { $0.name == name } }
  /// The checks whose conditions name a column.
  func checks(naming column: String) -> [CheckState] { checks.filter { $0.sql.contains("\"\(column)\"") } }
  /// The tables that foreign keys refer to, without the table itself.
  var referencedTables: Set<String> { Set(allForeignKeys.map(\.table)).subtracting([name]) }
  /// The foreign keys of one column and of several.
  var allForeignKeys: [ForeignKeyState] {
    columns.compactMap { column in
      column.references.map { ForeignKeyState([column.name], to: $0.table, [$0.column], onDelete: $0.onDelete) }
    } + foreignKeys
  }
}

/// A foreign key of several columns.
public struct ForeignKeyState: Sendable, Hashable {
  /// The columns of the table itself, in the order of the key.
  public var columns: [String]
  public var table: String
  /// The columns of the other table's key, in the order of ``columns``.
  public var targetColumns: [String]
  /// What happens to the row when the other one is deleted.
  public var onDelete: OnDelete

  /// A foreign key.
  public init(_ columns: [String], to table: String, _ targetColumns: [String], onDelete: OnDelete) {
    self.columns = columns
    self.table = table
    self.targetColumns = targetColumns
    self.onDelete = onDelete
  }
}

/// How the database computes a column.
public struct GeneratedState: Sendable, Hashable {
  /// SQL over the table's other columns, their names in double quotes.
  public var sql: String
  /// Whether the value is kept, or computed at every read where the database can.
  public var isStored: Bool

  /// A computed column's expression.
  public init(_ sql: String, stored: Bool = true) {
    self.sql = sql
    isStored = stored
  }
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
  /// How the database computes it, where it does.
  public var generated: GeneratedState?

  /// A column.
  public init(
    _ name: String, _ type: ColumnType, null: Bool = false, primaryKey: Bool = false, autoIncrement: Bool = false,
    unique: Bool = false, dbDefault: DatabaseDefault? = nil, references: ReferenceState? = nil, generated: GeneratedState? = nil
  ) {
    self.name = name
    self.type = type
    isNullable = null
    isPrimaryKey = primaryKey
    self.autoIncrement = autoIncrement
    isUnique = unique
    self.dbDefault = dbDefault
    self.references = references
    self.generated = generated
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
  /// The language of a full-text index; none where it is another index.
  public var fullText: String?

  /// An index.
  public init(
    _ name: String, _ columns: [String], unique: Bool = false, where condition: String? = nil, fullText: String? = nil
  ) {
    self.name = name
    self.columns = columns
    isUnique = unique
    self.condition = condition
    self.fullText = fullText
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
