import Foundation
import Martlet
import MartletTesting
import Testing

@testable import ConduitApp

// A request with an `Idempotency-Key` to a server that is killed before it could answer. Part of the suite of processes, so
// that one waits for the other.
extension ProcessTests {
  @Suite("idempotency keys across kill -9")
  struct IdempotencyKeys {
    private struct Fixture {
      let conduit: ConduitProcess
      let token: String
      let author: Int64
      let article: Int64

      init() async throws {
        conduit = try ConduitProcess()
        let db = Database(SQLiteDriver(path: conduit.database))
        let row = try await Article.query.one(db)
        (author, article) = (try #require(row.author.id.raw), try #require(row.id.raw))
        token = try await TokenIssuer(SecretKeys(ConduitProcess.secret)).issue(for: row.author.id.description)
        await db.driver.shutdown()
      }

      /// The request of a round, whole.
      func request(_ round: Int) -> String {
        let body = #"{"article":\#(article),"author":\#(author),"body":"round \#(round)"}"#
        let key = "Idempotency-Key: key-\(round)"
        return Wire.head("POST", "/api/v1/comments", token: token, length: body.utf8.count, fields: [key]) + body
      }
      func rows(_ round: Int) async throws -> Int {
        let db = Database(SQLiteDriver(path: conduit.database)), text = "round \(round)"
        let count = try await Comment.filter { $0.body == text }.count(db)
        await db.driver.shutdown()
        return count
      }
    }

    private func isReplayed(_ answer: Wire.Answer) -> Bool {
      answer.fields.contains { $0.lowercased() == "idempotency-replayed: true" }
    }

    @Test("a request that was carried out but not answered is answered after the restart, and one row is there")
    func afterCommit() async throws {
      let fixture = try await Fixture(), conduit = fixture.conduit
      try conduit.start()
      let wire = try Wire(port: conduit.port)
      try wire.send(fixture.request(0))
      // Nobody reads the answer; the server is killed once the row is there.
      let deadline = Date().addingTimeInterval(20)
      while try await fixture.rows(0) == 0, Date() < deadline { try await Task.sleep(for: .milliseconds(10)) }
      conduit.signal(SIGKILL)
      conduit.wait()
      try conduit.start()
      let retry = try Wire(port: conduit.port)
      try retry.send(fixture.request(0))
      let first = try retry.receive()
      #expect(first.status == 201 && isReplayed(first))
      try retry.send(fixture.request(0))
      let second = try retry.receive()
      #expect(second.status == 201 && second.body == first.body)
      #expect(try await fixture.rows(0) == 1)
      conduit.signal(SIGTERM)
      #expect(conduit.wait() == 0)
    }

    @Test("killed at any moment, 30 times over: sent again until it is answered, each request makes exactly one row")
    func anyMoment() async throws {
      let fixture = try await Fixture(), conduit = fixture.conduit
      try conduit.start()
      for round in 1...30 {
        let wire = try Wire(port: conduit.port)
        _ = try wire.request("GET", "/healthz")
        try wire.send(fixture.request(round))
        // From before the first statement to after the commit, and a little into the answer.
        usleep(UInt32(round) * 250)
        conduit.signal(SIGKILL)
        conduit.wait()
        try conduit.start()
        let retry = try Wire(port: conduit.port)
        try retry.send(fixture.request(round))
        let answer = try retry.receive()
        #expect(answer.status == 201, "round \(round): \(String(decoding: answer.body, as: UTF8.self))")
        #expect(try await fixture.rows(round) == 1, "round \(round)")
      }
      conduit.signal(SIGTERM)
      #expect(conduit.wait() == 0)
    }
  }
}
