import Foundation
import MartletORM
import MartletSQL
import TestDatabases
import Testing

/// What each database is told, a clause a test. That it means the same on all of them is the business of the other suites,
/// which run there.
@Suite("The SQL of each dialect") struct DialectClauseTests {
  private let postgres = PostgresDialect(), mariaDB = MySQLDialect(.mariaDB), mySQL = MySQLDialect(.mySQL)

  /// After FROM and the table, on SQLite, PostgreSQL and MariaDB.
  private func clauses(_ query: Query<Post>) throws -> [String] {
    try [SQLiteDialect() as any SQLDialect, postgres, mariaDB].map { dialect in
      let text = try whereClause(query, dialect), table = "\(dialect.quote("post")) t0 "
      return text.hasPrefix(table) ? String(text.dropFirst(table.count)) : text
    }
  }
  /// The list of what is selected.
  private func selected<each V: ColumnValue>(_ values: (Post.Fields) -> (repeat Expr<each V>)) throws -> [String] {
    let selection = Post.query.select(values)
    return try [SQLiteDialect() as any SQLDialect, postgres, mariaDB].map { dialect in
      let text = try selection.statement(dialect).text
      return String(text.dropFirst("SELECT ".count)).components(before: " FROM \(dialect.quote("post"))")
    }
  }

