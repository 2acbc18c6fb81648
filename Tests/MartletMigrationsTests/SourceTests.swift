import Foundation
import MartletORM
import MartletSQL
import Testing

@testable import MartletMigrations

/// The goldens are part of this target: what `makemigrations` writes compiles, and says what was meant.
/// `RECORD=1` writes them anew.
@Suite("The source of migrations")
struct SourceTests {
  /// Every form of every operation that `makemigrations` writes.
  static let operations: [MigrationOperation] = [
    .createTable(
      TableState(
        "blog_tag",
        columns: [ColumnState("slug", .varchar(50), primaryKey: true), ColumnState("color", .text, null: true, unique: true)])),
    .createTable(
      TableState(
        "blog_post",
        columns: [
          ColumnState("id", .bigInt, primaryKey: true, autoIncrement: true), ColumnState("title", .varchar(200)),
          ColumnState("price", .decimal(precision: 10, scale: 2), dbDefault: .double(1.5)),
          ColumnState("published_at", .timestamp, null: true),
          ColumnState("note", .text, dbDefault: .text("a \"b\" \\ c\n")),
          ColumnState("seen", .timestamp, dbDefault: .currentTimestamp),
          ColumnState("author_id", .bigInt, references: ReferenceState("auth_user", onDelete: .cascade)),
          ColumnState("tag_id", .varchar(50), null: true, references: ReferenceState("blog_tag", "slug", onDelete: .setNull)),
        ],
        indexes: [
          IndexState(DatabaseNames.hashed("blog_post", ["published_at"]), ["published_at"]),
          IndexState(DatabaseNames.hashed("blog_post", ["author_id"]), ["author_id"]),
          IndexState("recent", ["-published_at", "title"], where: "\"title\" <> ''"),
          IndexState("one_title", ["author_id", "title"], unique: true),
        ],
        checks: [CheckState("price_positive", "\"price\" >= 0")])),
    .createTable(
      TableState(
        "blog_detail",
        columns: [
          ColumnState("post_id", .bigInt, primaryKey: true, references: ReferenceState("blog_post", onDelete: .cascade)),
          ColumnState("number", .int, null: true),
        ])),
    .addColumn(table: "blog_post", ColumnState("views", .bigInt), backfill: .int(0)),
    .addColumn(table: "blog_post", ColumnState("meta", .json), backfill: .json("{}")),
    .addColumn(table: "blog_post", ColumnState("day", .date), backfill: .text("2026-01-31")),
    .addColumn(table: "blog_post", ColumnState("raw", .blob), backfill: .blob([1, 255])),
    .addColumn(table: "blog_post", ColumnState("ok", .bool, dbDefault: .sql("1 = 1")), backfill: nil),
    .addColumn(
      table: "blog_post", reference("next_id", to: "blog_post", onDelete: .noAction),
      backfill: nil),
    .alterColumn(table: "blog_post", ColumnState("title", .text, unique: true), backfill: nil),
    .alterColumn(
      table: "blog_post", reference("author_id", to: "auth_user", onDelete: .restrict),
      backfill: nil),
    .alterColumn(table: "blog_post", ColumnState("id", .bigInt, primaryKey: true), backfill: nil),
    .alterColumn(
      table: "blog_detail",
      ColumnState("post_id", .bigInt, primaryKey: true, references: ReferenceState("blog_post", onDelete: .restrict)),
      backfill: nil),
    .renameColumn(table: "blog_post", from: "note", to: "remark"),
    .dropIndex(table: "blog_post", "recent"), .dropCheck(table: "blog_post", "price_positive"),
    .dropColumn(table: "blog_post", "price"),
    .addIndex(table: "blog_post", IndexState("by_views", ["-views"])),
    .addIndex(table: "blog_post", IndexState("one_day", ["day"], unique: true, where: "\"ok\"")),
    .addCheck(table: "blog_post", CheckState("views_not_negative", "\"views\" >= 0")),
    .renameTable("blog_detail", to: "blog_extra"), .dropTable("blog_extra"), .sql("SELECT 1", reverse: "SELECT 2"),
    .createTable(
      TableState(
        "blog_note", columns: [ColumnState("id", .bigInt, primaryKey: true, autoIncrement: true), ColumnState("text", .text)],
        indexes: [IndexState("blog_note_fts", ["text"], fullText: "english")])),
    .addIndex(table: "blog_note", IndexState("words", ["text"], fullText: "simple")),
  ]

  private static func reference(_ name: String, to table: String, onDelete: OnDelete) -> ColumnState {
    ColumnState(name, .bigInt, null: true, references: ReferenceState(table, onDelete: onDelete))
  }

  private func golden(_ file: String, _ text: String) throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    let url = folder.appendingPathComponent(file)
    // There is no module Martlet here.
    let here = text.replacing("import Martlet\n", with: "import MartletMigrations\nimport MartletORM\nimport MartletSQL\n")
    if ProcessInfo.processInfo.environment["RECORD"] == "1" { try Data(here.utf8).write(to: url) }
    #expect(try String(contentsOf: url, encoding: .utf8) == here)
  }

  @Test("a written migration is the golden, which compiles")
  func source() throws {
    try golden("GeneratedMigration.swift", MigrationSource(name: "0001_initial", operations: Self.operations).text)
  }

  @Test("the compiled golden leads to the same schema by the same SQL")
  func compiled() throws {
    let meant = Migration("0001_initial", operations: Self.operations)
    #expect(try SchemaState(replaying: Migrations.all) == SchemaState(replaying: [meant]))
    let written = try MigrationExecutor(Migrations.all).sql(for: "0001")
    #expect(try MigrationExecutor([meant]).sql(for: "0001") == written)
    #expect(written.count > 40)
  }

  @Test("the registry lists the migrations in order")
  func registry() throws {
    #expect(MigrationSource.registry(["0002_b", "0001_a"]).contains("    m0001_a,\n    m0002_b,\n"))
    try golden("GeneratedRegistry.swift", MigrationSource.registry(["0001_initial"]))
  }

  @Test(
    "names of migrations come from what they do, as Django's",
    arguments: [
      ([MigrationOperation.addColumn(table: "blog_post", ColumnState("views", .int), backfill: nil)], "0002_post_views"),
      ([.dropColumn(table: "blog_post", "body")], "0002_remove_post_body"),
      ([.createTable(TableState("blog_tag"))], "0002_tag"), ([.dropTable("blog_tag")], "0002_delete_tag"),
      ([.renameColumn(table: "blog_post", from: "a", to: "b")], "0002_rename_a_post_b"),
      ([.alterColumn(table: "blog_post", ColumnState("a", .int), backfill: nil)], "0002_alter_post_a"),
      ([.dropTable("blog_tag"), .createTable(TableState("blog_word"))], "0002_delete_tag_word"),
      ((1...9).map { .dropTable("blog_table\($0)") }, "0002_delete_table1_delete_table2_delete_table3_and_more"),
      ([.sql("SELECT 1", reverse: nil)], "0002_custom"),
    ])
  func names(operations: [MigrationOperation], name: String) throws {
    let first = Migration("0001_initial") { _ in }
    #expect(try MigrationName.next(after: [first], operations, chosen: nil) == name)
    #expect(try MigrationName.next(after: [], operations, chosen: nil) == "0001_initial")
    #expect(try MigrationName.next(after: [first], operations, chosen: "my_name") == "0002_my_name")
    #expect(throws: MigrationError.self) { try MigrationName.next(after: [first], operations, chosen: "Bad name") }
  }
}
