public import MartletSQL

/// One step of a migration.
public enum MigrationOperation: Sendable {
  case createTable(TableState)
  case dropTable(String)
  case renameTable(String, to: String)
  /// `backfill` is what existing rows get; the table keeps no default of it.
  case addColumn(table: String, ColumnState, backfill: SQLValue?)
  /// `backfill` replaces NULL where the column may not be NULL any more.
  case alterColumn(table: String, ColumnState, backfill: SQLValue?)
  case renameColumn(table: String, from: String, to: String)
  case dropColumn(table: String, String)
  case addIndex(table: String, IndexState)
  case dropIndex(table: String, String)
  case addCheck(table: String, CheckState)
  case dropCheck(table: String, String)
  /// A foreign key of several columns; one of a single column is part of the column.
  case addForeignKey(table: String, ForeignKeyState)
  case dropForeignKey(table: String, columns: [String])
  /// Whether the table is one of SQLite's STRICT tables; other databases always are as strict, and do nothing.
  case setStrict(table: String, Bool)
  /// SQL that changes no table the models know of, or data.
  case sql(String, reverse: String?)
  /// Swift code.
  case run(MigrationCode)

  /// What it does, in a few words, as `makemigrations` lists it.
  public var summary: String {
    switch self {
    case .createTable(let table): "Create table \(table.name)"
    case .dropTable(let table): "Drop table \(table)"
    case .renameTable(let table, let name): "Rename table \(table) to \(name)"
    case .addColumn(let table, let column, _): "Add column \(column.name) to \(table)"
    case .alterColumn(let table, let column, _): "Alter column \(column.name) on \(table)"
    case .renameColumn(let table, let from, let to): "Rename column \(from) on \(table) to \(to)"
    case .dropColumn(let table, let column): "Drop column \(column) from \(table)"
    case .addIndex(let table, let index):
      "Create \(index.fullText != nil ? "full-text index" : index.isUnique ? "unique constraint" : "index") \(index.name) on \(table)"
    case .dropIndex(let table, let index): "Drop index \(index) from \(table)"
    case .addCheck(let table, let check): "Add check \(check.name) to \(table)"
    case .dropCheck(let table, let check): "Drop check \(check) from \(table)"
    case .addForeignKey(let table, let key): "Add foreign key \(key.columns.joined(separator: ", ")) to \(table)"
    case .dropForeignKey(let table, let columns): "Drop foreign key \(columns.joined(separator: ", ")) from \(table)"
    case .setStrict(let table, let isStrict): "Make table \(table) \(isStrict ? "strict" : "no longer strict")"
    case .sql: "Run SQL"
    case .run: "Run Swift code"
    }
  }

  /// Whether it loses data that no reverse brings back.
  public var isDestructive: Bool {
    switch self {
    case .dropTable, .dropColumn: true
    default: false
    }
  }

  /// The operation that undoes this one.
  ///
  /// - Parameter before: The schema before this operation.
  /// - Throws: ``MigrationError`` of kind `irreversible`.
  func reversed(before: SchemaState) throws -> MigrationOperation {
    func found<T>(_ value: T?, _ what: String) throws -> T {
      guard let value else { throw MigrationError(.irreversible, "\(summary): \(what) is not known any more") }
      return value
    }
    switch self {
    case .createTable(let table): return .dropTable(table.name)
    case .dropTable(let name): return .createTable(try found(before.tables[name], name))
    case .renameTable(let old, let new): return .renameTable(new, to: old)
    case .addColumn(let table, let column, _): return .dropColumn(table: table, column.name)
    case .alterColumn(let table, let column, _):
      let old = try found(before.tables[table]?.column(column.name), column.name)
      return .alterColumn(table: table, old, backfill: nil)
    case .renameColumn(let table, let from, let to): return .renameColumn(table: table, from: to, to: from)
    case .dropColumn(let table, let name):
      let column = try found(before.tables[table]?.column(name), name)
      guard column.isNullable || column.dbDefault != nil else {
        throw MigrationError(
          .irreversible, "dropping \(table).\(name) cannot be undone: the column is NOT NULL and its values are gone",
          hint: "restore a backup, or write a new migration that adds the column with a backfill")
      }
      return .addColumn(table: table, column, backfill: nil)
    case .addIndex(let table, let index): return .dropIndex(table: table, index.name)
    case .dropIndex(let table, let name): return .addIndex(table: table, try found(before.tables[table]?.index(name), name))
    case .addCheck(let table, let check): return .dropCheck(table: table, check.name)
    case .dropCheck(let table, let name): return .addCheck(table: table, try found(before.tables[table]?.check(name), name))
    case .addForeignKey(let table, let key): return .dropForeignKey(table: table, columns: key.columns)
    case .dropForeignKey(let table, let columns):
      let key = before.tables[table]?.foreignKeys.first { $0.columns == columns }
      return .addForeignKey(table: table, try found(key, columns.joined(separator: ", ")))
    case .setStrict(let table, _): return .setStrict(table: table, try found(before.tables[table], table).isStrict)
    case .sql(let text, let reverse):
      guard let reverse else {
        throw MigrationError(.irreversible, "the SQL has no reverse: \(text)", hint: "give m.sql(…, reverse: …)")
      }
      return .sql(reverse, reverse: text)
    case .run(let code):
      guard let reverse = code.reverse else {
        throw MigrationError(
          .irreversible, "the Swift code has no reverse", hint: "give m.run(reverse: { … }) { … }; it may be empty")
      }
      return .run(MigrationCode(forward: reverse, reverse: code.forward))
    }
  }
}

/// A data migration: code that runs between two versions of the schema.
public struct MigrationCode: Sendable {
  /// What applying the migration does.
  public var forward: @Sendable (Database) async throws -> Void
  /// What undoing it does; `nil` where it cannot be undone.
  public var reverse: (@Sendable (Database) async throws -> Void)?

  /// A data migration.
  public init(
    forward: @escaping @Sendable (Database) async throws -> Void, reverse: (@Sendable (Database) async throws -> Void)? = nil
  ) {
    self.forward = forward
    self.reverse = reverse
  }
}
