import Martlet

// A handler returns what it has: HTML here, a response of its own making there.

extension Conduit {
  /// `GET /`, `GET /conduit.css`
  @RoutesBuilder static var siteRoutes: RouteList {
    Get("") { request in
      try await HomePage.load(from: request.db, host: request.host).html
    }
    .undocumented()
    Get("conduit.css") { _ in
      Response(
        headers: ["Content-Type": "text/css; charset=utf-8", "Cache-Control": "public, max-age=3600"], body: .text(HomePage.style)
      )
    }
    .undocumented()
  }
}
