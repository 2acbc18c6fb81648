public import Martlet

// The whole app in one place: its models, its routes, its commands. Everything else hangs on this declaration.

/// Conduit: the RealWorld example application on Martlet.
public struct Conduit: Backend {
  public init() {}

  public static let version = "0.1.0"
  public static let commands: [any BackendCommand.Type] = [SeedCommand.self]
  public static let migrationsDirectory: String? = "Examples/Conduit/Sources/ConduitApp/Migrations"

  public var models: Models {
    AuthModels.all
    RESTModels.all
    Profile.self
    Article.self
    Tag.self
    Comment.self
    Follow.self
    Favorite.self
  }

  public var migrations: [Migration] { Migrations.all }

  public var routes: some Routes {
    Conduit.siteRoutes
    // The RealWorld API, by hand: its shapes and errors are given.
    Group("api", middleware: RealWorldErrors(), TokenAuthentication()) {
      Conduit.userRoutes.tags("RealWorld: users")
      Conduit.profileRoutes.tags("RealWorld: profiles")
      Conduit.articleLists.tags("RealWorld: articles")
      Conduit.articleRoutes.tags("RealWorld: articles")
      Conduit.favoriteRoutes.tags("RealWorld: favourites")
      Conduit.commentRoutes.tags("RealWorld: comments")
      Conduit.tagRoutes.tags("RealWorld: tags")
    }
    .fails(.unauthorized, .unprocessableContent).fails(with: ErrorAnswer.self)
    // The same models, generated.
    Conduit.resources.middleware(TokenAuthentication())
    // Both of them to read and to try, and their OpenAPI document.
    APIDocs(
      "docs",
      info: OpenAPIInfo(
        title: "Conduit", version: Conduit.version,
        description: "The RealWorld API under /api, and the same models as generated resources under /api/v1.",
        security: [.header("Authorization", prefix: "Token ")],
        login: .token(operation: "login", at: "user.token", for: "token")))
  }

  /// Tokens are signed with the secret key, which is known once the settings are.
  public func configure(_ application: inout Application) async throws {
    let settings = application.settings
    let keys = SecretKeys(settings.secretKey, fallbacks: settings.secretKeyFallbacks)
    application.middleware.append(TokenIssuing(tokens: TokenIssuer(keys, lifetime: .seconds(30 * 86_400))))
  }
}
