import MartletORM
import MartletSQL
import Testing

@testable import MartletMigrations

@Suite("Differences between schemas")
struct DiffTests {
  private func table(_ name: String, _ columns: ColumnState..., indexes: [IndexState] = [], checks: [CheckState] = [])
    -> TableState
  {
    TableState(
      name, columns: [ColumnState("id", .bigInt, primaryKey: true, autoIncrement: true)] + columns, indexes: indexes,
      checks: checks)
  }
  private func reference(_ name: String, _ table: String) -> ColumnState {
    ColumnState(name, .bigInt, references: ReferenceState(table, onDelete: .cascade))
  }
  private func diff(
    _ old: [TableState], _ new: [TableState], backfills: [String: [String: SQLValue]] = [:],
    renames: [String: [String: String]] = [:], ask: (MigrationQuestion) -> Bool = { _ in false }
  ) throws -> [String] {
    var target = SchemaTarget(SchemaState(new))
    target.backfills = backfills
    target.renames = renames
    let operations = try SchemaDiff.operations(from: SchemaState(old), to: target, ask: ask)
    var state = SchemaState(old)
    for operation in operations { try state.apply(operation) }
    #expect(try SchemaDiff.operations(from: state, to: target).isEmpty, "applied, nothing is left to do")
    return operations.map(\.summary)
  }

  @Test("equal schemas differ in nothing, whatever the order of columns and indexes")
  func equal() throws {
    let a = ColumnState("a", .int), b = ColumnState("b", .text)
    let i = IndexState("i", ["a"]), j = IndexState("j", ["b"])
    #expect(try diff([table("t", a, b, indexes: [i, j])], [table("t", b, a, indexes: [j, i])]) == [])
  }

  @Test("tables are created after those they refer to, and dropped before them")
  func order() throws {
    let tables = [
      table("a", reference("b_id", "b")), table("b", reference("c_id", "c")), table("c"), table("d", reference("d_id", "d")),
    ]
    #expect(try diff([], tables) == ["Create table c", "Create table b", "Create table a", "Create table d"])
    #expect(try diff(tables, []) == ["Drop table d", "Drop table a", "Drop table b", "Drop table c"])
  }

  @Test("tables that refer to each other in a circle are created in a stable order")
  func circle() throws {
    let tables = [table("b", reference("a_id", "a")), table("a", reference("b_id", "b")), table("c", reference("a_id", "a"))]
    #expect(try diff([], tables) == ["Create table a", "Create table b", "Create table c"])
  }

