import Foundation
import MartletCore
import MartletORM
import MartletSQL
import Synchronization
import TestDatabases
import Testing

@testable import MartletAuth

@Suite("Users", .onEveryDatabase)
struct UsersTests {
  let password = "vaporous-lantern"

  @Test("a new user has a hashed password, a normalised name and address, and may log in")
  func create() async throws {
    let world = try await AuthWorld(withRows: false)
    let user = try await world.users.create(
      username: "ﬁn", email: "Fin@Example.ORG", password: password, firstName: "Fin", lastName: "Fish", in: world.db)
    #expect(user.id.raw == 1 && user.username == "fin" && user.email == "Fin@example.org")
    #expect(user.password.hasPrefix("argon2$argon2id$") && user.isActive && !user.isStaff && !user.isSuperuser)
    #expect(user.lastLogin == nil && user.dateJoined == MovableClock.start && user.fullName == "Fin Fish")
    #expect(try await User.get(user.id, world.db).password == user.password)
    #expect(!world.statements.all.contains { $0.contains(user.password) || $0.contains(password) })
  }

  @Test("a superuser is staff")
  func superuser() async throws {
    let world = try await AuthWorld(withRows: false)
    let user = try await world.users.createSuperuser(username: "root", password: password, in: world.db)
    #expect(user.isSuperuser && user.isStaff)
  }

