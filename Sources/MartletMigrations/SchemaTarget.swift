public import MartletORM
public import MartletSQL

/// The schema that models declare, with what a migration towards it needs to know besides.
public struct SchemaTarget: Sendable {
  /// The tables.
  public var state: SchemaState
  /// What existing rows get in a new column: the property's initial value. By table and column.
  public var backfills: [String: [String: SQLValue]] = [:]
  /// The old names of renamed columns (`@Field(renamedFrom:)`), by table and new name.
  public var renames: [String: [String: String]] = [:]

  /// A schema without backfills and renames.
  public init(_ state: SchemaState) { self.state = state }

  /// The schema of these models, with the link tables of their many-to-many relations.
  ///
  /// - Throws: ``MigrationError`` of kind `invalidModel`, naming the model.
  public init(models: [any Model.Type], dialect: any SQLDialect = SQLiteDialect()) throws {
    self.init(SchemaState())
    for model in models {
      let schema = model.schema
      try Self.requireSingleKeys(schema)
      var table = Self.table(schema)
      table.isStrict = model.tableOptions.contains(.strict)
      do {
        for constraint in model.constraints { try Self.add(constraint, to: &table, schema, dialect) }
        try Self.requireExpressions(table, schema)
      } catch let error as MigrationError { throw error } catch {
        throw MigrationError(.invalidModel, "\(schema.name): a constraint cannot be written as SQL: \(error)")
      }
      try add(table, of: schema)
      for link in schema.links { try add(Self.link(link, of: schema), of: schema) }
      for column in schema.columns {
        if let value = column.defaultValue?(), !value.isNull { backfills[schema.table, default: [:]][column.name] = value }
        if let old = column.options.renamedFrom { renames[schema.table, default: [:]][column.name] = old }
      }
    }
    try requireTargets()
  }

  /// What a database cannot do of this schema, a sentence each: a unique constraint over some of the rows on MySQL.
  public func unsupported(by dialect: any SQLDialect) -> [String] {
    let editor = schemaEditor(for: dialect)
    return state.tables.values.sorted { $0.name < $1.name }.compactMap { table in
      do {
        _ = try editor.steps([.createTable(table)], before: SchemaState(), atomic: true)
        return nil
      } catch { return String(describing: error) }
    }
  }

  private mutating func add(_ table: TableState, of schema: ModelSchema) throws {
    guard state.tables[table.name] == nil else {
      throw MigrationError(
        .invalidModel, "\(schema.name): the table \(table.name) is declared twice", hint: "give one of them @Model(table: …)")
    }
    try requireNames(ofFullText: table, schema)
    let names = table.indexes.map(\.name) + table.checks.map(\.name)
    if let twice = Dictionary(grouping: names, by: { $0 }).filter({ $1.count > 1 }).keys.min() {
      throw MigrationError(
        .invalidModel, "\(schema.name): two constraints are named \(twice)", hint: "remove one, or name it: index(…, name: …)")
    }
    state.tables[table.name] = table
  }

  /// Queries ask for a full-text index by its name, so that no server may shorten it.
  private func requireNames(ofFullText table: TableState, _ schema: ModelSchema) throws {
    for index in table.indexes where index.fullText != nil && index.name.utf8.count > 63 {
      throw MigrationError(
        .invalidModel, "\(schema.name): the name of the full-text index \(index.name) has more than 63 bytes",
        hint: "give it a shorter one: fullText(…, name: …)")
    }
  }

  private func requireTargets() throws {
    for table in state.tables.values.sorted(by: { $0.name < $1.name }) {
      for reference in table.allForeignKeys where state.tables[reference.table] == nil {
        throw MigrationError(
          .invalidModel,
          "\(table.name).\(reference.columns.joined(separator: ", ")) refers to \(reference.table), which no model in the list declares",
          hint: "add that model to the backend's models")
      }
    }
  }

