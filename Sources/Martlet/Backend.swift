import Foundation
import Logging
public import MartletCLI
public import MartletCore
public import MartletHTTP
public import MartletMigrations

/// An app: the one declaration that everything else is made from.
///
/// ```swift
/// @main
/// struct Blog: Backend {
///   var models: Models { User.self; Post.self; Comment.self }
///   var routes: some Routes {
///     REST("api") { Resource(Post.self); Resource(Comment.self) }
///     Get("feed") { request in try await Feed(for: request.viewer, in: request.db) }
///   }
/// }
/// ```
/// Its binary is its tool: `blog serve`, `blog migrate`, `blog help`.
public protocol Backend: Sendable {
  /// What the routes are made of.
  associatedtype AppRoutes: Routes

  /// The app. It is made once, after the settings were checked.
  init()

  /// The models.
  @ModelsBuilder var models: Models { get }
  /// The routes.
  @RoutesBuilder var routes: AppRoutes { get }

  /// The name of the tool; the type's name in lower case unless said otherwise.
  static var name: String { get }
  /// What `--version` prints.
  static var version: String { get }
  /// The app's own settings, checked with the framework's before anything starts.
  static var settings: [any DeclaredSetting] { get }
  /// The app's own commands.
  static var commands: [any BackendCommand.Type] { get }

  /// The migrations, in any order; each names the ones it follows.
  var migrations: [Migration] { get }
  /// Where `makemigrations` writes them, from the project's folder: `Sources/Blog/Migrations`. Found by itself where there
  /// is one such folder.
  static var migrationsDirectory: String? { get }
  /// Middleware around the app's routes, inside of the framework's; the first is the outermost.
  var middleware: [any Middleware] { get }
  /// The app's own system checks.
  var checks: [SystemChecks.Check] { get }

  /// Changes what no setting and no property covers, before anything runs: start-up hooks, body limits, security headers.
  /// - Throws: Anything; it ends the command with the error's message.
  func configure(_ application: inout Application) async throws
}

extension Backend {
  /// `Blog` → `blog`
  public static var name: String { Naming.snakeCase(String(describing: Self.self)) }
  /// None.
  public static var version: String { "" }
  /// None.
  public static var settings: [any DeclaredSetting] { [] }
  /// None.
  public static var commands: [any BackendCommand.Type] { [] }
  /// None.
  public var migrations: [Migration] { [] }
  /// The one folder `Sources/<target>/Migrations`.
  public static var migrationsDirectory: String? { nil }
  /// None.
  public var middleware: [any Middleware] { [] }
  /// None.
  public var checks: [SystemChecks.Check] { [] }
  /// Changes nothing.
  public func configure(_ application: inout Application) async throws {}

  /// The app, put together from its declaration and settings.
  ///
  /// - Throws: ``SettingsError`` for a database that cannot be used; what ``configure(_:)`` throws.
  public static func application(_ settings: Settings, console: Console = .standard) async throws -> Application {
    let backend = Self()
    var checks = SystemChecks()
    for check in backend.checks { checks.add(check) }
    var application = try Application(
      name: name, version: version, settings: settings, models: backend.models, migrations: backend.migrations,
      routes: backend.routes, middleware: backend.middleware, checks: checks, console: console)
    application.migrationsDirectory = migrationsDirectory
    try await backend.configure(&application)
    return application
  }

  /// The app's command-line tool.
  public static func tool(console: Console = .standard) -> CommandLineTool {
    CommandLineTool(name: name, version: version, commands: commands, settings: settings, console: console) {
      try await application($0, console: $1)
    }
  }

  /// Runs the tool with the process's arguments and ends the process.
  public static func main() async {
    exit(await tool().run(Array(CommandLine.arguments.dropFirst())))
  }
}
