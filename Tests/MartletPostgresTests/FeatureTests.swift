import MartletPostgres
import MartletSQL
import Synchronization
import Testing

@Suite("PostgreSQL's own features")
struct FeatureTests {
  @Test("a cursor hands out its rows in parts, and frees its connection")
  func cursor() async throws {
    let driver = try TestServer.driver { $0.pool.maximumConnections = 1 }
    try await driver.withConnection(.read) { connection in
      let seen = Mutex<[Int64]>([])
      let cursor = try await connection.openCursor(
        SQLStatement("SELECT n, n::numeric FROM generate_series(1, $1) n", [.int(25)], effect: .read))
      let busy = await failure { try await connection.run(SQLStatement("SELECT 1")) { _ in } }
      #expect(busy?.kind == .transaction)
      var parts = 0
      while try await cursor.fetch(
        10,
        onRow: { row in
          let value = try row.int()
          seen.withLock { $0.append(value) }
        })
      { parts += 1 }
      #expect(parts == 2)
      #expect(seen.withLock { $0 } == Array(1...25))
      await cursor.close()
      await cursor.close()
      try await connection.run(SQLStatement("SELECT 1")) { _ in }
    }
    #expect(driver.poolMetrics?.opened == 1)
    await driver.shutdown()
  }

  @Test("a cursor that is left early, or whose statement fails, leaves a connection that works")
  func cursorEnds() async throws {
    struct Stop: Error {}
    let driver = try TestServer.driver { $0.pool.maximumConnections = 1 }
    try await driver.withConnection(.read) { connection in
      let early = try await connection.openCursor(SQLStatement("SELECT generate_series(1, 1000000)", effect: .read))
      _ = try await early.fetch(5) { _ in }
      await early.close()
      let stopped = try await connection.openCursor(SQLStatement("SELECT generate_series(1, 100)", effect: .read))
      await #expect(throws: Stop.self) { _ = try await stopped.fetch(50) { if try $0.int() == 7 { throw Stop() } } }
      let wrong = await failure { _ = try await connection.openCursor(SQLStatement("SELECT nothing")) }
      #expect(wrong?.kind == .invalidStatement)
      let later = try await connection.openCursor(SQLStatement("SELECT 10 / (5 - n) FROM generate_series(1, 9) n"))
      let zero = await failure { while try await later.fetch(2, onRow: { _ in }) {} }
      #expect(zero?.code == "22012")
      try await connection.run(SQLStatement("BEGIN")) { _ in }
      let inside = try await connection.openCursor(SQLStatement("SELECT 1"))
      _ = try await inside.fetch(1) { _ in }
      await inside.close()
      try await connection.run(SQLStatement("COMMIT")) { _ in }
    }
    #expect(driver.poolMetrics?.opened == 1)
    await driver.shutdown()
  }

  @Test("COPY carries rows in and out, whole or not at all")
  func copy() async throws {
    try await TestServer.withSchema { db, driver in
      try await db.execute("CREATE TABLE t (id int PRIMARY KEY, name text)")
      let rows = 50_000
      let pieces = AsyncStream<[UInt8]> { continuation in
        for id in 0..<rows { continuation.yield(Array("\(id),\"näme \(id)\"\n".utf8)) }
        continuation.finish()
      }
      #expect(try await driver.copyIn("COPY t FROM STDIN (FORMAT csv)", from: pieces) == rows)
      var out: [UInt8] = []
      for try await piece in driver.copyOut("COPY (SELECT * FROM t ORDER BY id) TO STDOUT (FORMAT csv)") { out += piece }
      let lines = String(decoding: out, as: UTF8.self).split(separator: "\n")
      #expect(lines.count == rows)
      #expect(lines.last == "49999,näme 49999")

      let twice = AsyncStream<[UInt8]> { continuation in
        continuation.yield(Array("100000,a\n100000,b\n".utf8))
        continuation.finish()
      }
      let error = await failure { try await driver.copyIn("COPY t FROM STDIN (FORMAT csv)", from: twice) }
      #expect(error?.kind == .uniqueViolation(constraint: "t_pkey", columns: ["id"]))
      struct Broken: Error {}
      let broken = AsyncThrowingStream<[UInt8], any Error> { continuation in
        continuation.yield(Array("200000,a\n".utf8))
        continuation.finish(throwing: Broken())
      }
      await #expect(throws: Broken.self) { try await driver.copyIn("COPY t FROM STDIN (FORMAT csv)", from: broken) }
      #expect(try await db.texts("SELECT count(*) FROM t WHERE id >= 100000") == [["int 0"]])
    }
  }

