import NIOCore

extension EventLoop {
  /// Runs an action on the loop: at once where this is the loop.
  func onLoop(_ action: @escaping @Sendable () -> Void) {
    if inEventLoop { action() } else { execute(action) }
  }

  /// Waits for what is told on the loop, and hears of a cancellation whenever it comes: also of one that came before.
  ///
  /// - Parameter register: Keeps the waiter, or resumes it; on the loop. Not called for who is cancelled already.
  /// - Throws: `CancellationError`; what the waiter is resumed with.
  func waiting<Value: Sendable>(_ register: @escaping @Sendable (LoopWaiter<Value>) -> Void) async throws -> Value {
    let waiter = LoopWaiter<Value>()
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        onLoop {
          waiter.begin(continuation)
          if waiter.isWaiting { register(waiter) }
        }
      }
    } onCancel: {
      onLoop { waiter.cancel() }
    }
  }
}

/// Somebody who waits on an event loop. Told once: who was cancelled hears nothing more.
final class LoopWaiter<Value: Sendable>: @unchecked Sendable {  // confined to the loop of `waiting`
  private var continuation: CheckedContinuation<Value, any Error>?
  private var isCancelled = false

  var isWaiting: Bool { continuation != nil }

  func resume(with result: Result<Value, any Error>) {
    continuation.take()?.resume(with: result)
  }
  func resume(returning value: Value) { resume(with: .success(value)) }
  func resume(throwing error: any Error) { resume(with: .failure(error)) }

  fileprivate func begin(_ continuation: CheckedContinuation<Value, any Error>) {
    self.continuation = continuation
    if isCancelled { cancel() }
  }
  fileprivate func cancel() {
    isCancelled = true
    resume(throwing: CancellationError())
  }
}

/// Those who wait until the other side takes more.
struct LoopWriters {
  private var waiters: [LoopWaiter<Void>] = []

  mutating func add(_ waiter: LoopWaiter<Void>) { waiters.append(waiter) }
  /// Tells all of them.
  mutating func wake(_ result: Result<Void, any Error> = .success(())) {
    let all = waiters
    waiters = []
    for waiter in all { waiter.resume(with: result) }
  }
}
