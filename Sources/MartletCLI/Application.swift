public import Logging
public import MartletAuth
public import MartletCore
public import MartletHTTP
public import MartletMigrations
public import MartletORM
public import MartletSQL
public import MartletWeb

/// An app, put together and ready to serve or to run a command: what it declared, its settings, its database.
///
/// `Backend` builds one; a command is handed it.
public struct Application: Sendable {
  /// What the app is called: the name of its tool.
  public var name: String
  /// The app's version.
  public var version: String
  /// The settings, checked.
  public let settings: Settings
  /// The models.
  public var models: Models
  /// The migrations.
  public var migrations: [Migration]
  /// Where `makemigrations` writes; found by itself where it is `Sources/<one folder>/Migrations`.
  public var migrationsDirectory: String?
  /// The routes.
  public var routes: RouteList
  /// The app's own middleware, around its routes, inside of the framework's.
  public var middleware: [any Middleware]
  /// The app's own checks, beside the framework's.
  public var checks: SystemChecks
  /// How users are made and their passwords kept.
  public var users = Users()
  /// Called before the server listens, one after the other.
  public var startup: [@Sendable (Application) async throws -> Void] = []
  /// Refuses what other sites make a viewer's browser send: for more trusted origins, or exemptions.
  public var csrf = CSRFProtection()
  /// The session's cookie and how long it lasts. The cookie is signed; beside a Django project that is to read it, set
  /// `application.sessions.cookieForm = .key`.
  public var sessions: SessionOptions
  /// How it is served: made from the settings, for changes that no setting covers.
  public var server: HTTPServerConfiguration
  /// The database.
  public var database: Database
  /// Where the log goes.
  public var logger: Logger
  /// Where commands write.
  public var console: Console

  /// An app.
  ///
  /// - Throws: ``SettingsError`` where `DATABASE_URL` names no database that can be used.
  public init(
    name: String, version: String = "", settings: Settings, models: Models = Models(), migrations: [Migration] = [],
    routes: some RouteComponent = RouteList([]), middleware: [any Middleware] = [], checks: SystemChecks = SystemChecks(),
    database: Database? = nil, logger: Logger? = nil, console: Console = .standard
  ) throws {
    self.name = name
    self.version = version
    self.settings = settings
    self.models = models
    self.migrations = migrations
    self.routes = RouteList(routes.descriptions)
    self.middleware = middleware
    self.checks = checks
    self.console = console
    let logger =
      logger
      ?? Logger(label: name) { LogOutput(label: $0, format: settings.logFormat, level: settings.logLevel) }
    self.logger = logger
    self.database = try database ?? Database(settings: settings, logger: logger).logging(to: logger)
    sessions = SessionOptions(
      cookieForm: .signedKey, lifetime: settings.sessionCookieAge, secure: settings.isDevelopment ? nil : true)
    server = HTTPServerConfiguration(settings)
  }

  /// Closes the database, after the statements that run.
  public func close() async { await database.driver.shutdown() }
}

/// The models of an app, as its `models` block lists them.
///
/// ```swift
/// var models: Models { User.self; Post.self; Comment.self }
/// ```
public struct Models: Sendable {
  /// The models, in the order listed, each once.
  public private(set) var types: [any Model.Type] = []

  /// These models; one that is listed twice counts once.
  public init(_ types: [any Model.Type] = []) {
    for type in types where !self.types.contains(where: { $0 == type }) { self.types.append(type) }
  }
  /// The models of a block.
  public init(@ModelsBuilder _ content: () -> Models) { self = content() }

  /// Whether a model is among them.
  public func contains(_ model: any Model.Type) -> Bool { types.contains { $0 == model } }

  /// The schemas of the models.
  public var schemas: [ModelSchema] { types.map { $0.schema } }
}

/// Collects the models of a block.
@resultBuilder
public enum ModelsBuilder {
  /// A model.
  public static func buildExpression(_ model: any Model.Type) -> Models { Models([model]) }
  /// Models of a list, such as `AuthModels.all`.
  public static func buildExpression(_ models: [any Model.Type]) -> Models { Models(models) }
  /// Models of another block, those of a library for example.
  public static func buildExpression(_ models: Models) -> Models { models }
  /// All models of the block.
  public static func buildBlock(_ parts: Models...) -> Models { Models(parts.flatMap(\.types)) }
  /// An `if` without `else`.
  public static func buildOptional(_ part: Models?) -> Models { part ?? Models() }
  /// The first branch.
  public static func buildEither(first part: Models) -> Models { part }
  /// The second branch.
  public static func buildEither(second part: Models) -> Models { part }
  /// A `for` loop.
  public static func buildArray(_ parts: [Models]) -> Models { Models(parts.flatMap(\.types)) }
}
