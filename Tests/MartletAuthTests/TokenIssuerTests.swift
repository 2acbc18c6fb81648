import Foundation
import MartletCore
import Testing

@testable import MartletAuth

@Suite("Bearer tokens")
struct TokenIssuerTests {
  let tokens = TokenIssuer(Vectors.keys, lifetime: .seconds(3600), timeSource: Vectors.clock)

  private func kind(_ tokens: TokenIssuer, _ token: String) async -> AuthError.Kind? {
    do {
      _ = try await tokens.verify(token)
      return nil
    } catch { return (error as? AuthError)?.kind }
  }

  @Test("a token says whose it is, when it was made and when it ends")
  func claims() async throws {
    let claims = try await tokens.verify(tokens.issue(for: .int(42)))
    #expect(claims.subject == "42")
    #expect(claims.issuedAt == Date(timeIntervalSince1970: 1_700_000_000))
    #expect(claims.expiresAt == Date(timeIntervalSince1970: 1_700_003_600))
    #expect(claims.id.count == 22 && claims.issuer == nil)
    #expect(try await tokens.verify(tokens.issue(for: "42")).id != claims.id)
  }

  @Test("a token is a compact JWT under HS256")
  func format() async throws {
    let parts = try await tokens.issue(for: "7").split(separator: ".")
    #expect(parts.count == 3)
    let header = try #require(bytes(base64URL: parts[0]).flatMap { PayloadValue(json: $0) })
    let claims = try header.decode([String: String].self)
    #expect(claims == ["alg": "HS256", "typ": "JWT"])
  }

  @Test("a token is accepted up to its last second and refused from its expiry")
  func expiry() async throws {
    let token = try await tokens.issue(for: "7")
    let before = TokenIssuer(Vectors.keys, timeSource: Vectors.clock(after: 3599))
    let after = TokenIssuer(Vectors.keys, timeSource: Vectors.clock(after: 3600))
    #expect(await kind(before, token) == nil)
    #expect(await kind(after, token) == .expiredToken)
  }

  @Test("a token of another key is refused, one of a fallback key accepted")
  func keys() async throws {
    let old = TokenIssuer(SecretKeys(Vectors.keys.fallbacks[0]), timeSource: Vectors.clock)
    let stranger = TokenIssuer(SecretKeys("a stranger's key"), timeSource: Vectors.clock)
    #expect(await kind(tokens, try await old.issue(for: "7")) == nil)
    #expect(await kind(tokens, try await stranger.issue(for: "7")) == .invalidToken)
  }

  @Test("a token of another issuer is refused where one is demanded")
  func issuer() async throws {
    let ours = TokenIssuer(Vectors.keys, issuer: "blog", timeSource: Vectors.clock)
    let theirs = TokenIssuer(Vectors.keys, issuer: "shop", timeSource: Vectors.clock)
    #expect(try await ours.verify(ours.issue(for: "7")).issuer == "blog")
    #expect(await kind(ours, try await theirs.issue(for: "7")) == .invalidToken)
    #expect(await kind(ours, try await tokens.issue(for: "7")) == .invalidToken)
  }

  @Test("a changed token, one without a signature and one of algorithm none are refused")
  func tampered() async throws {
    let token = try await tokens.issue(for: "7")
    let parts = token.split(separator: ".").map(String.init)
    let admin = base64URL(Array(#"{"sub":"1","exp":9999999999,"iat":1700000000,"jti":"x"}"#.utf8))
    let none = base64URL(Array(#"{"alg":"none","typ":"JWT"}"#.utf8))
    for bad in [
      "\(parts[0]).\(admin).\(parts[2])", "\(none).\(admin).", "\(parts[0]).\(parts[1]).", "\(parts[0]).\(parts[1])", "", "a.b.c",
      "....",
      token + "x", String(repeating: "a", count: 9000), "é.é.é",
    ] {
      #expect(await kind(tokens, bad) == .invalidToken, "\(bad.prefix(40))")
    }
  }

  @Test("a bad token is a 401 that names scheme and error, as RFC 6750 has it")
  func problem() {
    let problem = AuthError(.expiredToken, "the token has expired; log in again", scheme: "Token").problem
    #expect(problem.status == 401 && problem.type == "expired-token")
    #expect(problem.headers.map(\.name) == ["WWW-Authenticate"])
    #expect(problem.headers.first?.value == #"Token error="invalid_token", error_description="the token has expired""#)
    #expect(AuthError(.notAuthenticated, "log in").problem.headers.first?.value == "Bearer")
    #expect(AuthError(.forbidden, "no").problem.status == 403)
  }
}
