import ArgumentParser
import MartletREST

/// `client`: a typed client of the API, generated from the OpenAPI document.
struct ClientCommand: BackendCommand {
  static let configuration = CommandConfiguration(
    commandName: "client", abstract: "Generate a typed client of the API.",
    discussion: """
      Examples:
        client typescript --output web/api.ts
        client swift --output App/API.swift
        client typescript --document openapi.json
      """)

  /// The languages there are.
  enum Language: String, ExpressibleByArgument, CaseIterable { case typescript, swift }

  @Argument(help: "The language: typescript or swift.") var language: Language
  @Option(help: "The file to write, instead of standard output.") var output: String?
  @Option(help: "An OpenAPI document to read, instead of the app's own.") var document: String?

  func run(in application: Application) async throws {
    let tree = try document.map(OpenAPIFile.read) ?? OpenAPIDocument(application.routes).tree
    let api = try ClientAPI(tree)
    let text = language == .typescript ? TypeScriptClient(api).text : SwiftClient(api).text
    try OpenAPIFile.write(text, to: output, application.console)
  }
}
