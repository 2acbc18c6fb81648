import Foundation

/// One statement on its way, and how to stop it.
///
/// The connection's thread does not leave the statement while a `KILL QUERY` for it is on its way: so that cannot hit the
/// next statement of the connection.
final class StatementJob: @unchecked Sendable {  // everything is guarded by `condition`
  private let condition = NSCondition()
  private var cancelled = false
  private var isRunning = false
  private var isKilling = false
  private var wasKilled = false
  private let kill: @Sendable () -> Void

  /// A statement; `kill` stops what its connection runs, and may block.
  init(kill: @escaping @Sendable () -> Void) { self.kill = kill }

  var isCancelled: Bool {
    condition.lock()
    defer { condition.unlock() }
    return cancelled
  }

  /// Marks the statement as running; `false` where it was cancelled while queued.
  func start() -> Bool {
    condition.lock()
    defer { condition.unlock() }
    guard !cancelled else { return false }
    isRunning = true
    return true
  }

  /// Ends the statement, after the kill that may be on its way; says whether there was one.
  func finish() -> Bool {
    condition.lock()
    defer { condition.unlock() }
    isRunning = false
    while isKilling { condition.wait() }
    return wasKilled
  }

  func cancel() {
    condition.lock()
    cancelled = true
    let mustKill = isRunning && !isKilling && !wasKilled
    if mustKill { isKilling = true }
    condition.unlock()
    guard mustKill else { return }
    // A thread of its own: the kill opens a connection, and whoever cancels must not wait for that.
    LibraryThread.start("mysql kill") { [self] in
      kill()
      condition.lock()
      isKilling = false
      wasKilled = true
      condition.broadcast()
      condition.unlock()
    }
  }
}
