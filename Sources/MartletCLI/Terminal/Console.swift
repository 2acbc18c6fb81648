import Foundation

/// The terminal that a command talks to: its two outputs and the person in front of it.
///
/// A value, so that tests put a recording one in its place.
public struct Console: Sendable {
  /// Writes to standard output, as it is.
  public var write: @Sendable (String) -> Void
  /// Writes to standard error, as it is.
  public var writeError: @Sendable (String) -> Void
  /// Reads a line after showing a question; `nil` at the end of the input.
  public var ask: @Sendable (_ question: String) -> String?
  /// The same without showing what is typed.
  public var askSecret: @Sendable (_ question: String) -> String?
  /// Whether a person sits there who can be asked.
  public var isInteractive: Bool
  /// Whether colours and moving lines are understood.
  public var isTerminal: Bool

  /// A console of these parts.
  public init(
    write: @escaping @Sendable (String) -> Void, writeError: @escaping @Sendable (String) -> Void,
    ask: @escaping @Sendable (String) -> String? = { _ in nil },
    askSecret: @escaping @Sendable (String) -> String? = { _ in nil },
    isInteractive: Bool = false, isTerminal: Bool = false
  ) {
    self.write = write
    self.writeError = writeError
    self.ask = ask
    self.askSecret = askSecret
    self.isInteractive = isInteractive
    self.isTerminal = isTerminal
  }

  /// The process's own: standard input, output and error. `NO_COLOR` switches colours off (no-color.org).
  public static var standard: Console {
    let variables = ProcessInfo.processInfo.environment
    let isTerminal = isatty(1) == 1 && variables["NO_COLOR", default: ""].isEmpty && variables["TERM"] != "dumb"
    return Console(
      write: { try? FileHandle.standardOutput.write(contentsOf: Data($0.utf8)) },
      writeError: { try? FileHandle.standardError.write(contentsOf: Data($0.utf8)) },
      ask: { question in
        try? FileHandle.standardOutput.write(contentsOf: Data(question.utf8))
        return readLine()
      },
      askSecret: { question in
        try? FileHandle.standardOutput.write(contentsOf: Data(question.utf8))
        return withoutEcho { readLine() }
      },
      isInteractive: isatty(0) == 1, isTerminal: isTerminal)
  }

  /// Writes a line to standard output.
  public func print(_ line: String = "") { write(line + "\n") }
  /// Writes a line to standard error.
  public func printError(_ line: String) { writeError(line + "\n") }

  /// The text in a style, where the terminal understands styles.
  public func styled(_ text: String, _ style: ConsoleStyle) -> String {
    isTerminal ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
  }

  /// Writes rows with their columns aligned, two spaces between.
  public func print(table rows: [[String]], indent: Int = 0) {
    var widths: [Int] = []
    for row in rows {
      for (i, cell) in row.enumerated() {
        if i == widths.count { widths.append(0) }
        widths[i] = max(widths[i], cell.count)
      }
    }
    for row in rows {
      var line = String(repeating: " ", count: indent)
      for (i, cell) in row.enumerated() {
        line += i == row.count - 1 ? cell : cell + String(repeating: " ", count: widths[i] - cell.count + 2)
      }
      print(line)
    }
  }

  /// Switches the terminal's echo off around `body` (POSIX `tcsetattr`); without a terminal it just runs.
  private static func withoutEcho(_ body: () -> String?) -> String? {
    var state = termios()
    guard tcgetattr(0, &state) == 0 else { return body() }
    var silent = state
    silent.c_lflag &= ~tcflag_t(ECHO)
    tcsetattr(0, TCSAFLUSH, &silent)
    defer {
      tcsetattr(0, TCSAFLUSH, &state)
      try? FileHandle.standardOutput.write(contentsOf: Data("\n".utf8))
    }
    return body()
  }
}

/// A style of the terminal, by its ANSI code.
public enum ConsoleStyle: String, Sendable, Hashable {
  case bold = "1"
  case dim = "2"
  case red = "31"
  case green = "32"
  case yellow = "33"
}
