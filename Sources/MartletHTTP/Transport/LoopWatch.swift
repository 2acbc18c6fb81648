import Logging
import Synchronization

/// Names the routes whose handlers hold an event loop: while they do, every other connection of that loop waits.
struct LoopWatch: Sendable {
  let queues: [LoopQueue]
  let limit: Duration
  let logger: Logger

  /// Looks until it is cancelled.
  func run() async {
    var last = queues.map { $0.turn.withLock(\.number) }
    var named: Set<UInt64> = []
    while (try? await Task.sleep(for: limit)) != nil {
      for (index, queue) in queues.enumerated() {
        let turn = queue.turn.withLock { $0 }
        defer { last[index] = turn.number }
        guard turn.number == last[index], let executor = turn.executor, named.insert(turn.number).inserted else { continue }
        report(executor)
      }
      if named.count > 1000 { named.removeAll() }
    }
  }

  private func report(_ executor: RequestExecutor) {
    let lifetime = executor.current.withLock { $0 }
    let place = lifetime?.route.map { " of the route at \($0)" } ?? ""
    logger.warning(
      """
      the handler\(place) has held its event loop for more than \(limit): requests on other connections wait for it. \
      Move blocking or long computing into `try await offload { … }`.
      """)
  }
}
