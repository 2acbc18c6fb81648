import Foundation
import MartletCore
import MartletSQL
import MartletSQLite
import Testing

@Suite("SQLite statements and values")
struct StatementTests {
  @Test("a cached statement is used again after the schema has changed")
  func schemaChange() async throws {
    try await withDatabase { db, _ async throws in
      try await db.execute("CREATE TABLE t (a integer)", "INSERT INTO t VALUES (1)")
      let select = SQLStatement("SELECT * FROM t", effect: .read)
      #expect(try await db.query(select) { $0.count } == [1])
      try await db.execute("ALTER TABLE t ADD COLUMN b text DEFAULT 'x'")
      #expect(try await db.query(select) { $0.count } == [2])
      try await db.execute("DROP TABLE t")
      await #expect(throws: DatabaseError.self) { try await db.query(select) { $0.count } }
      try await db.execute("CREATE TABLE t (c integer, d integer, e integer)", "INSERT INTO t VALUES (1, 2, 3)")
      #expect(try await db.query(select) { $0.count } == [3])
    }
  }

  @Test("more statements than the cache holds still run, old and new")
  func cacheOverflow() async throws {
    try await withDatabase {
      $0.statementCacheSize = 3
    } _: { db, _ async throws in
      for round in 0..<3 {
        for n in 0..<10 { #expect(try await db.column(Int.self, "SELECT \(n) + ?", [.int(Int64(round))]) == [n + round]) }
      }
    }
  }

  @Test("bindings of one run do not reach the next")
  func clearedBindings() async throws {
    try await withMemoryDatabase { db async throws in
      #expect(try await db.column(String?.self, "SELECT ?", [.text("secret")]) == ["secret"])
      #expect(try await db.column(String?.self, "SELECT ?", [.null]) == [nil])
    }
  }

  @Test("rows affected and the last key are those of the statement")
  func results() async throws {
    try await withDatabase { db, _ in
      try await db.execute("CREATE TABLE t (id integer PRIMARY KEY, n integer UNIQUE)")
      func run(_ text: String) async throws -> StatementResult { try await db.run(SQLStatement(text)) }
      #expect(try await run("INSERT INTO t (n) VALUES (10), (20)") == StatementResult(rowsAffected: 2, lastInsertID: 2))
      #expect(try await run("UPDATE t SET n = n + 1") == StatementResult(rowsAffected: 2))
      #expect(try await run("UPDATE t SET n = 0 WHERE id = 99") == StatementResult(rowsAffected: 0))
      #expect(try await run("INSERT OR IGNORE INTO t (n) VALUES (11)") == StatementResult(rowsAffected: 0))
      #expect(
        try await run("INSERT INTO t (n) VALUES (11) ON CONFLICT (n) DO UPDATE SET n = 12")
          == StatementResult(rowsAffected: 1))
      #expect(try await run("DELETE FROM t") == StatementResult(rowsAffected: 2))
      #expect(try await run("CREATE TABLE u (n integer)") == StatementResult(rowsAffected: 0))
    }
  }

  @Test("RETURNING hands over its rows")
  func returning() async throws {
    try await withDatabase { db, _ in
      try await db.execute("CREATE TABLE t (id integer PRIMARY KEY, n integer)")
      let ids = try await db.query(SQLStatement("INSERT INTO t (n) VALUES (5), (6) RETURNING id")) { try $0.int() }
      #expect(ids.sorted() == [1, 2])
    }
  }

  @Test("values are stored in Django's formats")
  func djangoFormats() async throws {
    try await withMemoryDatabase { db in
      func stored(_ value: SQLValue) async throws -> String {
        try await db.column(String.self, "SELECT typeof(?1) || ' ' || ?1", [value])[0]
      }
      let moment = Date(microsecondsSince1970: 1_763_932_860_123_456)
      #expect(try await stored(moment.sqlValue) == "text 2025-11-23 21:21:00.123456")
      #expect(try await stored(Date(microsecondsSince1970: 0).sqlValue) == "text 1970-01-01 00:00:00")
      #expect(try await stored(.date(try #require(CalendarDate("2026-02-28")))) == "text 2026-02-28")
      #expect(try await stored(.time(try #require(TimeOfDay("09:05:00")))) == "text 09:05:00")
      #expect(try await stored(.bool(true)) == "integer 1")
      #expect(try await stored(.interval(1_500_000)) == "integer 1500000")
      #expect(try await stored(.json("{\"a\":1}")) == "text {\"a\":1}")
      let uuid = try #require(UUID(uuidString: "0190163D-8694-739B-AEA5-966C26F8AD91"))
      #expect(try await stored(.uuid(uuid)) == "text 0190163d8694739baea5966c26f8ad91")
    }
  }

