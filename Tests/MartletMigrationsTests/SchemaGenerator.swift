import MartletORM
import MartletSQL

@testable import MartletMigrations

/// A random number generator with a seed (SplitMix64, Steele et al. 2014), so that a failure can be repeated.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64
  init(seed: UInt64) { state = seed }
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
  mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }
  mutating func pick<T>(_ values: [T]) -> T? { values.randomElement(using: &self) }
}

/// Makes a random schema and changes it at random, in ways that the rows of ``RowMaker`` survive.
struct SchemaGenerator {
  var random: SeededGenerator
  /// Which table of the second schema was which of the first.
  private(set) var tableRenames: [String: String] = [:]
  /// The columns whose values must be the same afterwards: by table of the second schema, new name to old.
  private(set) var survivors: [String: [String: String]] = [:]
  private var counter = 0
  private let dialect: any SQLDialect

  init(seed: UInt64, dialect: any SQLDialect = SQLiteDialect()) {
    random = SeededGenerator(seed: seed)
    self.dialect = dialect
  }
  /// What a database lacks is left out; the random numbers are drawn all the same, so that a seed means one schema more or less.
  private func has(_ capability: SQLCapabilities) -> Bool { dialect.capabilities.contains(capability) }
  private func canBeUnique(_ type: ColumnType) -> Bool {
    switch type {
    case .bool, .json: false
    case .text, .blob: has(.textKeys)
    default: true
    }
  }

  // MARK: A schema

  mutating func schema() -> SchemaState {
    let names = (0..<Int.random(in: 1...4, using: &random)).map { _ in fresh("t") }
    return SchemaState(names.map { table($0, references: names) })
  }

  private mutating func fresh(_ start: String) -> String {
    counter += 1
    return "\(start)\(counter)"
  }

  private mutating func table(_ name: String, references: [String]) -> TableState {
    let counts = random.chance(80)
    var table = TableState(name, columns: [ColumnState("id", .bigInt, primaryKey: true, autoIncrement: counts)])
    for _ in 0..<Int.random(in: 0...5, using: &random) { table.columns.append(column(references: references)) }
    for _ in 0..<Int.random(in: 0...2, using: &random) { addIndex(to: &table) }
    if random.chance(30) { addFullText(to: &table) }
    for column in table.columns where column.type == .int && random.chance(30) { addCheck(on: column.name, to: &table) }
    return table
  }

  private mutating func column(references: [String]) -> ColumnState {
    if let target = random.pick(references), random.chance(30) {
      let reference = ReferenceState(target, onDelete: random.pick(OnDelete.allCases) ?? .cascade)
      return ColumnState(fresh("r"), .bigInt, null: reference.onDelete == .setNull || random.chance(50), references: reference)
    }
    let types: [ColumnType] = [
      .smallInt, .int, .bigInt, .double, .decimal(precision: 10, scale: 2), .varchar(50), .text, .blob, .uuid, .timestamp, .date,
      .interval, .json, .bool,
    ]
    let type = random.pick(types) ?? .text
    // A unique column is nullable: the one backfill of a new column would be given to every row.
    let isUnique = random.chance(10) && canBeUnique(type)
    var column = ColumnState(fresh("c"), type, null: isUnique || random.chance(50), unique: isUnique)
    if !isUnique, random.chance(20) { column.dbDefault = databaseDefault(type) }
    return column
  }

  private mutating func databaseDefault(_ type: ColumnType) -> DatabaseDefault? {
    switch type {
    case .smallInt, .int, .bigInt: random.chance(70) ? .int(7) : .sql("3 + 4")
    case .text, .varchar: .text("it's")
    case .double: .double(1.5)
    case .bool: .bool(true)
    case .timestamp, .date: .currentTimestamp
    default: nil
    }
  }

  private mutating func addIndex(to table: inout TableState) {
    var columns = table.columns.filter { $0.name != "id" }.map(\.name).shuffled(using: &random).prefix(2).map(\.self)
    guard let first = columns.first else { return }
    if random.chance(30) { columns[0] = "-" + first }
    // With the key in it, backfilled rows differ.
    // PostgreSQL has no order of JSON texts, and MySQL no key of long ones.
    let types = columns.compactMap { name in table.columns.first { "-" + $0.name == name || $0.name == name }?.type }
    let isUnique = random.chance(30) && types.allSatisfy { has(.textKeys) || canBeUnique($0) }
    if isUnique { columns.append("id") }
    guard has(.partialIndexes) || !isUnique else {
      table.indexes.append(IndexState(fresh("i"), columns, unique: true))
      return
    }
    let condition = random.chance(20) ? "\"\(first)\" IS NOT NULL" : nil
    table.indexes.append(IndexState(fresh("i"), columns, unique: isUnique, where: condition))
  }
  private mutating func addFullText(to table: inout TableState) {
    let texts = table.columns.filter { $0.type == .text || $0.type == .varchar(50) }.map(\.name)
    guard !texts.isEmpty, table.columns.contains(where: \.autoIncrement) else { return }
    let language = random.chance(50) ? "english" : "simple"
    table.indexes.append(IndexState(fresh("f"), Array(texts.shuffled(using: &random).prefix(2)), fullText: language))
  }
  private mutating func addCheck(on column: String, to table: inout TableState) {
    table.checks.append(CheckState(fresh("k"), "\"\(column)\" >= 0"))
  }

  // MARK: Another one

