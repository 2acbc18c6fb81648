import MartletORM
import MartletSQL

/// What the catalogues of PostgreSQL and MySQL say of a table, in the terms of ``CatalogueTable``. Servers keep expressions in
/// a form of their own: of defaults, checks and conditions only the presence is told.
extension CatalogueTable {
  /// Stands for an expression.
  private static let present = "…"
  /// Stands for the expression of a computed column, and says whether the value is kept.
  private static func computed(isStored: Bool) -> String { isStored ? "computed, stored" : "computed" }

  /// What the catalogue of a server should say of a table.
  init(expecting table: TableState, on dialect: any SQLDialect) {
    let isPostgres = dialect.family == .postgres
    let postgres = PostgresGrammar(dialect: dialect),
      mysql = MySQLGrammar(server: dialect as? MySQLDialect ?? MySQLDialect(.mariaDB))
    let names = isPostgres ? postgres.names : mysql.names
    for column in table.columns {
      columns.insert(
        Column(
          name: column.name, type: Self.normal(Self.typeName(column.type, dialect)),
          isNullable: column.generated == nil && column.isNullable
            || column.generated != nil && (!isPostgres || column.isNullable),
          defaultText: column.generated.map {
            Self.computed(isStored: $0.isStored || !dialect.capabilities.contains(.virtualColumns))
          } ?? column.dbDefault.map { _ in Self.present },
          isPrimaryKey: column.isPrimaryKey || table.primaryKey.contains(column.name)))
      if column.isUnique { uniqueColumns.insert(column.name) }
      if column.autoIncrement { autoIncrement = true }
      if isPostgres, postgres.like(column.name, in: table) != nil {
        indexes.insert(IndexState(names.like(column.name, of: table.name), [column.name]))
      }
    }
    for key in table.allForeignKeys {
      let action =
        switch key.onDelete {
        case .cascade: "CASCADE"
        case .setNull: "SET NULL"
        // MySQL checks every row at once, so that both are one.
        case .restrict: "RESTRICT"
        case .noAction: isPostgres ? "NO ACTION" : "RESTRICT"
        }
      foreignKeys.insert(
        ForeignKey(
          column: key.columns.joined(separator: ", "), table: key.table, target: key.targetColumns.joined(separator: ", "),
          onDelete: action))
      if !isPostgres, mysql.needsIndex(key, table) {
        indexes.insert(IndexState(names.foreignKey(key, of: table.name), key.columns))
      }
    }
    for index in table.indexes where isPostgres || index.isUnique || mysql.isMade(index, table) {
      if index.fullText != nil {
        expectFullText(names.index(index, of: table.name), isPostgres: isPostgres)
        continue
      }
      let condition = isPostgres && index.condition != nil ? Self.present : nil
      indexes.insert(IndexState(names.index(index, of: table.name), index.columns, unique: index.isUnique, where: condition))
    }
    checks = Set(table.checks.map { CheckState(names.check($0), Self.present) })
  }

  /// PostgreSQL has an index over an expression, MySQL a column and the index over it.
  private mutating func expectFullText(_ name: String, isPostgres: Bool) {
    indexes.insert(IndexState(name, [isPostgres ? Self.vector : name]))
    if isPostgres { return }
    columns.insert(
      Column(
        name: name, type: "longtext", isNullable: true, defaultText: Self.computed(isStored: true), isPrimaryKey: false))
  }
  /// What an index over the words of columns is over, in short.
  private static let vector = "to_tsvector"

  /// What the catalogue of a server says of a table; `nil` where there is none.
  init?(readingServer name: String, _ db: Database) async throws {
    if db.dialect.family == .postgres { try await readPostgres(name, db) } else { try await readMySQL(name, db) }
    if columns.isEmpty { return nil }
  }

  /// MariaDB's `json` is a long text with a check.
  private static func typeName(_ type: ColumnType, _ dialect: any SQLDialect) -> String {
    let name = dialect.typeName(type)
    return dialect.name == "mariadb" && name == "json" ? "longtext" : name
  }

