import Synchronization

/// Runs `work` in a task of its own, so that the caller's cancellation does not reach it, for `limit` at most.
/// - Throws: What `work` throws; ``DatabaseError`` of kind `connection` where it takes longer.
func bounded(by limit: Duration, _ what: String, _ work: @escaping @Sendable () async throws -> Void) async throws {
  let race = Race()
  try await withCheckedThrowingContinuation { continuation in
    race.start(
      continuation, worker: Task { race.end(await Result.of(work)) },
      timer: Task {
        guard (try? await Task.sleep(for: limit)) != nil else { return }
        race.end(.failure(DatabaseError(.connection, "\(what) took longer than \(limit)")))
      })
  }
}

/// Work against time: the first to end decides, and the other is cancelled.
private final class Race: Sendable {
  private struct State {
    var waiting: CheckedContinuation<Void, any Error>?
    var tasks: [Task<Void, Never>] = []
    var result: Result<Void, any Error>?
  }
  private let state = Mutex(State())

  func start(_ continuation: CheckedContinuation<Void, any Error>, worker: Task<Void, Never>, timer: Task<Void, Never>) {
    let result = state.withLock { state -> Result<Void, any Error>? in
      if state.result == nil {
        state.waiting = continuation
        state.tasks = [worker, timer]
      }
      return state.result
    }
    guard let result else { return }
    worker.cancel()
    timer.cancel()
    continuation.resume(with: result)
  }

  func end(_ result: Result<Void, any Error>) {
    let (waiting, tasks) = state.withLock { state -> (CheckedContinuation<Void, any Error>?, [Task<Void, Never>]) in
      guard state.result == nil else { return (nil, []) }
      state.result = result
      defer { state.waiting = nil }
      return (state.waiting, state.tasks)
    }
    for task in tasks { task.cancel() }
    waiting?.resume(with: result)
  }
}

extension Result where Failure == any Error, Success: Sendable {
  /// What `work` returns or throws.
  static func of(_ work: @Sendable () async throws -> Success) async -> Self {
    do { return .success(try await work()) } catch { return .failure(error) }
  }
}
