import Foundation
import MartletCore
import MartletMySQL
import MartletSQL
import Testing

/// Random values of every type, with their extremes more often than chance would have them. A failure names its seed.
@Suite("MySQL: property round trips")
struct RoundTripPropertyTests {
  private static let columns = [
    "a bigint", "b bigint unsigned", "c double", "d decimal(38, 9)", "e longtext", "f longblob", "g datetime(6)", "h date",
    "i time(6)", "j bool", "k uuid", "l json",
  ]

  @Test("What is written is read, bit for bit, and found by its own value")
  func roundTrips() async throws {
    let rounds = ProcessInfo.processInfo.environment["MARTLET_SOAK"] == "1" ? 5000 : 200
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = SplitMix(state: seed)
    try await TestServer.withDatabase { db, driver in
      try await driver.connect()
      let options = (driver.dialect as? MySQLDialect)?.tableOptions ?? ""
      try await db.execute("CREATE TABLE t (id int PRIMARY KEY, \(Self.columns.joined(separator: ", "))) \(options)")
      for id in 0..<rounds {
        let pairs = Self.row(&random)
        let marks = Array(repeating: "?", count: pairs.count + 1).joined(separator: ", ")
        try await db.write("INSERT INTO t VALUES (\(marks))", [.int(Int64(id))] + pairs.map(\.0))
        let row = try await db.cells("SELECT * FROM t WHERE id = ?", [.int(Int64(id))])
        #expect(row == [[.int(Int64(id))] + pairs.map(\.1)], "seed \(seed), row \(id)")
        for (column, pair) in zip("abcdefghijk", pairs) {
          let found = try await db.cell("SELECT count(*) FROM t WHERE id = ? AND \(column) <=> ?", [.int(Int64(id)), pair.0])
          #expect(found == .int(1), "seed \(seed), row \(id), column \(column)")
        }
      }
    }
  }

  /// What is bound, and what must come back.
  private static func row(_ random: inout SplitMix) -> [(SQLValue, Cell)] {
    let anyInt = Int64(bitPattern: random.next()), anyUInt = random.next()
    let ints: [Int64] = [.min, .max, 0, -1, anyInt], uints: [UInt64] = [.max, 0, 1 << 63, (1 << 63) - 1, anyUInt]
    let int = ints.randomElement(using: &random)!, uint = uints.randomElement(using: &random)!
    var double = Double(bitPattern: random.next())
    if !double.isFinite { double = -.leastNonzeroMagnitude }
    let whole = String(String(random.next()).prefix(Int.random(in: 1...19, using: &random)))
    let digits = whole + "." + String(String(random.next() % 1_000_000_000 + 1_000_000_000).dropFirst())
    let negative = Bool.random(using: &random) ? "-" : ""
    let decimal = Decimal(string: negative + digits)!
    let scalars: [Unicode.Scalar] = ["\0", "'", "\\", "\"", "%", "\u{301}", "🦜", " ", "\u{10FFFF}", "\u{FFFF}", "a", "\n"]
    var text = ""
    for _ in 0..<Int.random(in: 0...30, using: &random) { text.unicodeScalars.append(scalars.randomElement(using: &random)!) }
    let bytes = (0..<Int.random(in: 0...300, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
    let moments: [Int64] = [
      -62_135_596_800_000_000, 253_402_300_799_999_999, 0, -1,
      Int64.random(in: -62_135_596_800_000_000..<253_402_300_800_000_000, using: &random),
    ]
    let moment = moments.randomElement(using: &random)!
    let day = Int.random(in: -719_162...2_932_896, using: &random)
    let times: [Int64] = [0, 86_399_999_999, Int64.random(in: 0..<86_400_000_000, using: &random)]
    let time = times.randomElement(using: &random)!
    let flag = Bool.random(using: &random)
    let uuid = UUID()
    let json = ["null", "{\"a\": \"\\u0000🦜\"}", "[1, 2.5, null]", "\"\""].randomElement(using: &random)!
    // The scale of the column shows in the text.
    let significant = String(digits.drop { $0 == "0" })
    let shown = negative + (significant.hasPrefix(".") ? "0" : "") + significant
    let all: [(SQLValue, Cell)] = [
      (.int(int), .int(int)), (.uint(uint), Int64(exactly: uint).map(Cell.int) ?? .text(String(uint))),
      (.double(double), .double(double)), (.decimal(decimal), .text(shown)), (.text(text), .text(text)),
      (.blob(bytes), .blob(bytes)),
      (.timestamp(moment), .int(moment)), (.date(CalendarDate(daysSince1970: day)), .int(Int64(day))),
      (.time(TimeOfDay(microseconds: time)!), .int(time)), (.bool(flag), .int(flag ? 1 : 0)),
      (.uuid(uuid), .text(uuid.uuidString.lowercased())), (.json(json), .text(json)),
    ]
    return all.map { Int.random(in: 0..<8, using: &random) == 0 ? (.null, .null) : $0 }
  }
}

/// Steele, Lea and Flood's generator, so that a seed repeats a failure.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
