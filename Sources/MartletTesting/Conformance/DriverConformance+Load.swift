import MartletSQL

extension DriverConformance {
  static var loadChecks: [Check] {
    [
      Check(name: "a cancelled task ends its running statement, and the connection stays of use") { subject in
        let task = Task { try await subject.driver.run(subject.endless) { _ in } }
        try await Task.sleep(for: .milliseconds(300))
        let start = ContinuousClock.now
        task.cancel()
        do {
          _ = try await task.value
          throw Failure(description: "the statement ended as if nothing had happened")
        } catch is CancellationError {}
        try require(ContinuousClock.now - start < .seconds(10), "the statement ran on after its task was cancelled")
        for _ in 0..<20 {
          try require(try await subject.read(Int.self, "SELECT 7") == [7], "a connection is of no use after a cancellation")
        }
      },
      Check(name: "more statements than any cache holds run on one connection, twice") { subject in
        let lease = try await subject.driver.lease(.read, source: nil)
        for _ in 0..<2 {
          for n in 0..<600 {
            let seen = Collected<Int64>()
            try await lease.connection.run(SQLStatement("SELECT 1000 + \(n) + 0", effect: .read)) { seen.add(try $0.int()) }
            try require(seen.values == [Int64(1000 + n)], "the statement \(n) gave \(seen.values)")
          }
        }
        await lease.end()
      },
      Check(name: "a table that changes under a prepared statement is seen as it is") { subject in
        let table = try await subject.table("a \(subject.type(.int))")
        try await subject.write("INSERT INTO \(table) VALUES (1)")
        for _ in 0..<3 { _ = try await subject.read(Int.self, "SELECT * FROM \(table)") }
        try await subject.execute("ALTER TABLE \(table) ADD COLUMN b \(subject.type(.int))")
        let counts = Collected<Int>()
        for _ in 0..<4 {
          try await subject.driver.run(SQLStatement("SELECT * FROM \(table)", effect: .read)) { counts.add($0.count) }
        }
        try require(counts.values == [2, 2, 2, 2], "rows of two columns arrived with \(counts.values)")
      },
      Check(name: "400 tasks at once read and write without mixing their rows") { subject in
        let table = try await subject.table("n \(subject.type(.int)) NOT NULL, t \(subject.type(.varchar(40))) NOT NULL")
        let (first, second) = (subject.placeholder(1), subject.placeholder(2))
        try await withThrowingTaskGroup(of: Void.self) { group in
          for n in 0..<400 {
            group.addTask {
              if n % 4 == 0 {
                try await subject.write("INSERT INTO \(table) VALUES (\(first), \(second))", [.int(Int64(n)), .text("row \(n)")])
              } else {
                let seen = try await subject.read(Int.self, "SELECT \(n) + 0")
                try require(seen == [n], "a task that asked for \(n) got \(seen)")
              }
            }
          }
          try await group.waitForAll()
        }
        let wrong = try await subject.db.query(SQLStatement("SELECT n, t FROM \(table)", effect: .read)) { row in
          let n = try row.int()
          return try row.text() != "row \(n)"
        }
        try require(wrong.count == 100 && !wrong.contains(true), "\(wrong.count) rows, mixed: \(wrong.contains(true))")
      },
      Check(name: "shutdown lets running work end and refuses new work") { subject in
        let table = try await subject.table("n \(subject.type(.int)) NOT NULL")
        let lease = try await subject.driver.lease(.write, source: nil)
        let down = Task { await subject.driver.shutdown() }
        try await Task.sleep(for: .milliseconds(100))
        let error = try await failure(of: "a statement after shutdown") {
          try await subject.write("INSERT INTO \(table) VALUES (1)")
        }
        try require(error.kind == .connection, "a statement after shutdown failed as \(error.kind)")
        try await lease.connection.run(SQLStatement("INSERT INTO \(table) VALUES (2)")) { _ in }
        await lease.end()
        await down.value
        let other = try await subject.make()
        let left = try await Database(other).query(SQLStatement("SELECT n FROM \(table)", effect: .read)) { try $0.int() }
        await other.shutdown()
        try require(left == [2], "the rows \(left) are left")
      },
    ]
  }
}
