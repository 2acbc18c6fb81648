import MartletORM
import MartletSQL

/// A full-text index on SQLite: an FTS5 table that reads the texts from the model's table, and the triggers that keep it right.
struct SQLiteFullText {
  let index: IndexState
  let table: String
  let key: String
  let language: String
  private let dialect = SQLiteDialect()

  /// `nil` for other indexes.
  /// - Throws: ``MigrationError`` of kind `unsupported` where FTS5 cannot serve the table.
  init?(_ index: IndexState, on table: TableState) throws {
    guard let language = index.fullText else { return nil }
    // Only such a key is the row's number; others VACUUM numbers anew.
    guard let key = table.columns.first(where: { $0.autoIncrement || $0.isPrimaryKey && $0.type == .int }) else {
      throw MigrationError(
        .unsupported, "\(table.name): the full-text index \(index.name) needs a key of integers on SQLite",
        hint: "give the model an integer key, or search on PostgreSQL or MySQL alone")
    }
    if let name = index.columns.first(where: { ["rank", "rowid", index.name.lowercased()].contains($0.lowercased()) }) {
      throw MigrationError(
        .unsupported, "\(table.name): a full-text index of SQLite cannot have a column named \(name)",
        hint: "give the property another column: @Field(column: …)")
    }
    self.index = index
    self.table = table.name
    self.key = key.name
    self.language = language
  }

  private func quote(_ name: String) -> String { dialect.quote(name) }

  /// By name, what is in the catalogue.
  var definitions: [(name: String, sql: String)] {
    let name = quote(index.name), columns = index.columns.map(quote).joined(separator: ", ")
    func values(_ row: String) -> String { ([key] + index.columns).map { "\(row).\(quote($0))" }.joined(separator: ", ") }
    let add = "INSERT INTO \(name) (rowid, \(columns)) VALUES (\(values("new")));"
    let remove = "INSERT INTO \(name) (\(name), rowid, \(columns)) VALUES ('delete', \(values("old")));"
    let isChanged = ([key] + index.columns).map { "old.\(quote($0)) IS NOT new.\(quote($0))" }.joined(separator: " OR ")
    let stemming = language == "english" ? "porter " : ""
    func trigger(_ event: String, when: String = "", _ body: String) -> (name: String, sql: String) {
      let trigger = "\(index.name)_\(event)"
      return (
        trigger, "CREATE TRIGGER \(quote(trigger)) AFTER \(event.uppercased()) ON \(quote(table)) \(when)BEGIN \(body) END"
      )
    }
    return [
      (
        index.name,
        "CREATE VIRTUAL TABLE \(name) USING fts5(\(columns), content=\(dialect.literal(.text(table))), "
          + "content_rowid=\(dialect.literal(.text(key))), tokenize='\(stemming)unicode61 remove_diacritics 2')"
      ),
      trigger("insert", add), trigger("delete", remove), trigger("update", when: "WHEN \(isChanged) ", "\(remove) \(add)"),
    ]
  }

  /// Makes it and takes in the rows that are there.
  var create: [String] {
    definitions.map(\.sql) + ["INSERT INTO \(quote(index.name)) (\(quote(index.name))) VALUES ('rebuild')"]
  }
  var drop: [String] {
    definitions.dropFirst().map { "DROP TRIGGER \(quote($0.name))" } + ["DROP TABLE \(quote(index.name))"]
  }

  /// The full-text indexes of a table.
  static func all(of table: TableState) throws -> [SQLiteFullText] {
    try table.indexes.compactMap { try SQLiteFullText($0, on: table) }
  }
}

extension SQLiteSchemaEditor {
  /// The steps, with the full-text indexes taken away before and put back afterwards: FTS5 follows no rename.
  func withoutFullText(
    _ table: String, _ before: SchemaState, _ after: SchemaState, becoming name: String? = nil, _ steps: [SchemaStep]
  ) throws -> [SchemaStep] {
    let old = try before.tables[table].map(SQLiteFullText.all) ?? [],
      new = try after.tables[name ?? table].map(SQLiteFullText.all) ?? []
    return old.flatMap(\.drop).map { .ddl($0) } + steps + new.flatMap(\.create).map { .ddl($0) }
  }

  /// What makes an index.
  func createSteps(_ index: IndexState, on table: TableState) throws -> [SchemaStep] {
    if let fullText = try SQLiteFullText(index, on: table) { return fullText.create.map { .ddl($0) } }
    return [.ddl(createIndex(index, on: table.name))]
  }
  /// What drops one.
  func dropSteps(_ name: String, of table: TableState?) throws -> [SchemaStep] {
    if let table, let index = table.index(name), let fullText = try SQLiteFullText(index, on: table) {
      return fullText.drop.map { .ddl($0) }
    }
    return [.ddl("DROP INDEX \(quote(name))")]
  }
}

extension CatalogueTable {
  /// Which of these full-text indexes the database has, with all that belongs to them.
  mutating func readFullText(_ known: [SQLiteFullText], _ db: Database) async throws {
    for fullText in known {
      var isWhole = true
      for definition in fullText.definitions {
        let found = try await db.query(
          SQLStatement("SELECT sql FROM sqlite_master WHERE name = ?", [.text(definition.name)], effect: .read)
        ) { try $0.text() }
        isWhole = isWhole && found == [definition.sql]
      }
      if isWhole { indexes.insert(fullText.index) }
    }
  }
}
