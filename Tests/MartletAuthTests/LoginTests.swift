import Foundation
import MartletCore
import MartletHTTP
import MartletORM
import MartletSQL
import Synchronization
import TestDatabases
import Testing

@testable import MartletAuth

@Suite("Logins by session", .onEveryDatabase)
struct LoginTests {
  private func login(_ world: AuthWorld, _ name: String, key: String? = nil) async throws -> String {
    let db = world.db
    let response = try await world.get(key) { request in
      try await request.login(try await User.filter { $0.username == name }.one(db))
      return Response()
    }
    return try #require(response.sessionCookie)
  }
  private func viewer(_ world: AuthWorld, _ key: String?) async throws -> Viewer {
    let seen = Mutex(Viewer.anonymous)
    _ = try await world.get(key) { request in
      seen.withLock { $0 = request.viewer }
      return Response()
    }
    return seen.withLock { $0 }
  }

  @Test("a user who logged in at Django is logged in here, with permissions")
  func djangoSession() async throws {
    let world = try await AuthWorld()
    world.statements.clear()
    let viewer = try await viewer(world, DjangoTables.sessionKey)
    #expect(viewer.id == .int(1) && viewer.name == "ada" && !viewer.isStaff)
    #expect(viewer.permissions == ["auth.add_user", "sessions.view_session"])
    // The session, the user, the permissions.
    #expect(world.statements.all.count == 3)
  }

  @Test("without permissions a request of a logged-in user costs two queries, and the user is not read again")
  func queries() async throws {
    let world = try await AuthWorld()
    let middleware: [any Middleware] = [SessionMiddleware(world.keys), AuthenticationMiddleware(loadsPermissions: false)]
    world.statements.clear()
    _ = try await world.get(DjangoTables.sessionKey, middleware: middleware) { request in
      let user = try await request.requireUser(), id = try request.requireUserID()
      #expect(user.username == "ada" && id == 1 && request.viewer.permissions.isEmpty)
      return Response()
    }
    #expect(world.statements.all.count == 2)
  }

  @Test("a login stores what Django stores, under a new key, and sets last_login")
  func stores() async throws {
    let world = try await AuthWorld()
    try await SessionRecord.query.delete(world.db)
    let key = try await login(world, "root")
    let record = try await SessionRecord.query.one(world.db)
    let data = try SessionCodec(world.keys).decode(record.sessionData)
    let root = try await User.filter { $0.username == "root" }.one(world.db)
    #expect(record.id.raw == key)
    #expect(data.names == ["_auth_user_id", "_auth_user_backend", "_auth_user_hash"])
    #expect(data.get("_auth_user_id") == "2")
    #expect(data.get("_auth_user_backend") == "django.contrib.auth.backends.ModelBackend")
    #expect(data.get("_auth_user_hash") == LoginKeys.sessionHash(password: root.password, secret: world.keys.current))
    #expect(root.lastLogin == MovableClock.start)
    let viewer = try await viewer(world, key)
    #expect(viewer.isSuperuser && viewer.has("anything.at_all"))
  }

