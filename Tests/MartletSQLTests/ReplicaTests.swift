import MartletSQL
import Testing

@Suite("Read replicas")
struct ReplicaTests {
  private let primary = ScriptedDriver("primary"), east = ScriptedDriver("east"), west = ScriptedDriver("west")
  private let read = SQLStatement("SELECT 1", effect: .read), write = SQLStatement("UPDATE t")

  private func driver(_ change: (inout ReplicatedDriver.Limits) -> Void = { _ in }) -> ReplicatedDriver {
    var limits = ReplicatedDriver.Limits()
    change(&limits)
    return ReplicatedDriver(primary: primary, replicas: [east, west], limits: limits)
  }

  @Test("reads go to the replicas in turn; writes, locking reads and transactions that write go to the primary")
  func turns() async throws {
    let driver = driver()
    try await driver.connect()
    let db = Database(driver)
    for _ in 0..<4 { try await db.run(read) }
    #expect(east.log.count == 2 && west.log.count == 2 && primary.log.isEmpty)
    try await db.run(write)
    try await db.run(SQLStatement("SELECT 1 FOR UPDATE", effect: .write))
    try await db.transaction { tx in try await tx.run(read) }
    #expect(primary.log == ["UPDATE t", "SELECT 1 FOR UPDATE", "BEGIN IMMEDIATE", "SELECT 1", "COMMIT"])
    #expect(east.log.count == 2 && west.log.count == 2)
  }

  @Test("a request reads what it wrote: after a write its reads go to the primary, those of other requests do not")
  func readYourWrites() async throws {
    let driver = driver()
    try await driver.connect()
    let request = Database(driver).forRequest(), other = Database(driver).forRequest()
    try await request.run(read)
    #expect(primary.log.isEmpty)
    try await request.run(write)
    try await request.run(read)
    try await other.run(read)
    #expect(primary.log == ["UPDATE t", "SELECT 1"])
    #expect(east.log.count + west.log.count == 2)
  }

  @Test("a transaction that wrote pins its request too, and a window ends that")
  func window() async throws {
    let driver = driver { $0.pinnedAfterWrite = .milliseconds(50) }
    try await driver.connect()
    let request = Database(driver).forRequest()
    try await request.transaction { tx in try await tx.run(write) }
    let before = primary.log.count
    try await request.run(read)
    #expect(primary.log.count == before + 1)
    try await Task.sleep(for: .milliseconds(80))
    try await request.run(read)
    #expect(primary.log.count == before + 1)
  }

  @Test("a replica that is away or lags is left out, and serves again once it is well")
  func leftOut() async throws {
    let driver = driver {
      $0.initialBackoff = .milliseconds(5)
      $0.maximumBackoff = .milliseconds(20)
      $0.checkInterval = .milliseconds(5)
    }
    west.set(lag: .success(.seconds(60)))
    try await driver.connect()
    #expect(driver.healthyReplicas == ["east"])
    let db = Database(driver)
    east.set(isAway: true)
    try await db.run(read)  // what the replica could not serve, the primary did
    #expect(primary.log == ["SELECT 1"])
    #expect(driver.healthyReplicas.isEmpty)
    east.set(isAway: false)
    west.set(lag: .success(.milliseconds(10)))
    #expect(
      try await eventually {
        try await db.run(read)
        return driver.healthyReplicas.count == 2
      })
    let before = primary.log.count
    try await db.run(read)
    #expect(primary.log.count == before)
  }

  @Test("before a replica has been looked at the primary reads; an error of the statement itself is the caller's")
  func unchecked() async throws {
    let failing = ScriptedDriver("failing", ["SELECT x": [DatabaseError(.invalidStatement, "no such column")]])
    let driver = ReplicatedDriver(primary: primary, replicas: [failing])
    try await Database(driver).run(read)
    #expect(primary.log == ["SELECT 1"])
    #expect(await eventually { driver.healthyReplicas.count == 1 })
    await #expect(throws: DatabaseError.self) { try await Database(driver).run(SQLStatement("SELECT x", effect: .read)) }
    #expect(driver.healthyReplicas.count == 1)
    #expect(primary.log == ["SELECT 1"])
  }

  @Test("read-only transactions may go to a replica, unless they are to be serializable; 'primary' never does")
  func readOnlyTransactions() async throws {
    let replica = ScriptedDriver("replica", dialect: PostgresDialect()), main = ScriptedDriver("main", dialect: PostgresDialect())
    let driver = ReplicatedDriver(primary: main, replicas: [replica])
    try await driver.connect()
    let db = Database(driver)
    try await db.transaction(readOnly: true) { _ in }
    #expect(main.log.isEmpty && replica.log.last == "COMMIT")
    try await db.transaction(isolation: .serializable, readOnly: true) { _ in }
    #expect(main.log.last == "COMMIT")
    let before = main.log.count
    try await db.primary.run(read)
    #expect(main.log.count == before + 1)
  }
}
