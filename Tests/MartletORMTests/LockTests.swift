import Foundation
import MartletORM
import MartletSQL
import TestDatabases
import Testing

@Suite("Row locks") struct LockTests {
  @Test("each dialect has its own words")
  func words() throws {
    func tail(_ query: Query<Post>, _ dialect: any SQLDialect) throws -> String {
      let text = try query.statement(dialect).text
      return String(text[(text.range(of: #"post"#, options: .backwards)?.upperBound ?? text.startIndex)...])
    }
    let postgres = PostgresDialect(), maria = MySQLDialect(.mariaDB), mysql = MySQLDialect(.mySQL)
    #expect(try tail(Post.query.forUpdate(), postgres) == "\" t0 FOR UPDATE")
    #expect(try tail(Post.query.forUpdate(.noWait, noKey: true), postgres) == "\" t0 FOR NO KEY UPDATE NOWAIT")
    #expect(try tail(Post.query.forShare(.skipLocked, noKey: true), postgres) == "\" t0 FOR KEY SHARE SKIP LOCKED")
    #expect(try tail(Post.query.forShare(.noWait), maria) == "` t0 LOCK IN SHARE MODE NOWAIT")
    #expect(try tail(Post.query.forShare(), mysql) == "` t0 FOR SHARE")
    let joined = Post.query.with { $0.editor }
    #expect(try joined.forUpdate().statement(postgres).text.hasSuffix(" FOR UPDATE OF t0"))
    #expect(try joined.forUpdate(of: .joined).statement(mysql).text.hasSuffix(" FOR UPDATE"))
    #expect(try joined.forUpdate().statement(maria).text.hasSuffix(" FOR UPDATE"))
    let plain = try Post.query.statement(SQLiteDialect()).text
    #expect(try Post.query.forUpdate().statement(SQLiteDialect()).text == plain)
    #expect(try Post.query.forUpdate().statement(postgres).effect == .write, "never on a replica")
  }

  @Test("what a database cannot do is an error that names the capability")
  func capabilities() throws {
    func missing(_ query: Query<Post>, _ dialect: any SQLDialect) -> DatabaseError.Kind? {
      #expect(throws: DatabaseError.self) { try query.statement(dialect) }?.kind
    }
    let joined = Post.query.with { $0.editor }
    #expect(missing(Post.query.forUpdate(.skipLocked), SQLiteDialect()) == .unsupported(capability: "skipLocked"))
    #expect(missing(Post.query.forUpdate(.noWait), SQLiteDialect()) == .unsupported(capability: "lockNoWait"))
    #expect(missing(Post.query.forUpdate(noKey: true), MySQLDialect(.mySQL)) == .unsupported(capability: "noKeyLocks"))
    #expect(missing(joined.forUpdate(of: .own), MySQLDialect(.mariaDB)) == .unsupported(capability: "lockOf"))
  }

  @Test("outside of a transaction a lock is an error, for every way to run the query", arguments: TestDatabaseKind.allCases)
  func needsTransaction(_ kind: TestDatabaseKind) async throws {
    let db = try await blog(on: kind)
    _ = try await Sample(db)
    let all = await #expect(throws: DatabaseError.self) { try await Post.query.forUpdate().all(db) }
    #expect(all?.kind == .transaction)
    await #expect(throws: DatabaseError.self) { try await Post.query.forUpdate().select { $0.title }.all(db) }
    await #expect(throws: DatabaseError.self) { try await Post.query.forUpdate().annotate { $0.comments.count }.all(db) }
    await #expect(throws: DatabaseError.self) { for try await _ in Post.query.forUpdate().stream(db) {} }
    try await db.transaction { tx in
      let rows = try await Post.query.forUpdate().with { $0.editor }.all(tx).count
      let count = try await Post.query.forUpdate().count(tx), isThere = try await Post.query.forShare().exists(tx)
      #expect(rows == 2 && count == 2 && isThere)
    }
  }

  @Test("workers that skip locked rows never take the same job", arguments: [TestDatabaseKind.postgresql, .mysql])
  func jobQueue(_ kind: TestDatabaseKind) async throws {
    let db = try await blog(on: kind)
    try await Tag.insert((0..<40).map { Tag(name: "job \($0)") }, db)
    let names = try await withThrowingTaskGroup(of: [String].self) { group in
      for _ in 0..<4 {
        group.addTask {
          var taken: [String] = []
          while true {
            let job = try await db.transaction { tx -> Tag? in
              guard let job = try await Tag.query.order({ $0.id.asc }).forUpdate(.skipLocked).first(tx) else { return nil }
              try await Task.sleep(for: .milliseconds(2))
              try await job.delete(tx)
              return job
            }
            guard let job else { return taken }
            taken.append(job.name)
          }
        }
      }
      return try await group.reduce(into: []) { $0 += $1 }
    }
    // A worker that finds only locked jobs ends; the rows that others gave back are still counted once each.
    #expect(Set(names).count == names.count)
    let left = try await Tag.query.count(db)
    #expect(names.count + left == 40)
    #expect(names.count >= 37)
  }

  @Test("noWait gives up at once on a row that another has locked", arguments: [TestDatabaseKind.postgresql, .mysql])
  func noWait(_ kind: TestDatabaseKind) async throws {
    let db = try await blog(on: kind)
    let tag = try await Tag(name: "a").insert(db)
    try await db.transaction { tx in
      _ = try await Tag.filter { $0.id == tag.id }.forUpdate().one(tx)
      let error = await #expect(throws: DatabaseError.self) {
        try await db.transaction { other in try await Tag.filter { $0.id == tag.id }.forUpdate(.noWait).one(other) }
      }
      #expect(error?.kind == .busy)
      let skipped = try await db.transaction { other in try await Tag.query.forUpdate(.skipLocked).all(other) }
      #expect(skipped.isEmpty)
    }
  }
}
