import MartletPostgres
import MartletSQL
import TestDatabases
import Testing

@Suite("Replication of PostgreSQL", .serialized) struct ReplicationTests {
  @Test("a standby says how far it is behind") func lag() async throws {
    let primary = try PrivatePostgres.shared(), standby = try primary.standby()
    let source = try PostgresDriver(url: primary.url()), driver = try PostgresDriver(url: standby.url())
    let db = Database(driver)
    try await run("CREATE TABLE seen (n integer)", source)
    try await run("INSERT INTO seen VALUES (1)", source)
    try await until { try await count(db) == 1 }
    #expect(try await source.replicationLag() == .zero)
    try await until { try await driver.replicationLag() == .zero }

    try standby.sql("SELECT pg_wal_replay_pause()")
    try await run("INSERT INTO seen VALUES (2)", source)
    try await until { try await driver.replicationLag() ?? .zero >= .seconds(2) }
    var limits = ReplicatedDriver.Limits()
    limits.maximumLag = .seconds(1)
    let strict = ReplicatedDriver(primary: source, replicas: [driver], limits: limits)
    try await strict.connect()
    #expect(strict.healthyReplicas.isEmpty)
    #expect(try await count(Database(strict)) == 2)
    limits.maximumLag = .seconds(3600)
    let patient = ReplicatedDriver(primary: source, replicas: [driver], limits: limits)
    try await patient.connect()
    #expect(patient.healthyReplicas.count == 1)
    #expect(try await count(Database(patient)) == 1)

    try standby.sql("SELECT pg_wal_replay_resume()")
    try await until { try await driver.replicationLag() == .zero }
    #expect(try await count(db) == 2)
    try await run("DROP TABLE seen", source)
    await driver.shutdown()
    await source.shutdown()
    standby.kill()
  }
}

private func run(_ text: String, _ driver: PostgresDriver) async throws {
  try await driver.run(SQLStatement(text, effect: .definition)) { _ in }
}
private func count(_ db: Database) async throws -> Int {
  try await db.query(SQLStatement("SELECT count(*) FROM seen", effect: .read)) { try Int.read(&$0) }.first ?? -1
}

/// Waits until the condition holds, for half a minute at most.
private func until(_ condition: () async throws -> Bool) async throws {
  for _ in 0..<300 {
    if (try? await condition()) == true { return }
    try await Task.sleep(for: .milliseconds(100))
  }
  Issue.record("the condition never held")
}
