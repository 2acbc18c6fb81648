import Foundation
import MartletCore
import MartletSQL
import Testing

@testable import MartletPostgres

/// The same values through libpq, as text, and through the driver, in its own formats; read back in text and in binary.
@Suite("PostgreSQL types beside libpq, properties")
struct LibPQTypePropertyTests {
  typealias Generator = CodecPropertyTests.Generator

  /// A value, and the text that libpq is given for it.
  struct Sample {
    var value: SQLValue
    var text: String
    init(_ value: SQLValue, _ text: String) { (self.value, self.text) = (value, text) }
    /// A value that is written as it is described.
    static func native(_ type: String, _ text: String) -> Sample { Sample(.native(type: type, text: text), text) }
  }
  struct Kind {
    var type: String
    /// The value in SQL, from the text at `@`.
    var theirs: String
    /// The cell that the driver must give for the value `v`, in SQL; `nil` where it is PostgreSQL's own text.
    var truth: String?
    var make: @Sendable (inout Generator) -> Sample

    init(
      _ type: String, from theirs: String? = nil, truth: String? = nil, _ make: @escaping @Sendable (inout Generator) -> Sample
    ) {
      (self.type, self.theirs, self.truth, self.make) = (type, theirs ?? "@::\(type)", truth, make)
    }
  }

  static func integer(_ bits: Int, _ g: inout Generator) -> Sample {
    let least = Int64.min >> (64 - bits), most = Int64.max >> (64 - bits)
    let candidates: [Int64] = [least, most, 0, -1, 1, Int64(bitPattern: g.next()) >> (64 - bits)]
    let value = candidates.randomElement(using: &g) ?? 0
    return Sample(.int(value), "\(value)")
  }
  static func moment(_ g: inout Generator) -> Int64 {
    let edges: [Int64] = [-210_866_803_200_000_000, 9_223_371_331_199_999_999 - 946_684_800_000_000, 0, -1]
    let wide = Int64.random(in: -210_866_803_200_000_000...8_000_000_000_000_000_000, using: &g)
    let near = Int64.random(in: -3_000_000_000_000_000...3_000_000_000_000_000, using: &g)
    let candidates: [Int64] = edges + [wide, near, near, near]
    return candidates.randomElement(using: &g) ?? 0
  }
  static func word(_ g: inout Generator, _ lengths: ClosedRange<Int> = 0...12) -> String {
    let scalars: [Unicode.Scalar] = [
      "a", "Z", "0", " ", "'", "\"", "\\", ",", "{", "}", "(", ")", "\n", "\t", "ä", "\u{301}", "🦜", "\u{FFFF}", "\u{1}", "%",
      "N",
    ]
    var text = ""
    for _ in 0..<Int.random(in: lengths, using: &g) { text.unicodeScalars.append(scalars.randomElement(using: &g) ?? "x") }
    return text
  }
  static func json(_ g: inout Generator, depth: Int = 0) -> String {
    switch Int.random(in: 0..<(depth < 3 ? 7 : 5), using: &g) {
    case 0: return "null"
    case 1: return Bool.random(using: &g) ? "true" : "false"
    case 2: return "\(Int64(bitPattern: g.next()))"
    case 3: return "\(Int.random(in: -9...9, using: &g)).5e\(Int.random(in: -20...20, using: &g))"
    case 4: return (try? String(decoding: JSONEncoder().encode(word(&g)), as: UTF8.self)) ?? "\"\""
    case 5:
      return "[" + (0..<Int.random(in: 0...3, using: &g)).map { _ in json(&g, depth: depth + 1) }.joined(separator: ",") + "]"
    default:
      return "{"
        + (0..<Int.random(in: 0...3, using: &g)).map { "\"k\($0)\": \(json(&g, depth: depth + 1))" }.joined(separator: ", ")
        + "}"
    }
  }
  static func numeric(_ g: inout Generator) -> Sample {
    func digits(_ lengths: ClosedRange<Int>) -> String {
      String((0..<Int.random(in: lengths, using: &g)).map { _ in Character("\(Int.random(in: 0...9, using: &g))") })
    }
    let sign = Bool.random(using: &g) ? "-" : ""
    switch Int.random(in: 0..<5, using: &g) {
    case 0: return .native("numeric", ["NaN", "Infinity", "-Infinity", "0", "0.0000"].randomElement(using: &g) ?? "0")
    case 1: return .native("numeric", "\(sign)0\(digits(0...120)).\(digits(0...60))")
    case 2: return .native("numeric", "\(sign)1e\(Int.random(in: -40...40, using: &g))")
    case 3:
      let value = UInt64.max - g.next() % 3
      return Sample(.uint(value), "\(value)")
    default:
      let text = "\(sign)\(digits(1...19)).\(digits(1...18))", value = Decimal(string: text) ?? 0
      return Sample(.decimal(value), value.description)
    }
  }
  static func array(_ g: inout Generator, _ element: ColumnType, _ make: (inout Generator) -> Sample) -> Sample {
    let list: [Sample?] = (0..<Int.random(in: 0...4, using: &g)).map { _ in Int.random(in: 0..<4, using: &g) == 0 ? nil : make(&g)
    }
    let text = (try? String(decoding: JSONEncoder().encode(list.map { $0?.text }), as: UTF8.self)) ?? "[]"
    return Sample(.array(list.map { $0?.value ?? .null }, of: element), text)
  }
  static func address(_ g: inout Generator) -> String {
    let parts = (0..<4).map { _ in "\(g.next() % 256)" }.joined(separator: ".")
    let long = (0..<8).map { _ in String(g.next() % 65_536, radix: 16) }.joined(separator: ":")
    return Bool.random(using: &g) ? "\(parts)/\(g.next() % 33)" : "\(long)/\(g.next() % 129)"
  }
  static func range(_ g: inout Generator) -> String {
    let start = Int32.random(in: -1000...1000, using: &g), end = start + Int32.random(in: 0...50, using: &g)
    return ["empty", "(,\(end)]", "[\(start),)", "(,)", "[\(start),\(end)]", "(\(start),\(end))"].randomElement(using: &g)
      ?? "empty"
  }

