import ArgumentParser
import MartletREST

/// `openapi diff`: what a newer document breaks.
struct OpenAPIDiffCommand: BackendCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff", abstract: "Compare two OpenAPI documents: what breaks clients, who may do more, what is safe.",
    discussion: """
      Ends with 0 where every change is safe, 1 where one breaks clients or lets more people in, 2 where a document cannot be read.

      Examples:
        openapi diff openapi.json                  the document in the repository against the app's present one
        openapi diff v1.json v2.json --format json
        openapi diff openapi.json --breaking-only
      """)

  /// How the changes are written.
  enum Format: String, ExpressibleByArgument, CaseIterable { case text, json }

  @Argument(help: "The older document.") var old: String
  @Argument(help: "The newer document; the app's present one without it.") var new: String?
  @Option(help: "text or json.") var format: Format = .text
  @Flag(help: "Leave out what is safe.") var breakingOnly = false

  func run(in application: Application) async throws {
    var changes: [APIChange]
    do {
      let newer = try new.map(OpenAPIFile.read) ?? OpenAPIDocument(application.routes).tree
      changes = try APIComparison.changes(from: try OpenAPIFile.read(old), to: newer)
    } catch {
      application.console.printError(application.console.styled("error: ", .red) + String(describing: error))
      throw ExitCode(2)
    }
    let isSafe = changes.allSatisfy { $0.severity == .safe }
    if breakingOnly { changes.removeAll { $0.severity == .safe } }
    application.console.write(format == .json ? changes.tree.pretty() + "\n" : changes.text)
    if !isSafe { throw ExitCode(1) }
  }
}
