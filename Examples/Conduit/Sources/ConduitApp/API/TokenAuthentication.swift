import Martlet

// Who asks: `Authorization: Token <JWT>`. The framework's middleware does the work; the app says which keys and which scheme.

/// Finds out who sends the request, by the token.
struct TokenAuthentication: Middleware {
  func handle(_ request: Request, next: RequestHandler) async throws -> Response {
    // Conduit's policies ask for no permissions, so they need not be read for every request.
    let tokens = BearerAuthentication(try request.tokens, scheme: "Token", loadsPermissions: false)
    return try await tokens.handle(request, next: next)
  }
}

/// Hands the issuer of tokens to every request. Made once, when the settings are known: see `Conduit.configure`.
struct TokenIssuing: Middleware {
  let tokens: TokenIssuer

  func handle(_ request: Request, next: RequestHandler) async throws -> Response {
    var request = request
    request[TokenSlot.self] = tokens
    return try await next(request)
  }
}

private enum TokenSlot: ContextKey { typealias Value = TokenIssuer }

extension Request {
  /// Makes and checks tokens.
  var tokens: TokenIssuer {
    get throws {
      if let tokens = self[TokenSlot.self] { return tokens }
      throw AuthError(.misconfigured, "the request carries no TokenIssuer; put TokenIssuing before the routes")
    }
  }
}
