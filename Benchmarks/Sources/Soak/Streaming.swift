import Foundation
import MartletSQL

/// Many rows through a stream, and the memory of this process meanwhile.
enum Streaming {
  /// What a stream may add to the process: the rows are 2 GB.
  static let limit = 32_768

  /// The rows are made by the server while it sends them; where it would keep them (a function in PostgreSQL's FROM) the
  /// measure would be of the server.
  static func statement(_ family: SQLFamily, rows: Int) -> String {
    switch family {
    case .postgres: "SELECT generate_series(1, \(rows)), repeat('x', 200)"
    case .mysql: "SELECT seq, repeat('x', 200) FROM seq_1_to_\(rows)"
    case .sqlite:
      """
      WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < \(rows))
      SELECT n, printf('%.*c', 200, 'x') FROM c
      """
    }
  }

  /// A line of the table, and whether it is within the limit.
  static func run(_ name: String, _ db: Database, rows: Int) async throws -> (line: String, isWithin: Bool) {
    let stream = db.stream(SQLStatement(statement(db.dialect.family, rows: rows), effect: .read)) { row in
      (try row.int(), try row.text().utf8.count)
    }
    let start = ContinuousClock.now
    var seen = 0, bytes = 0, before = 0, highest = 0
    for try await (n, count) in stream {
      seen += 1
      bytes += count
      guard n == Int64(seen) else { throw BenchmarkError("\(name): row \(seen) has the number \(n)") }
      // The first rows fill buffers, which stay.
      if seen == 10_000 { before = residentKilobytes() }
      if seen % 50_000 == 0 { highest = max(highest, residentKilobytes()) }
    }
    let seconds = (ContinuousClock.now - start) / .seconds(1), after = residentKilobytes()
    guard seen == rows, bytes == rows * 200 else { throw BenchmarkError("\(name): \(seen) rows of \(bytes) bytes arrived") }
    let growth = max(highest, after) - before
    let rate = String(format: "%.2f", Double(rows) / seconds / 1_000_000)
    return (
      "| \(name) | \(rows) | \(megabytes(before)) | \(megabytes(highest)) | \(megabytes(after)) | \(rate) million/s |",
      growth < limit
    )
  }

  private static func megabytes(_ kilobytes: Int) -> String { String(format: "%.1f MB", Double(kilobytes) / 1024) }

  /// What of this process is in memory now.
  private static func residentKilobytes() -> Int {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") } ?? ""
    return Int(line.split { !$0.isNumber }.first ?? "") ?? 0
  }
}
