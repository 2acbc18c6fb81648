import MartletORM
import MartletSQL
import Testing

@testable import MartletMigrations

@Suite("The SQL of migrations on SQLite")
struct SQLTests {
  private func sql(_ migrations: [Migration], _ name: String, backwards: Bool = false) throws -> [String] {
    try MigrationExecutor(migrations).sql(for: name, backwards: backwards)
  }
  /// A table to change.
  private let initial = Migration("0001_initial") { m in
    m.create("blog_post") { t in
      t.id()
      t.column("title", .varchar(200))
      t.column("body", .text, null: true)
      t.column("slug", .varchar(50), unique: true)
      t.index("blog_post_title_idx", ["title"])
    }
  }

  @Test("a table is created as Django creates it")
  func djangoTable() throws {
    let migration = Migration("0001_initial") { m in
      m.create("shop_purchaseorderlineitem") { t in
        t.id()
        t.column("order_number", .varchar(40), index: true)
        t.column("status", .varchar(20))
        t.column("published_at", .timestamp, null: true)
        t.column("views", .int)
        t.column("price", .decimal(precision: 10, scale: 2))
        t.column("meta", .json)
        t.column("small", .smallInt)
        t.column("big", .bigInt, null: true)
        t.column("flag", .bool)
        t.column("data", .blob)
        t.column("ratio", .double)
        t.column("day", .date)
        t.column("at", .time)
        t.column("took", .interval)
        t.column("body", .text)
        t.reference("author_id", to: "auth_user", type: .int, onDelete: .noAction)
        t.reference("editor_id", to: "shop_person", onDelete: .noAction, null: true, index: false)
        t.reference("owner_id", to: "shop_person", onDelete: .noAction, unique: true, index: false)
        t.unique("one_flagged", ["status", "views"], where: "\"flag\"")
        t.index("shop_purcha_views_916096_idx", ["-views", "order_number"])
        t.check("views_not_negative", "\"views\" >= 0")
      }
    }
    // Printed by `sqlmigrate` of Django 5.2 for the same model.
    let django = """
      CREATE TABLE "shop_purchaseorderlineitem" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, \
      "order_number" varchar(40) NOT NULL, "status" varchar(20) NOT NULL, "published_at" datetime NULL, \
      "views" integer NOT NULL, "price" decimal NOT NULL, \
      "meta" text NOT NULL CHECK ((JSON_VALID("meta") OR "meta" IS NULL)), "small" smallint NOT NULL, "big" bigint NULL, \
      "flag" bool NOT NULL, "data" BLOB NOT NULL, "ratio" real NOT NULL, "day" date NOT NULL, "at" time NOT NULL, \
      "took" bigint NOT NULL, "body" text NOT NULL, \
      "author_id" integer NOT NULL REFERENCES "auth_user" ("id") DEFERRABLE INITIALLY DEFERRED, \
      "editor_id" bigint NULL REFERENCES "shop_person" ("id") DEFERRABLE INITIALLY DEFERRED, \
      "owner_id" bigint NOT NULL UNIQUE REFERENCES "shop_person" ("id") DEFERRABLE INITIALLY DEFERRED, \
      CONSTRAINT "views_not_negative" CHECK ("views" >= 0))
      """
    #expect(
      try sql([migration], "0001") == [
        "BEGIN IMMEDIATE", django,
        #"CREATE INDEX "shop_purchaseorderlineitem_order_number_f7ba93cc" ON "shop_purchaseorderlineitem" ("order_number")"#,
        #"CREATE INDEX "shop_purchaseorderlineitem_author_id_3f388999" ON "shop_purchaseorderlineitem" ("author_id")"#,
        #"CREATE UNIQUE INDEX "one_flagged" ON "shop_purchaseorderlineitem" ("status", "views") WHERE "flag""#,
        #"CREATE INDEX "shop_purcha_views_916096_idx" ON "shop_purchaseorderlineitem" ("views" DESC, "order_number")"#,
        "COMMIT",
      ])
  }

  @Test("on-delete actions, defaults and other keys have their SQL")
  func definitions() {
    let editor = SQLiteSchemaEditor()
    func reference(_ action: OnDelete) -> String {
      editor.definition(ColumnState("a_id", .bigInt, null: true, references: ReferenceState("a", onDelete: action)))
    }
    let start = "\"a_id\" bigint NULL REFERENCES \"a\" (\"id\")", end = " DEFERRABLE INITIALLY DEFERRED"
    #expect(reference(.cascade) == start + " ON DELETE CASCADE" + end)
    #expect(reference(.restrict) == start + " ON DELETE RESTRICT" + end)
    #expect(reference(.setNull) == start + " ON DELETE SET NULL" + end)
    #expect(reference(.noAction) == start + end)
    #expect(editor.definition(ColumnState("k", .varchar(40), primaryKey: true)) == "\"k\" varchar(40) NOT NULL PRIMARY KEY")
    #expect(editor.definition(ColumnState("n", .int, dbDefault: .int(5))) == "\"n\" integer DEFAULT 5 NOT NULL")
    #expect(editor.definition(ColumnState("s", .text, dbDefault: .text("it's"))) == "\"s\" text DEFAULT 'it''s' NOT NULL")
    #expect(
      editor.definition(ColumnState("t", .timestamp, dbDefault: .currentTimestamp))
        == "\"t\" datetime DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now')) NOT NULL")
    #expect(editor.definition(ColumnState("u", .uuid, dbDefault: .sql("martlet_uuid4()"))).contains("DEFAULT (martlet_uuid4())"))
  }

  @Test("what ALTER TABLE can do is done by ALTER TABLE")
  func native() throws {
    let next = Migration("0002_next") { m in
      m.alter("blog_post") { t in
        t.addColumn("subtitle", .text, null: true)
        t.addColumn("views", .bigInt, dbDefault: .int(0))
        t.addColumn("note", .text, null: true, backfill: .text("old"))
        t.renameColumn("body", to: "text")
        t.dropIndex("blog_post_title_idx")
        t.dropColumn("title")
        t.addIndex("blog_post_views_idx", ["-views"])
      }
      m.renameTable("blog_post", to: "blog_article")
    }
    #expect(
      try sql([initial, next], "0002_next") == [
        "BEGIN IMMEDIATE",
        #"ALTER TABLE "blog_post" ADD COLUMN "subtitle" text NULL"#,
        #"ALTER TABLE "blog_post" ADD COLUMN "views" bigint DEFAULT 0 NOT NULL"#,
        #"ALTER TABLE "blog_post" ADD COLUMN "note" text NULL"#,
        #"UPDATE "blog_post" SET "note" = 'old'"#,
        #"ALTER TABLE "blog_post" RENAME COLUMN "body" TO "text""#,
        #"DROP INDEX "blog_post_title_idx""#,
        #"ALTER TABLE "blog_post" DROP COLUMN "title""#,
        #"CREATE INDEX "blog_post_views_idx" ON "blog_post" ("views" DESC)"#,
        #"ALTER TABLE "blog_post" RENAME TO "blog_article""#,
        "COMMIT",
      ])
  }

  @Test("the rest rebuilds the table, with foreign keys off and checked before the commit")
  func rebuild() throws {
    let next = Migration("0002_next") { m in
      m.alter("blog_post") { t in t.alterColumn("body", .text, backfill: .text("")) }
    }
    #expect(
      try sql([initial, next], "0002") == [
        "PRAGMA foreign_keys = off",
        "BEGIN IMMEDIATE",
        #"CREATE TABLE "new__blog_post" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "title" varchar(200) NOT NULL, "#
          + #""body" text NOT NULL, "slug" varchar(50) NOT NULL UNIQUE)"#,
        #"INSERT INTO "new__blog_post" ("id", "title", "body", "slug") "#
          + #"SELECT "id", "title", coalesce("body", ''), "slug" FROM "blog_post""#,
        "DELETE FROM sqlite_sequence WHERE name = 'new__blog_post'",
        "INSERT INTO sqlite_sequence (name, seq) SELECT 'new__blog_post', seq FROM sqlite_sequence WHERE name = 'blog_post'",
        #"DROP TABLE "blog_post""#,
        "PRAGMA legacy_alter_table = on",
        #"ALTER TABLE "new__blog_post" RENAME TO "blog_post""#,
        "PRAGMA legacy_alter_table = off",
        #"CREATE INDEX "blog_post_title_idx" ON "blog_post" ("title")"#,
        "PRAGMA foreign_key_check",
        "COMMIT",
        "PRAGMA foreign_keys = on",
      ])
  }

  @Test("changes of one table that follow each other share one rebuild")
  func sharedRebuild() throws {
    let next = Migration("0002_next") { m in
      m.alter("blog_post") { t in
        t.alterColumn("title", .text)
        t.addColumn("views", .bigInt, backfill: .int(0))
        t.addColumn("note", .text, null: true)
        t.dropColumn("body")
        t.addCheck("views_not_negative", "\"views\" >= 0")
      }
    }
    #expect(
      try sql([initial, next], "0002").filter { $0.contains("new__blog_post\" (") } == [
        #"CREATE TABLE "new__blog_post" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "title" text NOT NULL, "#
          + #""slug" varchar(50) NOT NULL UNIQUE, "views" bigint NOT NULL, "note" text NULL, "#
          + #"CONSTRAINT "views_not_negative" CHECK ("views" >= 0))"#,
        #"INSERT INTO "new__blog_post" ("id", "title", "slug", "views", "note") "#
          + #"SELECT "id", "title", "slug", 0, NULL FROM "blog_post""#,
      ])
    // The same column twice takes two rebuilds: the second starts from what the first has made.
    let twice = Migration("0002_twice") { m in
      m.alter("blog_post") { t in
        t.addColumn("views", .int, backfill: .int(0))
        t.alterColumn("views", .text)
      }
    }
    #expect(try sql([initial, twice], "0002").filter { $0.hasPrefix("DROP TABLE") }.count == 2)
  }

  @Test("the SQL of undoing a migration runs its operations backwards")
  func backwards() throws {
    let next = Migration("0002_next") { m in
      m.alter("blog_post") { t in
        t.addColumn("views", .bigInt, null: true)
        t.renameColumn("body", to: "text")
      }
      m.sql("CREATE VIEW v AS SELECT 1", reverse: "DROP VIEW v")
    }
    #expect(
      try sql([initial, next], "0002", backwards: true) == [
        "BEGIN IMMEDIATE", "DROP VIEW v", #"ALTER TABLE "blog_post" RENAME COLUMN "text" TO "body""#,
        #"ALTER TABLE "blog_post" DROP COLUMN "views""#, "COMMIT",
      ])
  }
}
