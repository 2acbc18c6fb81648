import Crypto
public import Foundation
import JWTKit
public import MartletCore

/// What a bearer token says.
public struct TokenClaims: Sendable, Hashable {
  /// Whose it is: the user's key as text (`sub`).
  public var subject: String
  /// When it ends (`exp`), to the second.
  public var expiresAt: Date
  /// When it was made (`iat`), to the second.
  public var issuedAt: Date
  /// Its own name (`jti`), for lists of revoked tokens.
  public var id: String
  /// Who made it (`iss`).
  public var issuer: String?
}

/// Makes and checks JSON Web Tokens (RFC 7519), signed with HMAC-SHA256 under a key derived from the secret key.
///
/// ```swift
/// let tokens = TokenIssuer(keys, lifetime: .seconds(3600))
/// let token = try await tokens.issue(for: "42")
/// let claims = try await tokens.verify(token)       // claims.subject == "42"
/// ```
/// Tokens signed under a fallback key stay valid until they expire. A token cannot be called back; keep lifetimes short, or
/// check ``TokenClaims/id`` against a list of your own.
public struct TokenIssuer: Sendable {
  /// How long a token is valid.
  public let lifetime: Duration
  /// Who makes the tokens; tokens of another issuer are refused where it is set.
  public let issuer: String?
  private let timeSource: TimeSource
  private let ring: TokenKeyRing

  /// An issuer.
  /// - Parameter lifetime: One day unless given.
  public init(_ keys: SecretKeys, lifetime: Duration = .seconds(86_400), issuer: String? = nil, timeSource: TimeSource = .system)
  {
    self.lifetime = lifetime
    self.issuer = issuer
    self.timeSource = timeSource
    ring = TokenKeyRing(keys)
  }

  /// A new token.
  /// - Throws: ``AuthError`` of kind `invalidToken` where signing fails.
  public func issue(for subject: String) async throws -> String {
    let now = Date(timeIntervalSince1970: timeSource.now().timeIntervalSince1970.rounded(.down))
    let payload = TokenPayload(
      sub: SubjectClaim(value: subject), exp: ExpirationClaim(value: now.addingTimeInterval(lifetime / .seconds(1))),
      iat: IssuedAtClaim(value: now), jti: IDClaim(value: RandomText.alphanumeric(22)), iss: issuer.map { IssuerClaim(value: $0) }
    )
    do { return try await ring.collections()[0].sign(payload) } catch {
      throw AuthError(.invalidToken, "a token could not be signed: \(error)")
    }
  }
  /// A new token for a user's key.
  /// - Throws: ``AuthError`` of kind `invalidToken` where signing fails.
  public func issue(for id: ViewerID) async throws -> String { try await issue(for: id.description) }

  /// What a token says, if it is ours and not expired.
  /// - Throws: ``AuthError`` of kind `invalidToken` or `expiredToken`, both a 401 with `WWW-Authenticate`.
  public func verify(_ token: String) async throws -> TokenClaims {
    // Far above any token issued here: nothing longer is worth hashing.
    guard token.utf8.count <= 8192 else { throw AuthError(.invalidToken, "the token is longer than 8192 bytes") }
    let payload = try await signedPayload(token)
    guard timeSource.now() < payload.exp.value else { throw AuthError(.expiredToken, "the token has expired; log in again") }
    if let issuer, payload.iss?.value != issuer { throw AuthError(.invalidToken, "the token is of another issuer") }
    return TokenClaims(
      subject: payload.sub.value, expiresAt: payload.exp.value, issuedAt: payload.iat.value, id: payload.jti.value,
      issuer: payload.iss?.value)
  }

  private func signedPayload(_ token: String) async throws -> TokenPayload {
    for keys in try await ring.collections() {
      do { return try await keys.verify(token, as: TokenPayload.self) } catch let error as JWTError
        where error.errorType == .signatureVerificationFailed
      {
        continue
      } catch {
        throw AuthError(.invalidToken, "the token is malformed")
      }
    }
    throw AuthError(.invalidToken, "the token's signature is not valid")
  }
}

/// The claims as jwt-kit codes them.
private struct TokenPayload: JWTPayload {
  var sub: SubjectClaim
  var exp: ExpirationClaim
  var iat: IssuedAtClaim
  var jti: IDClaim
  var iss: IssuerClaim?

  /// Nothing: expiry is checked by the issuer's own clock.
  func verify(using algorithm: some JWTAlgorithm) async throws {}
}

/// jwt-kit's keys, one collection a secret; an actor because adding a key to them is asynchronous.
private actor TokenKeyRing {
  private let keys: SecretKeys
  private var made: [JWTKeyCollection]?

  init(_ keys: SecretKeys) { self.keys = keys }

  func collections() async throws -> [JWTKeyCollection] {
    if let made { return made }
    var result: [JWTKeyCollection] = []
    for secret in keys.all {
      var hash = SHA256()
      hash.update(data: Data("martlet.auth.TokenIssuer".utf8))
      hash.update(data: Data(secret.utf8))
      let collection = JWTKeyCollection()
      await collection.add(hmac: HMACKey(key: SymmetricKey(data: Data(hash.finalize()))), digestAlgorithm: .sha256)
      result.append(collection)
    }
    made = result
    return result
  }
}