  @Test("a COPY that is left early, and statements that are none, leave connections that work")
  func copyEnds() async throws {
    let driver = try TestServer.driver { $0.pool.maximumConnections = 1 }
    let db = Database(driver)
    for try await piece in driver.copyOut("COPY (SELECT generate_series(1, 10000000)) TO STDOUT") {
      #expect(!piece.isEmpty)
      break
    }
    #expect(try await db.texts("SELECT 1") == [["int 1"]])
    let none = await failure { for try await _ in driver.copyOut("SELECT 1") {} }
    #expect(none?.kind == .invalidStatement)
    let noneIn = await failure { try await driver.copyIn("SELECT 1", from: AsyncStream<[UInt8]> { $0.finish() }) }
    #expect(noneIn?.kind == .invalidStatement)
    #expect(driver.poolMetrics?.opened == 1)
    let plain = await failure { try await db.execute("COPY pg_class TO STDOUT") }
    #expect(plain?.kind == .invalidStatement)
    #expect(plain?.hint?.contains("copyOut") == true)
    #expect(try await db.texts("SELECT 1") == [["int 1"]])
    await driver.shutdown()
  }

  @Test("a listener hears what is committed, on a channel of any name, and comes back after its connection broke")
  func notifications() async throws {
    let driver = try TestServer.driver()
    let db = Database(driver)
    let channel = "Odd \"name\"; DROP TABLE x --"
    var events = try await TestServer.driver { $0.applicationName = "martlet-listener" }.listen(to: channel).makeAsyncIterator()
    struct Undo: Error {}
    try? await db.transaction { tx in
      try await tx.notify(channel, "rolled back")
      throw Undo()
    }
    try await db.notify(channel, "é 1")
    guard case .notification(let heard) = try await events.next() else {
      Issue.record("no notification")
      return
    }
    #expect(heard.payload == "é 1")
    #expect(heard.channel == channel)
    _ = try await db.texts("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'martlet-listener'")
    #expect(try await events.next() == .reconnected)
    try await db.notify(channel)
    guard case .notification(let again) = try await events.next() else {
      Issue.record("no notification after the connection came back")
      return
    }
    #expect(again.payload == "")
    await driver.shutdown()
  }

  @Test("an advisory lock has one holder, and goes with the closure or the transaction")
  func advisoryLocks() async throws {
    let db = Database(try TestServer.driver())
    let key: Int64 = 7_310_000_000_000 + Int64.random(in: 0..<1_000_000)
    struct Stop: Error {}
    await #expect(throws: Stop.self) {
      try await db.withAdvisoryLock(key) {
        let second = await failure { try await db.withAdvisoryLock(key, waits: false) {} }
        #expect(second?.kind == .busy)
        throw Stop()
      }
    }
    try await db.transaction { tx in
      try await tx.advisoryLock(key)
      let second = await failure { try await db.withAdvisoryLock(key, waits: false) {} }
      #expect(second?.kind == .busy)
    }
    try await db.withAdvisoryLock(key, waits: false) {}
    let outside = await failure { try await db.advisoryLock(key) }
    #expect(outside?.kind == .transaction)
    await db.driver.shutdown()
  }
}
