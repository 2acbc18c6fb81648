import Foundation
import MartletPostgres
import MartletSQL
import Testing

/// Look-ups of several callers that go out together share a transaction, and nothing else.
@Suite("PostgreSQL: look-ups share a Sync")
struct LookupGroupTests {
  private func lookup(_ sql: String, _ bindings: [SQLValue] = []) -> SQLStatement {
    var statement = SQLStatement(sql, bindings, effect: .read)
    statement.isLookup = true
    return statement
  }

  /// What each of `count` callers gets from its statement, all of them asking at once.
  private func together(_ count: Int, _ db: Database, _ statement: @escaping @Sendable (Int) -> SQLStatement) async
    -> [Result<String, any Error>]
  {
    await withTaskGroup(of: (Int, Result<String, any Error>).self) { group in
      for place in 0..<count {
        group.addTask {
          do {
            let rows = try await db.query(statement(place)) { row in cellText(try row.next()) }
            return (place, .success(rows.joined(separator: ",")))
          } catch { return (place, .failure(error)) }
        }
      }
      return await group.reduce(into: [Int: Result<String, any Error>]()) { $0[$1.0] = $1.1 }
        .sorted { $0.key < $1.key }.map(\.value)
    }
  }

  @Test("they share a transaction where they go out together; other statements do not")
  func sharing() async throws {
    let driver = try TestServer.driver { $0.pool.maximumConnections = 1 }, db = Database(driver)
    let now = "SELECT transaction_timestamp()::text"
    var groups = 0
    for _ in 0..<20 { groups += Set(try await together(8, db) { _ in lookup(now) }.map { try $0.get() }).count }
    #expect(groups < 160)
    var others = 0
    for _ in 0..<20 {
      others += Set(try await together(8, db) { _ in SQLStatement(now, effect: .read) }.map { try $0.get() }).count
    }
    #expect(others == 160)
    await driver.shutdown()
  }

  @Test("one that fails takes no other with it, whether it was prepared before or not")
  func failures() async throws {
    let driver = try TestServer.driver {
      $0.pool.maximumConnections = 2
      // Fewer than there are texts: they are closed and prepared all the time.
      $0.statementCacheSize = 3
    }
    let db = Database(driver)
    for round in 0..<50 {
      let results = await together(16, db) { place in
        // In some rounds nobody fails, in some all do.
        place % 7 < round % 8
          ? lookup("SELECT 1 / $1 -- \(place % 3)", [.int(0)]) : lookup("SELECT $1 -- \(place % 5)", [.int(Int64(place))])
      }
      for (place, result) in results.enumerated() {
        switch result {
        case .success(let text): #expect(text == "int \(place)" && place % 7 >= round % 8)
        case .failure(let error):
          let error = error as? DatabaseError
          #expect(error?.sql == "SELECT 1 / $1 -- \(place % 3)" && error?.code == "22012" && place % 7 < round % 8)
        }
      }
    }
    for _ in 0..<2 {
      let kept = try await db.texts("SELECT count(*) <= 3 FROM pg_prepared_statements")
      #expect(kept == [["int 1"]])
    }
    #expect((driver.poolMetrics?.opened ?? 9) <= 2)
    await driver.shutdown()
  }