  @Test("equality of two that may be absent")
  func nullSafeEquality() throws {
    #expect(
      try clauses(Post.filter { $0.editor.id == $0.editor.id }) == [
        #"WHERE t0."editor_id" IS t0."editor_id""#, #"WHERE t0."editor_id" IS NOT DISTINCT FROM t0."editor_id""#,
        "WHERE t0.`editor_id` <=> t0.`editor_id`",
      ])
    #expect(
      try clauses(Post.filter { $0.editor.id != $0.editor.id }) == [
        #"WHERE t0."editor_id" IS NOT t0."editor_id""#, #"WHERE t0."editor_id" IS DISTINCT FROM t0."editor_id""#,
        "WHERE NOT (t0.`editor_id` <=> t0.`editor_id`)",
      ])
  }

  @Test("membership of a list: one array on PostgreSQL")
  func lists() throws {
    #expect(
      try clauses(Post.filter { $0.views.in([1, 2]) }) == [
        #"WHERE t0."views" IN (?, ?)"#, #"WHERE t0."views" = ANY($1)"#, "WHERE t0.`views` IN (?, ?)",
      ])
    #expect(
      try clauses(Post.filter { !$0.editor.id.in([1]) }) == [
        #"WHERE (t0."editor_id" NOT IN (?) OR t0."editor_id" IS NULL)"#,
        #"WHERE (t0."editor_id" <> ALL($1) OR t0."editor_id" IS NULL)"#,
        "WHERE (t0.`editor_id` NOT IN (?) OR t0.`editor_id` IS NULL)",
      ])
  }

  @Test("a subquery with a limit in IN is a table of its own on MySQL")
  func limitedSubquery() throws {
    let newest = Author.query.order { $0.id.desc }.limit(2).select { $0.id }
    #expect(
      try clauses(Post.filter { $0.author.id.in(newest) }) == [
        #"WHERE t0."author_id" IN (SELECT t1."id" FROM "author" t1 ORDER BY t1."id" DESC LIMIT 2)"#,
        #"WHERE t0."author_id" IN (SELECT t1."id" FROM "author" t1 ORDER BY t1."id" DESC LIMIT 2)"#,
        "WHERE t0.`author_id` IN (SELECT * FROM (SELECT t1.`id` FROM `author` t1 ORDER BY t1.`id` DESC LIMIT 2) AS t2)",
      ])
  }

  @Test("matches by code points")
  func matches() throws {
    #expect(
      try clauses(Post.filter { $0.title.contains("x") }) == [
        #"WHERE instr(t0."title", ?) > 0"#, #"WHERE strpos(t0."title", $1) > 0"#,
        "WHERE LOCATE(? COLLATE utf8mb4_nopad_bin, t0.`title`) > 0",
      ])
    #expect(
      try clauses(Post.filter { !$0.title.hasPrefix("x") }) == [
        #"WHERE substr(t0."title", 1, length(?)) <> ?"#, #"WHERE NOT starts_with(t0."title", $1)"#,
        "WHERE LEFT(t0.`title`, CHAR_LENGTH(?)) <> ? COLLATE utf8mb4_nopad_bin",
      ])
    #expect(
      try clauses(Post.filter { $0.title.ihasSuffix("x") }) == [
        #"WHERE substr(martlet_lower(t0."title"), max(length(martlet_lower(t0."title")) - length(martlet_lower(?)) + 1, 1)) = martlet_lower(?)"#,
        #"WHERE right(LOWER(t0."title"), length(LOWER($1))) = LOWER($2)"#,
        "WHERE RIGHT(LOWER(t0.`title`), CHAR_LENGTH(LOWER(?))) = LOWER(?) COLLATE utf8mb4_nopad_bin",
      ])
    #expect(
      try whereClause(Post.filter { $0.title.iequals("x") }, mySQL)
        == "`post` t0 WHERE LOWER(t0.`title`) = LOWER(?) COLLATE utf8mb4_0900_bin")
  }

  @Test("order: NULLs stand in the same place everywhere")
  func order() throws {
    #expect(
      try clauses(Post.query.order({ $0.publishedAt.asc }, { $0.publishedAt.desc }, { $0.id.asc })) == [
        #"ORDER BY t0."published_at", t0."published_at" DESC, t0."id""#,
        #"ORDER BY t0."published_at" NULLS FIRST, t0."published_at" DESC NULLS LAST, t0."id""#,
        "ORDER BY t0.`published_at`, t0.`published_at` DESC, t0.`id`",
      ])
    #expect(
      try clauses(Post.query.order({ $0.publishedAt.asc.nullsLast }, { $0.publishedAt.desc.nullsFirst })) == [
        #"ORDER BY t0."published_at" NULLS LAST, t0."published_at" DESC NULLS FIRST"#,
        #"ORDER BY t0."published_at" NULLS LAST, t0."published_at" DESC NULLS FIRST"#,
        "ORDER BY t0.`published_at` IS NULL, t0.`published_at`, t0.`published_at` IS NULL DESC, t0.`published_at` DESC",
      ])
  }

  @Test("on MySQL a page of rows in their own order begins with their table; elsewhere, and else, the planner chooses")
  func pageOfRoot() throws {
    func joins(_ query: Query<Post>, _ dialect: any SQLDialect = MySQLDialect(.mariaDB)) throws -> [String] {
      let words = try query.statement(dialect).text.split(separator: " ").map(String.init)
      return words.indices.filter { words[$0].hasSuffix("JOIN") }.map { words[$0 - 1] == "LEFT" ? "LEFT JOIN" : words[$0] }
    }
    let page = Post.query.with { $0.author }.with { $0.editor }.order { $0.id.desc }.limit(5)
    #expect(try joins(page) == ["STRAIGHT_JOIN", "LEFT JOIN"])
    #expect(try joins(page.filter { $0.views > 3 && $0.author.id.in([1, 2]) }) == ["STRAIGHT_JOIN", "LEFT JOIN"])
    #expect(try joins(page, SQLiteDialect()) == ["JOIN", "LEFT JOIN"])
    #expect(try joins(page.filter { $0.author.name == "Ann" }) == ["JOIN", "LEFT JOIN"])
    #expect(try joins(page.order { $0.author.name.asc }) == ["JOIN", "LEFT JOIN"])
    #expect(try joins(Post.query.with { $0.author }.order { $0.id.desc }) == ["JOIN"])
    #expect(try joins(Post.query.with { $0.author }.limit(5)) == ["JOIN"])
  }

  @Test("an offset without a limit")
  func offset() throws {
    #expect(
      try clauses(Post.query.offset(3)) == ["LIMIT -1 OFFSET 3", "OFFSET 3", "LIMIT 18446744073709551615 OFFSET 3"])
  }

  @Test("arithmetic and texts")
  func arithmetic() throws {
    #expect(
      try selected { ($0.views.divided(by: 2), $0.views.remainder(dividingBy: 2), $0.title.appending("!"), $0.title.length) } == [
        #"(t0."views" / ?), (t0."views" % ?), (t0."title" || ?), LENGTH(t0."title")"#,
        #"(t0."views" / NULLIF($1, 0)), (t0."views" % NULLIF($2, 0)), (t0."title" || $3), LENGTH(t0."title")"#,
        "(t0.`views` DIV NULLIF(?, 0)), (t0.`views` % NULLIF(?, 0)), CONCAT(t0.`title`, ?), CHAR_LENGTH(t0.`title`)",
      ])
  }

  @Test("aggregates have one type everywhere, and FILTER is a CASE on MySQL")
  func aggregates() throws {
    #expect(
      try selected { ($0.views.sum, $0.views.average, $0.views.max.filter($0.views > 1), count().filter($0.views > 1)) } == [
        #"SUM(t0."views"), AVG(t0."views"), MAX(t0."views") FILTER (WHERE t0."views" > ?), COUNT(*) FILTER (WHERE t0."views" > ?)"#,
        #"CAST(SUM(t0."views") AS bigint), CAST(AVG(t0."views") AS double precision), MAX(t0."views") FILTER (WHERE t0."views" > $1), COUNT(*) FILTER (WHERE t0."views" > $1)"#,
        "SUM(t0.`views`), AVG(t0.`views` + 0e0), MAX(CASE WHEN t0.`views` > ? THEN t0.`views` END), COUNT(CASE WHEN t0.`views` > ? THEN 1 END)",
      ])
  }

  @Test("casts")
  func casts() throws {
    #expect(
      try selected { ($0.views.cast(to: String.self), $0.views.cast(to: Bool.self), $0.views.cast(to: Double.self)) } == [
        #"CAST(t0."views" AS TEXT), (t0."views" <> 0), CAST(t0."views" AS REAL)"#,
        #"CAST(t0."views" AS text), (t0."views" <> 0), CAST(t0."views" AS double precision)"#,
        "CAST(t0.`views` AS CHAR), (t0.`views` <> 0), CAST(t0.`views` AS DOUBLE)",
      ])
  }

  @Test("parts of moments, in UTC")
  func dateParts() throws {
    #expect(
      try selected { ($0.publishedAt.year, $0.publishedAt.weekday, $0.publishedAt.date) } == [
        #"CAST(strftime('%Y', t0."published_at") AS INTEGER), ((CAST(strftime('%w', t0."published_at") AS INTEGER) + 6) % 7 + 1), date(t0."published_at")"#,
        #"CAST(EXTRACT(YEAR FROM t0."published_at" AT TIME ZONE 'UTC') AS integer), CAST(EXTRACT(ISODOW FROM t0."published_at" AT TIME ZONE 'UTC') AS integer), CAST(t0."published_at" AT TIME ZONE 'UTC' AS date)"#,
        "YEAR(t0.`published_at`), (WEEKDAY(t0.`published_at`) + 1), DATE(t0.`published_at`)",
      ])
  }

  @Test("groups of computed values: PostgreSQL and MySQL see one expression")
  func groups() throws {
    let groups = Post.query.select { ($0.editor.name.coalesce("nobody"), count()) }
    #expect(
      try groups.statement(postgres).text == #"""
        SELECT COALESCE(t1."name", $1), COUNT(*) FROM "post" t0 LEFT JOIN "author" t1 ON t1."id" = t0."editor_id" GROUP BY COALESCE(t1."name", $1)
        """#)
    #expect(try groups.statement(postgres).bindings == [.text("nobody")])
    #expect(
      try groups.statement(mariaDB).text
        == "SELECT COALESCE(t1.`name`, ?), COUNT(*) FROM `post` t0 LEFT JOIN `author` t1 ON t1.`id` = t0.`editor_id` GROUP BY 1")
  }
}

extension String {
  /// What stands before the first `text`.
  fileprivate func components(before text: String) -> String { range(of: text).map { String(self[..<$0.lowerBound]) } ?? self }
}