  private static func table(_ schema: ModelSchema) -> TableState {
    var table = TableState(schema.table)
    for column in schema.columns {
      let reference = column.foreignKey.map {
        let target = $0.target()
        return ReferenceState(target.table, target.primaryKey.name, onDelete: $0.onDelete)
      }
      // A reference is as long as the key that it refers to.
      let type = column.foreignKey?.target().primaryKey.type ?? column.type
      table.columns.append(
        ColumnState(
          column.name, type, null: column.isNullable && !column.isPrimaryKey,
          primaryKey: column.isPrimaryKey && !schema.hasCompositeKey,
          autoIncrement: column.isPrimaryKey && column.keyGeneration == .database,
          unique: column.isUnique && !column.isPrimaryKey, dbDefault: column.options.dbDefault, references: reference))
      if column.isIndexed {
        table.indexes.append(IndexState(DatabaseNames.hashed(schema.table, [column.name]), [column.name]))
      }
    }
    table.foreignKeys = schema.foreignKeys.map { key in
      let target = key.target()
      return ForeignKeyState(key.columns, to: target.table, target.primaryKeyColumns.map(\.name), onDelete: key.onDelete)
    }
    if schema.hasCompositeKey { table.primaryKey = schema.primaryKeyColumns.map(\.name) }
    return table
  }

  /// What refers by one column refers to a key of one column.
  private static func requireSingleKeys(_ schema: ModelSchema) throws {
    for column in schema.columns {
      guard let target = column.foreignKey?.target(), target.hasCompositeKey else { continue }
      throw MigrationError(
        .invalidModel, "\(schema.name).\(column.property) is one column, and the key of \(target.name) has several",
        hint: "refer to it by as many properties: @Relation(columns: […]) var \(column.property): One<\(target.name)>")
    }
    for link in schema.links where schema.hasCompositeKey || link.target().hasCompositeKey {
      throw MigrationError(
        .invalidModel, "\(link.table) would refer to a key of several columns by one",
        hint: "write a model in between with @Relation(columns: […])")
    }
  }

  /// Django's layout: a key, the two references, unique together.
  private static func link(_ link: LinkSchema, of owner: ModelSchema) -> TableState {
    let target = link.target()
    var table = TableState(link.table, columns: [ColumnState("id", .bigInt, primaryKey: true, autoIncrement: true)])
    for (column, schema) in [(link.ownerColumn, owner), (link.targetColumn, target)] {
      let reference = ReferenceState(schema.table, schema.primaryKey.name, onDelete: .cascade)
      table.columns.append(ColumnState(column, schema.primaryKey.type, references: reference))
      table.indexes.append(IndexState(DatabaseNames.hashed(link.table, [column]), [column]))
    }
    let pair = [link.ownerColumn, link.targetColumn]
    table.indexes.append(IndexState(DatabaseNames.unique(link.table, pair), pair, unique: true))
    return table
  }

  private static func add(
    _ constraint: Constraint, to table: inout TableState, _ schema: ModelSchema, _ dialect: any SQLDialect
  ) throws {
    let columns = try constraint.columns()
    let condition = try constraint.conditionSQL(dialect)
    switch constraint.kind {
    case .index:
      let name = constraint.name ?? DatabaseNames.index(table.name, columns)
      table.indexes.append(IndexState(name, columns.map { $0.isDescending ? "-" + $0.name : $0.name }))
    case .unique:
      let names = columns.map(\.name)
      table.indexes.append(
        IndexState(constraint.name ?? DatabaseNames.unique(table.name, names), names, unique: true, where: condition))
    case .fullText(_, let language):
      let name = constraint.name ?? FullTextIndex.name(of: table.name)
      table.indexes.append(IndexState(name, columns.map(\.name), fullText: language.rawValue))
    case .check:
      table.checks.append(CheckState(constraint.name ?? "\(table.name)_check", condition ?? ""))
    case .generated:
      guard let name = columns.first?.name, let place = schema.columns.firstIndex(where: { $0.name == name }),
        let sql = try constraint.expressionSQL(dialect)
      else { return }
      let column = schema.columns[place]
      guard let when = column.options.generated else {
        throw MigrationError(
          .invalidModel, "\(schema.name).\(column.property) has an expression, and is not declared as computed",
          hint: "write @Field(generated: .stored) var \(column.property)")
      }
      guard table.columns[place].generated == nil else {
        throw MigrationError(.invalidModel, "\(schema.name).\(column.property) has two expressions", hint: "remove one")
      }
      table.columns[place].generated = GeneratedState(sql, stored: when == .stored)
    }
  }

  /// Every column that is declared as computed says how.
  private static func requireExpressions(_ table: TableState, _ schema: ModelSchema) throws {
    for (column, state) in zip(schema.columns, table.columns) where column.options.generated != nil && state.generated == nil {
      throw MigrationError(
        .invalidModel, "\(schema.name).\(column.property) is computed by the database, and nothing says how",
        hint: "add generated($0.\(column.property), as: …) to the model's constraints")
    }
  }
}
