import Foundation
import MartletCore
import MartletSQL
import Synchronization
import Testing

@Suite("Statements, rows and values")
struct StatementEventTests {
  @Test("observers see text, values, rows and place of each statement, and secrets never")
  func events() async throws {
    let events = Mutex([StatementEvent]())
    let db = Database(RecordingDriver(row: { [.int(1)] })).observing { event in events.withLock { $0.append(event) } }
    let statement = SQLStatement("SELECT ?, ?", [.int(5), .text("hunter2")], secretBindings: [1], effect: .read)
    let place = SourcePlace(fileID: "Blog/Posts.swift", line: 12)
    #expect(try await db.query(statement, source: place) { try $0.int() } == [1])
    let event = try #require(events.withLock { $0.first })
    #expect(event.sql == "SELECT ?, ?")
    #expect(event.bindings == ["int(5)", "•••"])
    #expect(event.rows == 1)
    #expect(event.error == nil)
    #expect(event.source?.description == "Blog/Posts.swift:12")
  }

  @Test("observers see failed statements, also inside transactions")
  func failures() async throws {
    let errors = Mutex([String?]())
    let db = Database(RecordingDriver(failing: ["UPDATE t"])).observing { event in errors.withLock { $0.append(event.error) } }
    try? await db.transaction { tx in try await tx.run(SQLStatement("UPDATE t")) }
    #expect(errors.withLock { $0 } == ["told to fail"])
  }

  @Test("a row read past its end or as another type says where and what it found")
  func rowErrors() {
    let cells: [RowCell] = [.int(1), .double(2.5), .null]
    cells.withUnsafeBufferPointer { buffer in
      guard let start = buffer.baseAddress else { return }
      var row = Row(cells: start, count: 3)
      #expect(throws: RowError(index: 0, message: "expected text, found an integer")) { try row.text() }
      #expect(throws: RowError(index: 1, message: "expected an integer, found a floating-point number")) { try row.int() }
      #expect(throws: RowError(index: 2, message: "expected a number, found NULL")) { try row.double() }
      #expect(throws: RowError(index: 3, message: "the row has only 3 columns")) { try row.next() }
    }
  }

  @Test("narrow integers refuse what does not fit")
  func narrow() {
    let cells: [RowCell] = [.int(70_000), .int(3_000_000_000)]
    cells.withUnsafeBufferPointer { buffer in
      guard let start = buffer.baseAddress else { return }
      var row = Row(cells: start, count: 2)
      #expect(throws: RowError.self) { try Int16.read(&row) }
      #expect(throws: RowError.self) { try Int32.read(&row) }
    }
  }

  @Test(
    "literals of DDL are quoted as SQLite reads them",
    arguments: [
      (SQLValue.text("it's"), "'it''s'"), (.bool(true), "1"), (.null, "NULL"), (.double(1.5), "1.5"),
      (.blob([0, 255, 16]), "x'00ff10'"),
      (.int(-3), "-3"), (.timestamp(0), "'1970-01-01 00:00:00'"),
    ])
  func literals(value: SQLValue, text: String) {
    #expect(SQLiteDialect().literal(value) == text)
  }

  @Test("names are quoted with inner quotes doubled")
  func names() {
    #expect(SQLiteDialect().quote("a\"b") == "\"a\"\"b\"")
  }

  @Test(
    "types have the names that Django's SQLite backend gives them",
    arguments: [
      (ColumnType.smallInt, "smallint"), (.int, "integer"), (.bigInt, "bigint"), (.bool, "bool"), (.double, "real"),
      (.decimal(precision: 10, scale: 2), "decimal"), (.varchar(200), "varchar(200)"), (.text, "text"), (.blob, "BLOB"),
      (.uuid, "char(32)"), (.timestamp, "datetime"), (.date, "date"), (.time, "time"), (.interval, "bigint"), (.json, "text"),
    ])
  func typeNames(type: ColumnType, name: String) {
    #expect(SQLiteDialect().typeName(type) == name)
  }

  @Test(
    "each kind of failure has the status that a client should see",
    arguments: [
      (DatabaseError.Kind.uniqueViolation(constraint: "t.slug", columns: ["slug"]), 409),
      (.foreignKeyViolation(constraint: nil), 409),
      (.notNullViolation(column: "title"), 422), (.checkViolation(constraint: "c"), 422), (.busy, 503), (.poolTimeout, 503),
      (.connection, 503), (.corrupt, 500), (.other, 500),
    ])
  func problems(kind: DatabaseError.Kind, status: Int) {
    let problem = DatabaseError(kind, "internal words", sql: "SELECT secret").problem
    #expect(problem.status == status)
    #expect(problem.detail?.contains("secret") != true)
  }
}
