import MartletCore
import MartletORM
import MartletSQL
import Testing

@testable import MartletAuth

@Suite("Models on Django's tables")
struct AuthModelTests {
  private struct Column: Hashable, Sendable {
    var name: String
    var type: String
    var isNullable: Bool
    var isKey: Bool
  }

  @Test("every model has the columns of Django's table", arguments: AuthModels.all.map { $0.table })
  func columns(_ table: String) async throws {
    let db = try await DjangoTables.database()
    let query = SQLStatement(
      #"SELECT name, type, "notnull", pk FROM pragma_table_info('\#(table)')"#, effect: .read)
    let inDatabase = try await db.query(query) { row in
      Column(name: try row.text(), type: try row.text().lowercased(), isNullable: try row.int() == 0, isKey: try row.int() == 1)
    }
    let model = try #require(AuthModels.all.first { $0.table == table })
    let declared = model.schema.columns.map { column in
      // Django 5.2's AutoField is a 32-bit integer, which SQLite stores like any other; Martlet's keys have 64 bits.
      let type = SQLiteDialect().typeName(column.type == .bigInt ? .int : column.type)
      return Column(name: column.name, type: type, isNullable: column.isNullable, isKey: column.isPrimaryKey)
    }
    #expect(Set(declared) == Set(inDatabase))
    #expect(declared.count == inDatabase.count)
  }

  @Test("users and permissions are tied by Django's link table")
  func link() throws {
    let link = try #require(User.schema.links.first)
    #expect(User.schema.links.count == 1)
    #expect(link.table == "auth_user_user_permissions" && link.ownerColumn == "user_id" && link.targetColumn == "permission_id")
  }

  @Test("models come after those they refer to")
  func order() {
    var seen: Set<String> = []
    for model in AuthModels.all {
      seen.insert(model.table)
      for column in model.schema.columns { if let key = column.foreignKey { #expect(seen.contains(key.target().table)) } }
    }
  }

  @Test("password hashes, session keys and payloads are secret")
  func secret() {
    let secrets = AuthModels.all.flatMap { model in
      model.schema.columns.filter(\.options.secret).map { model.table + "." + $0.name }
    }
    #expect(Set(secrets) == ["auth_user.password", "django_session.session_key", "django_session.session_data"])
  }

  @Test("without a policy of their own, only staff reads users")
  func policy() { #expect(!User.policy.isDeclared && !SessionRecord.policy.isDeclared) }

  @Test("rows that Django wrote are read")
  func readsDjango() async throws {
    let db = try await DjangoTables.databaseWithRows()
    let ada = try await User.filter { $0.username == "ada" }.with { $0.groups }.with { $0.userPermissions }.one(db)
    #expect(ada.email == "Ada@example.org" && ada.isActive && !ada.isStaff)
    #expect(ada.dateJoined.microsecondsSince1970 == TimestampText.parse("2026-11-23 21:11:21.608102"))
    #expect(try ada.groups.get().map(\.name) == ["editors"])
    #expect(try ada.userPermissions.get().map(\.codename) == ["view_session"])
    let root = try await User.filter { $0.isSuperuser }.one(db)
    #expect(root.lastLogin == nil && root.isStaff)
  }
}
