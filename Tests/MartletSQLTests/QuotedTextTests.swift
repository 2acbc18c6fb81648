import MartletSQL
import Testing

@Suite("Names and texts in quotes")
struct QuotedTextTests {
  @Test("a mark inside is doubled, also where an accent stands behind it: databases know bytes, not characters")
  func marks() {
    let dialects: [(any SQLDialect, Unicode.Scalar)] = [
      (PostgresDialect(), "\""), (SQLiteDialect(), "\""), (MySQLDialect(.mySQL), "`"), (MySQLDialect(.mariaDB), "`"),
    ]
    for (dialect, mark) in dialects {
      #expect(dialect.quote("name") == "\(mark)name\(mark)")
      #expect(dialect.quote("") == "\(mark)\(mark)")
      for inside in ["\(mark)", "\(mark)\u{301}", "é\(mark)\u{20DD}b"] {
        let quoted = dialect.quote(inside)
        #expect(quoted.utf8.count == inside.utf8.count + 3)
        #expect(quoted.unicodeScalars.count { $0 == mark } == 4)
      }
    }
  }

  @Test("a text in DDL ends where it ends")
  func literals() {
    func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
    let text = SQLValue.text("a'\u{301}b\\\u{301}")
    #expect(bytes(SQLiteDialect().literal(text)) == bytes("'a''\u{301}b\\\u{301}'"))
    #expect(bytes(MySQLDialect(.mySQL).literal(text)) == bytes("'a''\u{301}b\\\\\u{301}'"))
    #expect(bytes(PostgresDialect().literal(text)) == bytes("E'a''\u{301}b\\\\\u{301}'"))
    #expect(PostgresDialect().literal(.text("it's")) == "'it''s'")
    #expect(bytes(PostgresDialect().literal(.json("x'\u{301}"))) == bytes("'x''\u{301}'::jsonb"))
  }
}
