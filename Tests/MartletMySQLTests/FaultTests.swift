import Foundation
import MartletMySQL
import MartletSQL
import Synchronization
import Testing
import TestDatabases

/// On a server of their own, which they kill. One after the other: they share it.
@Suite("MySQL: faults", .serialized)
struct FaultTests {
  private func driver(_ parameters: String = "", _ change: (inout MySQLConfiguration) -> Void = { _ in }) throws -> MySQLDriver {
    var configuration = try MySQLConfiguration(url: PrivateMariaDB.shared().url(parameters))
    change(&configuration)
    return MySQLDriver(configuration)
  }

  @Test("A server that is killed in mid-load and comes back: failures can be retried, no row is wrong, and all recover")
  func killedAndRestarted() async throws {
    let server = try PrivateMariaDB.shared()
    let driver = try driver("?pool-size=8&acquire-timeout=5")
    let db = Database(driver)
    try await db.execute("CREATE OR REPLACE TABLE load_test (id bigint PRIMARY KEY, v varchar(50)) ENGINE=InnoDB")
    for i in 0..<100 { try await db.write("INSERT INTO load_test VALUES (?, ?)", [.int(Int64(i)), .text("row \(i)")]) }
    let load = Load()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for task in 0..<16 {
        group.addTask {
          var i = task
          while !load.isOver.load(ordering: .acquiring) {
            i = (i * 31 + 7) % 100
            do {
              let cell = try await db.cell("SELECT v FROM load_test WHERE id = ?", [.int(Int64(i))])
              #expect(cell == .text("row \(i)"))
              if load.isBack.load(ordering: .acquiring) { load.afterwards.add(1, ordering: .relaxed) }
            } catch let error as DatabaseError {
              load.failures.add(1, ordering: .relaxed)
              #expect(error.isRetryable, "\(error)")
            }
          }
        }
      }
      try await Task.sleep(for: .milliseconds(300))
      server.kill()
      try await Task.sleep(for: .milliseconds(300))
      try server.start()
      load.isBack.store(true, ordering: .releasing)
      try await Task.sleep(for: .seconds(3))
      load.isOver.store(true, ordering: .releasing)
      try await group.waitForAll()
    }
    let failed = load.failures.load(ordering: .acquiring), served = load.afterwards.load(ordering: .acquiring)
    #expect(failed > 0)
    #expect(served > 100)
    let metrics = try #require(driver.poolMetrics)
    #expect(metrics.inUse == 0 && metrics.waiting == 0)
    await driver.shutdown()
  }

  @Test("A network that stalls ends the statement by the read time-out, and later ones find a connection again")
  func stalled() async throws {
    let server = try PrivateMariaDB.shared()
    let proxy = try StallingProxy(to: server.port)
    defer { proxy.close() }
    let driver = try driver("?read-timeout=1&connect-timeout=2&ssl-mode=disabled&pool-size=1") { $0.port = proxy.port }
    let db = Database(driver)
    #expect(try await db.cell("SELECT 1") == .int(1))
    proxy.stall(true)
    let start = ContinuousClock.now
    let error = try await databaseError { try await db.cell("SELECT 2") }
    #expect(error.kind == .connection)
    #expect(ContinuousClock.now - start < .seconds(8))
    proxy.stall(false)
    #expect(try await db.cell("SELECT 3") == .int(3))
    await driver.shutdown()
  }

  @Test("A cancelled task does not wait for a network that stalls")
  func cancelledWhileStalled() async throws {
    let server = try PrivateMariaDB.shared()
    let proxy = try StallingProxy(to: server.port)
    defer { proxy.close() }
    let driver = try driver("?ssl-mode=disabled&pool-size=1&connect-timeout=2") { $0.port = proxy.port }
    let db = Database(driver)
    #expect(try await db.cell("SELECT 1") == .int(1))
    proxy.stall(true)
    let task = Task { try await db.cell("SELECT 2") }
    try await Task.sleep(for: .milliseconds(200))
    let start = ContinuousClock.now
    task.cancel()
    await #expect(throws: CancellationError.self) { _ = try await task.value }
    #expect(ContinuousClock.now - start < .seconds(10))
    proxy.stall(false)
    #expect(try await db.cell("SELECT 3") == .int(3))
    await driver.shutdown()
  }

  @Test("Shutting down waits for statements that run, and refuses new ones")
  func shutdownWaits() async throws {
    let driver = try driver("?pool-size=2")
    let db = Database(driver)
    try await driver.connect()
    let task = Task { try await db.cell("SELECT SLEEP(0.3)") }
    try await Task.sleep(for: .milliseconds(100))
    await driver.shutdown()
    #expect(try await task.value == .int(0))
    let error = try await databaseError { try await db.cell("SELECT 1") }
    #expect(error.kind == .connection)
  }

  @Test("TLS: every mode that verifies refuses another authority and another host, and says so")
  func tls() async throws {
    let server = try PrivateMariaDB.shared()
    func cipher(_ parameters: String, host: String = "127.0.0.1") async throws -> Cell {
      let driver = try driver(parameters) { $0.host = host }
      let result: Result<Cell, any Error>
      do { result = .success(try await Database(driver).cells("SHOW SESSION STATUS LIKE 'Ssl_cipher'")[0][1]) } catch {
        result = .failure(error)
      }
      await driver.shutdown()
      return try result.get()
    }
    #expect(try await cipher("?ssl-mode=disabled") == .text(""))
    for mode in ["preferred", "required", "verify-ca&ssl-ca=\(server.authority)", "verify-identity&ssl-ca=\(server.authority)"] {
      #expect(try await cipher("?ssl-mode=\(mode)") != .text(""), "\(mode)")
    }
    for mode in ["verify-ca", "verify-identity"] {
      let error = try await databaseError { try await cipher("?ssl-mode=\(mode)&ssl-ca=\(server.otherAuthority)") }
      #expect(error.kind == .authentication, "\(error)")
      #expect(error.hint?.contains("ssl-ca") == true)
    }
    let other = try await databaseError {
      try await cipher("?ssl-mode=verify-identity&ssl-ca=\(server.authority)", host: "localhost")
    }
    #expect(other.kind == .authentication)
    #expect(try await cipher("?ssl-mode=verify-ca&ssl-ca=\(server.authority)", host: "localhost") != .text(""))
    // The system knows no such authority.
    let unknown = try await databaseError { try await cipher("?ssl-mode=verify-identity") }
    #expect(unknown.kind == .authentication)
    let missing = try await databaseError { try await cipher("?ssl-mode=verify-ca&ssl-ca=/no/such/file") }
    #expect(missing.message.contains("/no/such/file"))
  }

  @Test("Whoever takes TLS out of the server's greeting is refused where TLS is required")
  func strippedTLS() async throws {
    let server = try PrivateMariaDB.shared()
    let proxy = try StallingProxy(to: server.port, stripsTLS: true)
    defer { proxy.close() }
    for mode in ["required", "verify-ca&ssl-ca=\(server.authority)", "verify-identity&ssl-ca=\(server.authority)"] {
      let driver = try driver("?ssl-mode=\(mode)") { $0.port = proxy.port }
      let error = try await databaseError { try await driver.connect() }
      #expect(error.kind == .authentication, "\(mode): \(error)")
      await driver.shutdown()
    }
    let open = try driver("?ssl-mode=disabled") { $0.port = proxy.port }
    try await open.connect()
    await open.shutdown()
  }

  @Test("Every way to prove who one is: right and wrong, with TLS and without")
  func authentication() async throws {
    let server = try PrivateMariaDB.shared()
    try server.sql(
      """
      CREATE OR REPLACE USER native@'%' IDENTIFIED VIA mysql_native_password USING PASSWORD('pass:w/ord@ü');
      CREATE OR REPLACE USER curve@'%' IDENTIFIED VIA ed25519 USING PASSWORD('secret');
      CREATE OR REPLACE USER empty@'%';
      CREATE OR REPLACE USER tls@'%' IDENTIFIED BY 'secret' REQUIRE SSL;
      CREATE OR REPLACE USER clear@'%' IDENTIFIED BY 'secret';
      """)
    func kind(_ user: String, _ password: String, _ parameters: String) async throws -> DatabaseError.Kind? {
      let url = server.url(parameters, user: user, password: password, database: "")
      let driver = try MySQLDriver(url: url)
      do { try await driver.connect() } catch let error as DatabaseError {
        await driver.shutdown()
        return error.kind
      }
      await driver.shutdown()
      return nil
    }
    for tls in ["?ssl-mode=disabled", "?ssl-mode=required"] {
      #expect(try await kind("native", "pass%3Aw%2Ford%40%C3%BC", tls) == nil)
      #expect(try await kind("native", "wrong", tls) == .authentication)
      #expect(try await kind("curve", "secret", tls) == nil)
      #expect(try await kind("curve", "wrong", tls) == .authentication)
      #expect(try await kind("empty", "", tls) == nil)
      #expect(try await kind("empty", "wrong", tls) == .authentication)
      #expect(try await kind("nobody", "secret", tls) == .authentication)
    }
    #expect(try await kind("tls", "secret", "?ssl-mode=required") == nil)
    #expect(try await kind("tls", "wrong", "?ssl-mode=required") == .authentication)
    #expect(try await kind("tls", "secret", "?ssl-mode=disabled") == .authentication)
    #expect(try await kind("native", "wrong", "?socket=\(server.socket)") == .authentication)
    #expect(try await kind("root", "", "?socket=\(server.socket)") == nil)
  }
}