  private static let microseconds = "extract(epoch FROM v) * 1000000"
  private static func elements(_ type: String) -> String {
    """
    CASE WHEN @::jsonb IS NOT NULL THEN coalesce(
    (SELECT array_agg(x::\(type) ORDER BY n) FROM jsonb_array_elements_text(@::jsonb) WITH ORDINALITY e(x, n)), '{}') END
    """
  }
  private static let infinite = "CASE v WHEN 'infinity' THEN 9223372036854775807 WHEN '-infinity' THEN -9223372036854775808"
  private static let fromEpoch =
    "+ @::bigint / 86400000000 * interval '1 day'"
    + " + @::bigint % 86400000000 * interval '1 microsecond'"

  static let kinds: [Kind] = [
    Kind("smallint", truth: "'int ' || v") { integer(16, &$0) }, Kind("integer", truth: "'int ' || v") { integer(32, &$0) },
    Kind("bigint", truth: "'int ' || v") { integer(64, &$0) },
    Kind("oid", truth: "'int ' || v") { g in
      let value = Int64(g.next() >> 32)
      return Sample(.int(value), "\(value)")
    },
    Kind("boolean", truth: "'int ' || v::int") { g in
      Bool.random(using: &g) ? Sample(.bool(true), "t") : Sample(.bool(false), "f")
    },
    Kind("numeric") { numeric(&$0) },
    Kind("double precision", truth: "'double ' || encode(float8send(v), 'hex')") { g in
      let edges: [Double] = [.infinity, -.infinity, .nan, -0.0, .leastNonzeroMagnitude, .greatestFiniteMagnitude, 0.1]
      let some = Double(bitPattern: g.next()), candidates: [Double] = edges + [some, some, some]
      let value = candidates.randomElement(using: &g) ?? 0
      // PostgreSQL has one NaN when it reads text.
      return value.isNaN ? Sample(.double(.nan), "NaN") : Sample(.double(value), value.isInfinite ? "\(value)inity" : "\(value)")
    },
    Kind("real", from: "@::double precision::real", truth: "'double ' || encode(float8send(v::float8), 'hex')") { g in
      let some = Float(bitPattern: UInt32(truncatingIfNeeded: g.next())), value = some.isFinite ? Double(some) : 1.1
      return Sample(.double(value), "\(value)")
    },
    Kind("text") { g in
      let text = word(&g, 0...40)
      return Sample(.text(text), text)
    },
    Kind("varchar(12)") { g in
      let text = word(&g)
      return Sample(.text(text), text)
    },
    Kind("character(12)") { g in
      let text = word(&g)
      return Sample(.text(text), text)
    },
    Kind("bytea", truth: "'blob ' || encode(v, 'hex')") { g in
      let bytes = (0..<Int.random(in: 0...40, using: &g)).map { _ in UInt8(truncatingIfNeeded: g.next()) }
      return Sample(.blob(bytes), "\\x" + bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined())
    },
    Kind("uuid", truth: "'uuid ' || replace(v::text, '-', '')") { g in
      let (a, b) = (g.next(), g.next())
      let id = withUnsafeBytes(of: (a, b)) { UUID(uuid: $0.loadUnaligned(as: uuid_t.self)) }
      return Sample(.uuid(id), id.uuidString)
    },
    Kind(
      "timestamptz", from: "(timestamptz 'epoch' \(fromEpoch))",
      truth: "'int ' || \(infinite) ELSE (\(microseconds))::bigint END"
    ) { g in
      let value = moment(&g)
      return Sample(.timestamp(value), "\(value)")
    },
    Kind("timestamp", from: "(timestamp 'epoch' \(fromEpoch))", truth: "'int ' || (\(microseconds))::bigint") { g in
      let value = moment(&g)
      return Sample(.timestamp(value), "\(value)")
    },
    Kind("date", from: "(date 'epoch' + @::int)", truth: "'int ' || (v - date 'epoch')") { g in
      let candidates: [Int] = [-719_162, 2_932_896, Int.random(in: -719_162...2_932_896, using: &g)]
      let day = candidates.randomElement(using: &g) ?? 0
      return Sample(.date(CalendarDate(daysSince1970: day)), "\(day)")
    },
    Kind("time", from: "(time '00:00' + @::bigint * interval '1 microsecond')", truth: "'int ' || (\(microseconds))::bigint") {
      g in
      let candidates: [Int64] = [0, 86_399_999_999, Int64.random(in: 0..<86_400_000_000, using: &g)]
      let value = candidates.randomElement(using: &g) ?? 0
      return Sample(.time(TimeOfDay(microseconds: value) ?? TimeOfDay(microseconds: 0)!), "\(value)")
    },
    Kind(
      "interval",
      truth: """
        CASE WHEN v = make_interval(secs => 0) + (\(microseconds))::bigint * interval '1 microsecond' AND extract(day FROM v) = 0
        AND extract(month FROM v) = 0 AND extract(year FROM v) = 0 THEN 'int ' || (\(microseconds))::bigint ELSE 'text ' || v END
        """
    ) { g in
      let value = Int64.random(in: -1_000_000_000_000_000...1_000_000_000_000_000, using: &g)
      if Bool.random(using: &g) { return Sample(.interval(value), "\(value) microseconds") }
      func part(_ most: Int) -> Int { Int.random(in: -most...most, using: &g) }
      return .native("interval", "\(part(2000)) mons \(part(2000)) days \(part(90_000)).\(g.next() % 1000) seconds")
    },
    Kind("jsonb") { g in
      let text = json(&g)
      return Sample(.json(text), text)
    },
    Kind("json") { g in
      let text = json(&g)
      return .native("json", text)
    },
    Kind("integer[]", from: elements("integer")) { array(&$0, .int) { integer(32, &$0) } },
    Kind("text[]", from: elements("text")) { g in
      array(&g, .text) { g in
        let text = word(&g)
        return Sample(.text(text), text)
      }
    },
    Kind("inet") { .native("inet", address(&$0)) }, Kind("int4range") { .native("int4range", range(&$0)) },
    Kind("macaddr") { g in
      .native("macaddr", (0..<6).map { _ in String(g.next() % 256 + 256, radix: 16).dropFirst() }.joined(separator: ":"))
    },
    Kind("point") { g in .native("point", "(\(Int32(truncatingIfNeeded: g.next())),\(Double(g.next() % 1000) / 8))") },
  ]

