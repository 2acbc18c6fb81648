import MartletORM
import MartletSQL

/// The DDL of MySQL 8 and MariaDB, in the form that Django's backend gives it.
///
/// A foreign key's index is made by name before the key: one that InnoDB makes itself goes away with the next index that
/// could serve, and then that one could not be dropped.
struct MySQLGrammar: ServerGrammar {
  let server: MySQLDialect
  var dialect: any SQLDialect { server }
  var names: ServerNames { ServerNames(limit: 64) }
  var defersConstraints: Bool { false }
  var isMariaDB: Bool { server.flavor == .mariaDB }

  func quote(_ name: String) -> String { dialect.quote(name) }
  func list(_ names: [String]) -> String { "(\(names.map(quote).joined(separator: ", ")))" }
  func alter(_ table: String, _ what: String) -> String { "ALTER TABLE \(quote(table)) \(what)" }

  // MARK: Tables

  func createTable(_ table: TableState) throws -> String {
    var parts = try table.columns.map { try definition($0, in: table, withKeys: true) }
    if !table.primaryKey.isEmpty { try requireKeyLength(table.primaryKey, in: table, "the primary key") }
    if !table.primaryKey.isEmpty { parts.append("PRIMARY KEY \(list(table.primaryKey))") }
    for index in table.indexes where index.isUnique {
      parts.append("CONSTRAINT \(quote(names.index(index, of: table.name))) UNIQUE (\(try columns(of: index, in: table)))")
    }
    parts += try table.checks.map { try definition($0, in: table) }
    return "CREATE TABLE \(quote(table.name)) (\(parts.joined(separator: ", "))) \(server.tableOptions)"
  }

  func createIndexes(of table: TableState) throws -> [String] {
    try table.indexes.filter { !$0.isUnique && isMade($0, table) }.flatMap { try createIndex($0, on: table, isFree: false) }
  }

  func renameTable(_ old: String, to new: String) -> String { "RENAME TABLE \(quote(old)) TO \(quote(new))" }

  /// Checks go and come back: MySQL renames no column that one mentions.
  func renameColumn(_ from: String, to: String, before: TableState, after: TableState) throws -> [String] {
    let named = before.checks(naming: from)
    // MariaDB's JSON column has a check of its own, which RENAME COLUMN now and then leaves at the old name: "Unknown column
    // in 'CHECK'". A new definition brings a new one.
    let change =
      if isMariaDB, let column = after.column(to), column.type == .json {
        "CHANGE COLUMN \(quote(from)) \(try definition(column, in: after, withKeys: false))"
      } else {
        "RENAME COLUMN \(quote(from)) TO \(quote(to))"
      }
    let searched = before.indexes.filter { $0.fullText != nil && $0.columns.contains(from) }
    let remade = after.indexes.filter { index in searched.contains { $0.name == index.name } }
    return searched.flatMap { dropFullText($0, of: before) }
      + named.map { alter(before.name, "DROP CONSTRAINT \(quote(names.check($0)))") }
      + [alter(before.name, change)]
      + (try after.checks.filter { check in named.contains { $0.name == check.name } }.flatMap { try addCheck($0, to: after) })
      + remade.flatMap { fullText($0, on: after) }
  }

  func renameObjects(_ before: TableState, _ after: TableState) -> [String] {
    func objects(_ table: TableState) -> [String] {
      table.columns.filter(\.isUnique).map(\.name)
        + table.indexes.filter { $0.isUnique || isMade($0, table) }.map { names.index($0, of: table.name) }
    }
    return zip(objects(before), objects(after)).filter { $0 != $1 }.map { old, new in
      alter(after.name, "RENAME INDEX \(quote(old)) TO \(quote(new))")
    }
  }

  // MARK: Columns

