import Foundation
import MartletCore
import MartletPostgres
import MartletSQL
import Testing

@Suite("PostgreSQL types")
struct TypeTests {
  /// What a column type is given, and the cell that must come back, in text and in binary alike.
  static let cases: [(type: String, value: SQLValue, cell: String)] = [
    ("smallint", .int(-32768), "int -32768"), ("integer", .int(2_147_483_647), "int 2147483647"),
    ("integer", .int(-2_147_483_648), "int -2147483648"), ("bigint", .int(.max), "int 9223372036854775807"),
    ("bigint", .int(.min), "int -9223372036854775808"), ("bigint", .int(7), "int 7"), ("bigint", .uint(7), "int 7"),
    ("numeric(20)", .uint(.max), "text 18446744073709551615"), ("numeric", .int(12), "text 12"),
    ("boolean", .bool(true), "int 1"),
    ("boolean", .bool(false), "int 0"), ("double precision", .double(0.1), "double 0.1"),
    ("double precision", .double(.infinity), "double inf"), ("double precision", .double(-0.0), "double -0.0"),
    ("double precision", .double(.leastNonzeroMagnitude), "double 5e-324"), ("double precision", .double(.nan), "double nan"),
    ("real", .double(1.1), "double 1.100000023841858"), ("varchar(5)", .text("äöü😀"), "text äöü😀"), ("text", .text(""), "text "),
    ("text", .text("a\u{1F9D1}\u{200D}\u{1F680}'\"\\"), "text a\u{1F9D1}\u{200D}\u{1F680}'\"\\"),
    ("char(4)", .text("ab"), "text ab  "),
    ("bytea", .blob([]), "blob "), ("bytea", .blob([0, 255, 92, 39]), "blob 00ff5c27"),
    (
      "numeric(38,10)", .decimal(Decimal(string: "1234567890123456789012345678.0123456789")!),
      "text 1234567890123456789012345678.0123456789"
    ),
    ("numeric(38,10)", .decimal(Decimal(string: "-0.0000000001")!), "text -0.0000000001"),
    ("numeric", .native(type: "numeric", text: "NaN"), "text NaN"),
    ("numeric", .native(type: "numeric", text: "1e-20"), "text 0.00000000000000000001"),
    ("numeric", .native(type: "numeric", text: "10000.00"), "text 10000.00"),
    ("numeric", .native(type: "numeric", text: "1e30"), "text 1000000000000000000000000000000"),
    ("timestamptz", .timestamp(1_700_000_000_123_456), "int 1700000000123456"),
    ("timestamptz", .timestamp(-62_135_596_800_000_000), "int -62135596800000000"),
    ("timestamptz", .timestamp(253_402_300_799_999_999), "int 253402300799999999"),
    ("timestamptz", .timestamp(.max), "int 9223372036854775807"),
    ("timestamptz", .timestamp(.min), "int -9223372036854775808"),
    ("timestamptz", .native(type: "timestamptz", text: "0044-03-15 12:00:00.5 BC"), "int -63517780799500000"),
    ("timestamp", .timestamp(-1), "int -1"), ("date", .date(CalendarDate(year: 1, month: 1, day: 1)!), "int -719162"),
    ("date", .date(CalendarDate(year: 9999, month: 12, day: 31)!), "int 2932896"),
    ("date", .native(type: "date", text: "infinity"), "text infinity"),
    ("date", .native(type: "date", text: "-infinity"), "text -infinity"),
    ("time", .time(TimeOfDay(microseconds: 86_399_999_999)!), "int 86399999999"),
    ("time", .native(type: "time", text: "24:00"), "int 86400000000"),
    ("interval", .interval(-1), "int -1"), ("interval", .interval(3_600_000_000 * 1000), "int 3600000000000"),
    ("interval", .interval(0), "int 0"),
    ("interval", .interval(-3_723_500_000), "int -3723500000"),
    ("interval", .native(type: "interval", text: "1 year 2 mons -3 days 04:05:06.7"), "text P1Y2M-3DT4H5M6.7S"),
    ("interval", .native(type: "interval", text: "-1 mons +2 days -00:00:00.000001"), "text P-1M2DT-0.000001S"),
    ("jsonb", .json("{\"a\": [1, null]}"), "text {\"a\": [1, null]}"),
    ("jsonb", .json("null"), "text null"), ("json", .json("{\"a\": 1}"), "text {\"a\": 1}"), ("jsonb", .text("[1]"), "text [1]"),
    ("integer[]", .array([.int(1), .null, .int(-3)], of: .int), "text {1,NULL,-3}"),
    (
      "text[]", .array([.text("a,b"), .text("\"\\"), .text("NULL"), .text("")], of: .text),
      "text {\"a,b\",\"\\\"\\\\\",\"NULL\",\"\"}"
    ),
    ("varchar(4)[]", .array([.text("x")], of: .varchar(4)), "text {x}"),
    ("bytea[]", .array([.blob([0, 255])], of: .blob), "text {\"\\\\x00ff\"}"),
    ("integer[]", .array([.array([.int(1)], of: .int), .array([.int(2)], of: .int)], of: .array(.int)), "text {{1},{2}}"),
    ("inet", .native(type: "inet", text: "10.0.0.1/8"), "text 10.0.0.1/8"),
    ("int4range", .native(type: "int4range", text: "[1,5)"), "text [1,5)"), ("oid", .int(4_294_967_295), "int 4294967295"),
    ("mood", .text("happy"), "text happy"),
    ("positive", .int(3), "int 3"), ("pair", .native(type: "pair", text: "(1,\"a b\")"), "text (1,\"a b\")"),
    ("text", .null, "null"),
  ]

