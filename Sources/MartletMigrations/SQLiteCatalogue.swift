import MartletORM
public import MartletSQL

/// A table as SQLite's own catalogue describes it, or would describe it.
struct CatalogueTable: Hashable {
  struct Column: Hashable {
    var name: String
    var type: String
    var isNullable: Bool
    var defaultText: String?
    var isPrimaryKey: Bool
  }
  struct ForeignKey: Hashable {
    var column: String
    var table: String
    var target: String
    var onDelete: String
  }
  var columns: Set<Column> = []
  var foreignKeys: Set<ForeignKey> = []
  var indexes: Set<IndexState> = []
  /// Columns with `UNIQUE` in the table's definition.
  var uniqueColumns: Set<String> = []
  /// `CONSTRAINT "name" CHECK (…)` in the table's definition.
  var checks: Set<CheckState> = []
  var autoIncrement = false
  var isStrict = false
}

extension CatalogueTable {
  /// What the catalogue should say of a table.
  init(expecting table: TableState) {
    let editor = SQLiteSchemaEditor()
    for column in table.columns {
      columns.insert(
        Column(
          name: column.name,
          type: column.autoIncrement ? "integer" : editor.typeName(column.type, isStrict: table.isStrict).lowercased(),
          isNullable: column.isNullable,
          defaultText: column.generated.map(Self.text) ?? column.dbDefault.map { Self.bare(editor.defaultText($0, column.type)) },
          isPrimaryKey: column.isPrimaryKey || table.primaryKey.contains(column.name)))
      if column.isUnique { uniqueColumns.insert(column.name) }
      if column.autoIncrement { autoIncrement = true }
    }
    for key in table.allForeignKeys {
      let action =
        switch key.onDelete {
        case .cascade: "CASCADE"
        case .restrict: "RESTRICT"
        case .setNull: "SET NULL"
        case .noAction: "NO ACTION"
        }
      foreignKeys.insert(
        ForeignKey(
          column: key.columns.joined(separator: ", "), table: key.table, target: key.targetColumns.joined(separator: ", "),
          onDelete: action))
    }
    indexes = Set(table.indexes)
    checks = Set(table.checks)
    isStrict = table.isStrict
  }

  /// What the catalogue says of a table; `nil` where there is none.
  ///
  /// - Parameter table: What to look for: SQLite keeps checks, expressions of computed columns and full-text indexes as text alone.
  init?(reading table: TableState, _ db: Database) async throws {
    let name = table.name
    let definitions = try await db.query(
      SQLStatement("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?", [.text(name)], effect: .read)
    ) { try $0.text() }
    guard let definition = definitions.first else { return nil }
    autoIncrement = definition.contains(" AUTOINCREMENT")
    isStrict = definition.hasSuffix(") STRICT")
    let found = table.checks.filter { definition.contains("CONSTRAINT \(SQLiteDialect().quote($0.name)) CHECK (\($0.sql))") }
    checks = Set(found)
    let extra = definition.ranges(of: "CONSTRAINT \"").count - found.count
    if extra > 0 { checks.insert(CheckState("", "\(extra) more")) }
    try await readColumns(table, definition, db)
    try await readIndexes(name, db)
    try await readFullText(SQLiteFullText.all(of: table), db)
  }

  private mutating func readColumns(_ table: TableState, _ definition: String, _ db: Database) async throws {
    let text = "SELECT name, type, \"notnull\", dflt_value, pk, hidden FROM pragma_table_xinfo(?)"
    let rows = try await db.query(SQLStatement(text, [.text(table.name)], effect: .read)) { row in
      // SQLite gives some type names back in upper case.
      var column = Column(
        name: try row.text(), type: try row.text().lowercased(), isNullable: try row.int() == 0,
        defaultText: try String?.read(&row).map(Self.bare), isPrimaryKey: try row.int() > 0)
      // 2: a computed column whose value is not kept; 3: one whose value is.
      if try row.int() >= 2 {
        let known = table.column(column.name)?.generated.map(Self.text)
        column.defaultText = known.flatMap { definition.contains("GENERATED ALWAYS AS \($0)") ? $0 : nil } ?? "computed otherwise"
      }
      return column
    }
    columns = Set(rows)
    let keys = "SELECT id, \"from\", \"table\", \"to\", on_delete FROM pragma_foreign_key_list(?) ORDER BY id, seq"
    let parts = try await db.query(SQLStatement(keys, [.text(table.name)], effect: .read)) { row in
      (
        id: try row.int(),
        key: ForeignKey(column: try row.text(), table: try row.text(), target: try row.text(), onDelete: try row.text())
      )
    }
    for group in Dictionary(grouping: parts, by: \.id).values {
      var key = group[0].key
      key.column = group.map(\.key.column).joined(separator: ", ")
      key.target = group.map(\.key.target).joined(separator: ", ")
      foreignKeys.insert(key)
    }
  }

