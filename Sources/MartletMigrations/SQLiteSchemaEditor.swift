import MartletORM
import MartletSQL

/// Turns operations into SQLite's DDL, in the form that Django's SQLite backend gives it.
struct SQLiteSchemaEditor: SchemaEditor {
  var dialect: any SQLDialect { SQLiteDialect() }

  /// What an operation takes.
  private enum Change {
    case steps([SchemaStep])
    /// The table has to be built anew; by column, what existing rows get where it is not the old value.
    case rebuild(table: String, values: [String: String])
  }

  /// The steps of operations on this schema; changes of one table that follow each other share one rebuild.
  ///
  /// - Throws: ``MigrationError`` of kind `invalidOperation`.
  func steps(_ operations: [MigrationOperation], before: SchemaState, atomic: Bool = true) throws -> [SchemaStep] {
    var steps: [SchemaStep] = [], state = before
    var open: (table: String, before: SchemaState, values: [String: String])?
    func close() throws {
      if let rebuild = open {
        steps += try withoutFullText(
          rebuild.table, rebuild.before, state, self.rebuild(rebuild.table, rebuild.before, state, values: rebuild.values))
      }
      open = nil
    }
    for operation in operations {
      var after = state
      try after.apply(operation)
      try requireStrictTypes(after)
      switch try change(operation, in: state, after, alreadyRebuilding: open?.table) {
      case .rebuild(let table, let values):
        if let rebuild = open, rebuild.table == table, rebuild.values.keys.allSatisfy({ values[$0] == nil }) {
          open?.values.merge(values) { $1 }
        } else {
          try close()
          open = (table, state, values)
        }
      case .steps(let new):
        try close()
        steps += new
      }
      state = after
    }
    try close()
    return steps
  }

  private func change(
    _ operation: MigrationOperation, in state: SchemaState, _ after: SchemaState, alreadyRebuilding: String?
  ) throws -> Change {
    switch operation {
    case .createTable(let table):
      return .steps([ddl(createTable(table))] + (try table.indexes.flatMap { try createSteps($0, on: table) }))
    case .dropTable(let name): return .steps(try withoutFullText(name, state, after, [ddl("DROP TABLE \(quote(name))")]))
    case .renameTable(let old, let new):
      let rename = ddl("ALTER TABLE \(quote(old)) RENAME TO \(quote(new))")
      return .steps(try withoutFullText(old, state, after, becoming: new, [rename]))
    case .addColumn(let table, let column, let backfill):
      if alreadyRebuilding != table, canAdd(column) {
        return .steps(addColumn(column, backfill, table, isStrict: state.tables[table]?.isStrict == true))
      }
      return .rebuild(table: table, values: [column.name: filled(column, backfill)])
    case .alterColumn(let table, let column, let backfill):
      return .rebuild(table: table, values: [column.name: altered(column, backfill)])
    case .renameColumn(let table, let from, let to):
      let rename = ddl("ALTER TABLE \(quote(table)) RENAME COLUMN \(quote(from)) TO \(quote(to))")
      return .steps(try withoutFullText(table, state, after, [rename]))
    case .dropColumn(let table, let name):
      if alreadyRebuilding != table, canDrop(name, state.tables[table]) {
        return .steps([ddl("ALTER TABLE \(quote(table)) DROP COLUMN \(quote(name))")])
      }
      return .rebuild(table: table, values: [:])
    case .addIndex(let table, let index):
      return .steps(try after.tables[table].map { try createSteps(index, on: $0) } ?? [])
    case .dropIndex(let table, let name): return .steps(try dropSteps(name, of: state.tables[table]))
    case .addCheck(let table, _), .dropCheck(let table, _), .addForeignKey(let table, _), .dropForeignKey(let table, _):
      return .rebuild(table: table, values: [:])
    case .setStrict(let table, _): return .rebuild(table: table, values: [:])
    case .sql(let text, _): return .steps([.sql(SQLStatement(text, effect: .write))])
    case .run(let code): return .steps([.code(code)])
    }
  }

  private func ddl(_ text: String) -> SchemaStep { .sql(SQLStatement(text, effect: .definition)) }
  func quote(_ name: String) -> String { dialect.quote(name) }

  // MARK: Definitions

  func createTable(_ table: TableState) -> String { createTable(table, as: table.name) }

