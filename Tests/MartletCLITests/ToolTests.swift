import Foundation
import Martlet
import Testing

private struct Echo: BackendCommand {
  static let configuration = CommandConfiguration(commandName: "echo", abstract: "Say it back.")
  @Argument(help: "What.") var words: [String] = []
  @Option(help: "The exit code to end with.") var code: Int32 = 0

  func validate() throws {
    if words == ["nothing"] { throw CommandError(.invalidInput, "there is nothing in nothing") }
  }

  func run(in app: Application) async throws {
    app.console.print(words.joined(separator: " ") + " from \(app.name) in \(app.settings.environment.rawValue)")
    if code == 1 { throw CommandError(.invalidInput, "nothing to say; give some words") }
    if code != 0 { throw ExitCode(code) }
  }
}

struct Shop: Backend {
  static let name = "shop", version = "3.1.4"
  static let commands: [any BackendCommand.Type] = [Echo.self]
  static let settings: [any DeclaredSetting] = [
    SettingKey<Int>("WAREHOUSES", default: 1, help: "How many there are.", accepts: { $0 > 0 })
  ]
  var models: Models {}
  var routes: some Routes {
    Get("items") { _ in "items" }
    APIDocs(info: OpenAPIInfo(title: "Shop"))
    Get("items/{id}", name: "item") { (_, id: Int) in "item \(id)" }
  }
}

private struct Broken: Backend {
  var models: Models {}
  var routes: some Routes {
    Get("twice") { _ in "a" }
    Get("twice") { _ in "b" }
  }
}

@Suite("The app's tool")
struct ToolTests {
  @Test("help lists the framework's commands and the app's own, and needs no valid setting")
  func help() async {
    let result = await run(Shop.self, "--help", variables: ["PORT": "nonsense"])
    #expect(result.code == 0)
    for command in [
      "serve", "check", "migrate", "makemigrations", "createsuperuser", "dbshell", "routes", "openapi", "client", "echo",
    ] {
      #expect(result.output.contains("  \(command)"))
    }
    #expect(result.output.contains("USAGE: shop"))
  }

  @Test("--version prints the app's version")
  func version() async {
    let result = await run(Shop.self, "--version")
    #expect(result.code == 0)
    #expect(result.output == "3.1.4\n")
  }

  @Test(
    "every command explains itself",
    arguments: [
      "serve", "check", "migrate", "makemigrations", "showmigrations", "sqlmigrate", "createsuperuser", "dbshell", "routes",
      "openapi", "client",
      "echo",
    ])
  func commandHelp(_ name: String) async {
    let result = await run(Shop.self, name, "--help")
    #expect(result.code == 0)
    #expect(result.output.contains("USAGE: shop \(name)"))
  }

  @Test("shells get a completion script that knows the app's own commands", arguments: ["bash", "zsh", "fish"])
  func completion(_ shell: String) async {
    let result = await run(Shop.self, "--generate-completion-script", shell)
    #expect(result.code == 0)
    #expect(result.output.contains("echo"))
    #expect(result.output.contains("routes"))
  }

  @Test("an app's command gets its arguments and the app")
  func ownCommand() async {
    let result = await run(Shop.self, "echo", "good", "morning")
    #expect(result.code == 0)
    #expect(result.output == "good morning from shop in development\n")
    #expect(result.errors.isEmpty)
  }

  @Test("a command that fails ends with 1 and its message; a thrown exit code is the process's")
  func failures() async {
    let failed = await run(Shop.self, "echo", "--code", "1")
    #expect(failed.code == 1)
    #expect(failed.errors == "error: nothing to say; give some words\n")
    let coded = await run(Shop.self, "echo", "--code", "7")
    #expect(coded.code == 7)
    #expect(coded.errors.isEmpty)
    let invalid = await run(Shop.self, "echo", "nothing")
    #expect(invalid.code == 1)
    #expect(invalid.errors == "error: there is nothing in nothing\n")
  }

  @Test("a command that is not there is called by its name, beside those that are")
  func unknownCommand() async {
    let result = await run(Shop.self, "migrat")
    #expect(result.code == 64)
    #expect(result.errors.hasPrefix("Error: there is no command “migrat”, only echo, serve, check, migrate, "))
    #expect(result.errors.contains(", client, help\nUsage: shop <subcommand>\n"))
  }

  @Test(
    "wrong arguments end with 64 and the usage",
    arguments: [["nonsense"], ["echo", "--code", "many"], ["serve", "--port", "99999"], ["check", "--fail-level", "bad"]])
  func wrongArguments(_ arguments: [String]) async {
    let recording = ConsoleRecording()
    let code = await Shop.tool(console: recording.console).run(arguments) { _ in throw CommandError(.invalidInput, "not reached")
    }
    #expect(code == 64)
    #expect(recording.errors.contains("Error: "))
    #expect(recording.errors.contains("Usage: shop"))
  }

