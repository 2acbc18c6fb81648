import MartletORM
import MartletSQL

/// The DDL of one family of servers: what ``ServerSchemaEditor`` puts together.
protocol ServerGrammar: Sendable {
  var dialect: any SQLDialect { get }
  var names: ServerNames { get }
  /// Whether a constraint on rows may wait for the end of the transaction: then it has to be asked before the next DDL.
  var defersConstraints: Bool { get }
  func createTable(_ table: TableState) throws -> String
  /// The indexes that a new table needs besides.
  func createIndexes(of table: TableState) throws -> [String]
  func renameTable(_ old: String, to new: String) -> String
  func renameColumn(_ from: String, to: String, before: TableState, after: TableState) throws -> [String]
  /// The objects whose names hold the name of the table or of a column: indexes and constraints, foreign keys apart.
  func renameObjects(_ before: TableState, _ after: TableState) -> [String]
  func addColumn(_ column: ColumnState, backfill: SQLValue?, to table: TableState) throws -> [SchemaStep]
  func alterColumn(_ old: ColumnState, _ new: ColumnState, backfill: SQLValue?, before: TableState, after: TableState) throws
    -> [SchemaStep]
  func dropColumn(_ column: String, of table: TableState) -> [String]
  /// - Parameter isFree: Whether it may be made without blocking writers, outside of a transaction.
  func createIndex(_ index: IndexState, on table: TableState, isFree: Bool) throws -> [String]
  func dropIndex(_ index: IndexState, of before: TableState) -> [String]
  func addCheck(_ check: CheckState, to table: TableState) throws -> [String]
  func dropCheck(_ check: CheckState, of table: TableState) -> [String]
  func addForeignKey(_ key: ForeignKeyState, to table: TableState) -> [String]
  func dropForeignKey(_ key: ForeignKeyState, of table: TableState) -> [String]
  /// Nothing where a foreign key cannot be renamed: then it is dropped and made anew.
  func renameForeignKey(_ old: String, to new: String, of table: String) -> String?
  /// Whether the column's foreign key stands in the way of this change.
  func mustDropKey(_ old: ColumnState, _ new: ColumnState) -> Bool
}

/// Turns operations into the DDL of PostgreSQL or MySQL, which change tables where they are.
///
/// Foreign keys come at the end of the migration, as Django has it: tables may refer to each other in circles.
struct ServerSchemaEditor<Grammar: ServerGrammar>: SchemaEditor {
  let grammar: Grammar
  var dialect: any SQLDialect { grammar.dialect }

  func createTable(_ table: TableState) throws -> String { try grammar.createTable(table) }

  func steps(_ operations: [MigrationOperation], before: SchemaState, atomic: Bool) throws -> [SchemaStep] {
    var work = ServerWork(grammar: grammar, state: before, atomic: atomic)
    for operation in operations { try work.add(operation) }
    work.addMissingKeys()
    return work.steps
  }
}

/// A migration for a server while it is put together.
private struct ServerWork<Grammar: ServerGrammar> {
  /// A foreign key by its place.
  struct KeyPlace: Hashable {
    var table: String
    var columns: [String]
  }
  let grammar: Grammar
  var state: SchemaState
  let atomic: Bool
  var steps: [SchemaStep] = []
  /// The foreign keys that the schema has and the database has not, yet.
  private var missing: [KeyPlace] = []
  private var dropped: Set<String> = []
  private var created: Set<String> = []
  /// Whether rows were changed since the last DDL.
  private var isDirty = false

  init(grammar: Grammar, state: SchemaState, atomic: Bool) {
    self.grammar = grammar
    self.state = state
    self.atomic = atomic
  }

  private mutating func append(_ new: [SchemaStep]) {
    for step in new {
      if case .sql(let statement) = step, statement.effect == .definition {
        if isDirty, atomic, grammar.defersConstraints {
          // PostgreSQL changes no table whose rows still have a check to come.
          steps += [.ddl("SET CONSTRAINTS ALL IMMEDIATE"), .ddl("SET CONSTRAINTS ALL DEFERRED")]
        }
        isDirty = false
      } else {
        isDirty = true
      }
      steps.append(step)
    }
  }
  private mutating func append(_ texts: [String]) { append(texts.map { SchemaStep.ddl($0) }) }

  mutating func add(_ operation: MigrationOperation) throws {
    var after = state
    try after.apply(operation)
    switch operation {
    case .createTable(let table):
      try requireNames(table)
      append([try grammar.createTable(table)] + (try grammar.createIndexes(of: table)))
      missing += table.allForeignKeys.map { KeyPlace(table: table.name, columns: $0.columns) }
      created.insert(table.name)
    case .dropTable(let name): dropTable(name)
    case .renameTable(let old, let new):
      try rename(to: after, [grammar.renameTable(old, to: new)], tables: [old: new]) { place in
        KeyPlace(table: place.table == old ? new : place.table, columns: place.columns)
      }
    case .renameColumn(let table, let from, let to):
      guard let old = state.tables[table], let new = after.tables[table] else { break }
      let texts = try grammar.renameColumn(from, to: to, before: old, after: new)
      try rename(to: after, texts, tables: [table: table]) { place in
        KeyPlace(table: place.table, columns: place.table == table ? place.columns.map { $0 == from ? to : $0 } : place.columns)
      }
    case .sql(let text, _):
      addMissingKeys()
      append([.data(text)])
    case .run(let code):
      addMissingKeys()
      append([.code(code)])
    default: try change(operation, after)
    }
    state = after
  }

