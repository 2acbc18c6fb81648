import ArgumentParser
import Foundation
import MartletCore
import MartletHTTP
import MartletSQL
import ServiceLifecycle
import Synchronization
import UnixSignals

/// `serve`: listens until SIGTERM or SIGINT.
struct ServeCommand: BackendCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve", abstract: "Serve the app; the default command.",
    discussion: """
      Listens on HOST and PORT until SIGTERM or SIGINT, then finishes the running requests. Runs the system
      checks first, connects to the database (exit code 69 where it cannot) and warns of migrations that are
      not applied.

      Examples:
        serve
        serve --host 0.0.0.0 --port 8080
      """)

  @Option(help: "The address to listen on, instead of HOST.") var host: String?
  @Option(help: "The port to listen on, instead of PORT; 0 takes any free one.") var port: Int?

  func validate() throws {
    if let port, !(0...65_535).contains(port) { throw ArgumentParser.ValidationError("--port takes 0 to 65535, not \(port)") }
  }

  func run(in application: Application) async throws {
    var application = application
    if let host { application.server.host = host }
    if let port { application.server.port = port }
    // A reader of the log that goes away must not take the server along.
    signal(SIGPIPE, SIG_IGN)
    try await application.requireCleanChecks()
    try await application.connect()
    for hook in application.startup { try await hook(application) }
    let pending = await application.pendingMigrationsWarning()

    let isListening = Atomic(false), app = application
    let announced = application.server.onListening
    application.server.onListening = { port in
      isListening.store(true, ordering: .releasing)
      app.announce(port: port, warning: pending)
      await announced?(port)
    }
    let server = HTTPServer(application: try application.http(), logger: application.logger)
    do {
      try await ServiceGroup(
        services: [server], gracefulShutdownSignals: [.sigterm, .sigint], logger: application.logger
      ).run()
    } catch {
      guard !isListening.load(ordering: .acquiring) else { throw error }
      throw CommandError(
        .unavailable,
        "cannot listen on \(application.server.host):\(application.server.port): \(error)\n"
          + "Stop what uses the port, or choose another: \(application.name) serve --port 8001")
    }
  }
}

extension Application {
  /// Says where to look.
  func announce(port: Int, warning: String?) {
    let host = server.host.contains(":") ? "[\(server.host)]" : server.host
    let shown = ["0.0.0.0", "[::]"].contains(host) ? "127.0.0.1" : host
    let base = "\(server.tls == nil ? "http" : "https")://\(shown):\(port)"
    console.print("\(console.styled(name, .bold)) \(version.isEmpty ? "" : version + " ")in \(settings.environment.rawValue)")
    var rows = [["app", base + "/"]]
    let paths = routes.descriptions.filter { $0.method == .get }.map(\.path)
    for (label, path) in [("docs", "/docs"), ("API", "/openapi.json"), ("admin", "/admin")] where paths.contains(path) {
      rows.append([label, base + path])
    }
    if let health = server.healthPath, let ready = server.readyPath { rows.append(["health", base + health + "  " + ready]) }
    rows.append(["database", database.driver.displayName])
    console.print(table: rows, indent: 2)
    if let warning { console.print(console.styled(warning, .yellow)) }
    console.print("Stop it with Ctrl-C.")
  }
}