  @Test("columns are added, altered and dropped; what needs a column goes before it")
  func columns() throws {
    let old = table(
      "t", ColumnState("a", .int), ColumnState("b", .text), indexes: [IndexState("i", ["b"])],
      checks: [CheckState("c", "\"b\" <> ''")])
    let new = table(
      "t", ColumnState("a", .bigInt, null: true), ColumnState("n", .text, null: true), indexes: [IndexState("k", ["n"])])
    #expect(
      try diff([old], [new]) == [
        "Drop index i from t", "Drop check c from t", "Alter column a on t", "Add column n to t", "Drop column b from t",
        "Create index k on t",
      ])
  }

  @Test("a changed index or check is dropped and made anew")
  func changedConstraints() throws {
    let old = table("t", ColumnState("a", .int), indexes: [IndexState("i", ["a"])], checks: [CheckState("c", "\"a\" > 0")])
    let new = table("t", ColumnState("a", .int), indexes: [IndexState("i", ["-a"])], checks: [CheckState("c", "\"a\" > 1")])
    #expect(
      try diff([old], [new]) == ["Drop index i from t", "Drop check c from t", "Create index i on t", "Add check c to t"])
  }

  @Test("a new column that may not be NULL needs a value for the existing rows; the error tells three ways out")
  func needsBackfill() throws {
    let old = table("t"), new = table("t", ColumnState("a", .int))
    let error = #expect(throws: MigrationError.self) { try diff([old], [new]) }
    #expect(error?.kind == .needsBackfill)
    #expect(error?.message.contains("t.a is added") == true)
    for way in ["default value", "optional", "dbDefault"] { #expect(error?.hint?.contains(way) == true) }
    #expect(try diff([old], [new], backfills: ["t": ["a": .int(3)]]) == ["Add column a to t"])
    #expect(try diff([old], [table("t", ColumnState("a", .int, dbDefault: .int(3)))]) == ["Add column a to t"])
    #expect(try diff([old], [table("t", ColumnState("a", .int, null: true))]) == ["Add column a to t"])
  }

  @Test("a column that becomes NOT NULL needs a value for its NULLs")
  func becomesNotNull() throws {
    let old = table("t", ColumnState("a", .int, null: true)), new = table("t", ColumnState("a", .int))
    let error = #expect(throws: MigrationError.self) { try diff([old], [new]) }
    #expect(error?.kind == .needsBackfill)
    #expect(try diff([old], [new], backfills: ["t": ["a": .int(3)]]) == ["Alter column a on t"])
    #expect(try diff([new], [old]) == ["Alter column a on t"])
  }

  @Test("a declared rename keeps the values; its index gets the new name")
  func declaredRename() throws {
    let old = table("t", ColumnState("a", .int), indexes: [IndexState(DatabaseNames.hashed("t", ["a"]), ["a"])])
    let new = table("t", ColumnState("b", .int), indexes: [IndexState(DatabaseNames.hashed("t", ["b"]), ["b"])])
    #expect(
      try diff([old], [new], renames: ["t": ["b": "a"]]) == [
        "Rename column a on t to b", "Drop index \(DatabaseNames.hashed("t", ["a"])) from t",
        "Create index \(DatabaseNames.hashed("t", ["b"])) on t",
      ])
  }

  @Test("a declared rename may change the type too, and is done once")
  func renameAndAlter() throws {
    let old = table("t", ColumnState("a", .varchar(10))), new = table("t", ColumnState("b", .text))
    #expect(try diff([old], [new], renames: ["t": ["b": "a"]]) == ["Rename column a on t to b", "Alter column b on t"])
    #expect(try diff([new], [new], renames: ["t": ["b": "a"]]) == [])
  }

  @Test("an undeclared rename is a question, asked for columns of the same type only")
  func askedRename() throws {
    let old = table("t", ColumnState("a", .int), ColumnState("s", .text))
    let new = table("t", ColumnState("b", .int, null: true))
    var questions: [MigrationQuestion] = []
    let yes = try diff([old], [new]) {
      questions.append($0); return true
    }
    #expect(questions == [.isColumnRenamed(table: "t", from: "a", to: "b")])
    #expect(questions[0].text == "Was the column t.a renamed to b?")
    #expect(yes == ["Rename column a on t to b", "Alter column b on t", "Drop column s from t"])
    #expect(try diff([old], [new]) == ["Add column b to t", "Drop column a from t", "Drop column s from t"])
  }

  @Test("a key's new name is a rename without a question: a table has one key")
  func keyRename() throws {
    let old = table("t"), other = table("u", reference("t_id", "t"))
    let new = TableState("t", columns: [ColumnState("uid", .bigInt, primaryKey: true, autoIncrement: true)])
    let moved = table("u", ColumnState("t_id", .bigInt, references: ReferenceState("t", "uid", onDelete: .cascade)))
    #expect(try diff([old, other], [new, moved]) == ["Rename column id on t to uid"])
  }

  @Test("a table of the same columns may be a renamed one; references follow")
  func tableRename() throws {
    let old = [table("a", ColumnState("x", .int)), table("u", reference("a_id", "a"))]
    let new = [table("b", ColumnState("x", .int)), table("u", reference("a_id", "b"))]
    #expect(try diff(old, new) { $0 == .isTableRenamed(from: "a", to: "b") } == ["Rename table a to b"])
    #expect(try diff(old, new) == ["Create table b", "Alter column a_id on u", "Drop table a"])
  }

  @Test("an index's name moves from a dropped table to a new one")
  func indexName() throws {
    let index = IndexState("by_x", ["x"])
    #expect(
      try diff([table("a", ColumnState("x", .int), indexes: [index])], [table("b", ColumnState("x", .text), indexes: [index])])
        == ["Drop index by_x from a", "Create table b", "Drop table a"])
  }

  @Test(
    "an operation that does not fit the state is refused with the reason",
    arguments: [
      (MigrationOperation.createTable(TableState("t")), "the table exists already"), (.dropTable("x"), "there is no such table"),
      (.addColumn(table: "x", ColumnState("a", .int), backfill: nil), "there is no table x"),
      (.addColumn(table: "t", ColumnState("id", .int), backfill: nil), "the column exists already"),
      (.dropColumn(table: "t", "x"), "there is no such column"), (.dropColumn(table: "t", "a"), "the index i needs it"),
      (.renameColumn(table: "t", from: "a", to: "id"), "the column id exists already"),
      (.addIndex(table: "t", IndexState("j", ["x"])), "names x, which is no column"),
      (.addIndex(table: "t", IndexState("i", ["a"])), "the index exists already"),
      (.dropIndex(table: "t", "x"), "there is no such index"), (.dropCheck(table: "t", "x"), "there is no such check"),
      (.renameTable("t", to: "t"), "the table t exists already"),
    ])
  func refused(operation: MigrationOperation, reason: String) {
    var state = SchemaState([table("t", ColumnState("a", .int), indexes: [IndexState("i", ["a"])])])
    let error = #expect(throws: MigrationError.self) { try state.apply(operation) }
    #expect(error?.kind == .invalidOperation)
    #expect(error?.message.contains(reason) == true)
  }
}
