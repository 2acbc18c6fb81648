import Foundation
import MartletCore
@testable import MartletMySQL
import MartletSQL
import Testing

@Suite("MySQL: errors")
struct ErrorTests {
  private func schema(_ db: Database) async throws {
    try await db.execute(
      "CREATE TABLE team (id int PRIMARY KEY, name varchar(9) NOT NULL, a int, b int, UNIQUE KEY team_a_b (a, b)) ENGINE=InnoDB")
    try await db.execute(
      "CREATE TABLE player (id int PRIMARY KEY, team int, age int, CONSTRAINT player_team FOREIGN KEY (team) REFERENCES team (id), "
        + "CONSTRAINT age_positive CHECK (age > 0)) ENGINE=InnoDB")
    try await db.write("INSERT INTO `team` VALUES (1, 'x', 1, 1)")
  }

  @Test("Constraints that are broken come as their kinds, with names and columns, and without the values")
  func constraints() async throws {
    try await TestServer.withDatabase { db, _ in
      try await schema(db)
      let cases: [(String, DatabaseError.Kind)] = [
        ("INSERT INTO `team` VALUES (1, 'y', 2, 2)", .uniqueViolation(constraint: "PRIMARY", columns: ["id"])),
        ("INSERT INTO `team` VALUES (2, 'y', 1, 1)", .uniqueViolation(constraint: "team_a_b", columns: ["a", "b"])),
        ("INSERT INTO player VALUES (1, 7, 1)", .foreignKeyViolation(constraint: "player_team")),
        ("INSERT INTO player VALUES (1, 1, 0)", .checkViolation(constraint: "age_positive")),
        ("INSERT INTO team VALUES (3, NULL, 1, 2)", .notNullViolation(column: "name")),
        ("INSERT INTO team (id) VALUES (3)", .notNullViolation(column: "name")),
        ("INSERT INTO team VALUES (3, 'longer than nine', 1, 2)", .invalidValue(column: "name")),
        ("INSERT INTO team VALUES (3, 'x', 99999999999, 2)", .invalidValue(column: "a")),
        ("INSERT INTO team VALUES (3, 'x', 'secret', 2)", .invalidValue(column: "a")),
        ("SELECT nope FROM team", .invalidStatement), ("SELECT 1 FROM nope", .invalidStatement),
        ("SELEC 1", .invalidStatement), ("SELECT 1; SELECT 2", .invalidStatement), ("SELECT ?", .invalidStatement),
      ]
      for (sql, kind) in cases {
        let error = try await databaseError { try await db.write(sql) }
        #expect(error.kind == kind, "\(sql): \(error)")
        #expect(!error.message.contains("secret"))
      }
      try await db.write("INSERT INTO player VALUES (1, 1, 1)")
      let error = try await databaseError { try await db.write("DELETE FROM team") }
      #expect(error.kind == .foreignKeyViolation(constraint: "player_team"))
      let missing = try await databaseError { try await db.write("SELECT 1 FROM nope") }
      #expect(missing.hint?.contains("migrate") == true)
      #expect(missing.code == "1146 (42S02)")
    }
  }

