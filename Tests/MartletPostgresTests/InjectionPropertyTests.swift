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
}
