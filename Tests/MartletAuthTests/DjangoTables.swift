import MartletMigrations
import MartletORM
import MartletSQL
import MartletSQLite
import TestDatabases

@testable import MartletAuth

/// The tables of `auth`, `contenttypes` and `sessions` as Django 5.2.19's `migrate` creates them on SQLite, read back from
/// `sqlite_master`: on SQLite every test of this module runs on Django's own tables, not on ours. On servers they run on the
/// tables that migrations make, which DjangoComparison holds against Django's.
enum DjangoTables {
  /// A new database with these tables, of the kind that the test runs on.
  static func database() async throws -> Database {
    guard EveryDatabase.kind == .sqlite else {
      let db = try await TestDatabases.make(EveryDatabase.kind)
      let operations = try MigrationPlanner.pendingOperations(models: AuthModels.all, migrations: [])
      try await MigrationExecutor([Migration("0001_auth", operations: operations)]).migrate(db)
      return db
    }
    let db = Database(SQLiteDriver(path: ":memory:"))
    for statement in statements { try await db.run(SQLStatement(statement, effect: .definition)) }
    return db
  }

  /// Rows that Django wrote: the user ada (password `vaporous-lantern`), in the group editors, logged in; the superuser root.
  static func databaseWithRows() async throws -> Database {
    let db = try await database()
    let isPostgres = db.dialect.family == .postgres
    for statement in rows {
      // A moment without a zone is one of the session's zone.
      let text = isPostgres ? statement.replacing(/'(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+)'/) { "'\($0.1)+00'" } : statement
      try await db.run(SQLStatement(text))
    }
    if isPostgres {
      let counted = AuthModels.all.filter { $0.schema.primaryKey.keyGeneration == .database }.map { $0.table }
      for name in counted + ["auth_user_user_permissions"] {
        let table = db.dialect.quote(name)
        try await db.run(
          SQLStatement("SELECT setval(pg_get_serial_sequence('\(table)', 'id'), (SELECT coalesce(max(id), 1) FROM \(table)))"))
      }
    }
    return db
  }

  /// The key of ada's session, and when it ends.
  static let sessionKey = "zag0gsjcrgtlrgphg7ney10n9k5mabsk"

  private static let statements = [
    """
    CREATE TABLE "django_content_type" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
    "app_label" varchar(100) NOT NULL, "model" varchar(100) NOT NULL)
    """,
    """
    CREATE UNIQUE INDEX "django_content_type_app_label_model_76bd3d3b_uniq" ON "django_content_type" ("app_label",
    "model")
    """,
    """
    CREATE TABLE "auth_group_permissions" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
    "group_id" integer NOT NULL REFERENCES "auth_group" ("id") DEFERRABLE INITIALLY DEFERRED,
    "permission_id" integer NOT NULL REFERENCES "auth_permission" ("id") DEFERRABLE INITIALLY DEFERRED)
    """,
    """
    CREATE TABLE "auth_user_groups" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
    "user_id" integer NOT NULL REFERENCES "auth_user" ("id") DEFERRABLE INITIALLY DEFERRED,
    "group_id" integer NOT NULL REFERENCES "auth_group" ("id") DEFERRABLE INITIALLY DEFERRED)
    """,
    """
    CREATE TABLE "auth_user_user_permissions" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
    "user_id" integer NOT NULL REFERENCES "auth_user" ("id") DEFERRABLE INITIALLY DEFERRED,
    "permission_id" integer NOT NULL REFERENCES "auth_permission" ("id") DEFERRABLE INITIALLY DEFERRED)
    """,
    """
    CREATE UNIQUE INDEX "auth_group_permissions_group_id_permission_id_0cd325b0_uniq" ON "auth_group_permissions" ("group_id",
    "permission_id")
    """,
    """
    CREATE INDEX "auth_group_permissions_group_id_b120cbf9" ON "auth_group_permissions" ("group_id")
    """,
    """
    CREATE INDEX "auth_group_permissions_permission_id_84c5c92e" ON "auth_group_permissions" ("permission_id")
    """,
    """
    CREATE UNIQUE INDEX "auth_user_groups_user_id_group_id_94350c0c_uniq" ON "auth_user_groups" ("user_id",
    "group_id")
    """,
    """
    CREATE INDEX "auth_user_groups_user_id_6a12ed8b" ON "auth_user_groups" ("user_id")
    """,
    """
    CREATE INDEX "auth_user_groups_group_id_97559544" ON "auth_user_groups" ("group_id")
    """,
    """
    CREATE UNIQUE INDEX "auth_user_user_permissions_user_id_permission_id_14a6b632_uniq" ON "auth_user_user_permissions" ("user_id",
    "permission_id")
    """,
    """
    CREATE INDEX "auth_user_user_permissions_user_id_a95ead1b" ON "auth_user_user_permissions" ("user_id")
    """,
    """
    CREATE INDEX "auth_user_user_permissions_permission_id_1fbb5f2c" ON "auth_user_user_permissions" ("permission_id")
    """,
    """
    CREATE TABLE "auth_permission" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
    "content_type_id" integer NOT NULL REFERENCES "django_content_type" ("id") DEFERRABLE INITIALLY DEFERRED,
    "codename" varchar(100) NOT NULL, "name" varchar(255) NOT NULL)
    """,
    """
    CREATE UNIQUE INDEX "auth_permission_content_type_id_codename_01ab375a_uniq" ON "auth_permission" ("content_type_id",
    "codename")
    """,
    """
    CREATE INDEX "auth_permission_content_type_id_2f476e4b" ON "auth_permission" ("content_type_id")
    """,
    """
    CREATE TABLE "auth_group" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
    "name" varchar(150) NOT NULL UNIQUE)
    """,
    """
    CREATE TABLE "auth_user" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
    "password" varchar(128) NOT NULL, "last_login" datetime NULL, "is_superuser" bool NOT NULL,
    "username" varchar(150) NOT NULL UNIQUE, "last_name" varchar(150) NOT NULL,
    "email" varchar(254) NOT NULL, "is_staff" bool NOT NULL, "is_active" bool NOT NULL,
    "date_joined" datetime NOT NULL, "first_name" varchar(150) NOT NULL)
    """,
    """
    CREATE TABLE "django_session" ("session_key" varchar(40) NOT NULL PRIMARY KEY,
    "session_data" text NOT NULL, "expire_date" datetime NOT NULL)
    """,
    """
    CREATE INDEX "django_session_expire_date_a5c62663" ON "django_session" ("expire_date")
    """,
  ]

