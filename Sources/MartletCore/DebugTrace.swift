import Synchronization

/// What happened on the way to a response: the statements of a request, for the debug page.
///
/// It exists in development only. Whoever does something worth showing writes a line; secrets are
/// redacted before.
public final class DebugTrace: Sendable {
  private let state = Mutex<(lines: [String], dropped: Int)>(([], 0))
  /// The most lines that are kept: a request in a loop shall not fill the memory.
  public static let limit = 500

  /// An empty trace.
  public init() {}

  /// Adds a line, such as `SELECT … [3] 0.4 ms`.
  public func record(_ line: String) {
    state.withLock { state in
      if state.lines.count < DebugTrace.limit { state.lines.append(line) } else { state.dropped += 1 }
    }
  }
  /// The lines in order, and a note where some were left out.
  public var lines: [String] {
    state.withLock { state in
      state.dropped == 0 ? state.lines : state.lines + ["… and \(state.dropped) more"]
    }
  }
}

/// The slot of a request's trace. Empty in production.
public enum DebugTraceKey: ContextKey {
  /// The trace.
  public typealias Value = DebugTrace
}