  @Test("each type's values arrive as libpq's do, and come back the same in text and in binary")
  func values() async throws {
    let isSoak = ProcessInfo.processInfo.environment["MARTLET_SOAK"] == "1", rounds = isSoak ? 5000 : 100
    let oracle = try LibPQConnection(try TestServer.url)
    for setting in ["DateStyle = ISO", "IntervalStyle = iso_8601", "TimeZone = UTC"] { _ = oracle.run("SET \(setting)") }
    // Without prepared statements rows come as text, with them as binary from the second run on.
    let text = Database(try TestServer.driver { $0.preparedStatements = false })
    let binary = Database(try TestServer.driver { $0.pool.maximumConnections = 1 })
    let seed = UInt64.random(in: 0...UInt64.max)
    var generator = Generator(state: seed), compared = 0
    for round in 0..<rounds {
      let samples = Self.kinds.map { kind in Int.random(in: 0..<8, using: &generator) == 0 ? nil : kind.make(&generator) }
      let expected = try Self.expected(oracle, samples)
      let bindings = samples.map { $0?.value ?? .null }
      let list = Self.kinds.enumerated().map { "CAST($\($0.offset + 1) AS \($0.element.type))" }.joined(separator: ", ")
      for (db, format) in [(text, "text"), (binary, "binary")] {
        let rows = try await db.query(SQLStatement("SELECT \(list)", bindings, effect: .read)) { row in
          var cells: [String] = []
          for kind in Self.kinds { cells.append(Self.text(try row.next(), kind.type)) }
          return cells
        }
        let row = try #require(rows.first)
        for (place, kind) in Self.kinds.enumerated() {
          #expect(row[place] == expected[place], "\(kind.type) as \(format), \(bindings[place]), seed \(seed), round \(round)")
          compared += 1
        }
      }
    }
    #expect(compared == rounds * Self.kinds.count * 2)
    await text.driver.shutdown()
    await binary.driver.shutdown()
  }

