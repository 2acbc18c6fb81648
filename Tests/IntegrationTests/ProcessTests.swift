import Foundation
import Martlet
import MartletTesting
import Testing

@testable import ConduitApp

/// The built binary under signals. One after the other: they measure a process, not each other.
@Suite("Conduit: the process", .serialized)
struct ProcessTests {
  private static let comment = #"{"comment": {"body": "Written while the server is being killed"}}"#

  private func fixture(_ conduit: ConduitProcess) async throws -> (token: String, path: String) {
    let db = Database(SQLiteDriver(path: conduit.database))
    let article = try await Article.query.one(db)
    let token = try await TokenIssuer(SecretKeys(ConduitProcess.secret)).issue(for: article.author.id.description)
    await db.driver.shutdown()
    return (token, "/api/articles/\(article.slug.escapedForURL)/comments")
  }

  @Test("SIGTERM during 200 running requests: every one is answered, what it wrote is there, and the process ends with 0")
  func terminate() async throws {
    let conduit = try ConduitProcess()
    let (token, path) = try await fixture(conduit)
    try conduit.start()
    // 200 requests that have begun: the server has their heads and waits for the rest of their bodies.
    let half = Self.comment.count / 2
    let wires = try (0..<200).map { _ in
      let wire = try Wire(port: conduit.port)
      _ = try wire.request("GET", "/healthz")  // Now the server has accepted the connection for certain.
      try wire.send(Wire.head("POST", path, token: token, length: Self.comment.utf8.count) + Self.comment.prefix(half))
      return wire
    }
    try await Task.sleep(for: .milliseconds(300))
    conduit.signal(SIGTERM)
    try await Task.sleep(for: .milliseconds(300))
    for wire in wires { try wire.send(String(Self.comment.dropFirst(half))) }
    let answers = try wires.map { try $0.receive() }
    #expect(answers.map(\.status) == Array(repeating: 201, count: 200))
    #expect(conduit.wait() == 0)
    #expect(throws: TestFailure.self) { try Wire(port: conduit.port) }
    let db = Database(SQLiteDriver(path: conduit.database))
    #expect(try await Comment.query.count(db) == 200)
    await db.driver.shutdown()
  }

  @Test("kill -9 during writes, 50 times over: no acknowledged row is missing after the restart, and the file is whole")
  func kill() async throws {
    let conduit = try ConduitProcess()
    let (token, path) = try await fixture(conduit)
    var acknowledged: Set<Int64> = []
    for round in 1...50 {
      try conduit.start()
      // What was acknowledged before the last kill, seen by the restarted server's eyes and by our own.
      try await check(conduit, acknowledged, round)
      let port = conduit.port
      async let writers = withThrowingTaskGroup(of: [Int64].self) { group in
        for _ in 0..<4 { group.addTask { try await Self.write(port, path, token) } }
        return try await group.reduce(into: []) { $0 += $1 }
      }
      try await Task.sleep(for: .milliseconds(60 + round * 2))
      conduit.signal(SIGKILL)
      conduit.wait()
      let written = try await writers
      #expect(!written.isEmpty, "round \(round) wrote nothing before the kill")
      acknowledged.formUnion(written)
    }
    try conduit.start()
    try await check(conduit, acknowledged, 51)
    conduit.signal(SIGTERM)
    #expect(conduit.wait() == 0)
  }

  /// Writes comments until the connection breaks, on a thread of its own because the sockets block.
  private static func write(_ port: Int, _ path: String, _ token: String) async throws -> [Int64] {
    try await withCheckedThrowingContinuation { continuation in
      Thread.detachNewThread {
        var ids: [Int64] = []
        do {
          let wire = try Wire(port: port)
          while let answer = try? wire.request("POST", path, token: token, json: comment) {
            guard answer.status == 201 else {
              throw TestFailure("status \(answer.status): \(String(decoding: answer.body, as: UTF8.self))")
            }
            let object = try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any]
            guard let id = (object?["comment"] as? [String: Any])?["id"] as? NSNumber else { throw TestFailure("no id") }
            ids.append(id.int64Value)
          }
          continuation.resume(returning: ids)
        } catch { continuation.resume(throwing: error) }
      }
    }
  }

  private func check(_ conduit: ConduitProcess, _ ids: Set<Int64>, _ round: Int) async throws {
    let db = Database(SQLiteDriver(path: conduit.database))
    let there = Set(try await Comment.query.all(db).compactMap(\.id.raw))
    #expect(ids.subtracting(there).isEmpty, "missing before round \(round): \(ids.subtracting(there).sorted())")
    let integrity = try await db.rows("PRAGMA integrity_check", as: String.self)
    #expect(integrity == ["ok"])
    #expect(try await db.rows("PRAGMA foreign_key_check", as: String.self).isEmpty)
    await db.driver.shutdown()
  }
}
