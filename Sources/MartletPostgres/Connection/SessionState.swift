import MartletSQL
import Synchronization

/// What other threads may know of a session without asking its event loop.
final class SessionState: Sendable {
  /// Whether it may serve further borrowers.
  let isUsable = Atomic(true)
  /// Whether a transaction is open, or settings were changed.
  let needsReset = Atomic(false)
  /// Whether a statement that is handed over now is sent together with those handed over before.
  let isBatchOpen = Atomic(true)
}

/// How to reach the backend process that serves a session, to cancel what it runs.
struct BackendKey: Sendable {
  var processID: Int32
  var secret: Int32
}