  @Test("What the server reports becomes its kind, on both servers")
  func mapping() {
    func kind(_ number: UInt32, _ message: String, state: String = "HY000") -> DatabaseError.Kind {
      MySQLFailure(number: number, state: state, message: message).error(sql: nil).kind
    }
    #expect(
      kind(1062, "Duplicate entry 'it's' for key 'users.users_email_key'")
        == .uniqueViolation(constraint: "users_email_key", columns: []))
    #expect(kind(3819, "Check constraint 'age_positive' is violated.") == .checkViolation(constraint: "age_positive"))
    #expect(kind(4025, "CONSTRAINT `user.age` failed for `shop`.`user`") == .checkViolation(constraint: "age"))
    #expect(kind(3024, "Query execution was interrupted, maximum statement execution time exceeded") == .statementTimeout)
    #expect(kind(1969, "Query execution was interrupted (max_statement_time exceeded)") == .statementTimeout)
    #expect(kind(1213, "Deadlock found") == .deadlock)
    #expect(kind(1205, "Lock wait timeout exceeded") == .busy)
    #expect(kind(1020, "Record has changed since last read in table 't'") == .serializationFailure)
    #expect(kind(1290, "The MySQL server is running with the --read-only option") == .readOnly)
    #expect(kind(1114, "The table 't' is full") == .outOfSpace)
    #expect(kind(2013, "Lost connection") == .connection)
    #expect(kind(1040, "Too many connections") == .connection)
    #expect(kind(1045, "Access denied", state: "28000") == .authentication)
    #expect(kind(9999, "anything", state: "42000") == .invalidStatement)
    #expect(kind(9999, "anything") == .other)
    #expect(
      kind(1366, "Incorrect string value: '\\xF0' for column `a`.`b`.`c` at row 1") == .invalidValue(column: "c"))
  }

  @Test("A deadlock ends one of the two, and the other commits")
  func deadlock() async throws {
    try await TestServer.withDatabase { db, _ in
      try await schema(db)
      try await db.write("INSERT INTO team VALUES (2, 'x', 2, 2)")
      let gate = Gate(2)
      func swap(_ first: Int64, _ second: Int64) async -> DatabaseError.Kind? {
        do {
          try await db.transaction { tx in
            try await tx.write("UPDATE team SET name = 'a' WHERE id = ?", [.int(first)])
            await gate.wait()
            try await tx.write("UPDATE team SET name = 'b' WHERE id = ?", [.int(second)])
          }
          return nil
        } catch { return (error as? DatabaseError)?.kind }
      }
      async let one = swap(1, 2)
      async let two = swap(2, 1)
      #expect(await Set([one, two]) == [nil, .deadlock])
    }
  }

  @Test("After a deadlock nothing more runs in the transaction that the server has ended")
  func afterDeadlock() async throws {
    try await TestServer.withDatabase { db, _ in
      try await schema(db)
      try await db.write("INSERT INTO team VALUES (2, 'x', 2, 2)")
      let gate = Gate(2)
      func swap(_ first: Int64, _ second: Int64) async -> [DatabaseError.Kind] {
        var kinds: [DatabaseError.Kind] = []
        do {
          try await db.transaction { tx in
            try await tx.write("UPDATE team SET name = 'a' WHERE id = ?", [.int(first)])
            await gate.wait()
            do { try await tx.write("UPDATE team SET name = 'b' WHERE id = ?", [.int(second)]) } catch let error as DatabaseError
            {
              guard error.kind == .deadlock else { throw error }
              // Who goes on regardless must not write outside of any transaction.
              try await tx.write("INSERT INTO team VALUES (9, 'x', 9, 9)")
            }
          }
        } catch { kinds = [(error as? DatabaseError)?.kind ?? .other] }
        return kinds
      }
      async let one = swap(1, 2)
      async let two = swap(2, 1)
      #expect(await Set([one, two]) == [[], [.transaction]])
      let count = try await db.cell("SELECT count(*) FROM team WHERE id = 9")
      #expect(count == .int(0))
      let names = try await db.cell("SELECT count(*) FROM team WHERE name IN ('a', 'b')")
      #expect(names == .int(2))
    }
  }

  @Test("A server must not read files of this machine")
  func localFiles() async throws {
    try await TestServer.withDatabase { db, _ in
      try await schema(db)
      let error = try await databaseError {
        try await db.execute("LOAD DATA LOCAL INFILE '/etc/passwd' INTO TABLE team")
      }
      #expect(error.kind != .connection, "\(error)")
      let count = try await db.cell("SELECT count(*) FROM team")
      #expect(count == .int(1))
    }
  }

  @Test("A lock that is not had in time is busy; the transaction goes on")
  func lockWait() async throws {
    try await TestServer.withDatabase({ $0.lockWaitTimeout = .seconds(1) }) { db, _ in
      try await schema(db)
      try await db.transaction { holder in
        try await holder.write("UPDATE team SET name = 'a' WHERE id = 1")
        try await db.transaction { tx in
          try await tx.write("INSERT INTO team VALUES (5, 'x', 5, 5)")
          let error = try await databaseError { try await tx.write("UPDATE team SET name = 'b' WHERE id = 1") }
          #expect(error.kind == .busy)
          #expect(error.isRetryable)
        }
      }
      let count = try await db.cell("SELECT count(*) FROM team WHERE id = 5")
      #expect(count == .int(1))
    }
  }

  @Test("A statement that takes longer than its time-out ends with that kind")
  func statementTimeout() async throws {
    try await TestServer.withDatabase({ $0.statementTimeout = .milliseconds(300) }) { db, _ in
      let clock = ContinuousClock.now
      let error = try await databaseError {
        try await db.cells("SELECT count(*) FROM seq_1_to_10000 a, seq_1_to_10000 b, seq_1_to_10000 c")
      }
      #expect(error.kind == .statementTimeout)
      #expect(ContinuousClock.now - clock < .seconds(10))
      let alive = try await db.cell("SELECT 1")
      #expect(alive == .int(1))
    }
  }

  @Test("A read-only transaction refuses writes")
  func readOnly() async throws {
    try await TestServer.withDatabase { db, _ in
      try await schema(db)
      let error = try await databaseError {
        try await db.transaction(readOnly: true) { try await $0.write("DELETE FROM team") }
      }
      #expect(error.kind == .readOnly)
    }
  }

  @Test("An exhausted pool says who holds the connections")
  func exhausted() async throws {
    try await TestServer.withDatabase({
      $0.pool.maximumConnections = 1
      $0.pool.acquireTimeout = .milliseconds(200)
    }) { db, _ in
      let error = try await databaseError {
        try await db.transaction { _ in try await db.cells("SELECT 1") }
      }
      #expect(error.kind == .poolTimeout)
      #expect(error.description.contains("ErrorTests.swift"), "\(error)")
    }
  }

  @Test("A wrong password, an unknown database and a closed port are told apart, and no text shows the password")
  func refused() async throws {
    var configuration = try TestServer.configuration()
    configuration.pool.acquireTimeout = .seconds(2)
    func error(_ change: (inout MySQLConfiguration) -> Void) async throws -> DatabaseError {
      var changed = configuration
      change(&changed)
      let driver = MySQLDriver(changed)
      let error = try await databaseError { try await driver.connect() }
      await driver.shutdown()
      #expect(!"\(error) \(driver.displayName) \(changed)".contains("s3cret"))
      return error
    }
    #expect(try await error { $0.password = "s3cret" }.kind == .authentication)
    #expect(try await error { $0.user = "nobody" }.kind == .authentication)
    let unknown = try await error { $0.database = "my_no_such_database" }
    #expect(unknown.kind == .connection || unknown.kind == .authentication)
    #expect(unknown.message.contains("my_no_such_database"))
    #expect(try await error { $0.port = 1 }.kind == .connection)
    #expect(try await error { $0.host = "no-such-host.invalid" }.kind == .connection)
  }
}

/// Lets nobody through until so many have come.
actor Gate {
  private var missing: Int
  private var waiters: [CheckedContinuation<Void, Never>] = []
  init(_ count: Int) { missing = count }
  func wait() async {
    missing -= 1
    guard missing > 0 else {
      for waiter in waiters { waiter.resume() }
      return waiters = []
    }
    await withCheckedContinuation { waiters.append($0) }
  }
}