  /// The cells that the driver must give, by libpq's answer.
  private static func expected(_ oracle: LibPQConnection, _ samples: [Sample?]) throws -> [String] {
    let values = kinds.enumerated().map { "\($0.element.theirs.replacing("@", with: "$\($0.offset + 1)")) AS v\($0.offset)" }
    let truths = kinds.enumerated().map { place, kind in
      kind.truth.map { $0.replacing(/\bv\b/, with: "v\(place)") } ?? "v\(place)"
    }
    let sql = "SELECT \(truths.joined(separator: ", ")) FROM (SELECT \(values.joined(separator: ", "))) AS given"
    guard case .rows(let rows) = oracle.run(sql, samples.map { $0?.text }), let row = rows.first else {
      throw LibPQ.Refusal(text: "libpq's statement failed: \(oracle.answer(sql, samples.map { ($0?.text, 0) })) for \(samples)")
    }
    return zip(kinds, row).map { kind, cell in
      guard let cell else { return "null" }
      return kind.truth == nil ? "text \(cell)" : cell
    }
  }

  /// A cell with the bits of its number; a UUID's digits in either form.
  private static func text(_ cell: RowCell, _ type: String) -> String {
    switch cell {
    case .double(let value): "double " + String(format: "%016lx", value.isNaN ? Double.nan.bitPattern : value.bitPattern)
    case .text(let bytes) where type == "uuid": "uuid " + String(decoding: bytes, as: UTF8.self).replacing("-", with: "")
    case .blob where type == "uuid": "uuid " + cellText(cell).dropFirst(5)
    default: cellText(cell)
    }
  }
}
