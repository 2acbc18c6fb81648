import CMariaDB
import Foundation

/// A thread of its own that runs a connection's blocking calls one after the other, so that none blocks a cooperative
/// thread or an event loop.
///
/// The thread starts with the first job and ends, after the last one, when this object goes. The C library's state for the
/// thread is set up and taken down with it.
final class ConnectionThread: Sendable {
  typealias Job = @Sendable () -> Void

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

  init(name: String) { self.name = name }
  deinit { queue.stop() }

  func submit(_ job: @escaping Job) {
    guard queue.add(job) else { return }
    Self.start(name) { [queue] in queue.runUntilStopped() }
  }

  /// Runs `body` on a new thread that may call the C library.
  static func start(_ name: String, _ body: @escaping @Sendable () -> Void) {
    guard library == 0 else { return body() }
    let thread = Thread {
      blockSIGPIPE()
      mysql_thread_init()
      body()
      mysql_thread_end()
    }
    thread.name = name
    thread.start()
  }

  /// Initialises the C library, once for the process: its own way of doing so is not safe among threads.
  private static let library = mysql_server_init(0, nil, nil)

  /// TLS writes to a closed socket without MSG_NOSIGNAL; the signal goes to the thread that wrote.
  private static func blockSIGPIPE() {
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGPIPE)
    pthread_sigmask(SIG_BLOCK, &signals, nil)
  }
}
