import MartletSQL

extension DriverConformance {
  static var cursorChecks: [Check] {
    [
      Check(name: "a cursor hands over all rows, a part at a time, in order") { subject in
        let lease = try await subject.driver.lease(.read, source: nil), seen = Collected<Int64>()
        try await subject.inReadTransaction(lease) { connection in
          let cursor = try await connection.openCursor(subject.numbers(100))
          var parts = 0
          while try await cursor.fetch(7, onRow: { seen.add(try $0.int()) }) {
            parts += 1
            try require(seen.values.count <= parts * 7, "a part of at most 7 rows had more")
          }
          await cursor.close()
        }
        await lease.end()
        try require(seen.values == Array(1...100), "100 rows arrived as \(seen.values.count), or in another order")
      },
      Check(name: "a cursor that is closed early frees its connection; twice does nothing") { subject in
        let lease = try await subject.driver.lease(.read, source: nil)
        try await subject.inReadTransaction(lease) { connection in
          let cursor = try await connection.openCursor(subject.numbers(900))
          _ = try await cursor.fetch(1) { _ in }
          await cursor.close()
          await cursor.close()
          let seen = Collected<Int64>()
          try await connection.run(SQLStatement("SELECT 7", effect: .read)) { seen.add(try $0.int()) }
          try require(seen.values == [7], "a statement after a closed cursor gave \(seen.values)")
        }
        await lease.end()
      },
    ]
  }

  static var leaseChecks: [Check] {
    [
      Check(name: "a connection that was given back refuses statements; giving back twice does nothing") { subject in
        let lease = try await subject.driver.lease(.write, source: nil)
        await lease.end()
        await lease.end()
        let error = try await failure(of: "a statement after the lease") {
          try await lease.connection.run(SQLStatement("SELECT 1", effect: .read)) { _ in }
        }
        try require(error.kind == .transaction, "a statement after the lease failed as \(error.kind)")
      },
      Check(name: "a lease that is dropped gives its connection back") { subject in
        for _ in 0..<40 { _ = try await subject.driver.lease(.write, source: nil) }
        try require(try await subject.read(Int.self, "SELECT 7") == [7], "no connection is left")
      },
      Check(name: "a transaction that a borrower left open is rolled back") { subject in
        let table = try await subject.table("n \(subject.type(.int)) NOT NULL")
        let lease = try await subject.driver.lease(.write, source: nil)
        for text in subject.dialect.begin(TransactionOptions()) {
          try await lease.connection.run(SQLStatement(text, effect: .definition)) { _ in }
        }
        try await lease.connection.run(SQLStatement("INSERT INTO \(table) VALUES (1)")) { _ in }
        await lease.end()
        try await subject.write("INSERT INTO \(table) VALUES (2)")
        let left = try await subject.read(Int.self, "SELECT n FROM \(table)")
        try require(left == [2], "the rows \(left) are left")
      },
      Check(name: "the pool's limit holds, and who waits is served when a connection comes back") { try await $0.poolLimit() },
      Check(name: "who is cancelled while waiting for a connection leaves the queue") { subject in
        guard let maximum = subject.driver.poolMetrics?.maximum else { return }
        let tasks = (0..<(maximum + 8)).map { _ in Task { try await subject.driver.lease(.write, source: nil) } }
        try require(await subject.soon { ($0.poolMetrics?.waiting ?? 0) > 0 }, "nobody waits beyond the pool's limit")
        for task in tasks { task.cancel() }
        for task in tasks { if let lease = try? await task.value { await lease.end() } }
        try require(await subject.soon { $0.poolMetrics?.inUse == 0 && $0.poolMetrics?.waiting == 0 }, "a connection is stuck")
        try require(try await subject.read(Int.self, "SELECT 7") == [7], "the pool is of no use afterwards")
      },
    ]
  }
}

extension Subject {
  /// Cursors of some databases need a transaction.
  fileprivate func inReadTransaction(
    _ lease: ConnectionLease, _ body: (any DatabaseConnection) async throws -> Void
  ) async throws {
    for text in dialect.begin(TransactionOptions(readOnly: true)) {
      try await lease.connection.run(SQLStatement(text, effect: .definition)) { _ in }
    }
    try await body(lease.connection)
    try await lease.connection.run(SQLStatement("COMMIT", effect: .definition)) { _ in }
  }

  fileprivate func poolLimit() async throws {
    guard let maximum = driver.poolMetrics?.maximum else { return }
    let granted = Collected<ConnectionLease>()
    let tasks = (0..<(maximum + 3)).map { _ in Task { granted.add(try await driver.lease(.write, source: nil)) } }
    try require(await soon { ($0.poolMetrics?.waiting ?? 0) >= 3 }, "nobody waits beyond the pool's limit")
    try require(granted.values.count <= maximum, "\(granted.values.count) connections were lent by a pool of \(maximum)")
    var returned = 0
    while returned < tasks.count {
      let served = returned
      try require(await soon { _ in granted.values.count > served }, "a waiter was not served")
      await granted.values[returned].end()
      returned += 1
    }
    for task in tasks { try await task.value }
    try require(await soon { $0.poolMetrics?.inUse == 0 }, "connections are still lent")
  }

  /// Whether it holds within ten seconds.
  func soon(_ condition: @Sendable (any DatabaseDriver) -> Bool) async -> Bool {
    for _ in 0..<2000 {
      if condition(driver) { return true }
      try? await Task.sleep(for: .milliseconds(5))
    }
    return condition(driver)
  }
}
