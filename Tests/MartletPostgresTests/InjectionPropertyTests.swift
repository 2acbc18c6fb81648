import Foundation
import MartletPostgres
import MartletSQL
import TestDatabases
import Testing

/// Names and texts through the entries that MartletPostgres has besides statements. COPY takes SQL, and no name.
@Suite("SQL injection through PostgreSQL's own features", .serialized) struct InjectionPropertyTests {
  @Test("channels and payloads are what they say")
  func notifications() async throws {
    try await TestServer.withSchema { db, driver in
      let canary = try await Canary(db)
      let entry = InjectionEntry("listen and notify", mayRefuse: true) { text, db in
        // The server cuts names at 63 bytes, and takes no empty one.
        guard !text.isEmpty, text.utf8.count < 64, text.utf8.allSatisfy({ $0 != 0 }) else {
          _ = try? await driver.listen(to: text)
          try? await db.notify(text, text)
          return .literal
        }
        let heard = try await driver.listen(to: text)
        try await db.notify(text, text)
        for try await case .notification(let notification) in heard {
          return notification.channel.utf8.elementsEqual(text.utf8)
            ? .expecting(text, notification.payload) : .changed("heard on \(notification.channel)")
        }
        return .changed("heard nothing")
      }
      #expect(try await entry.tryAll(db, canary) > 100)
    }
  }

  @Test("what a session is told at its start stays a setting")
  func settings() async throws {
    try await TestServer.withSchema { db, _ in
      let canary = try await Canary(db)
      let schema = try await db.query(SQLStatement("SELECT current_schema()::text", effect: .read)) { try $0.text() }.first ?? ""
      @Sendable func connected(
        _ change: (inout PostgresConfiguration) -> Void, _ body: (Database) async throws -> InjectionEntry.Outcome
      )
        async throws -> InjectionEntry.Outcome
      {
        let driver = try TestServer.driver {
          $0.pool.maximumConnections = 1
          $0.pool.acquireTimeout = .seconds(20)
          $0.pool.waitsForServer = false
          $0.parameters["search_path"] = schema
          change(&$0)
        }
        let result: Result<InjectionEntry.Outcome, any Error>
        do { result = .success(try await body(Database(driver))) } catch { result = .failure(error) }
        await driver.shutdown()
        return try result.get()
      }
      let name = InjectionEntry("application_name", mayRefuse: true) { text, _ in
        try await connected({ $0.applicationName = text }) { db in
          let shown = try await db.query(SQLStatement("SELECT current_setting('application_name')", effect: .read)) {
            try $0.text()
          }
          // The server keeps 63 bytes, and of those that are no ASCII a question mark or their hexadecimal digits.
          return text.utf8.count < 64 && text.utf8.allSatisfy({ (0x20..<0x7F).contains($0) })
            ? .expecting(text, shown.first) : .literal
        }
      }
      let path = InjectionEntry("search_path", mayRefuse: true) { text, _ in
        try await connected({ $0.parameters["search_path"] = text }) { db in
          .expecting(
            text, try await db.query(SQLStatement("SELECT current_setting('search_path')", effect: .read)) { try $0.text() }.first
          )
        }
      }
      let options = InjectionEntry("options, database, user", mayRefuse: true) { text, _ in
        for change: (inout PostgresConfiguration) -> Void in [
          { $0.options = "-c search_path=" + text }, { $0.database = "no_such_" + text }, { $0.user = "no_such_" + text },
        ] {
          _ = try? await connected(change) { db in
            try await db.run(SQLStatement("SELECT 1", effect: .read))
            return .literal
          }
        }
        return .literal
      }
      for entry in [name, path, options] { try await entry.tryAll(db, canary, every: 9) }
    }
  }
}
