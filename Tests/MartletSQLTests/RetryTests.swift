import MartletSQL
import Synchronization
import Testing

@Suite("Transactions that are retried")
struct RetryTests {
  private func deadlock() -> DatabaseError { DatabaseError(.deadlock, "chosen to end") }

  @Test("the whole closure runs again after a deadlock, and its hooks run once")
  func runsAgain() async throws {
    let driver = ScriptedDriver("d", ["UPDATE t": [deadlock(), DatabaseError(.serializationFailure, "lost")]])
    let runs = Mutex(0), hooks = Mutex(0)
    try await Database(driver).transaction(retries: 3) { tx in
      runs.withLock { $0 += 1 }
      await tx.onCommit { hooks.withLock { $0 += 1 } }
      try await tx.run(SQLStatement("UPDATE t"))
    }
    #expect(runs.withLock { $0 } == 3)
    #expect(hooks.withLock { $0 } == 1)
    #expect(
      driver.log == ["BEGIN IMMEDIATE", "UPDATE t", "ROLLBACK", "BEGIN IMMEDIATE", "UPDATE t", "ROLLBACK"]
        + ["BEGIN IMMEDIATE", "UPDATE t", "COMMIT"])
  }

  @Test("the last error comes out once the retries are used up; without retries the first does")
  func givesUp() async throws {
    for retries in [0, 2] {
      let driver = ScriptedDriver("d", ["UPDATE t": [deadlock(), deadlock(), deadlock(), deadlock()]])
      let error = await #expect(throws: DatabaseError.self) {
        try await Database(driver).transaction(retries: retries) { tx in try await tx.run(SQLStatement("UPDATE t")) }
      }
      #expect(error?.kind == .deadlock)
      #expect(driver.log.count { $0 == "UPDATE t" } == retries + 1)
    }
  }

  @Test("an error that another try cannot avoid is not retried, nor is a wait for a connection")
  func notRetryable() async throws {
    for kind in [DatabaseError.Kind.checkViolation(constraint: "c"), .invalidStatement, .poolTimeout] {
      let driver = ScriptedDriver("d", ["UPDATE t": [DatabaseError(kind, "no")]])
      await #expect(throws: DatabaseError.self) {
        try await Database(driver).transaction(retries: 5) { tx in try await tx.run(SQLStatement("UPDATE t")) }
      }
      #expect(driver.log.count { $0 == "UPDATE t" } == 1)
    }
  }

  @Test("a connection lost before COMMIT is retried; lost during COMMIT it is not, and the error says that it is open")
  func lostConnection() async throws {
    let gone = DatabaseError(.connection, "gone")
    let before = ScriptedDriver("d", ["UPDATE t": [gone]])
    try await Database(before).transaction(retries: 1) { tx in try await tx.run(SQLStatement("UPDATE t")) }
    let during = ScriptedDriver("d", ["COMMIT": [gone]])
    let error = await #expect(throws: DatabaseError.self) {
      try await Database(during).transaction(retries: 5) { tx in try await tx.run(SQLStatement("UPDATE t")) }
    }
    #expect(error?.kind == .connection)
    #expect(error?.hint?.contains("may or may not have been carried out") == true)
    #expect(during.log.count { $0 == "UPDATE t" } == 1)
  }

  @Test("a COMMIT that fails as a serialization failure is retried: the server has rolled back")
  func serializationAtCommit() async throws {
    let driver = ScriptedDriver("d", ["COMMIT": [DatabaseError(.serializationFailure, "lost")]])
    try await Database(driver).transaction(retries: 1) { tx in try await tx.run(SQLStatement("UPDATE t")) }
    #expect(driver.log.count { $0 == "COMMIT" } == 2)
  }

  @Test("a nested transaction cannot ask for retries")
  func nested() async throws {
    let error = await #expect(throws: DatabaseError.self) {
      try await Database(ScriptedDriver()).transaction { tx in try await tx.transaction(retries: 1) { _ in } }
    }
    #expect(error?.kind == .transaction)
  }

  @Test("on PostgreSQL a transaction whose failed statement was swallowed is reported as rolled back, a savepoint's is not")
  func swallowed() async throws {
    let failing = ["UPDATE t": [DatabaseError(.invalidStatement, "no such table")]]
    let driver = ScriptedDriver("d", failing, dialect: PostgresDialect())
    let error = await #expect(throws: DatabaseError.self) {
      try await Database(driver).transaction { tx in _ = try? await tx.run(SQLStatement("UPDATE t")) }
    }
    #expect(error?.kind == .transaction)
    #expect(driver.log.last == "ROLLBACK")
    let inner = ScriptedDriver("d", failing, dialect: PostgresDialect())
    try await Database(inner).transaction { tx in
      try? await tx.transaction { inner in _ = try await inner.run(SQLStatement("UPDATE t")) }
    }
    #expect(inner.log.last == "COMMIT")
  }
}
