// What an app can write with `import Martlet` alone: that this file compiles is the test.
import Martlet
import Testing

private struct Greet: BackendCommand {
  static let configuration = CommandConfiguration(commandName: "greet", abstract: "Say hello.")
  @Option(help: "To whom.") var name = "world"
  @Flag(help: "Louder.") var loud = false
  @Argument(help: "How often.") var times = 1

  func run(in app: Application) async throws {
    for _ in 0..<times { app.console.print("hello \(name)" + (loud ? "!" : "")) }
    if name.isEmpty { throw ExitCode(3) }
  }
}

private struct Blog: Backend {
  static let version = "1.2.3"
  static let commands: [any BackendCommand.Type] = [Greet.self]
  var models: Models {}
  var routes: some Routes {
    Get("hello") { request in "hello \(request.path)" }
    Get("now") { _ in ["now": Date(timeIntervalSince1970: 0)] }
    Post("check") { _ -> String in throw ValidationError("name", code: "required", "is needed") }
  }
}

@Suite("An app that imports Martlet alone")
struct ExportsTests {
  @Test("declares routes and commands, and its tool runs them")
  func tool() async throws {
    let settings = try Settings.load(
      variables: ["ENVIRONMENT": "development", "DATABASE_URL": "sqlite::memory:"], directory: nil)
    let application = try await Blog.application(settings)
    #expect(application.name == "blog")
    #expect(application.routes.descriptions.map(\.path) == ["/hello", "/now", "/check"])
    let id = UUID(), price = Decimal(1)
    #expect(id == id && price == 1)
  }
}
