import Foundation
import MartletMySQL
import MartletSQL
import Testing

@Suite("MySQL: cursors")
struct CursorTests {
  @Test("A cursor hands over all rows, a part at a time, and then the connection is free")
  func all() async throws {
    try await TestServer.withDatabase({ $0.pool.maximumConnections = 1 }) { db, driver in
      try await driver.withConnection(.read) { connection in
        let cursor = try await connection.openCursor(SQLStatement("SELECT seq FROM seq_1_to_2500", effect: .read))
        let sum = Box(), rows = Box()
        var parts = 0
        while try await cursor.fetch(
          1000,
          onRow: { row in
            sum.value += try row.int()
            rows.value += 1
          })
        { parts += 1 }
        #expect(rows.value == 2500)
        #expect(sum.value == 2500 * 2501 / 2)
        #expect(parts == 2)
        let again = try await cursor.fetch(10) { _ in }
        #expect(!again)
        try await connection.run(SQLStatement("SELECT 1")) { _ in }
        await cursor.close()
      }
    }
  }

  @Test("While a cursor is open its connection refuses statements; ended early it is free at once")
  func early() async throws {
    try await TestServer.withDatabase({ $0.pool.maximumConnections = 1 }) { db, driver in
      try await driver.withConnection(.read) { connection in
        for _ in 0..<5 {
          let statement = SQLStatement(
            "SELECT a.seq FROM seq_1_to_100000 a, seq_1_to_100000 b WHERE a.seq > ?", [.int(0)], effect: .read)
          let cursor = try await connection.openCursor(statement)
          let more = try await cursor.fetch(10) { _ in }
          #expect(more)
          let error = try await databaseError { try await connection.run(SQLStatement("SELECT 1")) { _ in } }
          #expect(error.kind == .transaction)
          let start = ContinuousClock.now
          await cursor.close()
          await cursor.close()
          #expect(ContinuousClock.now - start < .seconds(5))
          let value = Box()
          try await connection.run(SQLStatement("SELECT 42")) { value.value = try $0.int() }
          #expect(value.value == 42)
        }
      }
      #expect(driver.poolMetrics?.opened == 1)
    }
  }

  @Test("A cursor that is dropped, and one whose closure throws, give their connection back in order")
  func dropped() async throws {
    struct Stop: Error {}
    try await TestServer.withDatabase({ $0.pool.maximumConnections = 1 }) { db, driver in
      let statement = SQLStatement("SELECT seq FROM seq_1_to_1000000", effect: .read)
      try await driver.withConnection(.read) { connection in
        let cursor = try await connection.openCursor(statement)
        await #expect(throws: Stop.self) { _ = try await cursor.fetch(10) { _ in throw Stop() } }
        let more = try await cursor.fetch(10) { _ in }
        #expect(!more)
        _ = try await connection.openCursor(statement)
      }
      let value = try await db.cell("SELECT 1")
      #expect(value == .int(1))
    }
  }

  @Test("A closure that throws in the middle of a long result ends it soon")
  func throwing() async throws {
    struct Stop: Error {}
    try await TestServer.withDatabase({ $0.pool.maximumConnections = 1 }) { db, driver in
      let start = ContinuousClock.now
      for _ in 0..<3 {
        await #expect(throws: Stop.self) {
          try await db.run(SQLStatement("SELECT a.seq FROM seq_1_to_100000 a, seq_1_to_100000 b", effect: .read)) { _ in
            throw Stop()
          }
        }
        let value = try await db.cell("SELECT 1")
        #expect(value == .int(1))
      }
      #expect(ContinuousClock.now - start < .seconds(10))
      #expect(driver.poolMetrics?.opened == 1)
    }
  }

  @Test("A million rows stream in constant memory")
  func memory() async throws {
    let count: Int64 = 1_000_000
    try await TestServer.withDatabase { _, driver in
      try await driver.withConnection(.read) { connection in
        let cursor = try await connection.openCursor(
          SQLStatement("SELECT seq, repeat('x', 200) FROM seq_1_to_\(count)", effect: .read))
        let rows = Box()
        _ = try await cursor.fetch(10_000) { _ in rows.value += 1 }
        let before = residentKilobytes()
        while try await cursor.fetch(10_000, onRow: { _ in rows.value += 1 }) {}
        #expect(rows.value == count)
        let growth = residentKilobytes() - before
        // The rows are 200 MB and more; other tests run beside this one.
        #expect(growth < 100_000)
      }
    }
  }
}

/// What of this process is in memory now.
func residentKilobytes() -> Int {
  let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
  let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") } ?? ""
  return Int(line.split(whereSeparator: { !$0.isNumber }).first ?? "") ?? 0
}