  /// A type's name as the server itself says it.
  private static func normal(_ type: String) -> String {
    var type = type.lowercased().replacing(", ", with: ",")
    if type.hasPrefix("varchar(") || type == "varchar" { type = "character varying" + type.dropFirst(7) }
    switch type {
    case "integer", "int": return "integer"
    case "time": return "time without time zone"
    case "bool", "tinyint(1)", "boolean": return "boolean"
    case "double", "double precision": return "double precision"
    default: break
    }
    // MariaDB tells how wide a terminal would show an integer.
    for name in ["smallint", "bigint", "int"] where type.hasPrefix(name + "(") {
      guard let end = type.firstIndex(of: ")") else { break }
      let rest = String(type[type.index(after: end)...])
      return (name == "int" ? "integer" : name) + rest
    }
    return type
  }

  // MARK: PostgreSQL

  private mutating func readPostgres(_ name: String, _ db: Database) async throws {
    func rows<T: Sendable>(_ text: String, _ read: @escaping @Sendable (inout Row) throws -> T) async throws -> [T] {
      try await db.query(SQLStatement(text, [.text(db.dialect.quote(name))], effect: .read), decode: read)
    }
    let found = try await rows(
      """
      SELECT a.attname::text, format_type(a.atttypid, a.atttypmod), NOT a.attnotnull, a.atthasdef, a.attidentity = 'd', \
      EXISTS (SELECT FROM pg_constraint c WHERE c.conrelid = a.attrelid AND c.contype = 'p' AND a.attnum = ANY (c.conkey)), \
      a.attgenerated::text FROM pg_attribute a WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped
      """
    ) { row in
      let name = try row.text(), type = Self.normal(try row.text()), isNullable = try row.int() != 0
      let hasDefault = try row.int() != 0, isIdentity = try row.int() != 0, isKey = try row.int() != 0
      let kind = try row.text(), value = kind.isEmpty ? Self.present : Self.computed(isStored: kind == "s")
      return (
        Column(name: name, type: type, isNullable: isNullable, defaultText: hasDefault ? value : nil, isPrimaryKey: isKey),
        isIdentity
      )
    }
    columns = Set(found.map(\.0))
    autoIncrement = found.contains { $0.1 }
    let constraints = try await rows(
      """
      SELECT c.contype::text, c.conname::text, coalesce(t.relname::text, ''), c.confdeltype::text, \
      coalesce((SELECT string_agg(a.attname, ', ' ORDER BY k.n) FROM unnest(c.conkey) WITH ORDINALITY k(num, n) \
      JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.num), ''), \
      coalesce((SELECT string_agg(a.attname, ', ' ORDER BY k.n) FROM unnest(c.confkey) WITH ORDINALITY k(num, n) \
      JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.num), '') \
      FROM pg_constraint c LEFT JOIN pg_class t ON t.oid = c.confrelid \
      WHERE c.conrelid = to_regclass($1) AND c.contype IN ('f', 'c')
      """
    ) { row in try (0..<6).map { _ in try row.text() } }
    let actions = ["c": "CASCADE", "r": "RESTRICT", "n": "SET NULL", "a": "NO ACTION", "d": "SET DEFAULT"]
    for constraint in constraints {
      if constraint[0] == "c" {
        checks.insert(CheckState(constraint[1], Self.present))
      } else {
        foreignKeys.insert(
          ForeignKey(
            column: constraint[4], table: constraint[2], target: constraint[5], onDelete: actions[constraint[3]] ?? constraint[3])
        )
      }
    }
    let keys = try await rows(
      """
      SELECT c.relname::text, i.indisunique, i.indpred IS NOT NULL, coalesce(con.contype::text, ''), \
      pg_get_indexdef(i.indexrelid, k.n, true), i.indoption[k.n - 1]::int & 1 \
      FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid \
      LEFT JOIN pg_constraint con ON con.conindid = i.indexrelid AND con.contype IN ('p', 'u') \
      CROSS JOIN LATERAL generate_series(1, i.indnkeyatts) AS k(n) \
      WHERE i.indrelid = to_regclass($1) ORDER BY c.relname, k.n
      """
    ) { row in
      IndexPart(
        index: try row.text(), isUnique: try row.int() != 0, isPartial: try row.int() != 0, constraint: try row.text(),
        column: Self.unquoted(try row.text()), isDescending: try row.int() != 0)
    }
    insert(keys.filter { $0.constraint != "p" }) { ServerNames(limit: 63).unique($0, of: name) }
  }

  private static func unquoted(_ name: String) -> String {
    if name.hasPrefix(vector + "(") { return vector }
    return name.hasPrefix("\"") ? String(name.dropFirst().dropLast()).replacing("\"\"", with: "\"") : name
  }

