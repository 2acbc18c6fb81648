import Foundation
import MartletCore
import MartletORM
import MartletSQL
import TestDatabases
import Testing

@Model(table: "listing")
struct Listing {
  var id: ID
  var texts: [String] = []
  var maybe: [Int?]?
  var numbers: [Int64] = []
  var counts: [UInt64] = []
  var ratios: [Double] = []
  var flags: [Bool] = []
  var tokens: [UUID] = []
  var days: [CalendarDate] = []
  var moments: [Date] = []
  var prices: [Decimal] = []
  @Field var stages: [Priority] = []
  var blobs: [[UInt8]] = []
  var bytes: [UInt8] = []
  var word: String?
}

private func listings(_ kind: TestDatabaseKind, _ rows: [Listing]) async throws -> (Database, [Listing]) {
  let db = try await blog([Listing.self], on: kind)
  return (db, try await Listing.insert(rows, db))
}

@Suite("Operators of arrays") struct ArrayOperatorTests {
  private static let texts = ["", "a", "A", "é", "e\u{301}", "a\"b\\", "{x,y}", "NULL", "null", "𝒳", "a ", "[1]", "\u{1}"]
  private static let numbers: [Int64] = [.min, .max, 0, -1, 9_007_199_254_740_993, 9_007_199_254_740_992]
  private static let counts: [UInt64] = [0, 1, .max, .max - 1, 1 << 63, (1 << 63) - 1]
  private static let ratios: [Double] = [
    0, 0.1, 0.1 + 0.2, 1 / 3, .greatestFiniteMagnitude, .leastNormalMagnitude, 1e15 + 0.3, .pi, -1e-300, 5e-324,
  ]
  private static let tokens = (0..<5).map { UUID(uuid: (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 254, $0)) }

