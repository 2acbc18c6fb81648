import MartletAuth
import MartletCore
public import MartletHTTP
import MartletORM
import MartletSQL
import MartletWeb

extension Application {
  /// The app over HTTP, without a socket: what `serve` listens with and tests ask directly.
  ///
  /// From the outside in: errors become problem documents, hosts, security headers, CORS and compression
  /// (all of them the ``HTTPApplication``'s own), then the middleware of ``layers``, then the routes.
  ///
  /// - Throws: ``HTTPError`` where routes clash or a setting of the server is wrong.
  public func http() throws -> HTTPApplication {
    var configuration = server
    configuration.readiness = readiness + configuration.readiness
    let database = database, secret = RequestSecret(settings.secretKey), settings = SharedSettings(settings)
    let files = settings.value.mediaRoot.map { LocalFileStorage($0) }
    return try HTTPApplication(
      router: Router(routes), configuration: configuration, middleware: layers, logger: logger
    ) { request in
      request[SettingsContext.self] = settings
      request[RequestSecretContext.self] = secret
      request[FileStorageContext.self] = files
      if let trace = request[DebugTraceKey.self] {
        // Development only: the debug page shows what the request asked of the database.
        request[DatabaseContext.self] = database.forRequest().observing { trace.record($0.line) }
      } else {
        request[DatabaseContext.self] = database.forRequest()
      }
    }
  }

  /// The framework's middleware, then the app's own: sessions and logins where the app has their models, CSRF
  /// protection always.
  package var layers: [any Middleware] {
    guard models.contains(User.self), models.contains(SessionRecord.self) else { return [csrf] + middleware }
    let keys = SecretKeys(settings.secretKey, fallbacks: settings.secretKeyFallbacks)
    // The protection must know the cookie that it protects.
    var csrf = csrf
    csrf.sessionCookieName = sessions.cookieName
    return [SessionMiddleware(keys, options: sessions), csrf, AuthenticationMiddleware(users: users)] + middleware
  }

  /// What must work before `/readyz` says so: the database answers, its tables are those of the code.
  private var readiness: [ReadinessCheck] {
    let application = self
    return [
      ReadinessCheck("database") { try await application.database.run(SQLStatement("SELECT 1")) },
      ReadinessCheck("migrations") {
        let pending = try await application.pendingMigrations()
        guard pending.isEmpty else {
          throw CommandError(.pendingMigrations, "not applied: \(pending.joined(separator: ", "))")
        }
      },
    ]
  }
}