/// What the tasks of a test under load tell each other.
private final class Load: Sendable {
  let isOver = Atomic(false)
  let isBack = Atomic(false)
  let failures = Atomic(0)
  let afterwards = Atomic(0)
}

/// Passes bytes on between clients and a server, until it is told to hold them back.
final class StallingProxy: Sendable {
  let port: Int
  private let listener: Int32
  private let isStalled = Atomic(false)
  private let isClosed = Atomic(false)

  init(to target: Int, stripsTLS: Bool = false) throws {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = Self.address(0)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let code = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        bind(listener, address, length) == 0 && listen(listener, 16) == 0 ? getsockname(listener, address, &length) : -1
      }
    }
    guard code == 0 else { throw NothingThrown() }
    self.listener = listener
    port = Int(UInt16(bigEndian: address.sin_port))
    Thread.detachNewThread { [self] in accept(target, stripsTLS) }
  }

  func stall(_ value: Bool) { isStalled.store(value, ordering: .releasing) }
  func close() {
    isClosed.store(true, ordering: .releasing)
    shutdown(listener, Int32(SHUT_RDWR))
    Glibc.close(listener)
  }

  private static func address(_ port: Int) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    address.sin_port = in_port_t(port).bigEndian
    return address
  }

  private func accept(_ target: Int, _ stripsTLS: Bool) {
    while true {
      let client = Glibc.accept(listener, nil, nil)
      guard client >= 0 else { return }
      let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      var address = Self.address(target)
      let code = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(server, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
      }
      guard code == 0 else {
        Glibc.close(client)
        Glibc.close(server)
        continue
      }
      Thread.detachNewThread { [self] in pass(client, server, false) }
      Thread.detachNewThread { [self] in pass(server, client, stripsTLS) }
    }
  }

  private func pass(_ from: Int32, _ to: Int32, _ stripsTLS: Bool) {
    var buffer = [UInt8](repeating: 0, count: 65_536), isGreeting = stripsTLS
    while !isClosed.load(ordering: .acquiring) {
      let count = recv(from, &buffer, buffer.count, 0)
      guard count > 0 else { break }
      if isGreeting { Self.strip(&buffer, count) }
      isGreeting = false
      while isStalled.load(ordering: .acquiring), !isClosed.load(ordering: .acquiring) { usleep(5000) }
      guard send(to, buffer, count, Int32(MSG_NOSIGNAL)) == count else { break }
    }
    shutdown(from, Int32(SHUT_RDWR))
    shutdown(to, Int32(SHUT_RDWR))
  }

  /// Clears CLIENT_SSL (0x0800) in the low capabilities, which follow the version, the number, 8 bytes and a zero.
  private static func strip(_ bytes: inout [UInt8], _ count: Int) {
    guard let end = bytes[5..<count].firstIndex(of: 0), end + 15 < count else { return }
    bytes[end + 15] &= ~0x08
  }
}
