import Foundation
import MartletCore
import MartletORM
import MartletSQL
import TestDatabases
import Testing

@Suite("Policies") struct PolicyTests {
  private func viewer(_ author: Author) throws -> Viewer {
    Viewer(id: .int(try #require(author.id.raw)), name: author.name, isStaff: author.isStaff)
  }

  @Test("a read policy is a WHERE clause; constants leave no trace in it")
  func scope() async throws {
    let ann = Viewer(id: .int(1))
    #expect(
      try whereClause(Post.query.permitted(.read, to: ann)) == #""post" t0 WHERE (t0."status" = ? OR t0."author_id" = ?)"#)
    #expect(try whereClause(Post.query.permitted(.read, to: .anonymous)) == #""post" t0 WHERE t0."status" = ?"#)
    #expect(try whereClause(Post.query.permitted(.delete, to: ann)) == #""post" t0 WHERE t0."editor_id" = ?"#)
    #expect(try whereClause(Post.query.permitted(.delete, to: .anonymous)) == #""post" t0 WHERE FALSE"#)
    #expect(try whereClause(Post.query.permitted(.delete, to: Viewer(id: .int(9), isStaff: true))) == #""post" t0"#)
  }

  @Test("an anonymous viewer is nobody: a row without an editor is not theirs", arguments: TestDatabaseKind.allCases)
  func anonymous(_ kind: TestDatabaseKind) async throws {
    let db = try await blog(on: kind)
    let sample = try await Sample(db)
    #expect(try await Post.query.permitted(.delete, to: .anonymous).count(db) == 0)
    #expect(try sample.hello.permits(.delete, to: .anonymous) == false)
  }

  @Test("a model without a policy is for staff alone; a superuser may do everything", arguments: TestDatabaseKind.allCases)
  func defaultDeny(_ kind: TestDatabaseKind) async throws {
    let db = try await blog(on: kind)
    let sample = try await Sample(db)
    #expect(try await Comment.query.permitted(.read, to: viewer(sample.ann)).count(db) == 0)
    #expect(try await Comment.query.permitted(.read, to: viewer(sample.bo)).count(db) == 5)
    #expect(try await Comment.query.permitted(.read, to: Viewer(id: .int(5), isSuperuser: true)).count(db) == 5)
    #expect(try await Author.query.permitted(.read, to: .anonymous).count(db) == 2)
    #expect(try await Author.query.permitted(.create, to: viewer(sample.bo)).count(db) == 0)
  }

  @Test(
    "create: decided in memory where it can be, else by the database after the write, which is undone",
    arguments: TestDatabaseKind.allCases)
  func create(_ kind: TestDatabaseKind) async throws {
    let db = try await blog(on: kind)
    let sample = try await Sample(db)
    let ann = try viewer(sample.ann)
    // The rule asks whether the author is staff: with the row in memory no statement is needed.
    _ = try await Post(title: "mine", slug: "mine", author: Ref(sample.ann)).insert(db, as: ann)
    // By key alone, the database decides.
    _ = try await Post(title: "mine too", slug: "mine-too", author: .id(sample.ann.id)).insert(db, as: ann)
    let error = await #expect(throws: ORMError.self) {
      try await Post(title: "staff's", slug: "staffs", author: .id(sample.bo.id)).insert(db, as: viewer(sample.bo))
    }
    #expect(error?.kind == .forbidden && error?.problem.status == 403)
    #expect(try await !Post.filter { $0.slug == "staffs" }.exists(db))
    await #expect(throws: ORMError.self) { try await Post(title: "x", slug: "x", author: Ref(sample.bo)).insert(db, as: ann) }
    #expect(try await Post.query.count(db) == 4)
  }

  @Test("update: the row as it was and as it becomes must both be allowed", arguments: TestDatabaseKind.allCases)
  func update(_ kind: TestDatabaseKind) async throws {
    let db = try await blog(on: kind)
    let sample = try await Sample(db)
    let ann = try viewer(sample.ann)
    var hello = try await Post.get(sample.hello.id, db)
    let original = hello
    hello.title = "Better"
    #expect(try await hello.save(db, changedFrom: original, as: ann))
    var given = hello
    given.author = .id(sample.bo.id)
    await #expect(throws: ORMError.self) { try await given.save(db, changedFrom: hello, as: ann) }
    #expect(try await Post.get(hello.id, db).author.id == sample.ann.id)
    var draft = sample.draft
    draft.title = "stolen"
    await #expect(throws: ORMError.self) { try await draft.save(db, changedFrom: sample.draft, as: ann) }
    try await sample.draft.delete(db, as: ann)
    await #expect(throws: ORMError.self) { try await hello.delete(db, as: ann) }
  }
}

/// Columns of every comparable kind, each nullable and not.
@Model(table: "probe")
struct Probe {
  var id: ID
  var a: Int?
  var b: Int?
  var c: Int
  var s: String?
  var t: String
  var d: Double?
  var m: Date?
  var f: Bool
}

@Suite("One policy, one meaning") struct PolicyPropertyTests {
  /// `make soak` tries ten times as many.
  private static let rounds = ProcessInfo.processInfo.environment["MARTLET_SOAK"] == "1" ? 50_000 : 5000

