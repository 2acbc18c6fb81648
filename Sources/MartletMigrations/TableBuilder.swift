public import MartletORM
public import MartletSQL

/// Describes a new table: what `t` is in `m.create`.
///
/// ```swift
/// m.create("blog_post") { t in
///   t.id()
///   t.column("title", .varchar(200))
///   t.reference("author_id", to: "auth_user", onDelete: .cascade)
///   t.index("blog_post_title_1f2e3d_idx", ["title", "-author_id"])
///   t.check("title_not_empty", "\"title\" <> ''")
/// }
/// ```
public struct TableBuilder {
  var table: TableState
  init(_ table: TableState) { self.table = table }

  /// The primary key.
  /// - Parameter autoIncrement: Whether the database counts it; where absent, integers it does and other types not.
  public mutating func id(_ name: String = "id", _ type: ColumnType = .bigInt, autoIncrement: Bool? = nil) {
    let counts = autoIncrement ?? [.smallInt, .int, .bigInt].contains(type)
    table.columns.append(ColumnState(name, type, primaryKey: true, autoIncrement: counts))
  }
  /// A column.
  /// - Parameters:
  ///   - index: An index on the column, named as Django does.
  ///   - generated: SQL by which the database computes the column from others, their names in double quotes.
  ///   - stored: Whether a computed value is kept, or computed at every read where the database can.
  ///   - dbDefault: The default that the table keeps.
  public mutating func column(
    _ name: String, _ type: ColumnType, null: Bool = false, unique: Bool = false, index: Bool = false, generated: String? = nil,
    stored: Bool = true, dbDefault: DatabaseDefault? = nil
  ) {
    let expression = generated.map { GeneratedState($0, stored: stored) }
    table.columns.append(ColumnState(name, type, null: null, unique: unique, dbDefault: dbDefault, generated: expression))
    if index { table.indexes.append(IndexState(DatabaseNames.hashed(table.name, [name]), [name])) }
  }
  /// A foreign key.
  /// - Parameters:
  ///   - column: The other table's key.
  ///   - type: The type of that key.
  ///   - index: An index on the column, named as Django does.
  public mutating func reference(
    _ name: String, to other: String, column: String = "id", type: ColumnType = .bigInt, onDelete: OnDelete, null: Bool = false,
    unique: Bool = false, index: Bool = true, dbDefault: DatabaseDefault? = nil
  ) {
    table.columns.append(
      ColumnState(
        name, type, null: null, unique: unique, dbDefault: dbDefault,
        references: ReferenceState(other, column, onDelete: onDelete)))
    if index { table.indexes.append(IndexState(DatabaseNames.hashed(table.name, [name]), [name])) }
  }
  /// The primary key as a foreign key: a one-to-one extension of the other table's rows.
  public mutating func idReference(
    _ name: String, to other: String, column: String = "id", type: ColumnType = .bigInt, onDelete: OnDelete
  ) {
    table.columns.append(
      ColumnState(name, type, primaryKey: true, references: ReferenceState(other, column, onDelete: onDelete)))
  }
  /// The key, where several columns are it.
  public mutating func primaryKey(_ columns: [String]) { table.primaryKey = columns }
  /// A foreign key of several columns.
  /// - Parameter targets: The columns of the other table's key, in the order of `columns`.
  public mutating func foreignKey(_ columns: [String], to other: String, columns targets: [String], onDelete: OnDelete) {
    table.foreignKeys.append(ForeignKeyState(columns, to: other, targets, onDelete: onDelete))
  }
  /// An index; `-` before a column means descending.
  public mutating func index(_ name: String, _ columns: [String], where condition: String? = nil) {
    table.indexes.append(IndexState(name, columns, where: condition))
  }
  /// No two rows share these values; with a condition, no two of the rows for which it holds.
  public mutating func unique(_ name: String, _ columns: [String], where condition: String? = nil) {
    table.indexes.append(IndexState(name, columns, unique: true, where: condition))
  }
  /// Makes it one of SQLite's STRICT tables, whose columns take values of their type alone. Nothing on other databases.
  public mutating func strict() { table.isStrict = true }
  /// A full-text index.
  /// - Parameter language: The name of a text search configuration of PostgreSQL, such as `english`.
  public mutating func fullText(_ name: String, _ columns: [String], language: String) {
    table.indexes.append(IndexState(name, columns, fullText: language))
  }
  /// A condition that every row meets; column names in double quotes.
  public mutating func check(_ name: String, _ sql: String) { table.checks.append(CheckState(name, sql)) }
}