  @Test("an anonymous session keeps its values through the login but not its key")
  func fixation() async throws {
    let world = try await AuthWorld()
    let before = try #require(
      try await world.get { request in
        try request.session.set("cart", [7])
        return Response()
      }.sessionCookie)
    let after = try await login(world, "ada", key: before)
    #expect(before != after)
    #expect(try await !world.storedKeys().contains(before))
    _ = try await world.get(after) { request in
      let session = try request.session
      #expect(session.get("cart") == [7])
      return Response()
    }
    #expect(try await viewer(world, before) == .anonymous)
  }

  @Test("the session of another user is dropped with all its values")
  func otherUser() async throws {
    let world = try await AuthWorld()
    let adas = try await login(world, "ada")
    _ = try await world.get(adas) { request in
      try request.session.set("private", "ada's")
      return Response()
    }
    let roots = try await login(world, "root", key: adas)
    _ = try await world.get(roots) { request in
      #expect(request.viewer.name == "root")
      let session = try request.session
      #expect(session.get("private", as: String.self) == nil)
      return Response()
    }
    #expect(try await viewer(world, adas) == .anonymous)
  }

  @Test("a logout removes the session and its cookie, and the key is worthless")
  func logout() async throws {
    let world = try await AuthWorld()
    let response = try await world.get(DjangoTables.sessionKey) { request in
      try request.logout()
      return Response()
    }
    #expect(response.sessionCookie == "")
    #expect(try await world.storedKeys().isEmpty)
    #expect(try await viewer(world, DjangoTables.sessionKey) == .anonymous)
  }

  @Test("a changed password ends the user's other sessions and keeps the one that asked to be kept")
  func passwordChange() async throws {
    let world = try await AuthWorld()
    let first = try await login(world, "ada"), second = try await login(world, "ada"), roots = try await login(world, "root")
    let users = world.users, db = world.db
    let changed = try await world.get(first) { request in
      var user = try await request.requireUser()
      try await users.setPassword("another-lantern", for: &user, in: db)
      try request.keepLogin(for: user)
      return Response()
    }
    let kept = try #require(changed.sessionCookie)
    #expect(try await viewer(world, kept).name == "ada")
    for key in [first, second, DjangoTables.sessionKey] { #expect(try await viewer(world, key) == .anonymous) }
    #expect(try await viewer(world, roots).name == "root")
    #expect(try await world.storedKeys() == [kept, roots].sorted())
  }

  @Test("after a rotation of the secret key a login goes on under a new session key, signed anew")
  func rotation() async throws {
    let world = try await AuthWorld(keys: SecretKeys("a new secret key", fallbacks: [Vectors.keys.current]))
    let response = try await world.get(DjangoTables.sessionKey) { request in
      #expect(request.viewer.name == "ada")
      return Response()
    }
    let key = try #require(response.sessionCookie)
    #expect(key != DjangoTables.sessionKey)
    let record = try await SessionRecord.query.one(world.db)
    let data = try SessionCodec(SecretKeys("a new secret key")).decode(record.sessionData)
    let ada = try await User.filter { $0.username == "ada" }.one(world.db)
    #expect(data.get("_auth_user_hash") == LoginKeys.sessionHash(password: ada.password, secret: "a new secret key"))
  }

  @Test("an inactive or deleted user is nobody, at once")
  func inactive() async throws {
    let world = try await AuthWorld()
    try await User.filter { $0.username == "ada" }.update(world.db) { $0.isActive.set(to: false) }
    #expect(try await viewer(world, DjangoTables.sessionKey) == .anonymous)
    try await User.filter { $0.username == "ada" }.update(world.db) { $0.isActive.set(to: true) }
    #expect(try await viewer(world, DjangoTables.sessionKey).name == "ada")
    let key = try await login(world, "root")
    try await User.filter { $0.username == "root" }.delete(world.db)
    #expect(try await viewer(world, key) == .anonymous)
  }

  @Test("a session of a login backend that is not ours logs nobody in")
  func otherBackend() async throws {
    let world = try await AuthWorld()
    var data = try await SessionCodec(world.keys).decode(SessionRecord.query.one(world.db).sessionData)
    try data.set("_auth_user_backend", "sso.Backend")
    let payload = try SessionCodec(world.keys).encode(data)
    try await SessionRecord.query.update(world.db) { $0.sessionData.set(to: payload) }
    #expect(try await viewer(world, DjangoTables.sessionKey) == .anonymous)
    #expect(try await world.storedKeys() == [DjangoTables.sessionKey])
  }

  @Test("login and logout ask for a new CSRF token")
  func csrf() async throws {
    let world = try await AuthWorld()
    let rotations = Mutex(0)
    let db = world.db
    let count: @Sendable (Request) -> Request = { request in
      var request = request
      request[CSRFRotation.self] = { rotations.withLock { $0 += 1 } }
      return request
    }
    _ = try await world.get { request in
      try await count(request).login(try await User.filter { $0.username == "ada" }.one(db))
      return Response()
    }
    _ = try await world.get(DjangoTables.sessionKey) { request in
      try count(request).logout()
      return Response()
    }
    #expect(rotations.withLock { $0 } == 2)
  }

  @Test("a user who is not saved cannot log in")
  func unsaved() async throws {
    let world = try await AuthWorld()
    let response = try await world.get { request in
      try await request.login(User(password: "!", username: "ghost"))
      return Response()
    }
    #expect(response.status.code == 500)
    #expect(try await world.storedKeys() == [DjangoTables.sessionKey])
  }
}