  /// A column of an index.
  private struct IndexPart: Sendable {
    var index: String, isUnique: Bool, isPartial: Bool, constraint: String, column: String, isDescending: Bool
  }

  /// - Parameter own: What the `UNIQUE` of a column is called.
  private mutating func insert(_ parts: [IndexPart], _ own: (String) -> String) {
    for (name, parts) in Dictionary(grouping: parts, by: \.index) {
      if parts.count == 1, parts[0].isUnique, name == own(parts[0].column) {
        uniqueColumns.insert(parts[0].column)
      } else {
        indexes.insert(
          IndexState(
            name, parts.map { ($0.isDescending ? "-" : "") + $0.column }, unique: parts[0].isUnique,
            where: parts[0].isPartial ? Self.present : nil))
      }
    }
  }

  // MARK: MySQL

  private mutating func readMySQL(_ name: String, _ db: Database) async throws {
    func rows<T: Sendable>(_ text: String, _ read: @escaping @Sendable (inout Row) throws -> T) async throws -> [T] {
      try await db.query(SQLStatement(text, [.text(name)], effect: .read), decode: read)
    }
    let found = try await rows(
      """
      SELECT column_name, column_type, is_nullable = 'YES', column_default IS NOT NULL AND column_default <> 'NULL', \
      extra, column_key = 'PRI' FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = ?
      """
    ) { row in
      let name = try row.text(), type = Self.normal(try row.text()), isNullable = try row.int() != 0
      let hasDefault = try row.int() != 0, extra = try row.text().uppercased(), isKey = try row.int() != 0
      let isComputed = extra.contains("GENERATED") && !extra.contains("DEFAULT_GENERATED")
      return (
        Column(
          name: name, type: type, isNullable: isNullable,
          defaultText: isComputed
            ? Self.computed(isStored: !extra.contains("VIRTUAL")) : hasDefault ? Self.present : nil, isPrimaryKey: isKey),
        extra.contains("AUTO_INCREMENT")
      )
    }
    columns = Set(found.map(\.0))
    autoIncrement = found.contains { $0.1 }
    // MariaDB answers from one of these views in no time, given the schema and the table; for a join of two it opens every table
    // of every database.
    let keys = try await rows(
      """
      SELECT constraint_name, column_name, referenced_table_name, referenced_column_name \
      FROM information_schema.key_column_usage WHERE table_schema = DATABASE() AND table_name = ? \
      AND referenced_table_name IS NOT NULL ORDER BY constraint_name, ordinal_position
      """
    ) { row in try (0..<4).map { _ in try row.text() } }
    let rules = try await rows(
      """
      SELECT constraint_name, delete_rule FROM information_schema.referential_constraints \
      WHERE constraint_schema = DATABASE() AND table_name = ?
      """
    ) { row in (try row.text(), try row.text()) }
    let actions = Dictionary(rules, uniquingKeysWith: { first, _ in first })
    for parts in Dictionary(grouping: keys, by: { $0[0] }).values {
      let rule = actions[parts[0][0]] ?? "NO ACTION"
      foreignKeys.insert(
        ForeignKey(
          column: parts.map { $0[1] }.joined(separator: ", "), table: parts[0][2],
          target: parts.map { $0[3] }.joined(separator: ", "), onDelete: rule == "NO ACTION" ? "RESTRICT" : rule))
    }
    let named = try await rows(
      db.dialect.name == "mariadb"
        // It checks its JSON columns by constraints of those columns.
        ? """
        SELECT constraint_name FROM information_schema.check_constraints \
        WHERE constraint_schema = DATABASE() AND table_name = ? AND level = 'Table'
        """
        : """
        SELECT constraint_name FROM information_schema.table_constraints \
        WHERE table_schema = DATABASE() AND table_name = ? AND constraint_type = 'CHECK'
        """
    ) { try $0.text() }
    checks = Set(named.map { CheckState($0, Self.present) })
    let parts = try await rows(
      """
      SELECT index_name, non_unique = 0, column_name, collation = 'D' FROM information_schema.statistics \
      WHERE table_schema = DATABASE() AND table_name = ? AND index_name <> 'PRIMARY' ORDER BY index_name, seq_in_index
      """
    ) { row in
      IndexPart(
        index: try row.text(), isUnique: try row.int() != 0, isPartial: false, constraint: "", column: try row.text(),
        isDescending: try Int64?.read(&row) == 1)
    }
    insert(parts) { $0 }
  }
}