  /// A schema that a migration leads to, with what that migration needs to know.
  mutating func changed(_ old: SchemaState) -> SchemaTarget {
    var target = SchemaTarget(old)
    for name in old.tables.keys.sorted() where old.tables.count > 1 && random.chance(15) { drop(name, from: &target.state) }
    let kept = target.state.tables.keys.sorted()
    for name in kept { survivors[name] = Dictionary(uniqueKeysWithValues: columnNames(name, target).map { ($0, $0) }) }
    for name in kept { change(name, &target, references: kept) }
    for name in kept where random.chance(15) && columnNames(name, target) == old.tables[name]?.columns.map(\.name) {
      rename(name, &target)
    }
    let all = target.state.tables.keys.sorted()
    for _ in 0..<Int.random(in: 0...2, using: &random) {
      let name = fresh("t")
      target.state.tables[name] = table(name, references: all + [name])
    }
    for (name, table) in target.state.tables {
      for column in table.columns {
        target.backfills[name, default: [:]][column.name] = column.references == nil ? RowMaker.value(column, row: 1) : .int(1)
      }
    }
    return target
  }

  private func columnNames(_ table: String, _ target: SchemaTarget) -> [String] {
    target.state.tables[table]?.columns.map(\.name) ?? []
  }

  private mutating func drop(_ name: String, from state: inout SchemaState) {
    state.tables[name] = nil
    for (other, var table) in state.tables {
      for column in table.columns where column.references?.table == name { remove(column.name, from: &table) }
      state.tables[other] = table
    }
  }

  private func remove(_ column: String, from table: inout TableState) {
    table.columns.removeAll { $0.name == column }
    table.indexes.removeAll { $0.columnNames.contains(column) || $0.condition?.contains("\"\(column)\"") == true }
    table.checks.removeAll { $0.sql.contains("\"\(column)\"") }
  }

  private mutating func change(_ name: String, _ target: inout SchemaTarget, references: [String]) {
    guard var table = target.state.tables[name] else { return }
    for column in table.columns where !column.isPrimaryKey {
      switch Int.random(in: 0..<100, using: &random) {
      case ..<15:
        remove(column.name, from: &table)
        survivors[name]?[column.name] = nil
      case ..<45: alter(column.name, &table)
      case ..<60: renameColumn(column.name, &table, &target)
      default: break
      }
    }
    for _ in 0..<Int.random(in: 0...2, using: &random) { table.columns.append(column(references: references)) }
    if random.chance(30), let index = random.pick(table.indexes) { table.indexes.removeAll { $0.name == index.name } }
    if random.chance(30), let check = random.pick(table.checks) { table.checks.removeAll { $0.name == check.name } }
    if random.chance(30) { addIndex(to: &table) }
    if random.chance(15) { addFullText(to: &table) }
    if random.chance(30), let column = table.columns.first(where: { $0.type == .int }) { addCheck(on: column.name, to: &table) }
    target.state.tables[name] = table
  }

  private mutating func alter(_ name: String, _ table: inout TableState) {
    guard let place = table.columns.firstIndex(where: { $0.name == name }) else { return }
    var column = table.columns[place]
    if random.chance(50), !column.isUnique, column.references?.onDelete != .setNull { column.isNullable.toggle() }
    if column.references != nil {
      if random.chance(50) { column.references?.onDelete = column.isNullable ? .setNull : .cascade }
    } else if random.chance(40) {
      // Changes that keep every value as it is.
      switch column.type {
      case .smallInt: column.type = .int
      case .int: column.type = random.chance(50) || !canBeText(name, table) ? .bigInt : .text
      case .varchar: column.type = canBeText(name, table) ? .text : .varchar(60)
      case .text: column.type = .varchar(80)
      default: break
      }
      if column.type != table.columns[place].type { column.dbDefault = nil }
      // As text, numbers compare otherwise.
      if column.type == .text { table.checks.removeAll { $0.sql.contains("\"\(name)\"") } }
    }
    if random.chance(20), column.references == nil, column.dbDefault == nil, canBeUnique(column.type) {
      column.isUnique = column.isNullable
    }
    table.columns[place] = column
  }

  private func canBeText(_ name: String, _ table: TableState) -> Bool {
    let isKey = table.column(name)?.isUnique == true || table.indexes.contains { $0.isUnique && $0.columnNames.contains(name) }
    return has(.textKeys) || !isKey
  }

  private mutating func renameColumn(_ old: String, _ table: inout TableState, _ target: inout SchemaTarget) {
    var state = SchemaState([table])
    let new = fresh("n")
    guard (try? state.apply(.renameColumn(table: table.name, from: old, to: new))) != nil, let changed = state.tables[table.name]
    else { return }
    table = changed
    target.renames[table.name, default: [:]][new] = old
    if let origin = survivors[table.name]?.removeValue(forKey: old) { survivors[table.name]?[new] = origin }
  }

  /// Only where nothing else changed: other changes would make it another table.
  private mutating func rename(_ old: String, _ target: inout SchemaTarget) {
    let isUntouched = target.renames[old] == nil && columnNames(old, target).allSatisfy { survivors[old]?[$0] == $0 }
    guard isUntouched, survivors[old]?.count == columnNames(old, target).count else { return }
    let new = fresh("u")
    guard (try? target.state.apply(.renameTable(old, to: new))) != nil else { return }
    tableRenames[old] = new
    let columns = survivors.removeValue(forKey: old)
    survivors[new] = columns
  }
}
