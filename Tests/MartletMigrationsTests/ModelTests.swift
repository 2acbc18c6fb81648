import Foundation
import MartletORM
import MartletSQL
import Testing

@testable import MartletMigrations

@Model(app: "auth", table: "auth_user")
private struct User {
  var id: ID
  @Field(maxLength: 150, unique: true) var username: String
}

@Model(app: "blog")
private struct Tag {
  var id: ID
  @Field(maxLength: 50, unique: true) var name: String
}

@Model(app: "blog")
private struct Post {
  var id: ID
  @Field(maxLength: 200) var title: String
  var views: Int = 0
  @Field(index: true) var publishedAt: Date?
  @Field(digits: (10, 2)) var price: Decimal
  @Field(dbDefault: .currentTimestamp) var createdAt: Date
  @Field(renamedFrom: "text") var body: String = ""
  @Relation(onDelete: .cascade) var author: Ref<User>
  @Relation(onDelete: .setNull) var editor: Ref<User>?
  @OneToOne(onDelete: .restrict) var pinned: Ref<Tag>?
  @ManyToMany var tags: Many<Tag>

  static let constraints = MartletORM.constraints(Post.self) {
    index($0.views.desc, $0.title.asc)
    unique($0.author.id, $0.title)
    unique($0.title, where: $0.views > 10, name: "popular_title")
    check("views_not_negative", $0.views >= 0)
  }
}

@Model(app: "blog", key: .uuidV7)
private struct Token {
  var id: ID
  @Relation(onDelete: .cascade) var next: Ref<Token>?
}

@Suite("The schema that models declare")
struct ModelTests {
  @Test("a model becomes a table with Django's names, and its links one more")
  func table() throws {
    let target = try SchemaTarget(models: [User.self, Tag.self, Post.self])
    #expect(Set(target.state.tables.keys) == ["auth_user", "blog_tag", "blog_post", "blog_post_tags"])
    let statements = try sql(target)
    #expect(
      statements.contains(
        """
        CREATE TABLE "blog_post" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "title" varchar(200) NOT NULL, \
        "views" bigint NOT NULL, "published_at" datetime NULL, "price" decimal NOT NULL, \
        "created_at" datetime DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now')) NOT NULL, "body" text NOT NULL, \
        "author_id" bigint NOT NULL REFERENCES "auth_user" ("id") ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED, \
        "editor_id" bigint NULL REFERENCES "auth_user" ("id") ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED, \
        "pinned_id" bigint NULL UNIQUE REFERENCES "blog_tag" ("id") ON DELETE RESTRICT DEFERRABLE INITIALLY DEFERRED, \
        CONSTRAINT "views_not_negative" CHECK ("views" >= 0))
        """))
    #expect(
      statements.contains(
        """
        CREATE TABLE "blog_post_tags" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, \
        "post_id" bigint NOT NULL REFERENCES "blog_post" ("id") ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED, \
        "tag_id" bigint NOT NULL REFERENCES "blog_tag" ("id") ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED)
        """))
    let indexes = statements.filter { $0.contains("INDEX") }
    #expect(
      Set(indexes) == [
        #"CREATE INDEX "\#(DatabaseNames.hashed("blog_post", ["published_at"]))" ON "blog_post" ("published_at")"#,
        #"CREATE INDEX "\#(DatabaseNames.hashed("blog_post", ["author_id"]))" ON "blog_post" ("author_id")"#,
        #"CREATE INDEX "\#(DatabaseNames.hashed("blog_post", ["editor_id"]))" ON "blog_post" ("editor_id")"#,
        #"CREATE INDEX "\#(DatabaseNames.index("blog_post", [("views", true), ("title", false)]))" "#
          + #"ON "blog_post" ("views" DESC, "title")"#,
        #"CREATE UNIQUE INDEX "\#(DatabaseNames.unique("blog_post", ["author_id", "title"]))" ON "blog_post" ("author_id", "title")"#,
        #"CREATE UNIQUE INDEX "popular_title" ON "blog_post" ("title") WHERE "views" > 10"#,
        #"CREATE INDEX "\#(DatabaseNames.hashed("blog_post_tags", ["post_id"]))" ON "blog_post_tags" ("post_id")"#,
        #"CREATE INDEX "\#(DatabaseNames.hashed("blog_post_tags", ["tag_id"]))" ON "blog_post_tags" ("tag_id")"#,
        #"CREATE UNIQUE INDEX "\#(DatabaseNames.unique("blog_post_tags", ["post_id", "tag_id"]))" "#
          + #"ON "blog_post_tags" ("post_id", "tag_id")"#,
      ])
  }

  private func sql(_ target: SchemaTarget) throws -> [String] {
    let operations = try SchemaDiff.operations(from: SchemaState(), to: target)
    return try MigrationExecutor([Migration("0001_initial", operations: operations)]).sql(for: "0001")
  }

  @Test("keys that the app gives are not counted by the database, and references have their type")
  func otherKeys() throws {
    #expect(
      try sql(SchemaTarget(models: [Token.self])).contains(
        """
        CREATE TABLE "blog_token" ("id" char(32) NOT NULL PRIMARY KEY, \
        "next_id" char(32) NULL REFERENCES "blog_token" ("id") ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED)
        """))
  }

  @Test("initial values are the backfill of new columns, and declared renames are known")
  func backfills() throws {
    let target = try SchemaTarget(models: [User.self, Tag.self, Post.self])
    #expect(target.backfills["blog_post"] == ["views": .int(0), "body": .text("")])
    #expect(target.renames["blog_post"] == ["body": "text"])
  }

  @Test("a reference to a model outside of the list, or a table declared twice, is an error that names it")
  func mistakes() {
    let missing = #expect(throws: MigrationError.self) { try SchemaTarget(models: [Tag.self, Post.self]) }
    #expect(missing?.kind == .invalidModel)
    #expect(missing?.message == "blog_post.author_id refers to auth_user, which no model in the list declares")
    let twice = #expect(throws: MigrationError.self) { try SchemaTarget(models: [Tag.self, Tag.self]) }
    #expect(twice?.message.contains("blog_tag is declared twice") == true)
  }

  @Test("makemigrations writes files once; a second time there is nothing to write; the tables take the models' rows")
  func makeMigrations() async throws {
    let folder = try temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let directory = folder.appendingPathComponent("Migrations").path
    let models: [any Model.Type] = [User.self, Tag.self, Post.self]
    let dry = try MigrationPlanner.makeMigrations(models: models, migrations: [], directory: directory, isDryRun: true)
    #expect(dry?.name == "0001_initial")
    #expect(!FileManager.default.fileExists(atPath: directory))

    let written = try #require(try MigrationPlanner.makeMigrations(models: models, migrations: [], directory: directory))
    #expect(written.files == [directory + "/0001_initial.swift", directory + "/Registry.swift"])
    #expect(try String(contentsOfFile: written.files[0], encoding: .utf8) == written.source)
    let migrations = [Migration(written.name, operations: written.operations)]
    #expect(try MigrationPlanner.makeMigrations(models: models, migrations: migrations, directory: directory) == nil)

    try await withDatabase { db in
      let executor = try MigrationExecutor(migrations)
      try await executor.migrate(db)
      let drift = try await executor.drift(db)
      #expect(drift == [])
      let user = try await User(username: "ada").insert(db)
      let post = try await Post(title: "One", price: 1.25, createdAt: Date(), author: .id(user.id), editor: nil, pinned: nil)
        .insert(db)
      #expect(try await Post.filter { $0.id == post.id }.one(db).price == 1.25)
    }
  }
}
