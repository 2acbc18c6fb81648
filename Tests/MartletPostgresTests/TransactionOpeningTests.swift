import MartletPostgres
import MartletSQL
import Synchronization
import Testing

@Suite("PostgreSQL: BEGIN goes along with the first statement")
struct TransactionOpeningTests {
  @Test("a transaction begins with its first statement, whatever that is")
  func deferred() async throws {
    try await TestServer.withSchema({ $0.parameters["application_name"] = "opening" }) { db, _ in
      try await db.execute("CREATE TABLE t (id int)")
      let open = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'opening' AND state = 'idle in transaction'"
      try await db.transaction { tx in
        #expect(try await db.texts(open) == [["int 0"]])
        try await tx.execute("INSERT INTO t VALUES (1)")
        #expect(try await db.texts(open) == [["int 1"]])
        #expect(try await db.texts("SELECT count(*) FROM t") == [["int 0"]])
      }
      #expect(try await db.texts("SELECT count(*) FROM t") == [["int 1"]])
      // A savepoint, a stream, a batch, or nothing at all comes first.
      try await db.transaction { tx in
        try? await tx.transaction { inner in
          try await inner.execute("INSERT INTO t VALUES (2)")
          throw CancellationError()
        }
        try await tx.execute("INSERT INTO t VALUES (3)")
      }
      let streamed = try await db.transaction(isolation: .repeatableRead) { tx in
        var rows = 0
        for try await _ in tx.stream(SQLStatement("SELECT id FROM t", effect: .read), decode: { try $0.int() }) { rows += 1 }
        return rows
      }
      #expect(streamed == 2)
      let level = try await db.transaction(isolation: .serializable, readOnly: true) { tx in
        try await tx.texts("SELECT current_setting('transaction_isolation'), current_setting('transaction_read_only')")
      }
      #expect(level == [["text serializable", "text on"]])
      #expect(try await db.transaction { _ in 7 } == 7)
      #expect(try await db.texts("SELECT id FROM t ORDER BY id") == [["int 1"], ["int 3"]])
    }
  }

  @Test("reads of a batch are one implicit transaction, so one round trip, in the order of the statements")
  func batch() async throws {
    let driver = try TestServer.driver(), seen = Mutex<[(Int, String)]>([])
    // What the same statements say one by one differs.
    let reads = (0..<20).map { _ in SQLStatement("SELECT transaction_timestamp()::text", effect: .read) }
    try await driver.run(reads: reads) { place, row in
      let text = try row.text()
      seen.withLock { $0.append((place, text)) }
    }
    #expect(seen.withLock { $0.map(\.0) } == Array(0..<20) && Set(seen.withLock { $0.map(\.1) }).count == 1)
    var alone: Set<[[String]]> = []
    for read in reads.prefix(5) { alone.insert(try await Database(driver).texts(read.text)) }
    #expect(alone.count == 5)
    await driver.shutdown()
  }

  @Test("where the transaction cannot be opened, nothing runs outside of it, however often it is tried")
  func failedOpening() async throws {
    try await TestServer.withSchema { db, driver in
      try await db.execute("CREATE TABLE t (id int)")
      let lease = try await driver.lease(.write, source: nil), insert = SQLStatement("INSERT INTO t VALUES (1)")
      try await lease.connection.begin([SQLStatement("BEGIN ISOLATION LEVEL NONE AT ALL", effect: .definition)])
      #expect(await failure { try await lease.connection.run(insert) { _ in } }?.kind == .invalidStatement)
      for _ in 0..<2 {
        let error = await failure { try await lease.connection.run(insert) { _ in } }
        #expect(error?.kind == .transaction && error?.message.contains("could not be opened") == true)
      }
      #expect(await failure { try await lease.connection.run(batch: [insert]) { _, _ in } }?.kind == .transaction)
      await lease.end()
      #expect(try await db.texts("SELECT count(*) FROM t") == [["int 0"]])
    }
  }

  @Test("a first statement that fails leaves nothing, and the transaction can be run again")
  func failedFirst() async throws {
    try await TestServer.withSchema { db, _ in
      try await db.execute("CREATE TABLE t (id int PRIMARY KEY)")
      try await db.execute("INSERT INTO t VALUES (1)")
      let error = await failure { _ = try await db.transaction { try await $0.execute("INSERT INTO t VALUES (1)") } }
      #expect(error?.kind == .uniqueViolation(constraint: "t_pkey", columns: ["id"]))
      // What cannot be sent was not: the transaction is not open yet, and opens with the next.
      try? await db.transaction { tx in
        let unsent = await failure { _ = try await tx.execute("SELECT 1\0") }
        #expect(unsent?.kind == .invalidStatement)
        try await tx.execute("INSERT INTO t VALUES (2)")
      }
      #expect(try await db.texts("SELECT id FROM t") == [["int 1"]])
      try await db.transaction { try await $0.execute("INSERT INTO t VALUES (3)") }
      #expect(try await db.texts("SELECT count(*) FROM t") == [["int 2"]])
    }
  }
}
