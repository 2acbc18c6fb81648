import Foundation
import MartletCore
import MartletHTTP
import MartletORM
import MartletSQL
import TestDatabases
import Testing

@testable import MartletAuth

@Suite("Sessions over HTTP", .onEveryDatabase)
struct SessionMiddlewareTests {
  @Test("a request without the cookie costs no query and gets no cookie")
  func noCookie() async throws {
    let world = try await AuthWorld()
    world.statements.clear()
    let response = try await world.get { request in
      let session = try request.session
      #expect(session.isEmpty && request.viewer == .anonymous)
      #expect(session.get("x", as: Int.self) == nil)
      return Response()
    }
    #expect(response.setCookie == nil && world.statements.all.isEmpty)
  }

  @Test("what is set is there in the next request, under a cookie with safe attributes")
  func setAndGet() async throws {
    let world = try await AuthWorld(withRows: false)
    let first = try await world.get { request in
      try request.session.set("cart", [1, 2])
      return Response()
    }
    let key = try #require(first.sessionCookie)
    #expect(first.setCookie == "sessionid=\(key); Max-Age=1209600; Path=/; HttpOnly; SameSite=Lax")
    #expect(first.headers["vary"] == "Cookie")
    let record = try await SessionRecord.query.one(world.db)
    #expect(record.id.raw == key && key.count == 32)
    #expect(record.expireDate == MovableClock.start + 1_209_600)
    let second = try await world.get(key) { request in
      let session = try request.session
      #expect(session.get("cart") == [1, 2])
      return Response()
    }
    #expect(second.setCookie == nil && second.headers["vary"] == "Cookie")
  }

  @Test("a session that is only read is not saved; one that is changed is updated by one transaction")
  func savedIfModified() async throws {
    let world = try await AuthWorld()
    world.statements.clear()
    _ = try await world.get(DjangoTables.sessionKey, middleware: [SessionMiddleware(world.keys)]) { request in
      let session = try request.session
      #expect(session.names == ["_auth_user_id", "_auth_user_backend", "_auth_user_hash"])
      return Response()
    }
    #expect(world.statements.all.count == 1)
    world.statements.clear()
    let response = try await world.get(DjangoTables.sessionKey, middleware: [SessionMiddleware(world.keys)]) { request in
      try request.session.set("seen", true)
      return Response()
    }
    #expect(response.sessionCookie == DjangoTables.sessionKey)
    #expect(world.statements.all.filter { $0.hasPrefix("UPDATE") }.count == 1)
    #expect(!world.statements.all.contains { $0.hasPrefix("INSERT") || $0.hasPrefix("DELETE") })
    let data = try await SessionCodec(world.keys).decode(SessionRecord.query.one(world.db).sessionData)
    #expect(data.names == ["_auth_user_id", "_auth_user_backend", "_auth_user_hash", "seen"])
  }

  @Test("nothing is saved for a server error or a handler that throws")
  func notSaved() async throws {
    let world = try await AuthWorld(withRows: false)
    for status in [HTTPStatus.internalServerError, .serviceUnavailable] {
      let response = try await world.get { request in
        try request.session.set("a", 1)
        return Response(status: status)
      }
      #expect(response.setCookie == nil)
    }
    let failed = try await world.get { request in
      try request.session.set("a", 1)
      throw AuthError(.forbidden, "no")
    }
    #expect(failed.status.code == 403 && failed.setCookie == nil)
    #expect(try await world.storedKeys().isEmpty)
  }

  @Test(
    "a key that is unknown, expired or malformed is never taken over, and its cookie goes",
    arguments: [
      "abcdefghijklmnopqrstuvwxyz012345", "short", "../../etc/passwd", "%00", String(repeating: "x", count: 5000),
      "' OR 1=1 --------",
    ])
  func unknownKey(_ key: String) async throws {
    let world = try await AuthWorld(withRows: false)
    let read = try await world.get(key)
    #expect(read.sessionCookie == "" && read.setCookie?.contains("Max-Age=0") == true)
    let written = try await world.get(key) { request in
      try request.session.set("a", 1)
      return Response()
    }
    #expect(written.sessionCookie?.count == 32 && written.sessionCookie != key)
  }

