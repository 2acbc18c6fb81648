import Foundation

/// A thread of its own that runs blocking calls one after the other, so that none blocks a cooperative thread.
///
/// The thread starts with the first job and ends, after the last one, when this object goes.
package final class JobThread: Sendable {
  package typealias Job = @Sendable () -> Void

  /// What the thread and this object share; the thread must not keep the object alive.
  private final class Queue: @unchecked Sendable {  // everything is guarded by `condition`
    private let condition = NSCondition()
    private var jobs: [Job] = []
    private var isStarted = false
    private var isStopping = false

    /// Whether the thread must be started now.
    func add(_ job: @escaping Job) -> Bool {
      condition.lock()
      defer { condition.unlock() }
      jobs.append(job)
      condition.signal()
      defer { isStarted = true }
      return !isStarted
    }

    var hasStarted: Bool {
      condition.lock()
      defer { condition.unlock() }
      return isStarted
    }

    func stop() {
      condition.lock()
      isStopping = true
      condition.signal()
      condition.unlock()
    }

    func runUntilStopped() {
      var batch: [Job] = []
      while true {
        condition.lock()
        while jobs.isEmpty, !isStopping { condition.wait() }
        swap(&batch, &jobs)
        condition.unlock()
        if batch.isEmpty { return }
        for job in batch { job() }
        batch.removeAll(keepingCapacity: true)
      }
    }
  }

  private let queue = Queue()
  private let name: String
  private let start: @Sendable (String, @escaping Job) -> Void

  /// - Parameter start: Starts a thread of that name; for C libraries that want to know their threads.
  package init(name: String, start: @escaping @Sendable (String, @escaping Job) -> Void = JobThread.start) {
    self.name = name
    self.start = start
  }
  deinit { queue.stop() }

  /// Whether there has been a job.
  package var hasStarted: Bool { queue.hasStarted }

  package func submit(_ job: @escaping Job) {
    guard queue.add(job) else { return }
    start(name) { [queue] in queue.runUntilStopped() }
  }

  /// Runs `body` on a new thread.
  @Sendable package static func start(_ name: String, _ body: @escaping Job) {
    let thread = Thread(block: body)
    thread.name = name
    thread.start()
  }
}
