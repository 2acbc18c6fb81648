import NIOCore
import Synchronization

extension EventLoop {
  /// Runs an action on the loop: at once where this is the loop.
  func onLoop(_ action: @escaping @Sendable () -> Void) {
    if inEventLoop { action() } else { execute(action) }
  }

  /// Waits for what is told on the loop, and hears of a cancellation whenever it comes: also of one that came before.
  ///
  /// - Parameters:
  ///   - register: Keeps the continuation, or resumes it; on the loop.
  ///   - onCancel: Resumes what `register` has kept with a `CancellationError`; on the loop.
  /// - Throws: `CancellationError`; what the continuation is resumed with.
  func waiting<Value: Sendable>(
    _ register: @escaping @Sendable (CheckedContinuation<Value, any Error>) -> Void, onCancel: @escaping @Sendable () -> Void
  ) async throws -> Value {
    let mark = CancellationMark()
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        onLoop { if mark.isSet { continuation.resume(throwing: CancellationError()) } else { register(continuation) } }
      }
    } onCancel: {
      mark.set()
      onLoop(onCancel)
    }
  }
}

/// Whether a wait was cancelled before it began.
private final class CancellationMark: Sendable {
  private let flag = Atomic(false)
  var isSet: Bool { flag.load(ordering: .acquiring) }
  func set() { flag.store(true, ordering: .releasing) }
}
