import Foundation
import MartletORM
import MartletSQL
import TestDatabases
import Testing

@testable import MartletMigrations

@Model(app: "rules", table: "rule")
private struct Rule {
  var id: ID
  @Field(maxLength: 30) var name: String
  @Field(maxLength: 30) var other: String?
  var a: Int
  var b: Int?
  var c: Int?
  var flag: Bool
  @Field(digits: (10, 2)) var price: Decimal

  static let constraints = MartletORM.constraints(Rule.self) {
    check("k1", $0.a >= 0 && $0.a < 100)
    check("k2", $0.name != "it's \\ \"x\"")
    check("k3", $0.flag || $0.a > 5)
    check("k4", $0.b == nil || $0.b != $0.c)
    check("k5", !$0.name.contains("ü"))
    check("k6", $0.name.hasPrefix("n") || $0.name.hasSuffix("Z"))
    check("k7", $0.a.in([1, 2, 3, 7, 50]))
    check("k8", $0.price <= 99.5)
    check("k9", !$0.name.iequals("nope"))
    check("k10", $0.flag == true || $0.other != nil)
  }
}

@Suite("Conditions that every database understands")
struct PortableSQLTests {
  private static let table = TableState(
    "t", columns: [ColumnState("flag", .bool), ColumnState("n", .int), ColumnState("x\"y", .int)])

  private func check(_ source: String, _ postgres: String, _ mysql: String, _ place: SourceLocation = #_sourceLocation) throws {
    let sql = PortableSQL(source)
    #expect(try sql.text(SQLiteDialect(), table: Self.table) == source, sourceLocation: place)
    #expect(try sql.text(PostgresDialect(), table: Self.table) == postgres, sourceLocation: place)
    #expect(try sql.text(MySQLDialect(.mariaDB), table: Self.table) == mysql, sourceLocation: place)
  }

  @Test("names, texts, booleans and functions take each database's form")
  func forms() throws {
    try check(#""n" >= 0"#, #""n" >= 0"#, "`n` >= 0")
    try check(#""x""y" > 1"#, #""x""y" > 1"#, "`x\"y` > 1")
    try check(#""n" = 1 AND "flag" = 1"#, #""n" = 1 AND "flag" = TRUE"#, "`n` = 1 AND `flag` = 1")
    try check(#""flag" <> 0 OR "flag""#, #""flag" <> FALSE OR "flag""#, "`flag` <> 0 OR `flag`")
    try check(#"instr("a", 'b') > 0"#, #"strpos("a", 'b') > 0"#, "instr(`a`, 'b') > 0")
    try check(#"max(length("a"), 1)"#, #"greatest(length("a"), 1)"#, "greatest(char_length(`a`), 1)")
    try check(#"martlet_lower("a") = 'b'"#, #"lower("a") = 'b'"#, "lower(`a`) = 'b'")
    try check(#"CAST("a" AS TEXT) = 'x'"#, #"CAST("a" AS text) = 'x'"#, "CAST(`a` AS char) = 'x'")
    try check(#""a" IS NOT NULL"#, #""a" IS NOT NULL"#, "`a` IS NOT NULL")
    try check(#""a" IS "b" AND "c""#, #""a" IS NOT DISTINCT FROM "b" AND "c""#, "`a` <=> `b` AND `c`")
    try check(#"("a" IS NOT "b") OR "c""#, #"("a" IS DISTINCT FROM "b") OR "c""#, "(`a` <=> `b` = 0) OR `c`")
    try check(#""a" = 'it''s "q" ?'"#, #""a" = 'it''s "q" ?'"#, #"`a` = 'it''s "q" ?'"#)
    try check(#""a" <> 'back\slash'"#, #""a" <> E'back\\slash'"#, #"`a` <> 'back\\slash'"#)
  }

  @Test("what would mean something else, or nothing, on a database is an error that names it")
  func unknown() {
    // MySQL reads it as OR.
    #expect(throws: MigrationError.self) {
      try PortableSQL("\"a\" || \"b\" = 'x'").text(MySQLDialect(.mariaDB), table: Self.table)
    }
    let error = #expect(throws: MigrationError.self) {
      try PortableSQL("martlet_regexp(\"a\", 'x')").text(PostgresDialect(), table: Self.table)
    }
    #expect(error?.kind == .unsupported && error?.message.contains("martlet_regexp") == true)
  }

  @Test("the rules of a model accept and refuse the same rows everywhere")
  func sameRules() async throws {
    var seen: [TestDatabaseKind: [String]] = [:]
    for kind in TestDatabaseKind.allCases {
      let db = try await TestDatabases.make(kind)
      let operations = try SchemaDiff.operations(from: SchemaState(), to: SchemaTarget(models: [Rule.self]))
      try await MigrationExecutor([Migration("0001_initial", operations: operations)]).migrate(db)
      var answers: [String] = []
      var random = SeededGenerator(seed: 7)
      let names = ["n", "nZ", "aZ", "NOPE", "nope", "Nope", "nü", "it's \\ \"x\"", "n it's", "z", "noZ ", "n%"]
      for number in 0..<60 {
        let rule = Rule(
          name: random.pick(names) ?? "n", other: random.chance(50) ? "o" : nil, a: random.pick([-1, 1, 2, 3, 7, 50, 100]) ?? 1,
          b: random.pick([nil, 1, 2]) ?? nil, c: random.pick([nil, 1, 2]) ?? nil, flag: random.chance(60),
          price: random.pick([0.25, 99.5, 99.51]) ?? 0)
        do {
          try await rule.insert(db)
          answers.append("\(number) in")
        } catch let error as DatabaseError {
          guard case .checkViolation = error.kind else { throw error }
          answers.append("\(number) out")
        }
      }
      seen[kind] = answers
      await db.driver.shutdown()
    }
    #expect(seen[.sqlite]?.contains { $0.hasSuffix("in") } == true && seen[.sqlite]?.contains { $0.hasSuffix("out") } == true)
    #expect(seen[.postgresql] == seen[.sqlite])
    #expect(seen[.mysql] == seen[.sqlite])
  }
}