  @Test("an error of decoding, or of the caller's closure, is the caller's alone")
  func closures() async throws {
    struct Refused: Error {}
    let driver = try TestServer.driver { $0.pool.maximumConnections = 1 }, db = Database(driver)
    await withTaskGroup(of: Void.self) { group in
      for place in 0..<40 {
        group.addTask {
          do {
            let rows = try await db.query(lookup("SELECT $1", [.int(Int64(place))])) { row in
              if place % 3 == 0 { throw Refused() }
              return try row.int()
            }
            #expect(rows == [Int64(place)] && place % 3 != 0)
          } catch { #expect(error is Refused && place % 3 == 0) }
        }
      }
    }
    await driver.shutdown()
  }

  @Test("a cancelled one leaves the others alone, and is stopped at the server where there are none")
  func cancellation() async throws {
    let driver = try TestServer.driver { $0.pool.maximumConnections = 1 }, db = Database(driver)
    let clock = ContinuousClock()
    for round in 0..<10 {
      // Prepared or not, sent or not.
      let tasks = (0..<6).map { place in
        Task {
          try await db.query(lookup("SELECT pg_sleep(0.05), \(place)")) { row in
            row.skip(1)
            return try row.int()
          }
        }
      }
      try await Task.sleep(for: .milliseconds(round))
      tasks[round % 6].cancel()
      for (place, task) in tasks.enumerated() where place != round % 6 { #expect(try await task.value == [Int64(place)]) }
      switch await tasks[round % 6].result {
      case .success(let rows): #expect(rows == [Int64(round % 6)])
      case .failure(let error): #expect(error is CancellationError)
      }
    }
    let start = clock.now, alone = Task { try await db.query(lookup("SELECT pg_sleep(30)")) { $0.skip(1) } }
    try await Task.sleep(for: .milliseconds(100))
    alone.cancel()
    await #expect(throws: CancellationError.self) { try await alone.value }
    #expect(clock.now - start < .seconds(20))
    #expect(try await db.texts("SELECT 1") == [["int 1"]])
    #expect(driver.poolMetrics?.opened == 1)
    await driver.shutdown()
  }

  @Test("what a cancelled one had to prepare, and the server skipped, is not taken for prepared")
  func cancelledAndSkipped() async throws {
    let driver = try TestServer.driver {
      $0.pool.maximumConnections = 1
      $0.statementCacheSize = 2
    }
    let db = Database(driver)
    for round in 0..<15 {
      let failing = Task {
        try await db.query(lookup("SELECT 1 / length(pg_sleep(0.05)::text)")) { try $0.int() }
      }
      // A new text each time: it is prepared in this group, and another is closed for it.
      let behind = Task { try await db.query(lookup("SELECT \(round)")) { try $0.int() } }
      try await Task.sleep(for: .milliseconds(20))
      behind.cancel()
      await #expect(throws: DatabaseError.self) { try await failing.value }
      _ = await behind.result
      // In a transaction nothing is tried again behind the caller's back.
      let rows = try await db.transaction { tx in
        _ = try await tx.texts("SELECT 'begun'")
        return try await tx.texts("SELECT \(round)")
      }
      #expect(rows == [["int \(round)"]])
    }
    #expect(try await db.texts("SELECT count(*) <= 3 FROM pg_prepared_statements") == [["int 1"]])
    await driver.shutdown()
  }

  @Test("when the server goes, each of them is told")
  func lostServer() async throws {
    let driver = try TestServer.driver { $0.pool.maximumConnections = 1 }, db = Database(driver)
    for _ in 0..<5 {
      let results = await together(8, db) { place in
        lookup(place == 3 ? "SELECT pg_terminate_backend(pg_backend_pid())" : "SELECT 'here'")
      }
      for result in results {
        switch result {
        case .success(let text): #expect(text == "text here")
        case .failure(let error): #expect((error as? DatabaseError)?.kind == .connection)
        }
      }
      #expect(throws: DatabaseError.self) { try results[3].get() }
    }
    #expect(try await db.texts("SELECT 1") == [["int 1"]])
    await driver.shutdown()
  }

  @Test("those whose table has changed are prepared anew")
  func stalePlans() async throws {
    try await TestServer.withSchema({ $0.pool.maximumConnections = 1 }) { db, _ in
      try await db.execute("CREATE TABLE t (id int)")
      try await db.execute("INSERT INTO t VALUES (1)")
      for width in 0..<4 {
        for _ in 0..<2 {
          let results = try await together(8, db) { _ in lookup("SELECT * FROM t") }.map { try $0.get() }
          #expect(results == Array(repeating: "int 1", count: 8))
        }
        try await db.execute("ALTER TABLE t ADD COLUMN c\(width) int")
      }
    }
  }
}