  private static let rows = [
    """
    INSERT INTO django_content_type (id, app_label, model)
    VALUES (1, 'auth', 'permission')
    """,
    """
    INSERT INTO django_content_type (id, app_label, model)
    VALUES (2, 'auth', 'group')
    """,
    """
    INSERT INTO django_content_type (id, app_label, model)
    VALUES (3, 'auth', 'user')
    """,
    """
    INSERT INTO django_content_type (id, app_label, model)
    VALUES (4, 'contenttypes', 'contenttype')
    """,
    """
    INSERT INTO django_content_type (id, app_label, model)
    VALUES (5, 'sessions', 'session')
    """,
    """
    INSERT INTO auth_permission (id, content_type_id, codename, name)
    VALUES (7, 2, 'delete_group', 'Can delete group')
    """,
    """
    INSERT INTO auth_permission (id, content_type_id, codename, name)
    VALUES (9, 3, 'add_user', 'Can add user')
    """,
    """
    INSERT INTO auth_permission (id, content_type_id, codename, name)
    VALUES (20, 5, 'view_session', 'Can view session')
    """,
    """
    INSERT INTO auth_group (id, name)
    VALUES (1, 'editors')
    """,
    """
    INSERT INTO auth_group_permissions (id, group_id, permission_id)
    VALUES (1, 1, 9)
    """,
    """
    INSERT INTO auth_user (id, password, last_login, is_superuser, username, last_name, email, is_staff, is_active, date_joined, first_name)
    VALUES (1, 'pbkdf2_sha256$1000$XcKdbWzPvzK1rCL2MUWtOX$ukwPo6yqAy9fmvruBXH5fqtzAFSsiNLPykGt/OjQTyM=', '2026-11-23 21:11:21.789215', FALSE, 'ada', '', 'Ada@example.org', FALSE, TRUE, '2026-11-23 21:11:21.608102', '')
    """,
    """
    INSERT INTO auth_user (id, password, last_login, is_superuser, username, last_name, email, is_staff, is_active, date_joined, first_name)
    VALUES (2, 'pbkdf2_sha256$1000$U6S4Vjl3o0ruiX4Bba2J5B$IqT1P4NoHHX2ayAKY5WgjnIWTI1WH9hKRQMenBxIHX8=', NULL, TRUE, 'root', '', 'root@example.org', TRUE, TRUE, '2026-11-23 21:11:21.629169', '')
    """,
    """
    INSERT INTO auth_user_groups (id, user_id, group_id)
    VALUES (1, 1, 1)
    """,
    """
    INSERT INTO auth_user_user_permissions (id, user_id, permission_id)
    VALUES (1, 1, 20)
    """,
    """
    INSERT INTO django_session (session_key, session_data, expire_date)
    VALUES ('zag0gsjcrgtlrgphg7ney10n9k5mabsk', '.eJxVjDsOwjAQBe_iGlnJrn9LSc8ZrPUnOIBsKU4qxN0hUgpo38y8l_C8rcVvPS9-TuIsRnH63QLHR647SHeutyZjq-syB7kr8qBdXlvKz8vh_h0U7uVbc6JoBp4wIGsyYBwgOUNaw5QVOVCQICiIYMlYazAjJTu6jBHU4Kx4fwDBoTZ2:1r31eq:BK5BalRHBDBblBvEofjosF1yd_O4YvktV_QtWpmpYWs', '2026-12-07 21:11:21.808132')
    """,
  ]
}
