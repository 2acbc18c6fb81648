import MartletSQL

/// A question that only a person can answer while migrations are written.
public enum MigrationQuestion: Sendable, Hashable {
  /// Was the column `from` renamed to `to`, or dropped and another one added?
  case isColumnRenamed(table: String, from: String, to: String)
  /// Was the table renamed, or dropped and another one created?
  case isTableRenamed(from: String, to: String)

  /// The question as a sentence, for a terminal.
  public var text: String {
    switch self {
    case .isColumnRenamed(let table, let from, let to): "Was the column \(table).\(from) renamed to \(to)?"
    case .isTableRenamed(let from, let to): "Was the table \(from) renamed to \(to)?"
    }
  }
}

/// Finds the operations that lead from one schema to another.
///
/// Emits in phases, each applied to a working state: renames; dropped indexes and checks; new tables, those that others
/// refer to first; new and changed columns; dropped columns; new indexes and checks; dropped tables.
struct SchemaDiff {
  private(set) var operations: [MigrationOperation] = []
  private var working: SchemaState
  private let target: SchemaTarget
  private let ask: (MigrationQuestion) -> Bool

  /// - Parameter ask: Answers questions; without a person, `{ _ in false }`.
  static func operations(
    from old: SchemaState, to target: SchemaTarget, ask: (MigrationQuestion) -> Bool = { _ in false }
  ) throws -> [MigrationOperation] {
    try withoutActuallyEscaping(ask) { ask in
      var diff = SchemaDiff(working: old, target: target, ask: ask)
      try diff.run()
      return diff.operations
    }
  }

  private init(working: SchemaState, target: SchemaTarget, ask: @escaping (MigrationQuestion) -> Bool) {
    self.working = working
    self.target = target
    self.ask = ask
  }

  private mutating func run() throws {
    try renameTables()
    for table in kept { try renameColumns(of: table) }
    for table in kept { try dropConstraints(of: table) }
    try freeIndexNames()
    for table in inReferenceOrder(created) { try emit(.createTable(table)) }
    for table in kept { try addAndAlterColumns(of: table) }
    for table in kept { try dropColumns(of: table) }
    for table in kept { try addConstraints(of: table) }
    for table in kept {
      let isStrict = target.state.tables[table]?.isStrict ?? false
      if working.tables[table]?.isStrict != isStrict { try emit(.setStrict(table: table, isStrict)) }
    }
    let dropped = working.tables.values.filter { target.state.tables[$0.name] == nil }
    for table in inReferenceOrder(Array(dropped)).reversed() { try emit(.dropTable(table.name)) }
  }

  private mutating func emit(_ operation: MigrationOperation) throws {
    try working.apply(operation)
    operations.append(operation)
  }

  // MARK: Tables

  /// The tables that were there and stay, by name.
  private var kept: [String] { working.tables.keys.filter { target.state.tables[$0] != nil && !isNew($0) }.sorted() }
  private var created: [TableState] {
    target.state.tables.values.filter { working.tables[$0.name] == nil }
  }
  /// Tables created by this diff need no further change.
  private func isNew(_ name: String) -> Bool { working.tables[name] == target.state.tables[name] }

  private mutating func renameTables() throws {
    let gone = working.tables.keys.filter { target.state.tables[$0] == nil }.sorted()
    for old in gone {
      guard let shape = working.tables[old]?.columns.map(\.name).sorted() else { continue }
      for new in created.sorted(by: { $0.name < $1.name }) where new.columns.map(\.name).sorted() == shape {
        guard ask(.isTableRenamed(from: old, to: new.name)) else { continue }
        try emit(.renameTable(old, to: new.name))
        break
      }
    }
  }

  /// Tables that others refer to first; by name where that leaves a choice. In a circle the first by name goes first:
  /// SQLite accepts references to tables that come later.
  private func inReferenceOrder(_ tables: [TableState]) -> [TableState] {
    var waiting = tables.sorted { $0.name < $1.name }
    var ordered: [TableState] = []
    while !waiting.isEmpty {
      let open = Set(waiting.map(\.name))
      let place = waiting.firstIndex { $0.referencedTables.isDisjoint(with: open) } ?? 0
      ordered.append(waiting.remove(at: place))
    }
    return ordered
  }

