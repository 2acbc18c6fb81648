import MartletSQL
import MartletSQLite
import Testing

@Suite("SQLite errors")
struct ErrorTests {
  private func withTables(_ body: (Database) async throws -> Void) async throws {
    try await withMemoryDatabase { db async throws in
      try await db.execute(
        """
        CREATE TABLE "a.uthor" ("id" integer PRIMARY KEY, "name" text NOT NULL, "city" text, "age" integer,
          CONSTRAINT "age_positive" CHECK ("age" >= 0), UNIQUE ("name", "city"))
        """,
        "CREATE TABLE label (name text)", "CREATE UNIQUE INDEX \"lower_name\" ON label (martlet_lower(name))",
        "INSERT INTO label VALUES ('Ada')",
        "CREATE TABLE book (id integer PRIMARY KEY, author_id integer NOT NULL REFERENCES \"a.uthor\" (id), "
          + "editor_id integer REFERENCES \"a.uthor\" (id) ON DELETE RESTRICT)",
        "INSERT INTO \"a.uthor\" VALUES (1, 'Ada', 'London', 36)", "INSERT INTO book VALUES (1, 1, NULL)")
      try await body(db)
    }
  }

  @Test("a unique violation has its bare column names")
  func unique() async throws {
    try await withTables { db async throws in
      #expect(
        try await db.failure("INSERT INTO \"a.uthor\" (name, city) VALUES ('Ada', 'London')")
          == .uniqueViolation(constraint: "a.uthor.name, a.uthor.city", columns: ["name", "city"]))
      #expect(
        try await db.failure("INSERT INTO \"a.uthor\" (id, name) VALUES (1, 'Bob')")
          == .uniqueViolation(constraint: "a.uthor.id", columns: ["id"]))
    }
  }

  @Test("a unique violation of an index over an expression has the index's name")
  func uniqueIndex() async throws {
    try await withTables { db async throws in
      #expect(
        try await db.failure("INSERT INTO label VALUES ('ADA')")
          == .uniqueViolation(constraint: "lower_name", columns: []))
    }
  }

  @Test("foreign keys are enforced, on insert and on delete, deferred or at once")
  func foreignKey() async throws {
    try await withTables { db async throws in
      #expect(try await db.failure("INSERT INTO book VALUES (2, 99, NULL)") == .foreignKeyViolation(constraint: nil))
      #expect(try await db.failure("DELETE FROM \"a.uthor\"") == .foreignKeyViolation(constraint: nil))
      try await db.execute("INSERT INTO \"a.uthor\" (id, name) VALUES (2, 'Bob')", "INSERT INTO book VALUES (3, 1, 2)")
      #expect(try await db.failure("DELETE FROM \"a.uthor\" WHERE id = 2") == .foreignKeyViolation(constraint: nil))
      let error = await #expect(throws: DatabaseError.self) {
        try await db.transaction { tx async throws in
          try await tx.execute("PRAGMA defer_foreign_keys = on", "INSERT INTO book VALUES (2, 99, NULL)")
        }
      }
      #expect(error?.kind == .foreignKeyViolation(constraint: nil))
      #expect(try await db.column(Int.self, "SELECT id FROM book ORDER BY id") == [1, 3])
    }
  }

  @Test("NOT NULL and CHECK violations name the column and the constraint")
  func notNullAndCheck() async throws {
    try await withTables { db async throws in
      #expect(try await db.failure("INSERT INTO \"a.uthor\" (name) VALUES (NULL)") == .notNullViolation(column: "name"))
      #expect(
        try await db.failure("INSERT INTO \"a.uthor\" (name, age) VALUES ('Bob', -1)")
          == .checkViolation(constraint: "age_positive"))
    }
  }

  @Test("a missing table or column hints at migrate; bad syntax is invalid too")
  func invalid() async throws {
    try await withTables { db async throws in
      for text in ["SELECT * FROM nowhere", "SELECT missing FROM book"] {
        let error = await #expect(throws: DatabaseError.self) { try await db.execute(text) }
        #expect(error?.kind == .invalidStatement)
        #expect(error?.hint?.contains("migrate") == true, "\(String(describing: error))")
        #expect(error?.sql == text)
      }
      #expect(try await db.failure("SELEC 1") == .invalidStatement)
    }
  }

  @Test("one text holds one statement: a second one is refused, comments and a last semicolon are not")
  func oneStatement() async throws {
    try await withTables { db async throws in
      #expect(try await db.failure("SELECT 1; DROP TABLE book") == .invalidStatement)
      #expect(try await db.failure("SELECT 1; nonsense") == .invalidStatement)
      #expect(try await db.failure("SELECT 1; -- done") == nil)
      #expect(try await db.failure("SELECT 1;;  ") == nil)
      #expect(try await db.failure("  -- nothing") == .invalidStatement)
      #expect(try await db.failure("") == .invalidStatement)
      #expect(try await db.column(Int.self, "SELECT count(*) FROM book") == [1])
    }
  }

  @Test("too few or too many values are refused, never bound as NULL")
  func bindingCount() async throws {
    try await withTables { db async throws in
      #expect(try await db.failure("SELECT ?, ?", [.int(1)]) == .invalidStatement)
      #expect(try await db.failure("SELECT ?", [.int(1), .int(2)]) == .invalidStatement)
    }
  }

  @Test("a statement that writes is refused where only reads are allowed")
  func readOnly() async throws {
    for inMemory in [true, false] {
      try await withDatabase {
        if inMemory { $0.path = ":memory:" }
      } _: { db, _ in
        try await db.execute("CREATE TABLE t (n integer)")
        let single = await #expect(throws: DatabaseError.self) {
          try await db.run(SQLStatement("INSERT INTO t VALUES (1)", effect: .read))
        }
        #expect(single?.kind == .readOnly)
        let transaction = await #expect(throws: DatabaseError.self) {
          try await db.transaction(readOnly: true) { tx in
            let rows = try await tx.column(Int.self, "SELECT count(*) FROM t")
            #expect(rows == [0])
            try await tx.execute("INSERT INTO t VALUES (1)")
          }
        }
        #expect(transaction?.kind == .readOnly)
        #expect(try await db.column(Int.self, "SELECT count(*) FROM t") == [0])
      }
    }
  }

  @Test("a full disk is out of space and ends the transaction")
  func full() async throws {
    try await withDatabase { db, _ in
      try await db.execute("CREATE TABLE t (b blob)", "PRAGMA max_page_count = 12")
      let error = await #expect(throws: DatabaseError.self) {
        try await db.transaction { tx in
          try await tx.execute("INSERT INTO t VALUES (zeroblob(10))")
          try await tx.execute("INSERT INTO t VALUES (zeroblob(1000000))")
        }
      }
      #expect(error?.kind == .outOfSpace)
      #expect(try await db.column(Int.self, "SELECT count(*) FROM t") == [0])
    }
  }

  @Test("an error thrown by the row closure ends the statement and comes out as it is")
  func closureError() async throws {
    struct Stop: Error {}
    try await withTables { db async throws in
      await #expect(throws: Stop.self) {
        try await db.run(SQLStatement(slowQuery(3), effect: .read)) { _ in throw Stop() }
      }
      #expect(try await db.column(Int.self, "SELECT 1") == [1])
    }
  }

  @Test("a value of another type is a decoding error that names the column")
  func decoding() async throws {
    try await withMemoryDatabase { db in
      let error = await #expect(throws: DatabaseError.self) { try await db.column(Int.self, "SELECT 'x'") }
      #expect(error?.kind == .decoding)
      #expect(error?.message == "column 0: expected an integer, found the text 'x'")
    }
  }
}