  /// - Parameters:
  ///   - withKeys: Whether with `PRIMARY KEY` and `UNIQUE`: a change of the column would make them once more.
  ///   - value: The default to write instead of the column's own.
  ///   - named: Whether it begins with the name.
  func definition(
    _ column: ColumnState, in table: TableState, withKeys: Bool, default value: String? = nil, named: Bool = true
  ) throws -> String {
    var text = (named ? quote(column.name) + " " : "") + dialect.typeName(column.type)
    if column.autoIncrement { text += " AUTO_INCREMENT" }
    if let generated = column.generated {
      try requireNoCountedKey(generated, column, table)
      // MariaDB takes no NOT NULL here.
      text +=
        " GENERATED ALWAYS AS (\(try PortableSQL(generated.sql).text(dialect, table: table)))"
        + (generated.isStored ? " STORED" : " VIRTUAL")
    } else {
      if let value = try value ?? column.dbDefault.map({ try defaultText($0, column.type, table) }) {
        text += " DEFAULT \(value)"
      }
      text += column.isNullable ? " NULL" : " NOT NULL"
    }
    guard withKeys else { return text }
    if column.isPrimaryKey || column.isUnique { try requireKeyLength([column.name], in: table, "the column \(column.name)") }
    if column.isPrimaryKey { text += " PRIMARY KEY" }
    if column.isUnique { text += " UNIQUE" }
    return text
  }

  private func requireNoCountedKey(_ generated: GeneratedState, _ column: ColumnState, _ table: TableState) throws {
    guard let key = table.columns.first(where: \.autoIncrement), generated.sql.contains("\"\(key.name)\"") else { return }
    throw MigrationError(
      .unsupported,
      "\(table.name).\(column.name) is computed from \(key.name), and \(dialect.name) counts that only after it computed the rest",
      hint: "compute it in queries, or give the model a key that the app makes")
  }

  func defaultText(_ value: DatabaseDefault, _ type: ColumnType, _ table: TableState) throws -> String {
    let text: String
    switch value {
    case .int(let value): text = dialect.literal(.int(value))
    case .double(let value): text = dialect.literal(.double(value))
    case .bool(let value): text = dialect.literal(.bool(value))
    case .text(let value): text = dialect.literal(.text(value))
    case .sql(let sql): return "(\(try PortableSQL(sql).text(dialect, table: table)))"
    // MariaDB's UUID() is of version 1, and says when and where it was made.
    case .randomUUID:
      return
        "(LOWER(CONCAT(HEX(RANDOM_BYTES(6)), '4', SUBSTR(HEX(RANDOM_BYTES(2)), 2), SUBSTR('89ab', 1 + FLOOR(RAND() * 4), 1), "
        + "SUBSTR(HEX(RANDOM_BYTES(2)), 2), HEX(RANDOM_BYTES(6)))))"
    case .currentTimestamp:
      switch type {
      case .date: return "(UTC_DATE())"
      case .time: return "(UTC_TIME(6))"
      default: return "(UTC_TIMESTAMP(6))"
      }
    }
    // MySQL takes a default for long texts as an expression alone.
    return isLong(type) ? "(\(text))" : text
  }

  func addColumn(_ column: ColumnState, backfill: SQLValue?, to table: TableState) throws -> [SchemaStep] {
    let value = backfill.flatMap { $0.isNull ? nil : "(\(dialect.literal($0)))" }
    var texts = [alter(table.name, "ADD COLUMN \(try definition(column, in: table, withKeys: true, default: value))")]
    if value != nil {
      let kept = try column.dbDefault.map { "SET DEFAULT \(try defaultText($0, column.type, table))" } ?? "DROP DEFAULT"
      texts.append(alter(table.name, "ALTER COLUMN \(quote(column.name)) \(kept)"))
    }
    return texts.map { .ddl($0) }
  }

