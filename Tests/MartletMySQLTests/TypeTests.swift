import Foundation
import MartletCore
import MartletMySQL
import MartletSQL
import Testing

@Suite("MySQL: types")
struct TypeTests {
  @Test("Every value comes back as it was bound, at its type's extremes")
  func roundTrips() async throws {
    let micro: Int64 = 86_400_000_000
    let cases: [(String, SQLValue, Cell)] = [
      ("bigint", .int(.min), .int(.min)), ("bigint", .int(.max), .int(.max)), ("bigint", .null, .null),
      ("bigint unsigned", .uint(0), .int(0)), ("bigint unsigned", .uint(1 << 63), .text("9223372036854775808")),
      ("bigint unsigned", .uint(.max), .text("18446744073709551615")),
      ("integer", .int(-2_147_483_648), .int(-2_147_483_648)), ("int unsigned", .int(4_294_967_295), .int(4_294_967_295)),
      ("mediumint", .int(-8_388_608), .int(-8_388_608)), ("smallint", .int(-32_768), .int(-32_768)),
      ("smallint unsigned", .int(65_535), .int(65_535)), ("tinyint unsigned", .int(255), .int(255)),
      ("tinyint", .int(-128), .int(-128)), ("bool", .bool(true), .int(1)), ("bool", .bool(false), .int(0)),
      ("double", .double(.greatestFiniteMagnitude), .double(.greatestFiniteMagnitude)),
      ("double", .double(.leastNormalMagnitude), .double(.leastNormalMagnitude)), ("double", .double(0.1), .double(0.1)),
      ("double", .double(-0.0), .double(0.0)), ("float", .double(0.5), .double(0.5)),
      (
        "decimal(38, 0)", .decimal(Decimal(string: "99999999999999999999999999999999999999")!),
        .text("99999999999999999999999999999999999999")
      ),
      (
        "decimal(38, 9)", .decimal(Decimal(string: "-12345678901234567890123456789.123456789")!),
        .text("-12345678901234567890123456789.123456789")
      ),
      ("decimal(4, 2)", .decimal(Decimal(string: "1.5")!), .text("1.50")),
      ("varchar(20)", .text("späße 🦜 \\ ' \" ` \0 %"), .text("späße 🦜 \\ ' \" ` \0 %")), ("varchar(20)", .text(""), .text("")),
      ("longtext", .text(String(repeating: "ü", count: 70_000)), .text(String(repeating: "ü", count: 70_000))),
      ("longblob", .blob([]), .blob([])), ("longblob", .blob([0, 39, 92, 255]), .blob([0, 39, 92, 255])),
      ("varbinary(4)", .blob([1, 0]), .blob([1, 0])), ("blob", .null, .null),
      ("datetime(6)", .timestamp(0), .int(0)), ("datetime(6)", .timestamp(-1), .int(-1)),
      ("datetime(6)", .timestamp(253_402_300_799_999_999), .int(253_402_300_799_999_999)),
      ("datetime(6)", .timestamp(-62_135_596_800_000_000), .int(-62_135_596_800_000_000)),
      ("timestamp(6) null", .timestamp(1_700_000_000_123_456), .int(1_700_000_000_123_456)),
      ("date", .date(CalendarDate(year: 1, month: 1, day: 1)!), .int(-719_162)),
      ("date", .date(CalendarDate(year: 9999, month: 12, day: 31)!), .int(2_932_896)),
      ("time(6)", .time(TimeOfDay(microseconds: micro - 1)!), .int(micro - 1)),
      ("time(6)", .time(TimeOfDay(microseconds: 0)!), .int(0)),
      ("bigint", .interval(-5), .int(-5)), ("year", .int(2026), .int(2026)),
      ("json", .json("{\"a\": [1, null]}"), .text("{\"a\": [1, null]}")),
      ("json", .json("null"), .text("null")), ("bit(64)", .uint(.max), .text("18446744073709551615")),
      ("bit(1)", .int(1), .int(1)),
      ("enum('a', 'b')", .text("b"), .text("b")),
      ("uuid", .uuid(UUID(uuidString: "01234567-89AB-4DEF-8123-456789ABCDEF")!), .text("01234567-89ab-4def-8123-456789abcdef")),
    ]
    try await TestServer.withDatabase { db, driver in
      try await driver.connect()
      let options = (driver.dialect as? MySQLDialect)?.tableOptions ?? ""
      for (place, (type, value, expected)) in cases.enumerated() {
        try await db.execute("CREATE TABLE t\(place) (v \(type)) \(options)")
        try await db.write("INSERT INTO t\(place) VALUES (?)", [value])
        let found = try await db.cell("SELECT v FROM t\(place)")
        #expect(found == expected, "\(type)")
        // The bound value equals the stored one in SQL too.
        if !value.isNull, type != "float", type != "json" {
          let matches = try await db.cell("SELECT count(*) FROM t\(place) WHERE v = ?", [value])
          #expect(matches == .int(1), "\(type) compared")
        }
      }
    }
  }