  private func createTable(_ table: TableState, as name: String? = nil) -> String {
    func list(_ names: [String]) -> String { "(\(names.map(quote).joined(separator: ", ")))" }
    var parts = table.columns.map { definition($0, isStrict: table.isStrict) }
    if !table.primaryKey.isEmpty { parts.append("PRIMARY KEY \(list(table.primaryKey))") }
    parts += table.foreignKeys.map { key in
      "FOREIGN KEY \(list(key.columns)) REFERENCES \(quote(key.table)) \(list(key.targetColumns))"
        + "\(key.onDelete.sql) DEFERRABLE INITIALLY DEFERRED"
    }
    parts += table.checks.map { "CONSTRAINT \(quote($0.name)) CHECK (\($0.sql))" }
    return "CREATE TABLE \(quote(name ?? table.name)) (\(parts.joined(separator: ", ")))" + (table.isStrict ? " STRICT" : "")
  }

  /// `"title" varchar(200) NOT NULL UNIQUE`
  func definition(_ column: ColumnState, isStrict: Bool = false) -> String {
    let name = quote(column.name)
    if column.autoIncrement { return "\(name) integer NOT NULL PRIMARY KEY AUTOINCREMENT" }
    var text = "\(name) \(typeName(column.type, isStrict: isStrict))"
    if let generated = column.generated {
      text += " GENERATED ALWAYS AS (\(generated.sql)) \(generated.isStored ? "STORED" : "VIRTUAL")"
    }
    if let value = column.dbDefault { text += " DEFAULT \(defaultText(value, column.type))" }
    text += column.isNullable ? " NULL" : " NOT NULL"
    if column.type == .json { text += " CHECK ((JSON_VALID(\(name)) OR \(name) IS NULL))" }
    if column.isPrimaryKey { text += " PRIMARY KEY" }
    if column.isUnique { text += " UNIQUE" }
    if let reference = column.references {
      text += " REFERENCES \(quote(reference.table)) (\(quote(reference.column)))\(reference.onDelete.sql)"
      text += " DEFERRABLE INITIALLY DEFERRED"
    }
    return text
  }

  /// The column's type: in a STRICT table one of the few that it takes (https://www.sqlite.org/stricttables.html).
  func typeName(_ type: ColumnType, isStrict: Bool) -> String {
    isStrict ? Self.strictTypeName(type) ?? dialect.typeName(type) : dialect.typeName(type)
  }

  /// The type that a STRICT table gives the same values; `nil` where it has none: its ANY would keep decimals as the texts
  /// they are bound as, and REAL would lose whole numbers.
  private static func strictTypeName(_ type: ColumnType) -> String? {
    switch type {
    case .smallInt, .int, .bigInt, .interval, .bool: "INTEGER"
    case .double: "REAL"
    case .blob: "BLOB"
    case .varchar, .text, .json, .uuid, .unsignedBigInt, .array, .timestamp, .date, .time: "TEXT"
    case .native(let name): ["INT", "INTEGER", "REAL", "TEXT", "BLOB", "ANY"].first { $0 == name.uppercased() }
    case .decimal: nil
    }
  }

  private func requireStrictTypes(_ state: SchemaState) throws {
    for table in state.tables.values where table.isStrict {
      for column in table.columns where Self.strictTypeName(column.type) == nil {
        throw MigrationError(
          .invalidModel, "\(table.name).\(column.name): a STRICT table of SQLite has no type for \(column.type)",
          hint: "keep whole small units in an integer, or take .strict out of the model's tableOptions")
      }
    }
  }

  func defaultText(_ value: DatabaseDefault, _ type: ColumnType) -> String {
    switch value {
    case .int(let value): dialect.literal(.int(value))
    case .double(let value): dialect.literal(.double(value))
    case .bool(let value): dialect.literal(.bool(value))
    case .text(let value): dialect.literal(.text(value))
    case .sql(let text): "(\(text))"
    case .randomUUID:
      "(lower(hex(randomblob(6)) || '4' || substr(hex(randomblob(2)), 2) || substr('89ab', 1 + (abs(random()) % 4), 1)"
        + " || substr(hex(randomblob(2)), 2) || hex(randomblob(6))))"
    case .currentTimestamp:
      // In the format of the column's values: SQLite's CURRENT_TIMESTAMP has no fraction of a second.
      switch type {
      case .date: "(strftime('%Y-%m-%d', 'now'))"
      case .time: "(strftime('%H:%M:%f', 'now'))"
      default: "(strftime('%Y-%m-%d %H:%M:%f', 'now'))"
      }
    }
  }

  func createIndex(_ index: IndexState, on table: String) -> String {
    let columns = index.columns.map { $0.hasPrefix("-") ? quote(String($0.dropFirst())) + " DESC" : quote($0) }
    let condition = index.condition.map { " WHERE \($0)" } ?? ""
    return "CREATE \(index.isUnique ? "UNIQUE " : "")INDEX \(quote(index.name)) ON \(quote(table)) "
      + "(\(columns.joined(separator: ", ")))\(condition)"
  }