  func alterColumn(_ old: ColumnState, _ new: ColumnState, backfill: SQLValue?, before: TableState, after: TableState) throws
    -> [SchemaStep]
  {
    let table = after.name, name = new.name
    if old.generated != new.generated { return try recompute(old, new, before: before, after: after) }
    var steps: [SchemaStep] = []
    // What an index over the column looks like depends on its type, and on whether a foreign key brings its own.
    let covering = after.indexes.filter { $0.columnNames.contains(name) }
    let changed = try covering.filter {
      if $0.fullText != nil { return true }
      let old = try columns(of: $0, in: before), new = try columns(of: $0, in: after)
      return isMade($0, before) != isMade($0, after) || old != new
    }
    for index in changed where isMade(index, before) { steps += dropIndex(index, of: before).map { .ddl($0) } }
    if old.isUnique, !new.isUnique { steps.append(.ddl("DROP INDEX \(quote(name)) ON \(quote(table))")) }
    if old.isNullable, !new.isNullable {
      if let value = try fill(new, backfill, after) {
        steps.append(.data("UPDATE \(quote(table)) SET \(quote(name)) = \(value) WHERE \(quote(name)) IS NULL"))
      }
    }
    var change = "MODIFY COLUMN \(try definition(new, in: after, withKeys: false))"
    if old.isPrimaryKey, !new.isPrimaryKey { change = "DROP PRIMARY KEY, " + change }
    if new.isPrimaryKey, !old.isPrimaryKey { change += ", ADD PRIMARY KEY \(list([name]))" }
    steps.append(.ddl(alter(table, change)))
    if new.isUnique, !old.isUnique {
      try requireKeyLength([name], in: after, "the column \(name)")
      steps.append(.ddl(alter(table, "ADD CONSTRAINT \(quote(name)) UNIQUE \(list([name]))")))
    }
    for index in changed where isMade(index, after) {
      steps += try createIndex(index, on: after, isFree: false).map { .ddl($0) }
    }
    return steps
  }

  /// What replaces NULL in a column that may not be NULL any more.
  private func fill(_ column: ColumnState, _ backfill: SQLValue?, _ table: TableState) throws -> String? {
    if let backfill { return backfill.isNull ? nil : dialect.literal(backfill) }
    return try column.dbDefault.map { try defaultText($0, column.type, table) }
  }

  func dropColumn(_ column: String, of table: TableState) -> [String] { [alter(table.name, "DROP COLUMN \(quote(column))")] }

  // MARK: Checks and foreign keys

  private func definition(_ check: CheckState, in table: TableState) throws -> String {
    "CONSTRAINT \(quote(names.check(check))) CHECK (\(try PortableSQL(check.sql).text(dialect, table: table)))"
  }
  func addCheck(_ check: CheckState, to table: TableState) throws -> [String] {
    [alter(table.name, "ADD \(try definition(check, in: table))")]
  }
  func dropCheck(_ check: CheckState, of table: TableState) -> [String] {
    [alter(table.name, "DROP CONSTRAINT \(quote(names.check(check)))")]
  }

  func addForeignKey(_ key: ForeignKeyState, to table: TableState) -> [String] {
    let name = quote(names.foreignKey(key, of: table.name))
    let index = needsIndex(key, table) ? ["CREATE INDEX \(name) ON \(quote(table.name)) \(list(key.columns))"] : []
    return index + [
      alter(
        table.name,
        "ADD CONSTRAINT \(name) FOREIGN KEY \(list(key.columns)) REFERENCES \(quote(key.table)) \(list(key.targetColumns))"
          + key.onDelete.sql)
    ]
  }
  func dropForeignKey(_ key: ForeignKeyState, of table: TableState) -> [String] {
    let name = quote(names.foreignKey(key, of: table.name))
    return [alter(table.name, "DROP FOREIGN KEY \(name)")]
      + (needsIndex(key, table) ? ["DROP INDEX \(name) ON \(quote(table.name))"] : [])
  }
  func renameForeignKey(_ old: String, to new: String, of table: String) -> String? { nil }

  /// Whether no key of the table serves the foreign key.
  func needsIndex(_ key: ForeignKeyState, _ table: TableState) -> Bool {
    if table.primaryKey.starts(with: key.columns) && !table.primaryKey.isEmpty { return false }
    guard key.columns.count == 1, let column = table.column(key.columns[0]) else { return true }
    return !column.isUnique && !column.isPrimaryKey
  }

  func mustDropKey(_ old: ColumnState, _ new: ColumnState) -> Bool {
    old.references != new.references || old.type != new.type || old.isUnique != new.isUnique
      || old.isPrimaryKey != new.isPrimaryKey || old.isNullable != new.isNullable
  }
}
