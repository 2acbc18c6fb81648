public import MartletORM
public import MartletSQL

/// Changes a table: what `t` is in `m.alter`.
///
/// ```swift
/// m.alter("blog_post") { t in
///   t.addColumn("views", .bigInt, backfill: .int(0))
///   t.renameColumn("body", to: "text")
///   t.dropIndex("blog_post_title_1f2e3d_idx")
/// }
/// ```
public struct TableChanges {
  let table: String
  var operations: [MigrationOperation] = []
  init(table: String) { self.table = table }

  /// Adds a column.
  /// - Parameters:
  ///   - index: An index on the column, named as Django does.
  ///   - generated: SQL by which the database computes the column from others, their names in double quotes.
  ///   - stored: Whether a computed value is kept, or computed at every read where the database can.
  ///   - dbDefault: The default that the table keeps.
  ///   - backfill: What existing rows get; the table keeps nothing of it.
  public mutating func addColumn(
    _ name: String, _ type: ColumnType, null: Bool = false, unique: Bool = false, index: Bool = false, generated: String? = nil,
    stored: Bool = true, dbDefault: DatabaseDefault? = nil, backfill: SQLValue? = nil
  ) {
    let expression = generated.map { GeneratedState($0, stored: stored) }
    let column = ColumnState(name, type, null: null, unique: unique, dbDefault: dbDefault, generated: expression)
    operations.append(.addColumn(table: table, column, backfill: backfill))
    if index { addIndex(DatabaseNames.hashed(table, [name]), [name]) }
  }
  /// Adds a foreign key.
  /// - Parameters:
  ///   - column: The other table's key.
  ///   - type: The type of that key.
  ///   - index: An index on the column, named as Django does.
  ///   - backfill: What existing rows get.
  public mutating func addReference(
    _ name: String, to other: String, column: String = "id", type: ColumnType = .bigInt, onDelete: OnDelete, null: Bool = false,
    unique: Bool = false, index: Bool = true, dbDefault: DatabaseDefault? = nil, backfill: SQLValue? = nil
  ) {
    let reference = ReferenceState(other, column, onDelete: onDelete)
    let state = ColumnState(name, type, null: null, unique: unique, dbDefault: dbDefault, references: reference)
    operations.append(.addColumn(table: table, state, backfill: backfill))
    if index { addIndex(DatabaseNames.hashed(table, [name]), [name]) }
  }
  /// Gives a column a new definition, which is this one alone: nothing is taken over from the old.
  /// - Parameter backfill: What replaces NULL where the column may not be NULL any more.
  public mutating func alterColumn(
    _ name: String, _ type: ColumnType, null: Bool = false, unique: Bool = false, generated: String? = nil, stored: Bool = true,
    dbDefault: DatabaseDefault? = nil, backfill: SQLValue? = nil
  ) {
    let expression = generated.map { GeneratedState($0, stored: stored) }
    let column = ColumnState(name, type, null: null, unique: unique, dbDefault: dbDefault, generated: expression)
    operations.append(.alterColumn(table: table, column, backfill: backfill))
  }
  /// Gives a foreign key a new definition.
  /// - Parameter backfill: What replaces NULL where the column may not be NULL any more.
  public mutating func alterReference(
    _ name: String, to other: String, column: String = "id", type: ColumnType = .bigInt, onDelete: OnDelete, null: Bool = false,
    unique: Bool = false, dbDefault: DatabaseDefault? = nil, backfill: SQLValue? = nil
  ) {
    let reference = ReferenceState(other, column, onDelete: onDelete)
    let state = ColumnState(name, type, null: null, unique: unique, dbDefault: dbDefault, references: reference)
    operations.append(.alterColumn(table: table, state, backfill: backfill))
  }
  /// Gives the primary key a new definition.
  public mutating func alterID(_ name: String = "id", _ type: ColumnType = .bigInt, autoIncrement: Bool? = nil) {
    var builder = TableBuilder(TableState(table))
    builder.id(name, type, autoIncrement: autoIncrement)
    operations += builder.table.columns.map { .alterColumn(table: table, $0, backfill: nil) }
  }
  /// Gives a primary key that is a foreign key too a new definition.
  public mutating func alterIDReference(
    _ name: String, to other: String, column: String = "id", type: ColumnType = .bigInt, onDelete: OnDelete
  ) {
    var builder = TableBuilder(TableState(table))
    builder.idReference(name, to: other, column: column, type: type, onDelete: onDelete)
    operations += builder.table.columns.map { .alterColumn(table: table, $0, backfill: nil) }
  }
  /// Renames a column; indexes, checks and foreign keys follow.
  public mutating func renameColumn(_ name: String, to new: String) {
    operations.append(.renameColumn(table: table, from: name, to: new))
  }
  /// Drops a column with its values; drop its indexes first.
  public mutating func dropColumn(_ name: String) { operations.append(.dropColumn(table: table, name)) }
  /// Adds an index; `-` before a column means descending.
  public mutating func addIndex(_ name: String, _ columns: [String], where condition: String? = nil) {
    operations.append(.addIndex(table: table, IndexState(name, columns, where: condition)))
  }
  /// Adds a unique constraint.
  public mutating func addUnique(_ name: String, _ columns: [String], where condition: String? = nil) {
    operations.append(.addIndex(table: table, IndexState(name, columns, unique: true, where: condition)))
  }
  /// Adds a full-text index.
  /// - Parameter language: The name of a text search configuration of PostgreSQL, such as `english`.
  public mutating func addFullText(_ name: String, _ columns: [String], language: String) {
    operations.append(.addIndex(table: table, IndexState(name, columns, fullText: language)))
  }
  /// Drops an index or a unique constraint.
  public mutating func dropIndex(_ name: String) { operations.append(.dropIndex(table: table, name)) }
  /// Adds a condition that every row must meet; column names in double quotes.
  public mutating func addCheck(_ name: String, _ sql: String) {
    operations.append(.addCheck(table: table, CheckState(name, sql)))
  }
  /// Adds a foreign key of several columns.
  /// - Parameter targets: The columns of the other table's key, in the order of `columns`.
  public mutating func addForeignKey(_ columns: [String], to other: String, columns targets: [String], onDelete: OnDelete) {
    operations.append(.addForeignKey(table: table, ForeignKeyState(columns, to: other, targets, onDelete: onDelete)))
  }
  /// Drops a foreign key of several columns.
  public mutating func dropForeignKey(_ columns: [String]) { operations.append(.dropForeignKey(table: table, columns: columns)) }
  /// Drops a check.
  public mutating func dropCheck(_ name: String) { operations.append(.dropCheck(table: table, name)) }
  /// Makes it one of SQLite's STRICT tables, or an ordinary one again. Nothing on other databases.
  public mutating func setStrict(_ isStrict: Bool) { operations.append(.setStrict(table: table, isStrict)) }
}
