import Foundation
import Logging
import MartletSQL
import Synchronization
import Testing

@testable import MartletPostgres

/// The same statements through libpq and through the driver, each on a schema of its own: right ones, wrong ones and torn ones.
@Suite("PostgreSQL statements beside libpq, properties")
struct LibPQStatementPropertyTests {
  typealias Generator = CodecPropertyTests.Generator

  struct Statement {
    var sql: String
    var values: [SQLValue] = []
    init(_ sql: String, _ values: [SQLValue] = []) { (self.sql, self.values) = (sql, values) }
  }

  private static let schema = [
    "CREATE TABLE t (id int PRIMARY KEY, name text NOT NULL, n bigint CHECK (n < 900), f float8, ok boolean DEFAULT true)",
    "CREATE UNIQUE INDEX t_name ON t (name) WHERE n > 500",
    "CREATE TABLE child (id int PRIMARY KEY, t_id int REFERENCES t (id) ON DELETE SET NULL, note varchar(5))",
    "CREATE FUNCTION shout(text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RAISE WARNING 'shout %', $1; RETURN upper($1); END $$",
  ]

  /// A value that fits a column, and now and then one that does not.
  private static func value(_ g: inout Generator) -> SQLValue {
    switch Int.random(in: 0..<9, using: &g) {
    case 0: .null
    case 1: .text(LibPQTypePropertyTests.word(&g))
    case 2: .text("\(Int.random(in: 0...99, using: &g))")
    case 3: .bool(.random(using: &g))
    case 4: .double(Double(Int.random(in: -99...99, using: &g)) / 4)
    case 5: .int(Int64(bitPattern: g.next()) >> 20)
    default: .int(Int64.random(in: 0...60, using: &g))
    }
  }
  private static func key(_ g: inout Generator) -> SQLValue { .int(Int64.random(in: 0...60, using: &g)) }
  private static func name(_ g: inout Generator) -> SQLValue { .text(LibPQTypePropertyTests.word(&g, 0...6)) }

  static func statement(_ g: inout Generator) -> Statement {
    var made = template(&g)
    guard Int.random(in: 0..<4, using: &g) == 0 else { return made }
    // Torn: a word is missing, there twice, or another one's.
    var words = made.sql.split(separator: " ", omittingEmptySubsequences: false)
    let place = Int.random(in: 0..<words.count, using: &g)
    switch Int.random(in: 0..<4, using: &g) {
    case 0: words.remove(at: place)
    case 1: words.insert(words[place], at: place)
    case 2: words.swapAt(place, Int.random(in: 0..<words.count, using: &g))
    default:
      words[place] =
        ["nowhere", "(", ")", "'", "$9", "SELECT", "🦜", "1e", ";", "::int", "\"", "--"].randomElement(using: &g) ?? ""
    }
    made.sql = words.joined(separator: " ")
    return made
  }

  private static func template(_ g: inout Generator) -> Statement {
    let n = Int.random(in: 0...12, using: &g), k = Int.random(in: 2...9, using: &g)
    switch Int.random(in: 0..<24, using: &g) {
    case 0: return Statement(["", " ", "-- nothing", "/* nothing */", ";", " ; -- x"].randomElement(using: &g) ?? "")
    case 1:
      return Statement(
        "SELECT g, g * \(k), CASE WHEN g % 3 = 0 THEN NULL ELSE 'row ' || g END FROM generate_series(1, \(n)) AS g")
    case 2: return Statement("SELECT id, name, n, f, ok FROM t WHERE id % \(k) = \(n % k) ORDER BY id")
    case 3: return Statement("SELECT $1 AS a, $2 AS b, $3 AS c", [value(&g), value(&g), value(&g)])
    case 4: return Statement("SELECT pg_typeof($1), $1 IS NULL", [value(&g)])
    case 5: return Statement("SELECT \(k) / ( $1 % 3 )", [.int(Int64(n))])
    case 6: return Statement("SELECT $1::int", [value(&g)])
    case 7:
      return Statement(
        "SELECT count(*), min(name), max(n), sum(f::numeric), bool_or(ok) FROM t WHERE n > $1 OR f IS NULL", [key(&g)])
    case 8, 9, 10:
      return Statement("INSERT INTO t (id, name, n, f) VALUES ($1, $2, $3, $4)", [key(&g), name(&g), value(&g), value(&g)])
    case 11: return Statement("INSERT INTO t VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING id, name, ok", [key(&g), name(&g)])
    case 12:
      return Statement("INSERT INTO t SELECT g, 'series ' || g, g FROM generate_series($1::int, $1 + \(n)) AS g", [key(&g)])
    case 13: return Statement("UPDATE t SET name = $1, n = n + \(k) WHERE id % \(k) = 0", [name(&g)])
    case 14: return Statement("UPDATE t SET ok = NOT ok, f = f / $1 WHERE id < $2 RETURNING id, ok, f", [value(&g), key(&g)])
    case 15: return Statement("DELETE FROM t WHERE id = $1 RETURNING *", [key(&g)])
    case 16: return Statement("INSERT INTO child VALUES ($1, $2, $3)", [key(&g), key(&g), name(&g)])
    case 17: return Statement("UPDATE child SET t_id = $1, note = note || 'x' WHERE id > $2", [key(&g), key(&g)])
    case 18:
      return Statement(
        "SELECT t.id, child.note FROM t LEFT JOIN child ON child.t_id = t.id WHERE t.id IN ($1, $2)", [key(&g), key(&g)])
    case 19:
      return Statement(
        "DO $$ BEGIN RAISE \(["NOTICE", "WARNING", "INFO"].randomElement(using: &g) ?? "") 'count %', \(n) ; END $$")
    case 20: return Statement("CREATE TABLE IF NOT EXISTS t (id int)")
    case 21: return Statement("SELECT shout( name ) FROM t WHERE id = $1", [key(&g)])
    case 22: return Statement("SELECT nowhere FROM t", [])
    default: return Statement("SELECT 1 ; SELECT \(n)")
    }
  }

