import ArgumentParser
import Foundation
import MartletREST

/// `openapi`: the OpenAPI document of the routes.
struct OpenAPICommand: BackendCommand {
  static let configuration = CommandConfiguration(
    commandName: "openapi", abstract: "Print the OpenAPI 3.1 document.",
    discussion: """
      Examples:
        openapi
        openapi --output openapi.json
      """)

  @Option(help: "The file to write, instead of standard output.") var output: String?

  func run(in application: Application) async throws {
    let text = OpenAPIDocument(application.routes).text
    guard let output else { return application.console.write(text) }
    do { try Data(text.utf8).write(to: URL(fileURLWithPath: output), options: .atomic) } catch {
      throw CommandError(.unavailable, "cannot write \(output): \(error.localizedDescription)")
    }
    application.console.print("wrote \(output)")
  }
}