  @Test("every type's extremes come back as they went, in both formats of rows")
  func roundTrips() async throws {
    try await TestServer.withSchema({ $0.pool.maximumConnections = 1 }) { db, _ in
      try await db.execute("CREATE TYPE mood AS ENUM ('sad', 'happy')")
      try await db.execute("CREATE DOMAIN positive AS int CHECK (VALUE > 0)")
      try await db.execute("CREATE TYPE pair AS (a int, b text)")
      for (place, one) in Self.cases.enumerated() {
        let table = "t\(place)", dialect = db.dialect
        try await db.execute("CREATE TABLE \(table) (v \(one.type))")
        try await db.execute("INSERT INTO \(table) VALUES (\(dialect.bound(one.value, placeholder: "$1")))", [one.value])
        for _ in 0..<2 { #expect(try await db.texts("SELECT v FROM \(table)") == [[one.cell]], "\(one)") }
        try await db.execute("UPDATE \(table) SET v = \(dialect.bound(one.value, placeholder: "$1"))", [one.value])
        #expect(try await db.texts("SELECT v FROM \(table)") == [[one.cell]], "\(one)")
      }
      let id = UUID()
      let hex = id.uuidString.lowercased()
      try await db.execute("CREATE TABLE u (v uuid)")
      try await db.execute("INSERT INTO u VALUES ($1)", [.uuid(id)])
      #expect(try await db.texts("SELECT v FROM u WHERE v = $1", [.uuid(id)]) == [["text \(hex)"]])
      #expect(try await db.texts("SELECT v FROM u WHERE v = $1", [.uuid(id)]) == [["blob \(hex.replacing("-", with: ""))"]])
    }
  }

  @Test("values can be compared with, and listed for, the columns they are meant for")
  func comparisons() async throws {
    try await TestServer.withSchema { db, _ in
      try await db.execute("CREATE TYPE mood AS ENUM ('sad', 'happy')")
      try await db.execute(
        """
        CREATE TABLE t (s smallint, i int, b bigint, n numeric(10,2), f float8, c varchar(9), m mood, j jsonb, d date, z timestamptz, a text[], k bool, x bytea)
        """)
      try await db.execute(
        "INSERT INTO t VALUES (1, 2, 5000000000, 1.50, 0.5, 'abc', 'sad', '{\"k\": [1]}', '2024-02-29', '2024-02-29 00:00+00', '{p,q}', true, '\\x01')"
      )
      let moment = SQLValue.timestamp(1_709_164_800_000_000)
      let checks: [(String, [SQLValue])] = [
        ("s = $1", [.int(1)]), ("s IN ($1, $2)", [.int(1), .int(5_000_000_000)]), ("i = $1", [.int(2)]),
        ("i < $1", [.int(5_000_000_000)]),
        ("b = $1", [.int(5_000_000_000)]), ("b > $1", [.int(1)]), ("n = $1", [.decimal(Decimal(string: "1.5")!)]),
        ("n > $1", [.int(1)]),
        ("n < $1", [.uint(.max)]), ("f = $1", [.double(0.5)]), ("n = $1", [.double(1.5)]), ("c = $1", [.text("abc")]),
        ("c LIKE $1", [.text("a%")]), ("upper(c) = $1", [.text("ABC")]), ("c IN ($1, $2)", [.text("abc"), .null]),
        ("m = $1", [.text("sad")]),
        ("m IN ($1)", [.text("sad")]), ("j @> $1", [.json("{\"k\": [1]}")]), ("j @> $1", [.text("{\"k\": [1]}")]),
        ("j -> 'k' -> $1 = '1'", [.int(0)]),
        ("d = $1", [.date(CalendarDate(year: 2024, month: 2, day: 29)!)]),
        ("d + $1 = $2", [.int(1), .date(CalendarDate(year: 2024, month: 3, day: 1)!)]),
        ("z = $1", [moment]), ("z + $1 > $2", [.interval(1), moment]), ("z >= $1", [.text("2024-02-29T00:00:00Z")]),
        ("a @> $1", [.array([.text("p")], of: .text)]), ("c = ANY($1)", [.array([.text("abc")], of: .text)]),
        ("i = ANY($1)", [.array([.int(2)], of: .bigInt)]), ("k = $1", [.bool(true)]), ("x = $1", [.blob([1])]),
        ("substr(c, $1, $2) = 'b'", [.int(2), .int(1)]),
        ("coalesce(c, $1) = 'abc'", [.text("z")]), ("c || $1 = 'abcd'", [.text("d")]), ("i + $1 = $2", [.int(3), .int(5)]),
        ("CASE WHEN i = $1 THEN $2 ELSE $3 END = 'x'", [.int(2), .text("x"), .text("y")]), ("i = $1 * 2", [.int(1)]),
        ("round(n, $1) = 1.5", [.int(1)]),
      ]
      for (condition, bindings) in checks {
        #expect(try await db.texts("SELECT count(*) FROM t WHERE \(condition)", bindings) == [["int 1"]], "\(condition)")
      }
      #expect(
        try await db.texts("SELECT $1, $2, $3 LIMIT $4 OFFSET $5", [.text("t"), .int(1), .null, .int(1), .int(0)]) == [
          ["text t", "int 1", "null"]
        ])
    }
  }

