import MartletSQL

/// A full-text search in the columns of one row, or how well the row fits.
struct SearchNode: ExpressionNode {
  enum Kind: Sendable { case match, relevance }
  let kind: Kind
  let words: SearchWords
  /// The columns, in the order of the index.
  let children: [Node]
  let language: SearchLanguage
  /// The index, where the model declares one; PostgreSQL does without.
  let index: FullTextIndex?

  func with(children: [Node]) -> any ExpressionNode {
    SearchNode(kind: kind, words: words, children: children, language: language, index: index)
  }
  var type: ColumnType? { kind == .match ? .bool : .double }
  /// A row that is not there is not found, and fits not at all: each dialect makes that FALSE and 0.
  var isNullable: Bool { false }

  /// What finds nothing; PostgreSQL orders by no bare constant.
  private func writeNothing(_ builder: SQLBuilder) {
    switch (kind, builder.dialect.family) {
    case (.match, _): builder.write("(0 = 1)")
    case (.relevance, .postgres): builder.write("CAST(0 AS double precision)")
    case (.relevance, _): builder.write("(0.0 + 0e0)")
    }
  }

  func write(in scope: Scope) throws {
    let builder = scope.builder
    if words.alternatives.isEmpty || kind == .relevance && words.wanted.isEmpty { return writeNothing(builder) }
    if builder.dialect.family == .postgres { return try writePostgres(scope) }
    guard let index else { throw missingIndex(builder.dialect) }
    guard case .column(let column)? = children.first, column.path.source == nil, column.path.root.source == nil else {
      throw ORMError(
        .invalidExpression, "search(_:) asks the index of a model's own table, and this is not that table",
        hint: "search in the query that the subquery is made of")
    }
    let row = try scope.alias(for: column.path)
    if builder.dialect.family == .sqlite {
      writeSQLite(builder, index, row, column.path)
    } else {
      writeMySQL(builder, index, row, isOptional: column.path.isNullable)
    }
  }

  private func missingIndex(_ dialect: any SQLDialect) -> ORMError {
    let names = children.map { node in if case .column(let column) = node { "$0.\(column.schema.property)" } else { "…" } }
    return ORMError(
      .invalidExpression, "\(dialect.name) searches in texts by an index alone, and the model declares none over these columns",
      hint: "add fullText(\(names.joined(separator: ", ")), language: .\(language.rawValue)) to the model's constraints, and run "
        + "makemigrations")
  }

  // MARK: PostgreSQL

  private func writePostgres(_ scope: Scope) throws {
    let builder = scope.builder, dialect = builder.dialect
    let columns = try children.map { child in try builder.capture { try scope.writeExpression(child) } }
    let vector = FullTextIndex.vector(columns, language, dialect)
    let text = kind == .match ? words.postgres : words.postgresRank
    let query =
      "WEBSEARCH_TO_TSQUERY(\(FullTextIndex.configuration(language, dialect)), "
      + builder.capture { builder.bind(.text(text)) } + ")"
    switch kind {
    case .match:
      // A row that an outer join left out has no text, and lacks every word.
      let isThere = try presence(scope)
      builder.write("(\(isThere)\(vector) @@ \(query))")
    case .relevance: builder.write("CAST(TS_RANK(\(vector), \(query)) AS double precision)")
    }
  }

  /// `t1."id" IS NOT NULL AND ` where the row may be absent.
  private func presence(_ scope: Scope) throws -> String {
    guard case .column(let column)? = children.first, column.path.isNullable else { return "" }
    let key = column.path.schema.primaryKey
    return "\(try scope.alias(for: column.path)).\(scope.builder.dialect.quote(key.name)) IS NOT NULL AND "
  }

  // MARK: SQLite

  /// By the rows of the FTS5 table, whose numbers are the keys.
  private func writeSQLite(_ builder: SQLBuilder, _ index: FullTextIndex, _ row: String, _ path: Path) {
    let table = builder.dialect.quote(index.name), key = "\(row).\(builder.dialect.quote(path.schema.primaryKey.name))"
    func rows(_ text: String) -> String {
      "(SELECT rowid FROM \(table) WHERE \(table) MATCH " + builder.capture { builder.bind(.text(text)) } + ")"
    }
    switch kind {
    case .match:
      let (match, lacking) = words.sqlite
      var parts = match.isEmpty ? [] : ["\(key) IN \(rows(match))"]
      parts += lacking.map { "\(key) NOT IN \(rows($0))" }
      let isThere = path.isNullable ? "\(key) IS NOT NULL AND " : ""
      builder.write("(\(isThere)(\(parts.joined(separator: " OR "))))")
    case .relevance:
      builder.write("COALESCE((SELECT -bm25(\(table)) FROM \(table) WHERE \(table) MATCH ")
      builder.bind(.text(words.sqliteRank))
      builder.write(" AND rowid = \(key)), 0.0)")
    }
  }

  // MARK: MySQL and MariaDB

  /// By the column that the migration made for the index.
  private func writeMySQL(_ builder: SQLBuilder, _ index: FullTextIndex, _ row: String, isOptional: Bool) {
    func match(_ text: String, _ mode: String) -> String {
      "MATCH (\(row).\(builder.dialect.quote(index.name))) AGAINST (" + builder.capture { builder.bind(.text(text)) }
        + " IN \(mode))"
    }
    switch kind {
    case .match:
      let (text, lacking) = words.mysql
      var parts = text.isEmpty ? [] : [match(text, "BOOLEAN MODE") + " > 0"]
      parts += lacking.map { match($0, "BOOLEAN MODE") + " = 0" }
      // MATCH of a row that is not there is 0, which would say that the row lacks every word.
      let isThere = isOptional ? "\(row).\(builder.dialect.quote(index.name)) IS NOT NULL AND " : ""
      builder.write("(\(isThere)(\(parts.joined(separator: " OR "))))")
    case .relevance: builder.write("COALESCE(\(match(words.mysqlRank, "NATURAL LANGUAGE MODE")), 0.0)")
    }
  }
}
