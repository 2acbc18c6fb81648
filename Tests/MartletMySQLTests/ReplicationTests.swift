import MartletMySQL
import MartletSQL
import TestDatabases
import Testing

@Suite("Replication of MariaDB", .serialized) struct ReplicationTests {
  @Test("a replica says how far it is behind, and that its replication has stopped") func lag() async throws {
    let (primary, replica) = try PrivateMariaDB.replication()
    let source = try MySQLDriver(url: primary.url()), driver = try MySQLDriver(url: replica.url())
    #expect(try await source.replicationLag() == .zero)
    try await source.execute("CREATE TABLE seen (n integer)")
    try await source.execute("INSERT INTO seen VALUES (1)")
    try await until { try await Database(driver).cell("SELECT count(*) FROM seen") == .int(1) }
    #expect(try await driver.replicationLag() == .zero)

    // A minute late on purpose: what the primary writes now is received and not applied.
    try replica.sql("STOP REPLICA; CHANGE MASTER TO MASTER_DELAY = 60; START REPLICA")
    try await source.execute("INSERT INTO seen VALUES (2)")
    try await until { try await driver.replicationLag() ?? .zero >= .seconds(2) }
    #expect(try #require(try await driver.replicationLag()) < .seconds(60))
    var limits = ReplicatedDriver.Limits()
    limits.maximumLag = .seconds(1)
    let strict = ReplicatedDriver(primary: source, replicas: [driver], limits: limits)
    try await strict.connect()
    #expect(strict.healthyReplicas.isEmpty)
    #expect(try await Database(strict).cell("SELECT count(*) FROM seen") == .int(2))
    limits.maximumLag = .seconds(3600)
    let patient = ReplicatedDriver(primary: source, replicas: [driver], limits: limits)
    try await patient.connect()
    #expect(patient.healthyReplicas.count == 1)
    #expect(try await Database(patient).cell("SELECT count(*) FROM seen") == .int(1))

    // What is not applied any more is no replica, however late that would be let to be.
    try replica.sql("STOP REPLICA SQL_THREAD")
    let stopped = try await databaseError { try await driver.replicationLag() }
    #expect(stopped.kind == .connection && stopped.message.contains("has stopped"), "\(stopped)")
    let away = ReplicatedDriver(primary: source, replicas: [driver], limits: limits)
    try await away.connect()
    #expect(away.healthyReplicas.isEmpty)
    #expect(try await Database(away).cell("SELECT count(*) FROM seen") == .int(2))

    // Nor is one that has lost its primary.
    try replica.sql("STOP REPLICA; CHANGE MASTER TO MASTER_DELAY = 0; START REPLICA")
    try await until { try await driver.replicationLag() == .zero }
    await source.shutdown()
    primary.kill()
    try await until { (try? await driver.replicationLag()) == nil }
    await #expect(throws: DatabaseError.self) { try await driver.replicationLag() }
    await driver.shutdown()
  }

  @Test("a user who may not ask leaves the lag unknown") func unknown() async throws {
    let server = try PrivateMariaDB.shared()
    try server.sql("CREATE OR REPLACE USER plain@'%' IDENTIFIED BY 'plain'; GRANT SELECT ON martlet.* TO plain@'%'")
    let driver = try MySQLDriver(url: server.url(user: "plain", password: "plain"))
    #expect(try await driver.replicationLag() == nil)
    #expect(try await Database(driver).cell("SELECT 1") == .int(1))
    await driver.shutdown()
  }
}

/// Waits until the condition holds, for half a minute at most.
private func until(_ condition: () async throws -> Bool) async throws {
  for _ in 0..<300 {
    if (try? await condition()) == true { return }
    try await Task.sleep(for: .milliseconds(100))
  }
  Issue.record("the condition never held")
}