  // MARK: Columns

  private mutating func renameColumns(of name: String) throws {
    guard let old = working.tables[name], let new = target.state.tables[name] else { return }
    var gone = old.columns.filter { new.column($0.name) == nil }
    for column in new.columns where old.column(column.name) == nil {
      guard let place = gone.firstIndex(where: { isRename(name, $0, column) }) else { continue }
      try emit(.renameColumn(table: name, from: gone.remove(at: place).name, to: column.name))
    }
  }

  private func isRename(_ table: String, _ old: ColumnState, _ new: ColumnState) -> Bool {
    // A table has one key: another name for it can only be a rename.
    if old.isPrimaryKey || new.isPrimaryKey { return old.isPrimaryKey && new.isPrimaryKey }
    if let declared = target.renames[table]?[new.name] { return declared == old.name }
    guard old.type == new.type, old.references?.table == new.references?.table else { return false }
    // A column that another one declares as its origin is not asked about.
    if target.renames[table]?.values.contains(old.name) == true { return false }
    return ask(.isColumnRenamed(table: table, from: old.name, to: new.name))
  }

  private mutating func addAndAlterColumns(of name: String) throws {
    guard let old = working.tables[name], let new = target.state.tables[name] else { return }
    for column in new.columns {
      if let before = old.column(column.name) {
        guard before != column else { continue }
        let backfill = before.isNullable && !column.isNullable ? try backfill(name, column, "made NOT NULL") : nil
        try emit(.alterColumn(table: name, column, backfill: backfill))
      } else {
        let backfill = column.isNullable ? nil : try backfill(name, column, "added")
        try emit(.addColumn(table: name, column, backfill: backfill))
      }
    }
  }

  /// What existing rows get; `nil` where the table's own default fills in.
  private func backfill(_ table: String, _ column: ColumnState, _ what: String) throws -> SQLValue? {
    if column.dbDefault != nil || column.generated != nil { return nil }
    if let value = target.backfills[table]?[column.name] { return value }
    throw MigrationError(
      .needsBackfill, "\(table).\(column.name) is \(what), and nothing says what the existing rows get",
      hint: "give the property a default value (var x: Int = 0), or make it optional, or give it @Field(dbDefault: …); "
        + "the first is used once, for the rows that exist")
  }

  private mutating func dropColumns(of name: String) throws {
    guard let old = working.tables[name], let new = target.state.tables[name] else { return }
    for column in old.columns where new.column(column.name) == nil { try emit(.dropColumn(table: name, column.name)) }
  }

  // MARK: Constraints

  private mutating func dropConstraints(of name: String) throws {
    guard let old = working.tables[name], let new = target.state.tables[name] else { return }
    for index in old.indexes where new.index(index.name) != index { try emit(.dropIndex(table: name, index.name)) }
    for check in old.checks where new.check(check.name) != check { try emit(.dropCheck(table: name, check.name)) }
    for key in old.foreignKeys where !new.foreignKeys.contains(key) {
      try emit(.dropForeignKey(table: name, columns: key.columns))
    }
    guard old.primaryKey == new.primaryKey else {
      throw MigrationError(
        .invalidModel, "\(name): a key of several columns cannot be changed",
        hint: "make a model with the new key, move the rows in a migration, and drop the old one")
    }
  }

  /// Names of indexes are unique in the whole database: a new table may take one from a table that is dropped later.
  private mutating func freeIndexNames() throws {
    let wanted = Set(created.flatMap { $0.indexes.map(\.name) })
    for table in working.tables.values.sorted(by: { $0.name < $1.name }) where target.state.tables[table.name] == nil {
      for index in table.indexes where wanted.contains(index.name) { try emit(.dropIndex(table: table.name, index.name)) }
    }
  }

  private mutating func addConstraints(of name: String) throws {
    guard let old = working.tables[name], let new = target.state.tables[name] else { return }
    for index in new.indexes where old.index(index.name) != index { try emit(.addIndex(table: name, index)) }
    for check in new.checks where old.check(check.name) != check { try emit(.addCheck(table: name, check)) }
    for key in new.foreignKeys where !old.foreignKeys.contains(key) { try emit(.addForeignKey(table: name, key)) }
  }
}