  @Test("wrong settings end with 78 before the command runs, naming each with its form and a fix")
  func wrongSettings() async {
    let result = await run(Shop.self, "echo", "hi", variables: ["PORT": "http", "WAREHOUSES": "0"])
    #expect(result.code == 78)
    #expect(result.output.isEmpty)
    #expect(
      result.errors == """
        error: 2 settings are wrong:

          PORT is "http"
            expected: a whole number from 0 to 65535; 0 takes any free port
            fix:      PORT=8000

          WAREHOUSES is "0"
            expected: a whole number
            fix:      WAREHOUSES=1

        """)
  }

  @Test("a database URL that no driver understands is a wrong setting, too")
  func wrongDatabase() async {
    let result = await run(Shop.self, "routes", variables: ["DATABASE_URL": "oracle://u:secret@h/db"])
    #expect(result.code == 78)
    #expect(result.errors.contains("DATABASE_URL is \"oracle://u:•••@h/db\""))
    #expect(!result.errors.contains("secret"))
  }

  @Test("routes are listed with method, path, name and place, and can be filtered")
  func routes() async {
    let all = await run(Shop.self, "routes")
    #expect(all.code == 0)
    let lines = all.output.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
    #expect(
      lines.contains { $0.prefix(2) == ["GET", "/items"] && $0.last?.hasPrefix("MartletCLITests/ToolTests.swift:") == true })
    #expect(lines.contains { $0.prefix(3) == ["GET", "/items/{id}", "item"] })
    #expect(all.output.contains("GET  /docs"))
    #expect(await run(Shop.self, "routes", "{id}").output.hasSuffix("1 route\n"))
  }

  @Test("openapi prints the document of the routes, or writes it to a file")
  func openAPI() async throws {
    let printed = await run(Shop.self, "openapi")
    #expect(printed.code == 0)
    #expect(printed.output.contains("\"openapi\": \"3.1"))
    #expect(printed.output.contains("\"/items/{id}\""))
    let folder = try TestFolder()
    let written = await run(Shop.self, "openapi", "--output", folder.path + "/openapi.json")
    #expect(written.output == "wrote \(folder.path)/openapi.json\n")
    #expect(try folder.read("openapi.json") == printed.output)
    let refused = await run(Shop.self, "openapi", "--output", folder.path + "/none/openapi.json")
    #expect(refused.code == 1)
    #expect(refused.errors.hasPrefix("error: cannot write "))
  }

  @Test("check passes a sound app and fails one whose routes clash")
  func check() async {
    let sound = await run(Shop.self, "check")
    #expect(sound.code == 0)
    #expect(sound.output == "No findings.\n")
    let broken = await run(Broken.self, "check")
    #expect(broken.code == 1)
    #expect(broken.output.contains("ERROR GET /twice: (http.E003)"))
    #expect(broken.output.contains("HINT: "))
  }

  @Test("check --deploy warns of what is unsafe in production, and fails at the level asked for")
  func deployment() async {
    let warned = await run(Shop.self, "check", "--deploy")
    #expect(warned.code == 0)
    for id in ["security.W018", "security.W004", "security.W102"] { #expect(warned.output.contains(id)) }
    #expect(await run(Shop.self, "check", "--deploy", "--fail-level", "warning").code == 1)
  }

  @Test("check --settings documents every setting, the app's own too, and hides the key")
  func settings() async {
    let key = "the-quick-brown-fox-jumps-over-the-lazy-dog-0123456789"
    let result = await run(Shop.self, "check", "--settings", variables: ["SECRET_KEY": key, "PORT": "9000"])
    #expect(result.code == 0)
    #expect(result.output.contains("PORT = 9000   [environment]"))
    #expect(result.output.contains("WAREHOUSES = 1   [default]\n    How many there are.\n    form: a whole number"))
    #expect(result.output.contains("SECRET_KEY = ••• (54 characters)"))
    #expect(!result.output.contains(key))
  }

  @Test("serve refuses to start an app that fails its checks")
  func serveChecks() async {
    let result = await run(Broken.self, "serve", "--port", "0")
    #expect(result.code == 1)
    #expect(result.errors.contains("http.E003"))
    #expect(result.errors.contains("the system checks found 1 error"))
  }

  @Test("dbshell says why it cannot open a database in memory")
  func shell() async {
    let result = await run(Shop.self, "dbshell")
    #expect(result.code == 1)
    #expect(result.errors.contains("the database is in memory"))
  }

  @Test("backup copies the database, and the copy passes its checks; an existing file stays unless told otherwise")
  func backup() async throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("martlet-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let variables = ["DATABASE_URL": "sqlite:///\(folder.path)/app.db"], copy = folder.path + "/copy.db"
    #expect(await run(Shop.self, "migrate", variables: variables).code == 0)
    let first = await run(Shop.self, "backup", copy, "--verify", variables: variables)
    #expect(first.code == 0)
    #expect(first.output.contains("is in order") && first.output.contains("to \(copy)"))
    let second = await run(Shop.self, "backup", copy, variables: variables)
    #expect(second.code == 1 && second.errors.contains("exists already"))
    #expect(await run(Shop.self, "backup", copy, "--replace", variables: variables).code == 0)
    #expect(await run(Shop.self, "backup", "--verify", variables: ["DATABASE_URL": "sqlite:///\(copy)"]).code == 0)
    #expect(await run(Shop.self, "backup", variables: variables).code == 64)
  }
}