  /// How a computed column stands in the table's definition.
  private static func text(_ generated: GeneratedState) -> String {
    "(\(generated.sql)) \(generated.isStored ? "STORED" : "VIRTUAL")"
  }

  private mutating func readIndexes(_ table: String, _ db: Database) async throws {
    let list =
      "SELECT i.name, i.\"unique\", i.origin, m.sql FROM pragma_index_list(?) i LEFT JOIN sqlite_master m ON m.name = i.name"
    let rows = try await db.query(SQLStatement(list, [.text(table)], effect: .read)) { row in
      (name: try row.text(), isUnique: try row.int() == 1, origin: try row.text(), sql: try String?.read(&row))
    }
    for row in rows {
      let text = "SELECT name, \"desc\" FROM pragma_index_xinfo(?) WHERE key = 1 ORDER BY seqno"
      let keys = try await db.query(SQLStatement(text, [.text(row.name)], effect: .read)) { key in
        let name = try String?.read(&key) ?? "<expression>"
        return try key.int() == 1 ? "-" + name : name
      }
      switch row.origin {
      case "c":
        let condition = row.sql?.firstRange(of: ") WHERE ").flatMap { range in row.sql.map { String($0[range.upperBound...]) } }
        indexes.insert(IndexState(row.name, keys, unique: row.isUnique, where: condition))
      case "u": uniqueColumns.formUnion(keys)
      default: break
      }
    }
  }

  /// Without the brackets that SQLite drops from the text of a default.
  private static func bare(_ text: String) -> String {
    text.hasPrefix("(") && text.hasSuffix(")") ? String(text.dropFirst().dropLast()) : text
  }
}

extension MigrationExecutor {
  /// How the database differs from what the applied migrations say, a sentence each; empty where it does not.
  ///
  /// Tables that no migration knows of are left out: they may belong to others. PostgreSQL and MySQL keep the expressions of
  /// defaults, checks and conditions in forms of their own: of these only the presence is compared.
  /// - Throws: ``MigrationError``; ``DatabaseError``.
  public func drift(_ db: Database) async throws -> [String] {
    let status = try await status(db)
    let applied = Set(status.filter { $0.applied != nil }.map(\.name))
    let state = try SchemaState(replaying: migrations.filter { applied.contains($0.name) })
    var differences: [String] = []
    for table in state.tables.values.sorted(by: { $0.name < $1.name }) {
      let isSQLite = db.dialect.family == .sqlite
      let read =
        isSQLite
        ? try await CatalogueTable(reading: table, db)
        : try await CatalogueTable(readingServer: table.name, db)
      guard let found = read else {
        differences.append("the table \(table.name) is missing")
        continue
      }
      let expected = isSQLite ? CatalogueTable(expecting: table) : CatalogueTable(expecting: table, on: db.dialect)
      func compare<T: Hashable>(_ what: String, _ path: KeyPath<CatalogueTable, Set<T>>, _ text: (T) -> String) {
        let missing = expected[keyPath: path].subtracting(found[keyPath: path]).map { "lacks the \(what) \(text($0))" }
        let extra = found[keyPath: path].subtracting(expected[keyPath: path]).map { "has the unknown \(what) \(text($0))" }
        differences += (missing + extra).sorted().map { "the table \(table.name) \($0)" }
      }
      compare("column", \.columns) { column in
        [column.name, column.type, column.isNullable ? "NULL" : "NOT NULL", column.defaultText.map { "DEFAULT \($0)" }]
          .compactMap(\.self).joined(separator: " ")
      }
      compare("foreign key", \.foreignKeys) { "\($0.column) to \($0.table).\($0.target) on delete \($0.onDelete)" }
      compare("index", \.indexes) { index in
        "\(index.name) (\(index.columns.joined(separator: ", ")))" + (index.isUnique ? " unique" : "")
          + (index.condition.map { " where \($0)" } ?? "")
      }
      compare("unique column", \.uniqueColumns) { $0 }
      compare("check", \.checks) { "\($0.name): \($0.sql)" }
      if isSQLite, expected.isStrict != found.isStrict {
        differences.append("the table \(table.name) is \(found.isStrict ? "" : "not ")STRICT")
      }
      if expected.autoIncrement != found.autoIncrement { differences.append("the key of \(table.name) is counted differently") }
    }
    return differences
  }
}
