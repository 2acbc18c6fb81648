import Foundation
import MartletCore
import MartletHTTP
import MartletORM
import MartletSQL
import TestDatabases
import Testing

@testable import MartletAuth

@Suite("Logins by token and guards", .onEveryDatabase)
struct BearerAuthenticationTests {
  private func ask(
    _ world: AuthWorld, _ authorization: String?, scheme: String = "Bearer",
    _ handler: @escaping @Sendable (Request) async throws -> Response = { .text($0.viewer.name ?? "nobody") }
  ) async throws -> Response {
    var headers = HeaderFields()
    headers["Authorization"] = authorization
    let middleware = [BearerAuthentication(world.tokens, scheme: scheme, users: world.users)]
    return try await world.get(headers: headers, middleware: middleware, handler)
  }

  @Test("a valid token makes its user the viewer; the scheme's case does not matter")
  func valid() async throws {
    let world = try await AuthWorld()
    let token = try await world.tokens.issue(for: .int(1))
    for header in ["Bearer \(token)", "bearer \(token)", "BEARER   \(token) "] {
      #expect(try await ask(world, header).text == "ada")
    }
    world.statements.clear()
    _ = try await ask(world, "Bearer \(token)") { request in
      let user = try await request.requireUser()
      #expect(user.email == "Ada@example.org")
      #expect(request.viewer.permissions == ["auth.add_user", "sessions.view_session"])
      return Response()
    }
    #expect(world.statements.all.count == 2)
  }

  @Test("the scheme can be another word, and the other word counts for nothing then")
  func scheme() async throws {
    let world = try await AuthWorld()
    let token = try await world.tokens.issue(for: .int(1))
    #expect(try await ask(world, "Token \(token)", scheme: "Token").text == "ada")
    #expect(try await ask(world, "Bearer \(token)", scheme: "Token").text == "nobody")
    #expect(try await ask(world, "Basic YTpi", scheme: "Token").text == "nobody")
  }

  @Test("a request without the header goes on without a query")
  func absent() async throws {
    let world = try await AuthWorld()
    world.statements.clear()
    #expect(try await ask(world, nil).text == "nobody")
    #expect(world.statements.all.isEmpty)
  }

  @Test("a token that is malformed, expired, foreign or of nobody is a 401 that names the scheme")
  func invalid() async throws {
    let world = try await AuthWorld()
    let expired = try await world.tokens.issue(for: .int(1))
    world.clock.advance(.seconds(3600))
    let bad = [
      "", "nonsense", "a.b.c", expired, try await world.tokens.issue(for: .int(99)), try await world.tokens.issue(for: "ada"),
      try await TokenIssuer(SecretKeys("x"), timeSource: world.clock.source).issue(for: .int(1)),
    ]
    for token in bad {
      let response = try await ask(world, "Token \(token)", scheme: "Token")
      #expect(response.status.code == 401, "\(token)")
      #expect(response.headers["content-type"] == "application/problem+json")
      #expect(response.headers["www-authenticate"]?.hasPrefix(#"Token error="invalid_token""#) == true)
      #expect(try await response.text.contains(token == expired ? "/problems/expired-token" : "/problems/invalid-token"))
    }
  }

  @Test("the token of an inactive user is refused")
  func inactive() async throws {
    let world = try await AuthWorld()
    let token = try await world.tokens.issue(for: .int(1))
    try await User.filter { $0.id == 1 }.update(world.db) { $0.isActive.set(to: false) }
    #expect(try await ask(world, "Bearer \(token)").status.code == 401)
  }

  @Test("guards answer 401 to strangers, 403 to users who may not, and let the others through")
  func guards() async throws {
    let world = try await AuthWorld()
    let ada = try await world.tokens.issue(for: .int(1)), root = try await world.tokens.issue(for: .int(2))
    let expectations: [(path: String, codes: [Int])] = [
      ("/open", [200, 200, 200]), ("/user", [401, 200, 200]), ("/staff", [401, 403, 200]), ("/super", [401, 403, 200]),
      ("/may", [401, 200, 200]), ("/may-not", [401, 403, 200]), ("/own", [401, 200, 200]),
    ]
    for (path, codes) in expectations {
      for (token, code) in zip([nil, ada, root], codes) {
        var headers: HeaderFields = ["Host": "localhost"]
        headers["Authorization"] = token.map { "Bearer \($0)" }
        let middleware = [BearerAuthentication(world.tokens, users: world.users)]
        let response = try await world.respond(to: Request(.get, path, headers: headers), middleware: middleware) {
          Get("open") { _ in "ok" }
          Get("user") { _ in "ok" }.authenticated()
          Get("staff") { _ in "ok" }.staff()
          Get("super") { _ in "ok" }.middleware(RequireViewer(.superuser))
          Get("may") { _ in "ok" }.requiring(permission: "auth.add_user")
          Get("may-not") { _ in "ok" }.requiring(permission: "auth.delete_group")
          Get("own") { request in try await request.requireUser().username }
        }
        #expect(response.status.code == code, "\(path) \(token == nil ? "nobody" : token == ada ? "ada" : "root")")
        if code == 401 { #expect(response.headers["www-authenticate"] == "Bearer") }
      }
    }
  }

  @Test("staff who are no superusers pass the staff guard and need permissions for the rest")
  func staff() async throws {
    let world = try await AuthWorld()
    try await User.filter { $0.id == 1 }.update(world.db) { $0.isStaff.set(to: true) }
    let token = try await world.tokens.issue(for: .int(1))
    for (rule, code) in [(RequireViewer.Rule.staff, 200), (.superuser, 403), (.permission("auth.delete_group"), 403)] {
      let response = try await world.get(
        headers: ["Authorization": "Bearer \(token)"],
        middleware: [BearerAuthentication(world.tokens, users: world.users), RequireViewer(rule)])
      #expect(response.status.code == code)
    }
  }
}