  @Test("every mistake in the input is reported at once, and nothing is inserted")
  func validation() async throws {
    let world = try await AuthWorld(withRows: false)
    let error = await #expect(throws: ValidationError.self) {
      try await world.users.create(username: "no spaces!", email: "nowhere", password: "1234", in: world.db)
    }
    #expect(
      error?.errors.map { $0.field + ":" + $0.code } == [
        "username:invalid", "email:invalid", "password:password_too_short", "password:password_entirely_numeric",
      ])
    #expect(try await User.query.count(world.db) == 0)
    for (name, code) in [("", "required"), (String(repeating: "x", count: 151), "max_length")] {
      #expect(world.users.findings(username: name, password: nil).map(\.code) == [code])
    }
    for address in ["a@b", "ada@example.org", "ada+x@sub.example.org", ""] {
      #expect(world.users.findings(username: "ada", email: address, password: nil).isEmpty, "\(address)")
    }
    for address in ["@b", "a@", "a@.b", "a@b.", "a b@c", "a@b@c", "a@b..c", "a\n@b", "<a@b>"] {
      #expect(world.users.findings(username: "ada", email: address, password: nil).map(\.code) == ["invalid"], "\(address)")
    }
  }

  @Test("a taken username is a conflict that names the field")
  func taken() async throws {
    let world = try await AuthWorld()
    let error = await #expect(throws: DatabaseError.self) {
      try await world.users.create(username: "ada", password: "another-lantern", in: world.db)
    }
    #expect(error?.problem.status == 409)
    #expect(error?.problem.errors.map(\.field) == ["username"])
  }

  @Test("a user whom Django created logs in, and the outdated hash is upgraded")
  func upgrade() async throws {
    let world = try await AuthWorld()
    let user = try #require(try await world.users.authenticate(username: "ada", password: password, in: world.db))
    #expect(user.id.raw == 1 && user.lastLogin == MovableClock.start)
    let stored = try await User.get(user.id, world.db)
    #expect(stored.password.hasPrefix("argon2$argon2id$") && stored.password == user.password)
    #expect(stored.lastLogin == MovableClock.start)
    #expect(try await world.users.authenticate(username: "ada", password: password, in: world.db)?.password == stored.password)
  }

  @Test("a wrong password, an unknown name and an inactive user are refused alike, and nothing is written")
  func refused() async throws {
    let world = try await AuthWorld()
    try await User.filter { $0.username == "root" }.update(world.db) { $0.isActive.set(to: false) }
    world.statements.clear()
    for (name, word) in [
      ("ada", "wrong"), ("ada", ""), ("ADA", password), ("nobody", password), ("root", password), ("", ""),
      ("ada", String(repeating: "x", count: 5000)),
    ] {
      #expect(try await world.users.authenticate(username: name, password: word, in: world.db) == nil, "\(name)")
    }
    #expect(world.statements.all.allSatisfy { $0.hasPrefix("SELECT") })
  }

  @Test("an unknown name costs as many hashes as a wrong password, so that the time does not tell them apart")
  func unknownNames() async throws {
    let world = try await AuthWorld(withRows: false)
    let counting = CountingHasher()
    let users = Users(hashers: PasswordHashers(counting))
    _ = try await users.create(username: "ada", password: password, in: world.db)
    func hashes(_ name: String) async throws -> Int {
      let before = counting.count
      #expect(try await users.authenticate(username: name, password: "wrong", in: world.db) == nil)
      return counting.count - before
    }
    #expect(try await hashes("ada") == 1)
    #expect(try await hashes("nobody") == 1)
  }

  @Test("login by address works where one user has it, and not where two share it")
  func byAddress() async throws {
    let world = try await AuthWorld()
    #expect(try await world.users.authenticate(email: "Ada@EXAMPLE.org", password: password, in: world.db)?.username == "ada")
    _ = try await world.users.create(username: "ada2", email: "Ada@example.org", password: password, in: world.db)
    #expect(try await world.users.authenticate(email: "Ada@example.org", password: password, in: world.db) == nil)
    #expect(try await world.users.authenticate(email: "", password: password, in: world.db) == nil)
  }

  @Test("a stored hash that nobody can read refuses the login instead of failing the request")
  func unreadable() async throws {
    let world = try await AuthWorld()
    for hash in ["bcrypt_sha256$$2b$12$Z4faELIY1Oozh0Hx7DIsIe", "argon2$broken", "gibberish", ""] {
      try await User.filter { $0.username == "ada" }.update(world.db) { $0.password.set(to: hash) }
      #expect(try await world.users.authenticate(username: "ada", password: password, in: world.db) == nil)
    }
  }

  @Test("a user without a password cannot log in until one is set")
  func noPassword() async throws {
    let world = try await AuthWorld(withRows: false)
    var user = try await world.users.create(username: "robot", password: nil, in: world.db)
    #expect(!user.hasUsablePassword)
    #expect(try await world.users.authenticate(username: "robot", password: user.password, in: world.db) == nil)
    try await world.users.setPassword(password, for: &user, in: world.db)
    #expect(try await world.users.authenticate(username: "robot", password: password, in: world.db)?.id == user.id)
    await #expect(throws: ValidationError.self) { try await world.users.setPassword("robot123", for: &user, in: world.db) }
    #expect(try await world.users.authenticate(username: "robot", password: password, in: world.db)?.id == user.id)
  }

  @Test("permissions come from the user and the user's groups, in one statement")
  func permissions() async throws {
    let world = try await AuthWorld()
    let ada = try await User.filter { $0.username == "ada" }.one(world.db)
    world.statements.clear()
    // What Django's ada.get_all_permissions() answers on the same rows.
    #expect(try await world.users.permissions(of: ada, in: world.db) == ["auth.add_user", "sessions.view_session"])
    #expect(world.statements.all.count == 1)
    var inactive = ada
    inactive.isActive = false
    #expect(try await world.users.permissions(of: inactive, in: world.db).isEmpty)
    let root = try await User.filter { $0.username == "root" }.one(world.db)
    let viewer = root.viewer(permissions: try await world.users.permissions(of: root, in: world.db))
    #expect(viewer.has("auth.delete_group") && viewer.isStaff && viewer.userID == root.id)
  }

  @Test("a permission given to a group reaches its members")
  func grant() async throws {
    let world = try await AuthWorld()
    let ada = try await User.filter { $0.username == "ada" }.one(world.db)
    let group = try await UserGroup.filter { $0.name == "editors" }.one(world.db)
    let permission = try await Permission.filter { $0.codename == "delete_group" }.one(world.db)
    try await group.add([permission], to: { $0.permissions }, world.db)
    #expect(try await world.users.permissions(of: ada, in: world.db).contains("auth.delete_group"))
    try await ada.set([], for: { $0.groups }, world.db)
    #expect(try await world.users.permissions(of: ada, in: world.db) == ["sessions.view_session"])
  }
}

/// Counts the hashes that are computed; the count is guarded by its mutex.
private final class CountingHasher: PasswordHasher {
  private let hasher = Argon2idHasher(memory: 8, passes: 1, lanes: 1)
  private let computed = Mutex(0)
  var count: Int { computed.withLock { $0 } }
  var algorithm: String { hasher.algorithm }
  func encode(_ password: String, salt: String) throws -> String {
    computed.withLock { $0 += 1 }
    return try hasher.encode(password, salt: salt)
  }
  func verify(_ password: String, against encoded: String) throws -> Bool {
    computed.withLock { $0 += 1 }
    return try hasher.verify(password, against: encoded)
  }
  func mustUpdate(_ encoded: String) -> Bool { hasher.mustUpdate(encoded) }
}
