import MartletPostgres
import MartletSQL
import Testing

@Suite("PostgreSQL statements")
struct StatementTests {
  @Test("a statement's rows and the count of those it wrote arrive")
  func basics() async throws {
    try await TestServer.withSchema { db, _ in
      try await db.execute("CREATE TABLE t (id int PRIMARY KEY, name text)")
      #expect(
        try await db.execute("INSERT INTO t VALUES ($1, $2), ($3, $4)", [.int(1), .text("a"), .int(2), .null]).rowsAffected == 2)
      #expect(
        try await db.execute("UPDATE t SET name = $1 WHERE id IN ($2, $3)", [.text("b"), .int(1), .int(9)]).rowsAffected == 1)
      for _ in 0..<3 {
        #expect(try await db.texts("SELECT id, name FROM t ORDER BY id") == [["int 1", "text b"], ["int 2", "null"]])
      }
      #expect(try await db.execute("DELETE FROM t").rowsAffected == 2)
      #expect(try await db.run(SQLStatement("SELECT 1", effect: .read)).rowsAffected == 0)
    }
  }

  @Test("a unique violation names its constraint and its columns")
  func uniqueViolation() async throws {
    try await TestServer.withSchema { db, _ in
      try await db.execute("CREATE TABLE t (a int, \"B c\" text, CONSTRAINT both_once UNIQUE (a, \"B c\"))")
      try await db.execute("INSERT INTO t VALUES (1, 'x')")
      let error = await failure { try await db.execute("INSERT INTO t VALUES ($1, $2)", [.int(1), .text("x")]) }
      #expect(error?.kind == .uniqueViolation(constraint: "both_once", columns: ["a", "B c"]))
      #expect(error?.code == "23505")
      #expect(error?.sql == "INSERT INTO t VALUES ($1, $2)")
    }
  }

  @Test("each kind of failure has its kind of error")
  func kinds() async throws {
    try await TestServer.withSchema { db, _ in
      try await db.execute("CREATE TABLE p (id int PRIMARY KEY)")
      try await db.execute(
        "CREATE TABLE c (p int NOT NULL REFERENCES p CONSTRAINT small CHECK (p < 10), s varchar(3), r int4range, CONSTRAINT apart EXCLUDE USING gist (r WITH &&))"
      )
      func kind(_ sql: String, _ bindings: [SQLValue] = []) async -> DatabaseError.Kind? {
        await failure { try await db.execute(sql, bindings) }?.kind
      }
      #expect(await kind("INSERT INTO c (p) VALUES (3)") == .foreignKeyViolation(constraint: "c_p_fkey"))
      #expect(await kind("INSERT INTO c (p) VALUES (NULL)") == .notNullViolation(column: "p"))
      #expect(await kind("INSERT INTO c (p) VALUES (11)") == .checkViolation(constraint: "small"))
      #expect(await kind("INSERT INTO c (p, s) VALUES (3, 'long')") == .invalidValue(column: nil))
      #expect(await kind("SELECT $1::int", [.text("x")]) == .invalidValue(column: nil))
      #expect(await kind("SELEC") == .invalidStatement)
      #expect(await kind("SELECT * FROM nowhere") == .invalidStatement)
      #expect(await kind("SELECT 1; SELECT 2") == .invalidStatement)
      #expect(await kind("SELECT '\u{0}'") == .invalidStatement)
      #expect(await kind("SELECT $1", []) == .invalidStatement)
      try await db.execute("INSERT INTO p VALUES (1)")
      try await db.execute("INSERT INTO c (p, r) VALUES (1, '[1,5)')")
      #expect(await kind("INSERT INTO c (p, r) VALUES (1, '[4,6)')") == .exclusionViolation(constraint: "apart"))
      // The connections are all fit for use.
      for _ in 0..<5 { #expect(try await db.texts("SELECT 1") == [["int 1"]]) }
    }
  }

  @Test("a transaction commits, rolls back and nests")
  func transactions() async throws {
    try await TestServer.withSchema { db, _ in
      try await db.execute("CREATE TABLE t (id int)")
      try await db.transaction { tx in
        try await tx.execute("INSERT INTO t VALUES (1)")
        struct Undo: Error {}
        try? await tx.transaction { inner in
          try await inner.execute("INSERT INTO t VALUES (2)")
          throw Undo()
        }
        try await tx.execute("INSERT INTO t VALUES (3)")
      }
      await #expect(throws: DatabaseError.self) {
        try await db.transaction { tx in
          try await tx.execute("INSERT INTO t VALUES (4)")
          try await tx.execute("SELECT nothing")
        }
      }
      #expect(try await db.texts("SELECT id FROM t ORDER BY id") == [["int 1"], ["int 3"]])
    }
  }

  @Test("what a closure throws ends its statement alone")
  func closureError() async throws {
    let db = Database(try TestServer.driver())
    struct Stop: Error {}
    await #expect(throws: Stop.self) {
      try await db.run(SQLStatement("SELECT generate_series(1, 10000)", effect: .read)) { row in
        if try row.int() == 3 { throw Stop() }
      }
    }
    #expect(try await db.texts("SELECT 1") == [["int 1"]])
    await db.driver.shutdown()
  }

  @Test("BEGIN outside of a lease leaves no open transaction behind")
  func strayBegin() async throws {
    let db = Database(try TestServer.driver { $0.pool.maximumConnections = 1 })
    try await db.execute("BEGIN")
    // Inside one transaction both would be the time of its beginning.
    #expect(try await db.texts("SELECT now()") != db.texts("SELECT now()"))
    try await db.execute("SET work_mem = '123MB'")
    #expect(try await db.texts("SHOW work_mem") != [["text 123MB"]])
    await db.driver.shutdown()
  }

  @Test("a driver that is released closes its connections")
  func release() async throws {
    let watcher = Database(try TestServer.driver())
    do {
      let db = Database(try TestServer.driver { $0.applicationName = "martlet-released" })
      #expect(try await db.texts("SELECT 1") == [["int 1"]])
    }
    for _ in 0..<100 {
      let left = try await watcher.texts("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'martlet-released'")
      if left == [["int 0"]] {
        await watcher.driver.shutdown()
        return
      }
      try await Task.sleep(for: .milliseconds(50))
    }
    Issue.record("the connection is still there")
  }
}
