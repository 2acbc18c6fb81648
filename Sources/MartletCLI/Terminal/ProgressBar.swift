import Synchronization

/// A bar that shows how far a command has come; one line, redrawn at each whole percent.
///
/// ```swift
/// let bar = console.progress("articles", total: 500)
/// for article in articles { …; bar.advance() }
/// ```
/// Where the output is no terminal, it writes the line once, at the end.
public final class ProgressBar: Sendable {
  private let label: String
  private let total: Int
  private let console: Console
  private let state = Mutex((done: 0, shown: -1))

  init(_ label: String, total: Int, console: Console) {
    self.label = label
    self.total = max(0, total)
    self.console = console
    advance(by: 0)
  }

  /// Notes that `count` more are done.
  public func advance(by count: Int = 1) {
    state.withLock { state in
      state.done = min(total, state.done + count)
      let percent = total == 0 ? 100 : state.done * 100 / total
      guard percent != state.shown, console.isTerminal || percent == 100 else { return }
      state.shown = percent
      console.write(line(percent, state.done))
    }
  }

  private func line(_ percent: Int, _ done: Int) -> String {
    let filled = percent / 4
    let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: 25 - filled)
    let text = "\(bar) \(String(repeating: " ", count: 3 - String(percent).count))\(percent)%  \(done)/\(total) \(label)"
    return (console.isTerminal ? "\r\u{1B}[K" : "") + text + (percent == 100 ? "\n" : "")
  }
}

extension Console {
  /// A progress bar of `total` steps; it ends its line when all are done.
  public func progress(_ label: String, total: Int) -> ProgressBar { ProgressBar(label, total: total, console: self) }
}