  @Test("each statement gives the rows, the count, the error and the notices that libpq gets")
  func statements() async throws {
    let isSoak = ProcessInfo.processInfo.environment["MARTLET_SOAK"] == "1", count = isSoak ? 50_000 : 1500
    let oracle = try LibPQConnection(try TestServer.url), log = NoticeLog()
    let name = "oracle_" + UUID().uuidString.lowercased().replacing("-", with: "")
    for sql in ["CREATE SCHEMA \(name)", "SET search_path = \(name)"] + Self.schema {
      #expect(oracle.answer(sql, []).code == nil, "\(sql)")
    }
    oracle.collectNotices()
    let seed = UInt64.random(in: 0...UInt64.max)
    var generator = Generator(state: seed), errors = 0, rows = 0, written = 0, notices = 0
    try await TestServer.withSchema({ $0.pool.maximumConnections = 1 }) { _, plain in
      let driver = PostgresDriver(plain.configuration, logger: log.logger)
      let db = Database(driver)
      for sql in Self.schema { try await db.execute(sql) }
      log.take()
      for round in 0..<count {
        let statement = Self.statement(&generator)
        let theirs = oracle.answer(statement.sql, try statement.values.map { (try Self.text($0), ParameterEncoder.type(of: $0)) })
        let mine = try await Self.answer(db, statement)
        let place = Comment(rawValue: "seed \(seed), round \(round): \(statement)")
        #expect(mine.code == theirs.code, place)
        if theirs.code != nil {
          errors += 1
          let expected = theirs.message + (theirs.position.map { " at character \($0)" } ?? "")
          // A detail may follow, which libpq keeps apart.
          #expect(mine.message == expected || mine.message.hasPrefix(expected + " ("), place)
        }
        // Which version of a row a scan meets first is the table's business.
        #expect(
          mine.rows.map { $0.joined(separator: "|") }.sorted() == theirs.rows.map { $0.joined(separator: "|") }.sorted(), place)
        #expect(mine.rowsAffected == theirs.rowsAffected, place)
        let told = log.take()
        #expect(told == oracle.takeNotices(), place)
        (rows, written, notices) = (rows + mine.rows.count, written + mine.rowsAffected, notices + told.count)
      }
      await driver.shutdown()
    }
    _ = oracle.answer("DROP SCHEMA \(name) CASCADE", [])
    // A generator that makes errors alone, or none, would prove little.
    #expect(errors > count / 10 && errors < count * 3 / 4 && rows > count / 2 && written > count / 8 && notices > count / 50)
  }

  private static func text(_ value: SQLValue) throws -> String? {
    switch value {
    case .null: nil
    case .int(let value): "\(value)"
    case .bool(let value): value ? "true" : "false"
    case .double(let value): "\(value)"
    case .text(let value): value
    default: throw LibPQ.Refusal(text: "no text for \(value)")
    }
  }

  private static func answer(_ db: Database, _ statement: Statement) async throws -> LibPQConnection.Answer {
    var answer = LibPQConnection.Answer()
    let rows = Mutex<[[String]]>([])
    do {
      let result = try await db.driver.run(SQLStatement(statement.sql, statement.values)) { row in
        var cells: [String] = []
        while row.index < row.count { cells.append(cellText(try row.next())) }
        rows.withLock { $0.append(cells) }
      }
      answer.rowsAffected = result.rowsAffected
      answer.rows = rows.withLock { $0 }
    } catch let error as DatabaseError {
      answer.code = error.code ?? "none"
      answer.message = error.message
    }
    return answer
  }
}

/// What a driver logs of the server's notices: SQLSTATE and message.
private final class NoticeLog: Sendable {
  private let list = Mutex<[String]>([])

  @discardableResult
  func take() -> [String] {
    list.withLock { list in
      defer { list = [] }
      return list
    }
  }
  var logger: Logger { Logger(label: "notices") { _ in Handler(log: self) } }

  private struct Handler: LogHandler {
    let log: NoticeLog
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace
    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }
    func log(event: LogEvent) {
      let code = event.metadata?["code"].map { "\($0)" } ?? ""
      log.list.withLock { $0.append(code + " " + "\(event.message)".replacing("PostgreSQL: ", with: "")) }
    }
  }
}
