import MartletSQL

extension DriverConformance {
  private struct Stop: Error {}

  static var transactionChecks: [Check] {
    [
      Check(name: "a transaction commits together, rolls back together, and a savepoint rolls back alone") { subject in
        let table = try await subject.table("n \(subject.type(.int)) NOT NULL")
        @Sendable func insert(_ n: Int, _ db: Database) async throws {
          try await db.run(SQLStatement("INSERT INTO \(table) VALUES (\(n))"))
        }
        try await subject.db.transaction { tx in
          try await insert(1, tx)
          try? await tx.transaction { inner in
            try await insert(2, inner)
            throw Stop()
          }
          try await insert(3, tx)
        }
        do {
          try await subject.db.transaction { tx in
            try await insert(4, tx)
            throw Stop()
          }
        } catch is Stop {}
        let left = try await subject.read(Int.self, "SELECT n FROM \(table) ORDER BY n")
        try require(left == [1, 3], "the rows 1 and 3 should be left, not \(left)")
      },
      Check(name: "others do not see what a transaction has not committed") { subject in
        // A database of one connection has no others.
        guard subject.driver.poolMetrics.map({ $0.maximum > 1 }) ?? true else { return }
        let table = try await subject.table("n \(subject.type(.int)) NOT NULL")
        try await subject.db.transaction { tx in
          try await tx.run(SQLStatement("INSERT INTO \(table) VALUES (1)"))
          let outside = try await subject.read(Int.self, "SELECT count(*) FROM \(table)")
          try require(outside == [0], "an uncommitted row was seen")
        }
        try require(try await subject.read(Int.self, "SELECT count(*) FROM \(table)") == [1], "a committed row is not seen")
      },
      Check(name: "a read-only transaction refuses writes") { subject in
        let table = try await subject.table("n \(subject.type(.int)) NOT NULL")
        let error = try await failure(of: "a write in a read-only transaction") {
          try await subject.db.transaction(readOnly: true) { tx in
            _ = try await tx.run(SQLStatement("INSERT INTO \(table) VALUES (1)"))
          }
        }
        try require(error.kind == .readOnly, "a write in a read-only transaction failed as \(error.kind)")
        try await subject.write("INSERT INTO \(table) VALUES (2)")
      },
      Check(name: "a batch gives each statement's result and rows, and its first error ends it") { try await $0.batches() },
      Check(name: "64 tasks that count in transactions lose no step") { subject in
        let table = try await subject.table("n \(subject.type(.int)) NOT NULL")
        try await subject.write("INSERT INTO \(table) VALUES (0)")
        let db = subject.db
        try await withThrowingTaskGroup(of: Void.self) { group in
          for _ in 0..<64 {
            group.addTask {
              try await db.transaction(retries: 20) { tx in
                _ = try await tx.run(SQLStatement("UPDATE \(table) SET n = n + 1"))
              }
            }
          }
          try await group.waitForAll()
        }
        let total = try await subject.read(Int.self, "SELECT n FROM \(table)")
        try require(total == [64], "64 steps added up to \(total)")
      },
    ]
  }
}

extension Subject {
  fileprivate func batches() async throws {
    let table = try await table("n \(type(.int)) NOT NULL PRIMARY KEY")
    let lease = try await driver.lease(.write, source: nil)
    let seen = Collected<[Int]>()
    let results = try await lease.connection.run(batch: [
      SQLStatement("INSERT INTO \(table) VALUES (\(placeholder(1))), (\(placeholder(2)))", [.int(1), .int(2)]),
      SQLStatement("SELECT n FROM \(table) ORDER BY n", effect: .read),
      SQLStatement("DELETE FROM \(table) WHERE n = 1"),
    ]) { place, row in seen.add([place, Int(try row.int())]) }
    try require(results.map(\.rowsAffected).filter { $0 > 0 }.count >= 2 && results.count == 3, "the results are \(results)")
    try require(seen.values == [[1, 1], [1, 2]], "the batch's rows arrived as \(seen.values)")
    let error = try await failure(of: "a batch with a repeated key") {
      try await lease.connection.run(batch: [
        SQLStatement("SELECT 1", effect: .read), SQLStatement("INSERT INTO \(table) VALUES (2)"),
        SQLStatement("INSERT INTO \(table) VALUES (3)"),
      ]) { _, _ in }
    }
    guard case .uniqueViolation = error.kind else {
      throw DriverConformance.Failure(description: "a batch with a repeated key failed as \(error.kind)")
    }
    await lease.end()
    try require(try await read(Int.self, "SELECT n FROM \(table)") == [2], "statements behind the failed one were carried out")
  }
}