  @Test("a value that cannot be sent, or a session that changed its formats, gives an error")
  func errors() async throws {
    let driver = try TestServer.driver { $0.pool.maximumConnections = 1 }
    let db = Database(driver)
    let far = await failure { _ = try await db.texts("SELECT $1", [.timestamp(.min + 1)]) }
    #expect(far?.kind == .invalidValue(column: nil))
    let many = await failure { _ = try await db.texts("SELECT 1", Array(repeating: .int(1), count: 70_000)) }
    #expect(many?.kind == .invalidStatement)
    let zero = await failure { _ = try await db.texts("SELECT $1", [.text("a\u{0}b")]) }
    #expect(zero?.kind == .invalidValue(column: nil))
    let edge = await failure { _ = try await db.texts("SELECT '294276-12-31'::timestamptz") }
    #expect(edge?.kind == .decoding)
    try await driver.withConnection(.write) { connection in
      try await connection.run(SQLStatement("SET DateStyle = 'German'")) { _ in }
      let style = await failure { try await connection.run(SQLStatement("SELECT '2024-02-29'::date")) { _ in } }
      #expect(style?.kind == .decoding)
    }
    #expect(try await db.texts("SELECT '2024-02-29'::date") == [["int 19782"]])
    await driver.shutdown()
  }

  @Test("16 MiB of bytes and of text come back")
  func large() async throws {
    let driver = try TestServer.driver()
    let bytes = [UInt8](repeating: 0xA5, count: 16 << 20)
    for _ in 0..<2 {
      let result = try await Database(driver).query(SQLStatement("SELECT $1, length($1)", [.blob(bytes)], effect: .read)) { row in
        guard case .blob(let cell) = try row.next() else { return false }
        // Not byte by byte: this runs on an event loop, which serves other tests too.
        return bytes.withUnsafeBytes { $0.count == cell.count && memcmp($0.baseAddress!, cell.baseAddress!, cell.count) == 0 }
      }
      #expect(result == [true])
    }
    await driver.shutdown()
  }
}
