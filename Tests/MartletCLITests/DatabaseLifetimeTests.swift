import Martlet
import Synchronization
import Testing

/// Notes what is done with it, in order.
private final class SpyDriver: DatabaseDriver {
  private let inner = SQLiteDriver(path: ":memory:")
  private let state = Mutex<[String]>([])
  var notes: [String] { state.withLock { $0 } }
  func note(_ text: String) { state.withLock { $0.append(text) } }

  var dialect: any SQLDialect { inner.dialect }
  var displayName: String { "spy" }
  func run(_ statement: SQLStatement, onRow: @escaping @Sendable (inout Row) throws -> Void) async throws -> StatementResult {
    note("run")
    return try await inner.run(statement, onRow: onRow)
  }
  func lease(_ access: DatabaseAccess, source: SourcePlace?) async throws -> ConnectionLease {
    try await inner.lease(access, source: source)
  }
  func shutdown() async {
    note("shutdown")
    await inner.shutdown()
  }
}

private struct Touch: BackendCommand {
  static let configuration = CommandConfiguration(commandName: "touch", abstract: "Run a statement.")
  @Flag(help: "Fail behind it.") var fail = false
  func run(in app: Application) async throws {
    try await app.database.run(SQLStatement("SELECT 1", effect: .read))
    if fail { throw CommandError(.unavailable, "as asked") }
  }
}

@Suite("The database of a command")
struct DatabaseLifetimeTests {
  private func tool(_ spy: SpyDriver, _ recording: ConsoleRecording) -> CommandLineTool {
    CommandLineTool(name: "spy", commands: [Touch.self], console: recording.console) { settings, console in
      try Application(
        name: "spy", settings: settings, routes: RouteList { Get("") { _ in "home" } }, database: Database(spy), console: console)
    }
  }
  @Sendable private func settings(_ declared: [any DeclaredSetting]) throws -> Settings {
    try Settings.load(variables: ["ENVIRONMENT": "development", "LOG_LEVEL": "critical"], directory: nil, declared: declared)
  }

  @Test("is closed behind it, also where it fails")
  func closed() async {
    let done = SpyDriver(), failed = SpyDriver(), recording = ConsoleRecording()
    #expect(await tool(done, recording).run(["touch"], load: settings) == 0)
    #expect(done.notes == ["run", "shutdown"])
    #expect(await tool(failed, recording).run(["touch", "--fail"], load: settings) == 1)
    #expect(failed.notes == ["run", "shutdown"])
  }

  @Test("is not opened by commands that need none")
  func unopened() async {
    let spy = SpyDriver(), recording = ConsoleRecording()
    #expect(await tool(spy, recording).run(["routes"], load: settings) == 0)
    #expect(await tool(spy, recording).run(["check"], load: settings) == 0)
    #expect(spy.notes == ["shutdown", "shutdown"])
  }

  @Test("is closed last when the server ends")
  func server() async throws {
    let spy = SpyDriver(), recording = ConsoleRecording()
    let tool = tool(spy, recording), load = settings
    let server = Task { await tool.run(["serve", "--port", "0"], load: load) }
    let deadline = ContinuousClock.now + .seconds(20)
    while !recording.output.contains("Ctrl-C"), ContinuousClock.now < deadline { try await Task.sleep(for: .milliseconds(20)) }
    #expect(!spy.notes.contains("shutdown"))
    server.cancel()
    _ = await server.value
    #expect(spy.notes.last == "shutdown")
  }
}
