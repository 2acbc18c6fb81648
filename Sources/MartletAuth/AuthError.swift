public import MartletCore

/// A failure of passwords, signatures, sessions or tokens.
public struct AuthError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What failed; handlers switch over this, never over texts.
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// A signed value was changed, or signed with another key.
    case badSignature
    /// A signed value is older than it may be.
    case signatureExpired
    /// A signed value holds something else than expected.
    case malformedPayload
    /// A stored password hash is of an algorithm that this process does not know.
    case unsupportedPasswordHash
    /// A stored password hash cannot be read.
    case malformedPasswordHash
    /// The hash function itself refused: parameters out of range, no memory.
    case hashingFailed
    /// Too many passwords wait to be hashed.
    case hashingOverloaded
    /// A bearer token that is malformed, wrongly signed, or of a user who may not come in.
    case invalidToken
    /// A bearer token past its expiry.
    case expiredToken
    /// No credentials where some are needed.
    case notAuthenticated
    /// Username and password do not belong together.
    case invalidCredentials
    /// A caller who is known but may not do this.
    case forbidden
    /// Too many failed logins; wait.
    case tooManyAttempts
    /// The session was deleted while the request ran.
    case sessionInterrupted
    /// The application lacks a piece: a middleware, a database in the request.
    case misconfigured
  }
  /// What failed.
  public var kind: Kind
  /// What failed and what to do next; never holds a password, key or token.
  public var message: String
  /// Seconds to wait, for ``Kind/tooManyAttempts`` and ``Kind/hashingOverloaded``.
  public var retryAfter: Int?
  /// The authentication scheme to name in `WWW-Authenticate`.
  public var scheme: String?

  /// A failure.
  public init(_ kind: Kind, _ message: String, retryAfter: Int? = nil, scheme: String? = nil) {
    self.kind = kind
    self.message = message
    self.retryAfter = retryAfter
    self.scheme = scheme
  }

  /// The message.
  public var description: String { message }
}

extension AuthError: ProblemConvertible {
  /// 401 with `WWW-Authenticate` for missing or bad credentials, 403 for forbidden, 429 and 503 with `Retry-After`,
  /// 400 for bad signatures, 500 for what is the application's fault.
  public var problem: ProblemDetails {
    switch kind {
    case .notAuthenticated:
      return unauthorized("not-authenticated", "Authentication is required", challenge: nil)
    case .invalidCredentials:
      return unauthorized("invalid-credentials", "The credentials are not valid", challenge: nil)
    case .invalidToken, .expiredToken:
      // RFC 6750, section 3.1: both are `invalid_token`.
      return unauthorized(
        kind == .expiredToken ? "expired-token" : "invalid-token", "The token is not valid",
        challenge:
          #"error="invalid_token", error_description="\#(kind == .expiredToken ? "the token has expired" : "the token is not valid")""#
      )
    case .forbidden:
      return ProblemDetails(status: 403, type: "forbidden", title: "You may not do this", detail: message)
    case .tooManyAttempts:
      return ProblemDetails(
        status: 429, type: "too-many-attempts", title: "Too many failed logins", detail: message, headers: retryHeaders)
    case .hashingOverloaded:
      return ProblemDetails(
        status: 503, type: "unavailable", title: "The service is busy", detail: "Try again in a moment.", headers: retryHeaders)
    case .badSignature, .signatureExpired, .malformedPayload:
      return ProblemDetails(
        status: 400, type: kind == .signatureExpired ? "signature-expired" : "bad-signature",
        title: kind == .signatureExpired ? "The signed value has expired" : "The signed value is not valid")
    case .sessionInterrupted:
      return ProblemDetails(
        status: 400, type: "session-interrupted", title: "The session was deleted during the request",
        detail: "You may have logged out elsewhere. Log in again.")
    case .unsupportedPasswordHash, .malformedPasswordHash, .hashingFailed, .misconfigured:
      return ProblemDetails(status: 500, type: "internal-error", title: "Something went wrong on our side")
    }
  }

  private var retryHeaders: [(name: String, value: String)] { [("Retry-After", String(retryAfter ?? 1))] }

  private func unauthorized(_ type: String, _ title: String, challenge: String?) -> ProblemDetails {
    let scheme = scheme ?? "Bearer"
    return ProblemDetails(
      status: 401, type: type, title: title, detail: message,
      headers: [("WWW-Authenticate", challenge.map { "\(scheme) \($0)" } ?? scheme)])
  }
}