  @Test("A column with many rows of mixed NULLs keeps its places")
  func nulls() async throws {
    try await TestServer.withDatabase { db, _ in
      try await db.execute("CREATE TABLE t (a int, b varchar(9), c datetime(6), d double, e int, f int, g int, h int, i int)")
      for i in 0..<20 {
        let values: [SQLValue] = [
          .int(Int64(i)), .text("x\(i)"), .timestamp(Int64(i)), .double(Double(i)), .int(4), .int(5), .int(6), .int(7), .int(8),
        ]
        let row = values.enumerated().map { (i * 7 + $0.offset) % 3 == 0 ? SQLValue.null : $0.element }
        try await db.write("INSERT INTO t VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
      }
      let rows = try await db.cells("SELECT * FROM t")
      #expect(rows.count == 20)
      for (i, row) in rows.enumerated() {
        for (j, cell) in row.enumerated() { #expect((cell == .null) == ((i * 7 + j) % 3 == 0)) }
      }
    }
  }

  @Test("A time of more than a day reads as text, which no time of day accepts")
  func longTimes() async throws {
    try await TestServer.withDatabase { db, _ in
      #expect(try await db.cell("SELECT TIME'838:59:59'") == .text("838:59:59"))
      #expect(try await db.cell("SELECT CAST('-01:00:00.5' AS TIME(6))") == .text("-01:00:00.500000"))
      let error = try await databaseError {
        try await db.query(SQLStatement("SELECT TIME'25:00:00'", effect: .read)) { try TimeOfDay.read(&$0) }
      }
      #expect(error.kind == .decoding)
    }
  }

  @Test("A zero date is refused with a hint, and the connection goes on")
  func zeroDates() async throws {
    try await TestServer.withDatabase({ $0.pool.maximumConnections = 1 }) { db, _ in
      try await db.execute("CREATE TABLE t (d date)")
      try await db.transaction { tx in
        try await tx.execute("SET sql_mode = ''")
        try await tx.write("INSERT INTO t VALUES ('0000-00-00'), ('2026-02-00')")
      }
      let error = try await databaseError { try await db.cells("SELECT d FROM t") }
      #expect(error.kind == .decoding)
      #expect(error.hint?.contains("NULL") == true)
      #expect(try await db.cell("SELECT 1") == .int(1))
    }
  }

  @Test("NaN, infinities, years without a date and decimals without room are refused before they are sent")
  func impossibleValues() async throws {
    try await TestServer.withDatabase { db, _ in
      for value: SQLValue in [
        .double(.nan), .double(.infinity), .decimal(.nan), .timestamp(.max), .timestamp(.min),
        .decimal(Decimal(string: "1e100")!),
      ] {
        let error = try await databaseError { try await db.cells("SELECT ?", [value]) }
        #expect(error.kind == .invalidValue(column: nil), "\(value)")
      }
    }
  }

  @Test("Texts compare by code points: case, accents and blanks at the end count")
  func comparison() async throws {
    try await TestServer.withDatabase { db, _ in
      for (a, b) in [("a", "A"), ("e", "é"), ("a", "a "), ("é", "e\u{301}"), ("ss", "ß"), ("\u{FFFD}", "🦜")] {
        let isEqual = try await db.cell("SELECT ? = ?", [.text(a), .text(b)])
        #expect(isEqual == .int(0), "\(a) \(b)")
      }
      let isSmaller = try await db.cell("SELECT ? < ?", [.text("\u{FFFD}"), .text("🦜")])
      #expect(isSmaller == .int(1))
    }
  }

  @Test("A division by zero is NULL, in reads and in writes; zero is a key; UTC and a swap are what they say")
  func session() async throws {
    try await TestServer.withDatabase { db, _ in
      #expect(try await db.cell("SELECT 1 / 0") == .null)
      try await db.execute("CREATE TABLE t (id int AUTO_INCREMENT PRIMARY KEY, v int, w int)")
      try await db.write("INSERT INTO t VALUES (0, 7 / ?, 3)", [.int(0)])
      #expect(try await db.cells("SELECT id, v FROM t") == [[.int(0), .null]])
      try await db.write("UPDATE t SET v = w, w = 5")
      try await db.write("UPDATE t SET v = w, w = v")
      #expect(try await db.cells("SELECT v, w FROM t") == [[.int(5), .int(3)]])
      #expect(try await db.cell("SELECT @@time_zone") == .text("+00:00"))
      #expect(try await db.cell("SELECT @@tx_isolation") == .text("READ-COMMITTED"))
    }
  }

  @Test("16 MB go in and come back; more than max_allowed_packet is refused by name, and the connection lives")
  func bigBlobs() async throws {
    try await TestServer.withDatabase({ $0.pool.maximumConnections = 1 }) { db, driver in
      guard case .int(let limit) = try await db.cell("SELECT @@max_allowed_packet") else { throw NothingThrown() }
      try await db.execute("CREATE TABLE t (id int, v longblob, w longtext)")
      let blob = [UInt8](unsafeUninitializedCapacity: 16 << 20) { buffer, count in
        for i in 0..<buffer.count { buffer[i] = UInt8(truncatingIfNeeded: i &* 31) }
        count = buffer.count
      }
      try await db.write("INSERT INTO t VALUES (1, ?, NULL)", [.blob(blob)])
      #expect(try await db.cell("SELECT v FROM t WHERE id = 1") == .blob(blob))
      let text = String(repeating: "🦜", count: 1 << 20)
      try await db.write("INSERT INTO t VALUES (?, NULL, ?)", [.int(2), .text(text)])
      #expect(try await db.cell("SELECT w FROM t WHERE id = 2") == .text(text))
      let error = try await databaseError {
        try await db.write("INSERT INTO t VALUES (1, ?, NULL)", [.blob([UInt8](repeating: 1, count: Int(limit) + 1))])
      }
      #expect(error.description.contains("max_allowed_packet"))
      #expect(try await db.cell("SELECT count(*) FROM t") == .int(2))
      #expect(driver.poolMetrics?.opened == 1)
    }
  }
}