  // MARK: Columns

  /// What ALTER TABLE ADD COLUMN can do (https://www.sqlite.org/lang_altertable.html, section 4).
  private func canAdd(_ column: ColumnState) -> Bool {
    let hasConstantDefault =
      switch column.dbDefault {
      case nil: column.isNullable
      case .currentTimestamp, .sql, .randomUUID: false
      default: column.references == nil
      }
    if let generated = column.generated { return !generated.isStored && !column.isUnique }
    return hasConstantDefault && !column.isUnique && !column.isPrimaryKey
  }

  private func addColumn(_ column: ColumnState, _ backfill: SQLValue?, _ table: String, isStrict: Bool) -> [SchemaStep] {
    var steps = [ddl("ALTER TABLE \(quote(table)) ADD COLUMN \(definition(column, isStrict: isStrict))")]
    if let backfill, !backfill.isNull {
      steps.append(.sql(SQLStatement("UPDATE \(quote(table)) SET \(quote(column.name)) = \(dialect.literal(backfill))")))
    }
    return steps
  }

  /// What existing rows get in a new column.
  private func filled(_ column: ColumnState, _ backfill: SQLValue?) -> String {
    if let backfill { return dialect.literal(backfill) }
    return column.dbDefault.map { defaultText($0, column.type) } ?? "NULL"
  }

  /// What existing rows get in a changed column.
  private func altered(_ column: ColumnState, _ backfill: SQLValue?) -> String {
    let filled = filled(column, backfill)
    return column.isNullable || filled == "NULL" ? quote(column.name) : "coalesce(\(quote(column.name)), \(filled))"
  }

  /// What ALTER TABLE DROP COLUMN can do (section 5 there); indexes have been dropped before.
  private func canDrop(_ name: String, _ table: TableState?) -> Bool {
    guard let table, let column = table.column(name) else { return false }
    let isMentioned =
      table.checks.contains { $0.sql.contains(quote(name)) }
      || table.indexes.contains { $0.condition?.contains(quote(name)) == true }
    let isComputedFrom = table.columns.contains { $0.generated?.sql.contains(quote(name)) == true }
    return !column.isPrimaryKey && !column.isUnique && column.references == nil && !isMentioned && !isComputedFrom
  }

  // MARK: Rebuilding

  /// The procedure of https://www.sqlite.org/lang_altertable.html, section 7; the executor does its first and last steps.
  private func rebuild(
    _ name: String, _ before: SchemaState, _ after: SchemaState, values: [String: String]
  ) -> [SchemaStep] {
    guard let old = before.tables[name], let new = after.tables[name] else { return [] }
    let temporary = "new__" + name
    let written = new.columns.filter { $0.generated == nil }
    let columns = written.map { quote($0.name) }.joined(separator: ", ")
    let sources = written.map { values[$0.name] ?? quote($0.name) }.joined(separator: ", ")
    var texts = [
      createTable(new, as: temporary),
      "INSERT INTO \(quote(temporary)) (\(columns)) SELECT \(sources) FROM \(quote(name))",
    ]
    if old.columns.contains(where: \.autoIncrement), new.columns.contains(where: \.autoIncrement) {
      // The highest key ever given, which may be higher than any that is there.
      let target = dialect.literal(.text(temporary)), source = dialect.literal(.text(name))
      texts += [
        "DELETE FROM sqlite_sequence WHERE name = \(target)",
        "INSERT INTO sqlite_sequence (name, seq) SELECT \(target), seq FROM sqlite_sequence WHERE name = \(source)",
      ]
    }
    texts += [
      "DROP TABLE \(quote(name))",
      // Without it the rename would check every view and trigger while the table is away.
      "PRAGMA legacy_alter_table = on",
      "ALTER TABLE \(quote(temporary)) RENAME TO \(quote(name))",
      "PRAGMA legacy_alter_table = off",
    ]
    texts += new.indexes.filter { $0.fullText == nil }.map { createIndex($0, on: name) }
    return [.rebuild(table: name, texts.map { SQLStatement($0, effect: .definition) })]
  }
}

extension OnDelete {
  /// ` ON DELETE CASCADE`; nothing where that is the database's own way.
  var sql: String {
    switch self {
    case .cascade: " ON DELETE CASCADE"
    case .restrict: " ON DELETE RESTRICT"
    case .setNull: " ON DELETE SET NULL"
    case .noAction: ""
    }
  }
}
