import MartletSQL
import Synchronization
import Testing

private struct Stop: Error {}

@Suite("Transactions")
struct TransactionTests {
  @Test("a transaction begins, commits and gives its connection back")
  func commits() async throws {
    let driver = RecordingDriver()
    let result = try await Database(driver).transaction { tx in
      #expect(tx.isInTransaction)
      try await tx.run(SQLStatement("UPDATE t"))
      return 7
    }
    #expect(result == 7)
    #expect(driver.log == ["lease the writer", "BEGIN IMMEDIATE", "UPDATE t", "COMMIT", "give back"])
  }

  @Test("an error in the closure rolls back and comes out as it is")
  func rollsBack() async throws {
    let driver = RecordingDriver()
    await #expect(throws: Stop.self) {
      try await Database(driver).transaction { tx in
        try await tx.run(SQLStatement("UPDATE t"))
        throw Stop()
      }
    }
    #expect(driver.log == ["lease the writer", "BEGIN IMMEDIATE", "UPDATE t", "ROLLBACK", "give back"])
  }

  @Test("a commit that fails is rolled back and reported")
  func commitFails() async throws {
    let driver = RecordingDriver(failing: ["COMMIT"])
    let error = await #expect(throws: DatabaseError.self) {
      try await Database(driver).transaction { tx in try await tx.run(SQLStatement("UPDATE t")) }
    }
    #expect(error?.kind == .busy)
    #expect(driver.log.suffix(3) == ["COMMIT", "ROLLBACK", "give back"])
  }

  @Test("a rollback that fails does not hide the first error")
  func rollbackFails() async throws {
    let driver = RecordingDriver(failing: ["ROLLBACK"])
    await #expect(throws: Stop.self) { try await Database(driver).transaction { _ in throw Stop() } }
  }

  @Test("a read-only transaction takes a reader")
  func readOnly() async throws {
    let driver = RecordingDriver()
    try await Database(driver).transaction(readOnly: true) { _ in }
    #expect(driver.log == ["lease a reader", "BEGIN DEFERRED", "COMMIT", "give back"])
  }

  @Test("a transaction inside a transaction is a savepoint, undone alone")
  func savepoints() async throws {
    let driver = RecordingDriver()
    try await Database(driver).transaction { tx in
      try await tx.transaction { inner in try await inner.run(SQLStatement("UPDATE a")) }
      try? await tx.transaction { inner in
        try await inner.transaction { _ in }
        throw Stop()
      }
    }
    #expect(
      driver.log == [
        "lease the writer", "BEGIN IMMEDIATE",
        "SAVEPOINT \"martlet_1\"", "UPDATE a", "RELEASE SAVEPOINT \"martlet_1\"",
        "SAVEPOINT \"martlet_1\"", "SAVEPOINT \"martlet_2\"", "RELEASE SAVEPOINT \"martlet_2\"",
        "ROLLBACK TO SAVEPOINT \"martlet_1\"", "RELEASE SAVEPOINT \"martlet_1\"",
        "COMMIT", "give back",
      ])
  }

  @Test("a nested transaction cannot ask for an isolation level")
  func nestedIsolation() async throws {
    let error = await #expect(throws: DatabaseError.self) {
      try await Database(RecordingDriver()).transaction { tx in
        try await tx.transaction(isolation: .serializable) { _ in }
      }
    }
    #expect(error?.kind == .transaction)
  }

  @Test("onCommit runs after the commit, in order, and not after a rollback")
  func onCommit() async throws {
    let driver = RecordingDriver(), db = Database(driver)
    let seen = Mutex([String]())
    @Sendable func note(_ text: String) -> @Sendable () async -> Void {
      { seen.withLock { $0.append(text + " after " + (driver.log.last ?? "")) } }
    }
    try await db.transaction { tx in
      await tx.onCommit(note("first"))
      try? await tx.transaction { inner in
        await inner.onCommit(note("undone"))
        throw Stop()
      }
      try await tx.transaction { inner in await inner.onCommit(note("second")) }
      #expect(seen.withLock { $0 } == [])
    }
    try? await db.transaction { tx in
      await tx.onCommit(note("rolled back"))
      throw Stop()
    }
    #expect(seen.withLock { $0 } == ["first after give back", "second after give back"])
  }

  @Test("onCommit outside of a transaction runs at once")
  func onCommitAtOnce() async throws {
    let seen = Mutex(false)
    await Database(RecordingDriver()).onCommit { seen.withLock { $0 = true } }
    #expect(seen.withLock { $0 })
  }

  @Test("a transaction's database refuses statements after its closure")
  func leaked() async throws {
    let leaked = try await Database(RecordingDriver()).transaction { tx in tx }
    let error = await #expect(throws: DatabaseError.self) { try await leaked.run(SQLStatement("UPDATE t")) }
    #expect(error?.kind == .transaction)
    #expect(error?.hint?.contains("only inside the closure") == true)
  }

  @Test("a cancelled task's transaction is rolled back, not committed")
  func cancelled() async throws {
    let driver = RecordingDriver()
    let task = Task {
      try await Database(driver).transaction { tx in
        try await tx.run(SQLStatement("UPDATE t"))
        withUnsafeCurrentTask { $0?.cancel() }
      }
    }
    await #expect(throws: CancellationError.self) { try await task.value }
    #expect(driver.log == ["lease the writer", "BEGIN IMMEDIATE", "UPDATE t", "ROLLBACK", "give back"])
  }
}
