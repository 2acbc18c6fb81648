import ArgumentParser
import MartletHTTP

/// `routes`: every route with its place in the source.
struct RoutesCommand: BackendCommand {
  static let configuration = CommandConfiguration(
    commandName: "routes", abstract: "List the routes.",
    discussion: """
      Examples:
        routes
        routes articles       only paths that contain "articles"
      """)

  @Argument(help: "Part of the paths to list.") var part: String?

  func run(in application: Application) async throws {
    let routes = application.routes.descriptions.filter { part.map($0.path.contains) ?? true }
    let rows = routes.map { [$0.method.name, $0.path, $0.name ?? "", $0.source.description] }
    application.console.print(table: rows)
    application.console.print("\(routes.count) route\(routes.count == 1 ? "" : "s")")
  }
}
