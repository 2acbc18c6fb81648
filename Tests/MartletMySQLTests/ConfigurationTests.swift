import Foundation
import MartletSQL
import Testing

@testable import MartletMySQL

@Suite("MySQL: configuration")
struct ConfigurationTests {
  @Test("A URL gives every part, percent escapes decoded")
  func url() throws {
    let configuration = try MySQLConfiguration(
      url: "mysql://us%40er:p%3Aa%2Fss@db.example.com:3307/sh%2Fop?ssl_mode=VERIFY_IDENTITY&ssl-ca=/ca.pem&ssl-cert=/c.pem"
        + "&ssl-key=/k.pem&connect-timeout=3&read-timeout=4s&write_timeout=5&statement-timeout=250ms&lock-wait-timeout=7"
        + "&acquire-timeout=0.5&isolation=repeatable-read&pool-size=12&statement-cache-size=9")
    #expect(configuration.user == "us@er" && configuration.password == "p:a/ss")
    #expect(configuration.host == "db.example.com" && configuration.port == 3307 && configuration.database == "sh/op")
    #expect(configuration.expectedFlavor == .mySQL && configuration.sslMode == .verifyIdentity)
    #expect(configuration.sslCA == "/ca.pem" && configuration.sslCertificate == "/c.pem" && configuration.sslKey == "/k.pem")
    #expect(configuration.connectTimeout == .seconds(3) && configuration.readTimeout == .seconds(4))
    #expect(configuration.writeTimeout == .seconds(5) && configuration.statementTimeout == .milliseconds(250))
    #expect(configuration.lockWaitTimeout == .seconds(7) && configuration.pool.acquireTimeout == .milliseconds(500))
    #expect(configuration.isolation == .repeatableRead && configuration.pool.maximumConnections == 12)
    #expect(configuration.statementCacheSize == 9)
    let short = try MySQLConfiguration(url: "mariadb://me@[::1]?socket=/run/my.sock")
    #expect(short.host == "::1" && short.port == 3306 && short.socket == "/run/my.sock" && short.password == nil)
    #expect(short.expectedFlavor == .mariaDB && short.database.isEmpty)
    #expect(try MySQLConfiguration(url: "mysql://me@/shop").host == "127.0.0.1")
  }

  @Test(
    "A URL that is wrong is refused with what is wrong, and without the password",
    arguments: [
      ("postgres://a:s3cret@h/d", "does not begin"), ("mysql:a", "does not begin"), ("mysql://a:s3cret@h:99999/d", "port"),
      ("mysql://a:s3cret@h:/d", "port"), ("mysql://:s3cret@h/d", "user"), ("mysql://a:s3cret%zz@h/d", "percent"),
      ("mysql://a:s3cret@h/d/e", "second '/'"), ("mysql://a:s3cret@h/d?poolsize=3", "pool-size"),
      ("mysql://a:s3cret@h/d?ssl-mode=maybe", "preferred"), ("mysql://a:s3cret@h/d?pool-size=0", "1 to 10000"),
      ("mysql://a:s3cret@h/d?read-timeout=-1", "seconds"), ("mysql://a:s3cret@h/d?read-timeout=1e400", "seconds"),
      ("mysql://a:s3cret@h/d?read-timeout=nan", "seconds"), ("mysql://a:s3cret@h/d?ssl-mode", "without a value"),
      ("mysql://a:s3cret@h/d?ssl-mode=verify-ca", "ssl-ca"), ("mysql://a:s3cret@h/d?ssl-cert=/x", "both"),
      ("mysql://a:s3cret@h/d?socket=/s&ssl-mode=required", "Unix socket"), ("mysql://a:s3#cret@h/d", "%23"),
      ("mysql://a:s3cret@[::1/d", "']'"), ("mysql://a:s3cret@h/d?isolation=none", "read-committed"), ("", "does not begin"),
    ])
  func refused(url: String, says: String) throws {
    let error = try #require(throws: DatabaseError.self) { try MySQLDriver(url: url) }
    #expect(error.kind == .connection)
    #expect(error.description.contains(says), "\(error)")
    #expect(!error.description.contains("s3cret"))
  }

  @Test("No description of a configuration or a driver shows the password")
  func secret() throws {
    let driver = try MySQLDriver(url: "mysql://a:s3cret@h:1/d")
    var dumped = ""
    dump(driver.configuration, to: &dumped)
    let texts = [driver.displayName, "\(driver.configuration)", String(reflecting: driver.configuration), dumped]
    for text in texts { #expect(!text.contains("s3cret")) }
    #expect(driver.displayName == "mysql://a@h:1/d")
  }

  @Test("Sessions are set in the words of each server")
  func settings() throws {
    var configuration = try MySQLConfiguration(url: "mysql://a@h/d?statement-timeout=1500ms&lock-wait-timeout=0.2")
    let mySQL = SessionSettings.statements(configuration, MySQLDialect(.mySQL))
    #expect(
      mySQL == [
        "SET NAMES utf8mb4 COLLATE utf8mb4_0900_bin, time_zone = '+00:00', sql_mode = 'STRICT_ALL_TABLES,STRICT_TRANS_TABLES,"
          + "NO_ZERO_DATE,NO_ZERO_IN_DATE,NO_ENGINE_SUBSTITUTION,NO_AUTO_VALUE_ON_ZERO', group_concat_max_len = 4294967295, "
          + "autocommit = 1, max_execution_time = 1500, innodb_lock_wait_timeout = 1, lock_wait_timeout = 1",
        "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
      ])
    configuration.isolation = .serializable
    let mariaDB = SessionSettings.statements(configuration, MySQLDialect(.mariaDB))
    #expect(mariaDB[0].contains("max_statement_time = 1.500") && mariaDB[0].contains("SIMULTANEOUS_ASSIGNMENT"))
    #expect(mariaDB[0].contains("COLLATE utf8mb4_nopad_bin"))
    #expect(mariaDB[1].hasSuffix("SERIALIZABLE"))
    #expect(MySQLSession.flavor("10.11.6-MariaDB-0+deb12u1") == .mariaDB && MySQLSession.flavor("8.0.36") == .mySQL)
  }
}
