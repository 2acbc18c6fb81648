import Foundation
import MartletSQL

/// Many clients on few connections: everybody gets a turn, about as soon as the others, and nobody in vain.
enum Clients {
  static let count = 64
  static let connections = 10

  private struct Record: Sendable {
    var reads: [Duration] = [], writes: [Duration] = []
  }

  /// The lines of the table, and what went wrong.
  static func run(_ name: String, _ db: Database, for length: Duration) async throws -> (lines: [String], faults: [String]) {
    try await make(db)
    let end = ContinuousClock.now + length
    // Each client keeps to itself: an error ends the measure, whatever it is.
    let records = try await withThrowingTaskGroup(of: Record.self) { group in
      for client in 0..<count { group.addTask { try await work(db, client, until: end) } }
      return try await group.reduce(into: [Record]()) { $0.append($1) }
    }
    var faults: [String] = []
    let turns = records.map { $0.reads.count + $0.writes.count }
    let (least, most) = (turns.min() ?? 0, turns.max() ?? 0)
    if least * 2 < most { faults.append("\(name): one client had \(least) turns, another \(most)") }
    if let metrics = db.driver.poolMetrics, metrics.timeouts > 0 || metrics.inUse > 0 || metrics.waiting > 0 {
      faults.append("\(name): the pool ends as \(metrics)")
    }
    let written = try await db.query(SQLStatement("SELECT sum(n) FROM soak_clients", effect: .read)) { try $0.int() }.first ?? -1
    let writes = records.reduce(0) { $0 + $1.writes.count }
    if written != Int64(writes) { faults.append("\(name): \(writes) transactions, but a sum of \(written)") }
    return (
      [
        line(name, "read", records.flatMap(\.reads), least, most),
        line(name, "transaction of two statements", records.flatMap(\.writes), least, most),
      ], faults
    )
  }

  private static func make(_ db: Database) async throws {
    let id = db.dialect.typeName(.int)
    try await db.run(SQLStatement("DROP TABLE IF EXISTS soak_clients", effect: .definition))
    try await db.run(
      SQLStatement("CREATE TABLE soak_clients (id \(id) PRIMARY KEY, n \(id) NOT NULL)", effect: .definition))
    let place = db.dialect.placeholder(1)
    for client in 0..<count {
      try await db.run(SQLStatement("INSERT INTO soak_clients VALUES (\(place), 0)", [.int(Int64(client))]))
    }
  }

  /// Four reads, then a transaction that reads and writes the client's own row.
  private static func work(_ db: Database, _ client: Int, until end: ContinuousClock.Instant) async throws -> Record {
    let place = db.dialect.placeholder(1), key = [SQLValue.int(Int64(client))]
    let select = SQLStatement("SELECT n FROM soak_clients WHERE id = \(place)", key, effect: .read)
    let update = SQLStatement("UPDATE soak_clients SET n = n + 1 WHERE id = \(place)", key)
    var record = Record()
    while ContinuousClock.now < end {
      for _ in 0..<4 {
        let start = ContinuousClock.now
        let rows = try await db.query(select) { try $0.int() }
        record.reads.append(ContinuousClock.now - start)
        guard rows == [Int64(record.writes.count)] else { throw BenchmarkError("client \(client) read \(rows)") }
      }
      let start = ContinuousClock.now
      try await db.transaction { tx in
        _ = try await tx.query(select) { try $0.int() }
        _ = try await tx.run(update)
      }
      record.writes.append(ContinuousClock.now - start)
    }
    return record
  }

  private static func line(_ name: String, _ what: String, _ times: [Duration], _ least: Int, _ most: Int) -> String {
    let sorted = times.sorted()
    guard !sorted.isEmpty else { return "| \(name) | \(what) | 0 | | | | |" }
    let (p50, p99) = (sorted[sorted.count / 2], sorted[sorted.count * 99 / 100])
    func text(_ time: Duration) -> String { String(format: "%.2f ms", time / .milliseconds(1)) }
    return "| \(name) | \(what) | \(sorted.count) | \(text(p50)) | \(text(p99)) | \(String(format: "%.1f", p99 / p50)) "
      + "| \(least) to \(most) |"
  }
}