  @Test("every type of value comes back as it went in")
  func roundTrip() async throws {
    try await withMemoryDatabase { db async throws in
      func check<V: ColumnValue>(_ values: V...) async throws {
        for value in values { #expect(try await db.column(V.self, "SELECT ?", [value.sqlValue]) == [value]) }
      }
      try await check(Int64.min, -1, 0, Int64.max)
      try await check(Int32.min, Int32.max)
      try await check(Int16.min, Int16.max)
      try await check(true, false)
      try await check(0.1, -Double.greatestFiniteMagnitude, .infinity, 5e-324)
      try await check("", "héllo \u{1F426} e\u{301}", "nul\u{0}inside", "'; DROP TABLE t; --")
      try await check([UInt8](), [0, 255, 10], [UInt8](repeating: 7, count: 100_000))
      try await check(UUID(), UUID())
      try await check(
        Date(microsecondsSince1970: 1), Date(microsecondsSince1970: -1), Date(microsecondsSince1970: 4_102_444_800_999_999))
      try await check(CalendarDate(daysSince1970: 0), CalendarDate(daysSince1970: 20_000))
      try await check(try #require(TimeOfDay(hour: 23, minute: 59, second: 59, microsecond: 999_999)))
      try await check(Duration.microseconds(-5), .seconds(86_400))
      try await check(try #require(Decimal(string: "123456789.012345")), Decimal(0))
      try await check(JSON(["a": [1, 2]]), JSON([:]))
      try await check(Int?.none, Int?.some(3))
    }
  }

  @Test("decimals read back exactly from a NUMERIC column up to 15 digits, as Django's do")
  func decimals() async throws {
    try await withMemoryDatabase { db async throws in
      try await db.execute("CREATE TABLE t (d decimal)")
      for text in ["0.1", "1234567890.12345", "-99999.99", "7", "0.000001"] {
        let value = try #require(Decimal(string: text))
        try await db.execute("DELETE FROM t")
        try await db.run(SQLStatement("INSERT INTO t VALUES (?)", [.decimal(value)]))
        #expect(try await db.column(Decimal.self, "SELECT d FROM t") == [value])
      }
    }
  }

  @Test("NaN, which SQLite would turn into NULL, is refused")
  func nan() async throws {
    try await withMemoryDatabase { db async throws in
      #expect(try await db.failure("SELECT ?", [.double(.nan)]) == .unsupported(capability: "notANumber"))
    }
  }

  @Test("martlet_lower is Unicode's lower case")
  func lower() async throws {
    try await withMemoryDatabase { db async throws in
      let texts = ["ASCII", "ÄÖÜ ß", "ΑΘΗΝΑ", "İstanbul", "mixed ÉcOlE \u{1F426}", ""]
      for text in texts {
        #expect(try await db.column(String.self, "SELECT martlet_lower(?)", [.text(text)]) == [text.lowercased()])
      }
      #expect(try await db.column(String?.self, "SELECT martlet_lower(NULL)") == [nil])
      #expect(try await db.column(String.self, "SELECT martlet_lower(12)") == ["12"])
    }
  }

  @Test("martlet_uuid4 is a new random UUID in Django's form for each row")
  func uuid4() async throws {
    try await withMemoryDatabase { db in
      let made = try await db.column(String.self, "SELECT martlet_uuid4() FROM (VALUES (1), (2), (3))")
      #expect(Set(made).count == 3)
      for text in made {
        #expect(text.count == 32 && Array(text)[12] == "4")
        #expect(UUID(hex: text) != nil)
      }
    }
  }
}