  /// The operations on one table that stays.
  private mutating func change(_ operation: MigrationOperation, _ after: SchemaState) throws {
    guard let name = operation.alteredTable, let old = state.tables[name], let new = after.tables[name] else { return }
    switch operation {
    case .addColumn(_, let column, let backfill):
      try requireNames(new)
      append(try grammar.addColumn(column, backfill: backfill, to: new))
      if column.references != nil { missing.append(KeyPlace(table: name, columns: [column.name])) }
    case .alterColumn(_, let column, let backfill):
      guard let before = old.column(column.name) else { break }
      let place = KeyPlace(table: name, columns: [column.name])
      if grammar.mustDropKey(before, column) {
        dropKeys { $0 == place || before.type != column.type && $1.table == name && $1.targetColumns.contains(column.name) }
      }
      append(try grammar.alterColumn(before, column, backfill: backfill, before: old, after: new))
      missing.removeAll { $0 == place && column.references == nil }
      if before.references == nil, column.references != nil { missing.append(place) }
    case .dropColumn(_, let column):
      dropKeys {
        $0.table == name && $0.columns.contains(column) || $1.table == name && $1.targetColumns.contains(column)
      }
      missing.removeAll { $0.table == name && $0.columns.contains(column) }
      append(grammar.dropColumn(column, of: old))
    case .addIndex(_, let index):
      append(try grammar.createIndex(index, on: new, isFree: !atomic && !created.contains(name)))
    case .dropIndex(_, let index): if let index = old.index(index) { append(grammar.dropIndex(index, of: old)) }
    case .addCheck(_, let check): append(try grammar.addCheck(check, to: new))
    case .addForeignKey(_, let key): missing.append(KeyPlace(table: name, columns: key.columns))
    case .dropForeignKey(_, let columns):
      let place = KeyPlace(table: name, columns: columns)
      dropKeys { here, _ in here == place }
      missing.removeAll { $0 == place }
    case .dropCheck(_, let check): if let check = old.check(check) { append(grammar.dropCheck(check, of: old)) }
    default: break
    }
  }

  private mutating func dropTable(_ name: String) {
    dropKeys { $0.table != name && $1.table == name }
    append(["DROP TABLE \(grammar.dialect.quote(name))"])
    missing.removeAll { $0.table == name }
    dropped.insert(name)
  }

  // MARK: Foreign keys

  /// The keys that the database has.
  private var present: [(place: KeyPlace, table: TableState, key: ForeignKeyState)] {
    state.tables.values.sorted { $0.name < $1.name }.flatMap { table in
      table.allForeignKeys.map { (place: KeyPlace(table: table.name, columns: $0.columns), table: table, key: $0) }
    }.filter { !missing.contains($0.place) }
  }

  private mutating func dropKeys(where condition: (KeyPlace, ForeignKeyState) -> Bool) {
    for (place, table, key) in present where condition(place, key) {
      append(grammar.dropForeignKey(key, of: table))
      missing.append(place)
    }
  }

  mutating func addMissingKeys() {
    let waiting = missing
    missing = []
    for place in waiting {
      guard let table = state.tables[place.table], let key = table.allForeignKeys.first(where: { $0.columns == place.columns })
      else { continue }
      // A table that is gone and that columns still name: as SQLite has it, until they go too.
      if state.tables[key.table] == nil, dropped.contains(key.table) {
        missing.append(place)
      } else {
        append(grammar.addForeignKey(key, to: table))
      }
    }
  }

  /// Renames a table or a column, and what is named after it.
  private mutating func rename(
    to after: SchemaState, _ texts: [String], tables: [String: String], _ moved: (KeyPlace) -> KeyPlace
  ) throws {
    var renames: [String] = []
    for (place, table, key) in present {
      let target = moved(place)
      guard let newTable = after.tables[target.table],
        let newKey = newTable.allForeignKeys.first(where: { $0.columns == target.columns })
      else { continue }
      let old = grammar.names.foreignKey(key, of: table.name), new = grammar.names.foreignKey(newKey, of: newTable.name)
      guard old != new else { continue }
      if let text = grammar.renameForeignKey(old, to: new, of: newTable.name) {
        renames.append(text)
      } else {
        append(grammar.dropForeignKey(key, of: table))
        missing.append(place)
      }
    }
    append(texts + renames)
    missing = missing.map(moved)
    for (old, new) in tables {
      guard let before = state.tables[old], let after = after.tables[new] else { continue }
      try requireNames(after)
      append(grammar.renameObjects(before, after))
    }
  }

  // MARK: Names

  private func requireNames(_ table: TableState) throws {
    let limit = grammar.names.limit
    for name in [table.name] + table.columns.map(\.name) where name.utf8.count > limit {
      throw MigrationError(
        .unsupported, "the name \(name) has \(name.utf8.count) bytes; \(grammar.dialect.name) allows \(limit)",
        hint: "give the model or the property a shorter one: @Model(table: …), @Field(column: …)")
    }
  }
}

extension MigrationOperation {
  /// The table that a change of a table is about.
  var alteredTable: String? {
    switch self {
    case .addColumn(let table, _, _), .alterColumn(let table, _, _), .renameColumn(let table, _, _), .dropColumn(let table, _),
      .addIndex(let table, _), .dropIndex(let table, _), .addCheck(let table, _), .dropCheck(let table, _),
      .addForeignKey(let table, _), .dropForeignKey(let table, _), .setStrict(let table, _):
      table
    case .createTable, .dropTable, .renameTable, .sql, .run: nil
    }
  }
}
