import CMariaDB
import Foundation
import MartletSQL
import Synchronization
import Testing

@testable import MartletMySQL

@Suite("MySQL: prepared statements")
struct StatementCacheTests {
  private func prepares(_ db: Database) async throws -> Int {
    guard case .text(let text) = try await db.cells("SHOW SESSION STATUS LIKE 'Com_stmt_prepare'")[0][1] else { return -1 }
    return Int(text) ?? -1
  }

  @Test("A text is prepared once; the least recently used go, and the server keeps no more than the cache")
  func cache() async throws {
    try await TestServer.withDatabase({
      $0.pool.maximumConnections = 1
      $0.statementCacheSize = 4
    }) { db, _ in
      _ = try await prepares(db)
      let before = try await prepares(db)
      for i in 0..<10 {
        let value = try await db.cell("SELECT ? + 1", [.int(Int64(i))])
        #expect(value == .int(Int64(i + 1)))
      }
      #expect(try await prepares(db) == before + 1)
      for i in 0..<50 { _ = try await db.cell("SELECT \(i)") }
      let closed = try await db.cells("SHOW SESSION STATUS LIKE 'Com_stmt_close'")[0][1]
      let prepared = try await prepares(db)
      guard case .text(let text) = closed, let closes = Int(text) else { throw NothingThrown() }
      #expect((prepared - closes) <= 5)
    }
  }

  @Test("A schema that changes under a cached statement is noticed: new columns and new types come")
  func schemaChange() async throws {
    try await TestServer.withDatabase { db, _ in
      try await db.execute("CREATE TABLE t (a int) ENGINE=InnoDB")
      try await db.write("INSERT INTO t VALUES (1)")
      #expect(try await db.cells("SELECT * FROM t") == [[.int(1)]])
      try await db.execute("ALTER TABLE t MODIFY a varchar(20), ADD b datetime(6) NOT NULL DEFAULT '1970-01-01'")
      for _ in 0..<2 { #expect(try await db.cells("SELECT * FROM t") == [[.text("1"), .int(0)]]) }
      try await db.execute("ALTER TABLE t DROP a")
      for _ in 0..<2 { #expect(try await db.cells("SELECT * FROM t") == [[.int(0)]]) }
    }
  }

  @Test("A statement that the server has forgotten is prepared anew")
  func forgotten() throws {
    let session = MySQLSession(try TestServer.configuration())
    try session.open()
    defer { session.close() }
    let statement = SQLStatement("SELECT ?", [.int(5)], effect: .read)
    for round in 0..<3 {
      var found: Int64 = 0
      _ = try session.run(statement, StatementJob {}) { found = try $0.int() }
      #expect(found == 5, "\(round)")
      // Another number is one that the server does not know.
      let cached = try session.statements.statement(for: statement, session.opened(sql: nil))
      cached.handle.pointee.stmt_id = 1_000_000
    }
    let isUsable = session.isUsable.load(ordering: .acquiring)
    #expect(isUsable)
  }

  @Test("What a text does to its session is read from its first words")
  func traits() {
    #expect(StatementTraits("  /* note */ set sql_mode = ''").changesSession)
    #expect(!StatementTraits("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE").changesSession)
    #expect(StatementTraits("-- note\ncreate temporary table x (a int)").changesSession)
    #expect(!StatementTraits("CREATE TABLE x (a int)").changesSession)
    #expect(StatementTraits("START TRANSACTION").goesAsText)
    #expect(StatementTraits("select get_lock('a', 1)").changesSession)
    #expect(!StatementTraits("SELECT 'a@example.com'").changesSession)
    #expect(StatementTraits("SELECT 1 INTO @x").changesSession)
    #expect(StatementTraits("(INSERT").writes)
    #expect(!StatementTraits("").goesAsText)
    #expect(StatementTraits.table("INSERT INTO `a``b` (`c`) VALUES (1)") == "a`b")
    #expect(StatementTraits.table("UPDATE `t` SET x = 1") == "t")
    #expect(StatementTraits.table("DELETE FROM `t`") == nil)
  }
}
