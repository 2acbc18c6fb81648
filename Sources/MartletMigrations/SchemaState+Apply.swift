extension SchemaState {
  /// The state after these migrations, from nothing.
  ///
  /// - Throws: ``MigrationError`` of kind `invalidOperation`, naming the migration.
  public init(replaying migrations: [Migration]) throws {
    self.init()
    for migration in migrations { try apply(migration) }
  }

  /// Applies a migration's operations.
  mutating func apply(_ migration: Migration) throws {
    for operation in migration.operations {
      do { try apply(operation) } catch let error as MigrationError {
        throw MigrationError(error.kind, "migration \(migration.name): \(error.message)", hint: error.hint)
      }
    }
  }

  /// Applies one operation.
  ///
  /// - Throws: ``MigrationError`` of kind `invalidOperation` where it does not fit.
  public mutating func apply(_ operation: MigrationOperation) throws {
    switch operation {
    case .createTable(let table):
      guard tables[table.name] == nil else { throw Self.refused(operation, "the table exists already") }
      for index in table.indexes { try Self.requireColumns(index, of: table, operation) }
      for column in table.primaryKey + table.foreignKeys.flatMap(\.columns) where table.column(column) == nil {
        throw Self.refused(operation, "a key names \(column), which is no column")
      }
      tables[table.name] = table
    case .dropTable(let name):
      guard tables.removeValue(forKey: name) != nil else { throw Self.refused(operation, "there is no such table") }
    case .renameTable(let old, let new): try renameTable(old, new, operation)
    case .addColumn(let name, let column, _):
      try change(name, operation) { table in
        guard table.column(column.name) == nil else { throw Self.refused(operation, "the column exists already") }
        table.columns.append(column)
      }
    case .alterColumn(let name, let column, _):
      try change(name, operation) { table in
        guard let place = table.columns.firstIndex(where: { $0.name == column.name }) else {
          throw Self.refused(operation, "there is no such column")
        }
        table.columns[place] = column
      }
    case .renameColumn(let name, let from, let to): try renameColumn(name, from, to, operation)
    case .dropColumn(let name, let column):
      try change(name, operation) { table in
        guard table.column(column) != nil else { throw Self.refused(operation, "there is no such column") }
        if let index = table.indexes.first(where: { $0.columnNames.contains(column) }) {
          throw Self.refused(operation, "the index \(index.name) needs it: drop that first")
        }
        if table.primaryKey.contains(column) || table.foreignKeys.contains(where: { $0.columns.contains(column) }) {
          throw Self.refused(operation, "a key of several columns needs it")
        }
        table.columns.removeAll { $0.name == column }
      }
    case .addIndex(let name, let index):
      try change(name, operation) { table in
        guard table.index(index.name) == nil else { throw Self.refused(operation, "the index exists already") }
        try Self.requireColumns(index, of: table, operation)
        table.indexes.append(index)
      }
    case .dropIndex(let name, let index):
      try change(name, operation) { table in
        guard table.index(index) != nil else { throw Self.refused(operation, "there is no such index") }
        table.indexes.removeAll { $0.name == index }
      }
    case .addCheck(let name, let check):
      try change(name, operation) { table in
        guard table.check(check.name) == nil else { throw Self.refused(operation, "the check exists already") }
        table.checks.append(check)
      }
    case .dropCheck(let name, let check):
      try change(name, operation) { table in
        guard table.check(check) != nil else { throw Self.refused(operation, "there is no such check") }
        table.checks.removeAll { $0.name == check }
      }
    case .addForeignKey(let name, let key):
      try change(name, operation) { table in
        for column in key.columns where table.column(column) == nil { throw Self.refused(operation, "\(column) is no column") }
        guard !table.foreignKeys.contains(where: { $0.columns == key.columns }) else {
          throw Self.refused(operation, "the columns are a foreign key already")
        }
        table.foreignKeys.append(key)
      }
    case .dropForeignKey(let name, let columns):
      try change(name, operation) { table in
        guard table.foreignKeys.contains(where: { $0.columns == columns }) else {
          throw Self.refused(operation, "there is no such foreign key")
        }
        table.foreignKeys.removeAll { $0.columns == columns }
      }
    case .setStrict(let name, let isStrict): try change(name, operation) { $0.isStrict = isStrict }
    case .sql, .run: break
    }
  }

  private mutating func renameTable(_ old: String, _ new: String, _ operation: MigrationOperation) throws {
    guard tables[new] == nil else { throw Self.refused(operation, "the table \(new) exists already") }
    guard var table = tables.removeValue(forKey: old) else { throw Self.refused(operation, "there is no such table") }
    table.name = new
    tables[new] = table
    eachReference { reference in if reference.table == old { reference.table = new } }
  }

  private mutating func renameColumn(_ name: String, _ from: String, _ to: String, _ operation: MigrationOperation) throws {
    try change(name, operation) { table in
      guard table.column(to) == nil else { throw Self.refused(operation, "the column \(to) exists already") }
      guard let place = table.columns.firstIndex(where: { $0.name == from }) else {
        throw Self.refused(operation, "there is no such column")
      }
      table.columns[place].name = to
      // SQLite rewrites names in quotes in checks and in the conditions of indexes in the same way.
      func renamed(_ sql: String) -> String { sql.replacing("\"\(from)\"", with: "\"\(to)\"") }
      for i in table.indexes.indices {
        table.indexes[i].columns = table.indexes[i].columns.map { $0 == from ? to : $0 == "-" + from ? "-" + to : $0 }
        table.indexes[i].condition = table.indexes[i].condition.map(renamed)
      }
      for i in table.checks.indices { table.checks[i].sql = renamed(table.checks[i].sql) }
      for i in table.columns.indices {
        if let sql = table.columns[i].generated?.sql { table.columns[i].generated?.sql = renamed(sql) }
      }
      table.primaryKey = table.primaryKey.map { $0 == from ? to : $0 }
      for i in table.foreignKeys.indices {
        table.foreignKeys[i].columns = table.foreignKeys[i].columns.map { $0 == from ? to : $0 }
      }
    }
    eachReference { reference in
      guard reference.table == name else { return }
      reference.targetColumns = reference.targetColumns.map { $0 == from ? to : $0 }
    }
  }

  private mutating func eachReference(_ body: (inout ForeignKeyState) -> Void) {
    for name in tables.keys.sorted() {
      guard var table = tables[name] else { continue }
      for i in table.columns.indices {
        guard let reference = table.columns[i].references else { continue }
        var key = ForeignKeyState([table.columns[i].name], to: reference.table, [reference.column], onDelete: reference.onDelete)
        body(&key)
        table.columns[i].references = ReferenceState(key.table, key.targetColumns.first ?? "", onDelete: key.onDelete)
      }
      for i in table.foreignKeys.indices { body(&table.foreignKeys[i]) }
      tables[name] = table
    }
  }

  private mutating func change(
    _ name: String, _ operation: MigrationOperation, _ body: (inout TableState) throws -> Void
  ) throws {
    guard var table = tables[name] else { throw Self.refused(operation, "there is no table \(name)") }
    try body(&table)
    tables[name] = table
  }

  private static func requireColumns(_ index: IndexState, of table: TableState, _ operation: MigrationOperation) throws {
    for column in index.columnNames where table.column(column) == nil {
      throw Self.refused(operation, "the index \(index.name) names \(column), which is no column")
    }
  }

  private static func refused(_ operation: MigrationOperation, _ reason: String) -> MigrationError {
    MigrationError(.invalidOperation, "\(operation.summary): \(reason)")
  }
}
