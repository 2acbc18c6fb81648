import Logging
import Synchronization

/// Names the routes whose handlers hold an event loop: while they do, every other connection of that loop waits.
struct LoopWatch: Sendable {
  let queues: [LoopQueue]
  let limit: Duration
  let logger: Logger

  /// Looks until it is cancelled: twice in the time that a handler may hold its loop, so that one that holds it for half as
  /// long again is surely seen.
  func run() async {
    var seen = queues.map { (number: $0.turn.withLock(\.number), looks: 0) }
    while (try? await Task.sleep(for: limit / 2)) != nil {
      for (index, queue) in queues.enumerated() {
        let turn = queue.turn.withLock { $0 }
        guard turn.number == seen[index].number, let executor = turn.executor else {
          seen[index] = (turn.number, 0)
          continue
        }
        seen[index].looks += 1
        if seen[index].looks == 2 { report(executor) }
      }
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
