public import ArgumentParser
public import MartletCore

/// `check`: runs the system checks, or documents the settings.
struct CheckCommand: BackendCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Look for mistakes in the app and its settings.",
    discussion: """
      Examples:
        check
        check --deploy --fail-level warning     before a deployment
        check --database                        connect to the database and look at it
        check --settings                        every setting with its value
      """)

  @Flag(help: "Check what matters in production, too.") var deploy = false
  @Flag(help: "Connect to the database: version, character set, time zone, sql_mode, tables and migrations.") var database = false
  @Option(help: "The level from which findings make the command fail: info, warning or error.")
  var failLevel: CheckMessage.Level = .error
  @Flag(help: "List every setting: name, value, where it comes from, form, purpose.") var settings = false

  func run(in application: Application) async throws {
    if settings { return application.listSettings() }
    var findings = await application.findings(forDeployment: deploy)
    if database { findings += await application.databaseFindings() }
    for finding in findings { application.console.print(application.text(of: finding)) }
    let count = findings.count
    application.console.print(count == 0 ? "No findings." : "\(count) finding\(count == 1 ? "" : "s").")
    if findings.contains(where: { $0.level >= failLevel }) { throw ExitCode(1) }
  }
}

extension CheckMessage.Level: ExpressibleByArgument {}

extension Application {
  fileprivate func listSettings() {
    for setting in settings.report {
      let value = setting.value ?? (setting.isRequired ? "(required)" : "(not set)")
      console.print("\(console.styled(setting.name, .bold)) = \(value)   [\(setting.origin.rawValue)]")
      console.print("    \(setting.help)")
      console.print("    form: \(setting.form)")
    }
  }

  func text(of finding: CheckMessage) -> String {
    let style: ConsoleStyle = finding.level == .error ? .red : finding.level == .warning ? .yellow : .dim
    return console.styled(finding.level.rawValue.uppercased(), style) + " " + finding.description
  }
}