  @Test("a session ends two weeks after its last change, and clearing removes what has ended")
  func expiry() async throws {
    let world = try await AuthWorld(withRows: false)
    let key = try #require(
      try await world.get { request in
        try request.session.set("a", 1)
        return Response()
      }.sessionCookie)
    world.clock.advance(.seconds(1_209_599))
    #expect(try await SessionRecord.deleteExpired(in: world.db) == 0)
    #expect(try await world.get(key).setCookie == nil)
    world.clock.advance(.seconds(1))
    #expect(try await world.get(key).sessionCookie == "")
    world.clock.advance(.seconds(1))
    #expect(try await SessionRecord.deleteExpired(in: world.db) == 1)
  }

  @Test("the life of one session can be its own, kept as Django keeps it")
  func ownExpiry() async throws {
    let world = try await AuthWorld(withRows: false)
    func make(_ expiry: Session.Expiry) async throws -> Response {
      try await world.get { request in
        let session = try request.session
        session.expiry = expiry
        #expect(session.expiry == expiry)
        return Response()
      }
    }
    #expect(try await make(.after(.seconds(60))).setCookie?.contains("Max-Age=60;") == true)
    #expect(try await SessionRecord.query.one(world.db).expireDate == MovableClock.start + 60)
    #expect(try await make(.atBrowserClose).setCookie?.contains("Max-Age") == false)
    #expect(try await make(.at(MovableClock.start + 90)).setCookie?.contains("Max-Age=90;") == true)
    let payloads = try await SessionRecord.query.all(world.db).map { try SessionCodec(world.keys).decode($0.sessionData) }
    #expect(payloads.contains { $0.get("_session_expiry") == "2026-11-24T00:01:30+00:00" })
    #expect(payloads.contains { $0.get("_session_expiry") == 0 })
  }

  @Test("a flushed session loses its row and its cookie, even where the handler throws")
  func flush() async throws {
    for fails in [false, true] {
      let world = try await AuthWorld()
      let response = try await world.get(DjangoTables.sessionKey) { request in
        try request.session.flush()
        if fails { throw HTTPError.conflict("no") }
        return Response()
      }
      #expect(try await world.storedKeys().isEmpty)
      #expect(fails || response.sessionCookie == "")
    }
  }

  @Test("a cycled key keeps the values and makes the old key worthless")
  func cycle() async throws {
    let world = try await AuthWorld()
    let response = try await world.get(DjangoTables.sessionKey) { request in
      try request.session.cycleKey()
      return Response()
    }
    let key = try #require(response.sessionCookie)
    #expect(key != DjangoTables.sessionKey)
    #expect(try await world.storedKeys() == [key])
    _ = try await world.get(key) { request in
      #expect(request.viewer.name == "ada")
      return Response()
    }
    let failed = try await world.get(key) { request in
      try request.session.cycleKey()
      throw HTTPError.conflict("no")
    }
    #expect(failed.status.code == 409)
    #expect(try await world.storedKeys() == [key])
  }

  @Test("a session that was deleted meanwhile does not come back: 400")
  func interrupted() async throws {
    let world = try await AuthWorld()
    let db = world.db
    let response = try await world.get(DjangoTables.sessionKey) { request in
      try await SessionRecord.query.delete(db)
      try request.session.set("a", 1)
      return Response()
    }
    #expect(response.status.code == 400)
    #expect(try await response.text.contains("session-interrupted"))
    #expect(try await world.storedKeys().isEmpty)
  }

  @Test("a payload that was tampered with, or is of another secret key, is an empty session")
  func tampered() async throws {
    let world = try await AuthWorld(keys: SecretKeys("some other key"))
    let response = try await world.get(DjangoTables.sessionKey) { request in
      let session = try request.session
      #expect(session.names.isEmpty && request.viewer == .anonymous)
      return Response()
    }
    #expect(response.status == .ok)
  }

  @Test("a signed cookie carries Django's signature of the key, and a bare or changed key is refused")
  func signedCookie() async throws {
    #expect(
      SignedCookies(Vectors.keys, timeSource: Vectors.clock).sign("abcdefghijklmnopqrstuvwxyz012345", name: "sessionid")
        == "abcdefghijklmnopqrstuvwxyz012345:1r31eq:JoYZ73nw1lZcpXDnx8PVgXPunfrbxVuV2MNs0Pu62ac")
    #expect(
      SignedCookies(Vectors.keys, timeSource: Vectors.clock).sign("v", name: "a", salt: "xyz")
        == "v:1r31eq:PzwKaots_-NpTeCzTaIp2XDBVwF2C5w_YjhuZn3YPN0")
    var world = try await AuthWorld()
    world.options.cookieForm = .signedKey
    let signed = SignedCookies(world.keys).sign(DjangoTables.sessionKey, name: "sessionid")
    for (cookie, name) in [(signed, "ada"), (DjangoTables.sessionKey, nil), (signed + "x", nil)] {
      _ = try await world.get(cookie) { request in
        #expect(request.viewer.name == name)
        return Response()
      }
    }
    world.statements.clear()
    let response = try await world.get(DjangoTables.sessionKey)
    #expect(world.statements.all.isEmpty && response.sessionCookie == "")
    let written = try await world.get(signed) { request in
      try request.session.set("a", 1)
      return Response()
    }
    let value = try #require(written.sessionCookie?.replacing("%3A", with: ":"))
    #expect(
      try SignedCookies(world.keys, timeSource: world.clock.source).unsign(value, name: "sessionid") == DjangoTables.sessionKey)
  }

  @Test("the cookie's name, path, domain and protection follow the options")
  func options() async throws {
    var world = try await AuthWorld(withRows: false)
    world.options = SessionOptions(
      cookieName: "sid", lifetime: .seconds(600), secure: true, sameSite: .strict, path: "/app", domain: "example.org")
    let response = try await world.get { request in
      try request.session.set("a", 1)
      return Response()
    }
    let cookie = try #require(response.headers["set-cookie"])
    #expect(cookie.hasPrefix("sid="))
    #expect(cookie.hasSuffix("; Max-Age=600; Path=/app; Domain=example.org; Secure; HttpOnly; SameSite=Strict"))
  }

  @Test("saving by every request prolongs the life of a session")
  func everyRequest() async throws {
    var world = try await AuthWorld()
    world.options.savesEveryRequest = true
    world.clock.advance(.seconds(86_400))
    #expect(try await world.get(DjangoTables.sessionKey).sessionCookie == DjangoTables.sessionKey)
    #expect(try await SessionRecord.query.one(world.db).expireDate == MovableClock.start + 86_400 + 1_209_600)
    #expect(try await world.get().setCookie == nil)
  }

  @Test("a route without the middleware fails, and says in the log alone what is missing")
  func misconfigured() async throws {
    let world = try await AuthWorld()
    let response = try await world.get(middleware: []) { request in
      try request.session.set("a", 1)
      return Response()
    }
    #expect(response.status.code == 500)
    #expect(AuthError(.misconfigured, "put SessionMiddleware before it").problem.detail == nil)
  }
}