  private static func rows(_ random: inout SystemRandomNumberGenerator) throws -> [Listing] {
    let days = try days(), moments = moments()
    func some<E>(_ pool: [E]) -> [E] { (0..<Int.random(in: 0...4)).compactMap { _ in pool.randomElement() } }
    return (0..<30).map { i in
      Listing(
        texts: some(texts), maybe: i % 5 == 0 ? nil : some([nil, 1, 2, 3]), numbers: some(numbers), counts: some(counts),
        ratios: some(ratios), flags: some([true, false]), tokens: some(tokens), days: some(days), moments: some(moments),
        prices: some(prices), stages: some([.low, .high]), word: i % 4 == 0 ? nil : texts.randomElement())
    }
  }
  private static let prices = ["0", "1.5", "-1.25", "12345678.1"].compactMap { Decimal(string: $0) }
  private static func days() throws -> [CalendarDate] {
    try [(1, 1, 1), (9999, 12, 31), (2024, 2, 29)].map { try #require(CalendarDate(year: $0.0, month: $0.1, day: $0.2)) }
  }
  private static func moments() -> [Date] {
    [0, 1_700_000_000, 1_700_000_000.5, 951_782_400].map { Date(timeIntervalSince1970: $0) }
  }

  @Test("every operator answers as Swift does, for every type of element", arguments: TestDatabaseKind.allCases)
  func property(_ kind: TestDatabaseKind) async throws {
    var random = SystemRandomNumberGenerator()
    let (db, rows) = try await listings(kind, Self.rows(&random))
    let probe = ArrayProbe(db: db, rows: rows)
    try await probe.run({ $0.texts }, \.texts, Self.texts)
    try await probe.run({ $0.numbers }, \.numbers, Self.numbers)
    try await probe.run({ $0.counts }, \.counts, Self.counts)
    try await probe.run({ $0.ratios }, \.ratios, Self.ratios)
    try await probe.run({ $0.flags }, \.flags, [true, false])
    try await probe.run({ $0.tokens }, \.tokens, Self.tokens)
    try await probe.run({ $0.days }, \.days, Self.days())
    try await probe.run({ $0.moments }, \.moments, Self.moments())
    try await probe.run({ $0.prices }, \.prices, Self.prices)
    try await probe.run({ $0.stages }, \.stages, [.low, .high])
  }

  @Test("NULL in a list is equal to nothing, and nothing holds for NULL", arguments: TestDatabaseKind.allCases)
  func nulls(_ kind: TestDatabaseKind) async throws {
    let lists: [[Int?]?] = [nil, [], [nil], [1, nil], [1, 1, 2]]
    let (db, rows) = try await listings(kind, lists.map { Listing(maybe: $0) })
    func places(_ condition: (Listing.Fields) -> Expr<Bool>) async throws -> [Int] {
      let query = Listing.filter(condition), negated = Listing.filter { !condition($0) }
      let found = try await query.all(db).map(\.id), others = try await negated.all(db).map(\.id)
      #expect(Set(found).union(others).count == rows.count && Set(found).isDisjoint(with: others))
      let chosen = try await Listing.query.order { $0.id.asc }.select { condition($0) }.all(db)
      let places = rows.indices.filter { found.contains(rows[$0].id) }
      #expect(chosen == rows.map { found.contains($0.id) })
      return places
    }
    #expect(try await places { $0.maybe.contains(1) } == [3, 4])
    #expect(try await places { $0.maybe.contains(nil) } == [])
    #expect(try await places { $0.maybe.contains(all: []) } == [1, 2, 3, 4])
    #expect(try await places { $0.maybe.contains(all: [1, nil]) } == [])
    #expect(try await places { $0.maybe.contains(all: [2, 1, 2]) } == [4])
    #expect(try await places { $0.maybe.isContained(in: [1, 2, 3]) } == [1, 4])
    #expect(try await places { $0.maybe.isContained(in: [nil]) } == [1])
    #expect(try await places { $0.maybe.overlaps([nil, 2]) } == [4])
    #expect(try await places { $0.maybe.overlaps([]) } == [])
    #expect(try await places { $0.maybe.overlaps($0.maybe) } == [3, 4])
    #expect(try await places { $0.maybe.isContained(in: $0.maybe) } == [1, 4])
    let counts = try await Listing.query.order { $0.id.asc }.select { $0.maybe.elementCount }.all(db)
    #expect(counts == [nil, 0, 1, 2, 3])
    let first = try await Listing.query.order { $0.id.asc }.select { $0.maybe[0] }.all(db)
    #expect(first.map { $0 ?? nil } == [nil, nil, nil, 1, 1])
    let slices = try await Listing.query.order { $0.id.asc }.select { ($0.maybe[1..<9], $0.maybe[1..<1]) }.all(db)
    #expect(slices.map(\.0) == [nil, [], [], [nil], [1, 2]] && slices.map(\.1) == [nil, [], [], [], []])
    let longer = try await Listing.query.order { $0.id.asc }
      .select { ($0.maybe.appending(7), $0.maybe.appending(contentsOf: $0.maybe)) }.all(db)
    #expect(longer.map(\.0) == [nil, [7], [nil, 7], [1, nil, 7], [1, 1, 2, 7]])
    #expect(longer.map(\.1) == [nil, [], [nil, nil], [1, nil, 1, nil], [1, 1, 2, 1, 1, 2]])
  }

  @Test("a column of the row is looked for in its list; an update appends", arguments: TestDatabaseKind.allCases)
  func columns(_ kind: TestDatabaseKind) async throws {
    let (db, rows) = try await listings(
      kind, [Listing(texts: ["a", "b\"\\"], word: "b\"\\"), Listing(texts: ["A"], word: "a"), Listing(texts: ["x"])])
    let found = try await Listing.filter { $0.texts.contains($0.word.coalesce("x")) }.order { $0.id.asc }.all(db)
    #expect(found.map(\.id) == [rows[0].id, rows[2].id])
    try await Listing.filter { $0.word == "a" }.update(db) { $0.texts.set(to: $0.texts.appending("é'\"")) }
    #expect(try await Listing.get(rows[1].id, db).texts == ["A", "é'\""])
    #expect(try await Listing.filter { $0.texts[1] == "é'\"" }.all(db).map(\.id) == [rows[1].id])
  }

  @Test("what cannot be asked is refused by name", arguments: TestDatabaseKind.allCases)
  func refusals(_ kind: TestDatabaseKind) async throws {
    let (db, _) = try await listings(kind, [Listing(ratios: [.infinity], blobs: [[1, 2], []], bytes: [1, 2])])
    for place in [-1, Int.max] {
      #expect(throws: ORMError.self) { try Listing.filter { $0.texts[place] == "a" }.statement(db.dialect) }
      #expect(throws: ORMError.self) { try Listing.query.select { $0.texts[place..<Int.max] }.statement(db.dialect) }
    }
    _ = try await Listing.query.select { $0.texts[0..<Int.max] }.all(db)
    #expect(throws: ORMError.self) { try Listing.filter { $0.bytes.contains(1) }.statement(db.dialect) }
    let blobs = Listing.filter { $0.blobs.contains([1, 2]) && $0.blobs.elementCount == 2 }
    let infinite = Listing.filter { $0.ratios.overlaps([.infinity]) }
    if db.dialect.capabilities.contains(.nativeArrays) {
      #expect(try await blobs.count(db) == 1)
      #expect(try await infinite.count(db) == 1)
    } else {
      for query in [blobs, infinite] {
        let error = #expect(throws: DatabaseError.self) { try query.statement(db.dialect) }
        #expect(error?.kind == .unsupported(capability: "nativeArrays"))
      }
    }
    #expect(try await Listing.filter { $0.blobs.elementCount == 2 }.count(db) == 1)
  }
}

/// Asks a database and Swift the same of a list.
private struct ArrayProbe {
  let db: Database
  let rows: [Listing]

