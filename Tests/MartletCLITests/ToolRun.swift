import Martlet
import Synchronization

/// What a run of the tool left behind.
struct ToolRun {
  var code: Int32
  var output: String
  var errors: String
}

/// Collects what a console writes.
final class ConsoleRecording: Sendable {
  private let state = Mutex((output: "", errors: ""))
  private let answers: Mutex<[String]>

  init(answers: [String] = []) { self.answers = Mutex(answers) }

  var output: String { state.withLock { $0.output } }
  var errors: String { state.withLock { $0.errors } }

  var console: Console {
    Console(
      write: { text in self.state.withLock { $0.output += text } },
      writeError: { text in self.state.withLock { $0.errors += text } },
      ask: { question in self.answer(question) }, askSecret: { question in self.answer(question) },
      isInteractive: answers.withLock { !$0.isEmpty })
  }
  private func answer(_ question: String) -> String? {
    state.withLock { $0.output += question }
    return answers.withLock { $0.isEmpty ? nil : $0.removeFirst() }
  }
}

/// Runs an app's tool with settings of its own and no `.env` file.
func run<App: Backend>(
  _ app: App.Type, _ arguments: String..., variables: [String: String] = [:], answers: [String] = []
) async -> ToolRun {
  let recording = ConsoleRecording(answers: answers)
  let base = ["ENVIRONMENT": "development", "DATABASE_URL": "sqlite::memory:", "LOG_LEVEL": "critical"]
  let all = base.merging(variables) { $1 }
  let code = await App.tool(console: recording.console).run(arguments) {
    try Settings.load(variables: all, directory: nil, declared: $0)
  }
  return ToolRun(code: code, output: recording.output, errors: recording.errors)
}
