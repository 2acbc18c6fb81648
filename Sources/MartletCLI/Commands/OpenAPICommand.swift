import ArgumentParser
import MartletREST

/// `openapi`: the OpenAPI document of the routes, printed unless a subcommand says otherwise.
struct OpenAPICommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "openapi", abstract: "Print the OpenAPI 3.1 document, or compare two.",
    discussion: """
      Examples:
        openapi
        openapi --output openapi.json
        openapi --format yaml --output openapi.yaml
        openapi diff openapi.json
      """, subcommands: [OpenAPIPrintCommand.self, OpenAPIDiffCommand.self], defaultSubcommand: OpenAPIPrintCommand.self)
}

/// `openapi print`, which is what `openapi` does.
struct OpenAPIPrintCommand: BackendCommand {
  static let configuration = CommandConfiguration(commandName: "print", abstract: "Print the document, or write it to a file.")

  /// How the document is written.
  enum Format: String, ExpressibleByArgument, CaseIterable { case json, yaml }

  @Option(help: "The file to write, instead of standard output.") var output: String?
  @Option(help: "json or yaml.") var format: Format = .json

  func run(in application: Application) async throws {
    let document = OpenAPIDocument(application.routes)
    try OpenAPIFile.write(format == .json ? document.text : document.yaml, to: output, application.console)
  }
}