  func run<E: ArrayElement>(
    _ column: (Listing.Fields) -> Expr<[E]>, _ list: (Listing) -> [E], _ pool: [E]
  ) async throws {
    for _ in 0..<6 {
      let few = (0..<Int.random(in: 0...3)).compactMap { _ in pool.randomElement() }
      let one = try #require(pool.randomElement())
      try await ask("contains \(one)", { column($0).contains(one) }) { has(list($0), one) }
      try await ask("contains all \(few)", { column($0).contains(all: few) }) { row in few.allSatisfy { has(list(row), $0) } }
      try await ask("contained in \(few)", { column($0).isContained(in: few) }) { list($0).allSatisfy { has(few, $0) } }
      try await ask("overlaps \(few)", { column($0).overlaps(few) }) { list($0).contains { has(few, $0) } }
      let place = Int.random(in: 0...4), end = Int.random(in: place...5)
      try await ask("[\(place)] is \(one)", { column($0)[place] == one }) { row in
        list(row).indices.contains(place) && has([list(row)[place]], one)
      }
      let slices = try await Listing.query.order { $0.id.asc }.select { column($0)[place..<end] }.all(db)
      #expect(slices == rows.map { Array(list($0)[(place..<end).clamped(to: 0..<list($0).count)]) })
      let longer = try await Listing.query.order { $0.id.asc }.select { column($0).appending(contentsOf: few) }.all(db)
      #expect(longer == rows.map { list($0) + few })
    }
  }

  /// By code points, as databases compare.
  private func has<E: ArrayElement>(_ list: [E], _ element: E) -> Bool {
    list.contains { ($0 as? String).map { Array($0.utf8) == Array("\(element)".utf8) } ?? ($0 == element) }
  }

  private func ask(
    _ what: String, _ condition: (Listing.Fields) -> Expr<Bool>, _ holds: (Listing) -> Bool
  ) async throws {
    let found = try await Listing.filter(condition).order { $0.id.asc }.all(db).map(\.id)
    #expect(found == rows.filter(holds).map(\.id), "\(what)")
    let root = Path(Listing.self), node = condition(Listing.Fields(root)).node
    for row in rows { #expect(try node.holds(for: EvaluatedRow(row)) == holds(row), "in memory: \(what)") }
  }
}
