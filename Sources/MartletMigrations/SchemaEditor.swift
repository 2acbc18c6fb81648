import MartletSQL

/// Turns operations into the DDL of one database.
protocol SchemaEditor: Sendable {
  var dialect: any SQLDialect { get }
  /// The steps of operations on this schema.
  ///
  /// - Parameter atomic: Whether they run in one transaction.
  /// - Throws: ``MigrationError`` of kind `invalidOperation`, `unsupported`.
  func steps(_ operations: [MigrationOperation], before: SchemaState, atomic: Bool) throws -> [SchemaStep]
  /// The statement that creates a table, without its indexes and references.
  func createTable(_ table: TableState) throws -> String
}

/// One thing to do to a database.
enum SchemaStep: Sendable {
  case sql(SQLStatement)
  /// The statements that build a table anew, on SQLite. Triggers, and indexes that migrations do not know of, go with the
  /// old table and are put back afterwards.
  case rebuild(table: String, [SQLStatement])
  case code(MigrationCode)

  static func ddl(_ text: String) -> SchemaStep { .sql(SQLStatement(text, effect: .definition)) }
  static func data(_ text: String) -> SchemaStep { .sql(SQLStatement(text, effect: .write)) }

  /// On SQLite only with foreign keys off: dropping a table with them on deletes its rows first, and `ON DELETE CASCADE`
  /// would delete those that refer to them (https://www.sqlite.org/lang_altertable.html, section 7).
  var needsForeignKeysOff: Bool {
    switch self {
    case .rebuild: true
    case .sql(let statement): statement.text.hasPrefix("DROP TABLE")
    case .code: false
    }
  }

  /// Its SQL, a line each.
  var lines: [String] {
    switch self {
    case .sql(let statement): [statement.text]
    case .rebuild(_, let statements): statements.map(\.text)
    case .code: ["-- Swift code"]
    }
  }
}

/// The editor of a database.
func schemaEditor(for dialect: any SQLDialect) -> any SchemaEditor {
  switch dialect.family {
  case .sqlite: SQLiteSchemaEditor()
  case .postgres: ServerSchemaEditor(grammar: PostgresGrammar(dialect: dialect))
  case .mysql: ServerSchemaEditor(grammar: MySQLGrammar(server: dialect as? MySQLDialect ?? MySQLDialect(.mariaDB)))
  }
}