  @Test("5,000 random predicates mean the same in SQL and in memory", arguments: TestDatabaseKind.allCases)
  func agreement(_ kind: TestDatabaseKind) async throws {
    let db = try await blog([Probe.self], on: kind)
    var rows: [Probe] = []
    for a in [nil, 1, 2] as [Int?] {
      for b in [nil, 1] as [Int?] {
        for s in [nil, "x", "Xy", "é", "e\u{301}"] as [String?] {
          rows.append(
            Probe(
              a: a, b: b, c: a ?? 3, s: s, t: s.map { $0 + "z" } ?? "", d: b.map { Double($0) / 2 },
              m: a.map { Date(timeIntervalSince1970: Double($0) * 1000.5) }, f: b == 1))
        }
      }
    }
    rows = try await Probe.insert(rows, db)
    var random = SeededGenerator(seed: 20_261_123)
    for round in 0..<Self.rounds {
      let query = Probe.filter { predicate($0, depth: round % 4, &random) }
      let inSQL = Set(try await query.all(db).map(\.id))
      let inMemory = Set(try rows.filter { try query.matches($0) }.map(\.id))
      guard inSQL != inMemory else { continue }
      Issue.record("\(try whereClause(query)): \(inSQL.count) rows in SQL, \(inMemory.count) in memory")
      break
    }
  }

  private func predicate(_ p: Probe.Fields, depth: Int, _ random: inout SeededGenerator) -> Expr<Bool> {
    guard depth > 0 else { return leaf(p, &random) }
    switch Int.random(in: 0..<4, using: &random) {
    case 0: return predicate(p, depth: depth - 1, &random) && predicate(p, depth: depth - 1, &random)
    case 1: return predicate(p, depth: depth - 1, &random) || predicate(p, depth: depth - 1, &random)
    case 2: return !predicate(p, depth: depth - 1, &random)
    default:
      let condition = predicate(p, depth: depth - 1, &random), other = predicate(p, depth: depth - 1, &random)
      return when(condition, then: other).otherwise(leaf(p, &random))
    }
  }

  private func leaf(_ p: Probe.Fields, _ random: inout SeededGenerator) -> Expr<Bool> {
    let n = [nil, 1, 2].randomElement(using: &random) ?? nil
    let s = ["x", "y", "X", "é", "e\u{301}", "z", ""].randomElement(using: &random) ?? ""
    switch Int.random(in: 0..<24, using: &random) {
    case 0: return p.a == n
    case 1: return p.a != n
    case 2: return p.a == p.b
    case 3: return p.a != p.b
    case 4: return p.a < p.b
    case 5: return p.c >= 2
    case 6: return p.a > n
    case 7: return p.s.contains(s)
    case 8: return p.a.in([1, n])
    case 9: return p.a == p.c.optional
    case 10: return p.s != s
    case 11: return p.a + 1 <= p.b
    case 12: return p.t.hasPrefix(s)
    case 13: return p.t.hasSuffix(s)
    case 14: return p.s.icontains(s)
    case 15: return p.d > 0.25
    case 16: return p.m <= Date(timeIntervalSince1970: 1000.5)
    case 17: return p.f
    case 18: return p.f == (p.a == n)
    case 19: return p.s < s
    case 20: return p.a.isNull
    case 21: return p.a.coalesce(7) > p.c
    case 22: return p.a * 2 - 1 == p.b
    default: return p.s.iequals(s)
    }
  }
}

/// SplitMix64: the same numbers for the same seed, everywhere.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64
  init(seed: UInt64) { state = seed }
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
