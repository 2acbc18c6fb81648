import Foundation
import MartletMySQL
import MartletSQL
import TestDatabases
import Testing

/// Names through what MartletMySQL takes besides statements.
@Suite("SQL injection through MariaDB's settings", .serialized) struct InjectionPropertyTests {
  @Test("the names of databases and users, and a URL's parameters, are no SQL")
  func settings() async throws {
    try await TestServer.withDatabase { db, driver in
      let canary = try await Canary(db)
      let base = driver.configuration
      let entry = InjectionEntry("database, user, URL", mayRefuse: true) { text, _ in
        var configurations: [MySQLConfiguration] = []
        var other = base
        other.database = "no_such_" + text
        configurations.append(other)
        other = base
        other.user = "no_such_" + text
        configurations.append(other)
        let escaped = text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        for parameter in ["sql-mode", "charset", "timezone", "isolation", "init-command", "connect-timeout"] {
          let url = try TestDatabaseKind.mysql.url() + "?\(parameter)=\(escaped)"
          if let configuration = try? MySQLConfiguration(url: url) { configurations.append(configuration) }
        }
        for var configuration in configurations {
          configuration.pool.maximumConnections = 1
          configuration.pool.acquireTimeout = .seconds(20)
          configuration.pool.waitsForServer = false
          let driver = MySQLDriver(configuration)
          _ = try? await Database(driver).cell("SELECT 1")
          await driver.shutdown()
        }
        return .literal
      }
      try await entry.tryAll(db, canary, every: 9)
    }
  }
}
