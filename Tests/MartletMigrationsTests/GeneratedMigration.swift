import MartletMigrations
import MartletORM
import MartletSQL

extension Migrations {
  static let m0001_initial = Migration("0001_initial") { m in
    m.create("blog_tag") { t in
      t.id("slug", .varchar(50))
      t.column("color", .text, null: true, unique: true)
    }
    m.create("blog_post") { t in
      t.id()
      t.column("title", .varchar(200))
      t.column("price", .decimal(precision: 10, scale: 2), dbDefault: .double(1.5))
      t.column("published_at", .timestamp, null: true, index: true)
      t.column("note", .text, dbDefault: .text("a \"b\" \\ c\n"))
      t.column("seen", .timestamp, dbDefault: .currentTimestamp)
      t.reference("author_id", to: "auth_user", onDelete: .cascade)
      t.reference("tag_id", to: "blog_tag", column: "slug", type: .varchar(50), onDelete: .setNull, null: true, index: false)
      t.index("recent", ["-published_at", "title"], where: "\"title\" <> ''")
      t.unique("one_title", ["author_id", "title"])
      t.check("price_positive", "\"price\" >= 0")
    }
    m.create("blog_detail") { t in
      t.idReference("post_id", to: "blog_post", onDelete: .cascade)
      t.column("number", .int, null: true)
    }
    m.alter("blog_post") { t in
      t.addColumn("views", .bigInt, backfill: .int(0))
      t.addColumn("meta", .json, backfill: .json("{}"))
      t.addColumn("day", .date, backfill: .text("2026-01-31"))
      t.addColumn("raw", .blob, backfill: .blob([1, 255]))
      t.addColumn("ok", .bool, dbDefault: .sql("1 = 1"))
      t.addReference("next_id", to: "blog_post", onDelete: .noAction, null: true, index: false)
      t.alterColumn("title", .text, unique: true)
      t.alterReference("author_id", to: "auth_user", onDelete: .restrict, null: true)
      t.alterID("id", .bigInt, autoIncrement: false)
    }
    m.alter("blog_detail") { t in
      t.alterIDReference("post_id", to: "blog_post", onDelete: .restrict)
    }
    m.alter("blog_post") { t in
      t.renameColumn("note", to: "remark")
      t.dropIndex("recent")
      t.dropCheck("price_positive")
      t.dropColumn("price")
      t.addIndex("by_views", ["-views"])
      t.addUnique("one_day", ["day"], where: "\"ok\"")
      t.addCheck("views_not_negative", "\"views\" >= 0")
    }
    m.renameTable("blog_detail", to: "blog_extra")
    m.drop("blog_extra")
    m.sql("SELECT 1", reverse: "SELECT 2")
    m.create("blog_note") { t in
      t.id()
      t.column("text", .text)
      t.fullText("blog_note_fts", ["text"], language: "english")
    }
    m.alter("blog_note") { t in
      t.addFullText("words", ["text"], language: "simple")
    }
  }
}
