import NIOCore
import Synchronization

/// The jobs of requests on one event loop. What is enqueued on the loop waits in a plain queue, without a lock or a wake-up;
/// what comes from elsewhere goes through the loop's own.
final class LoopQueue: @unchecked Sendable {  // confined to `loop`, but for `turn`, which has a lock
  private typealias Entry = (job: UnownedJob, executor: RequestExecutor)
  /// A job that runs now, as the watchdog sees it.
  struct Turn {
    var number: UInt64 = 0
    var executor: RequestExecutor?
  }

  let loop: any EventLoop
  /// What is running, for the watchdog.
  let turn = Mutex(Turn())
  private var jobs = CircularBuffer<Entry>(initialCapacity: 64)
  private var unflushed: [HTTPConnectionHandler] = []
  private var isScheduled = false
  private var isDraining = false

  init(_ loop: any EventLoop) { self.loop = loop }

  /// Adds a job. It runs when the loop has read its sockets, or some dozens of them: the requests of all of them together, so
  /// that what they send to the database leaves in one packet. Nor may a connection be closed while NIO notices its end.
  func enqueue(_ job: UnownedJob, _ executor: RequestExecutor) {
    guard loop.inEventLoop else {
      return loop.execute { [self] in
        jobs.append((job, executor))
        drain()
      }
    }
    jobs.append((job, executor))
    schedule()
  }

  /// Has a connection flushed once the jobs that wait have run: responses of one turn leave in one packet.
  func flushLater(_ handler: HTTPConnectionHandler) {
    guard !handler.isFlushDue else { return }
    handler.isFlushDue = true
    unflushed.append(handler)
    schedule()
  }

  private func schedule() {
    guard !isScheduled, !isDraining else { return }
    isScheduled = true
    loop.execute { [self] in
      isScheduled = false
      drain()
    }
  }

  /// The most jobs of one call: a task that yields for ever must not keep the loop from its sockets.
  private static let budget = 256

  /// From how many jobs on they do not wait until all sockets have been read: with a thousand connections JSON is a seventh faster
  /// for it.
  private static let crowd = 48

  /// Runs the jobs that wait where they are many; for the start of a read, before the connection's own handlers are at work.
  /// - Returns: Whether they ran.
  func drainIfCrowded() -> Bool {
    guard jobs.count >= LoopQueue.crowd else { return false }
    drain()
    return true
  }

  /// Runs the jobs that wait.
  func drain() {
    guard !isDraining else { return }
    isDraining = true
    var left = LoopQueue.budget
    while left > 0, let (job, executor) = jobs.popFirst() {
      turn.withLock {
        $0.number &+= 1
        $0.executor = executor
      }
      job.runSynchronously(on: executor.asUnownedTaskExecutor())
      left -= 1
    }
    if left < LoopQueue.budget {
      turn.withLock {
        $0.number &+= 1
        $0.executor = nil
      }
    }
    isDraining = false
    while let handler = unflushed.popLast() { handler.flushNow() }
    if !jobs.isEmpty { schedule() }
  }
}

/// Runs the tasks of one connection's requests on its event loop: SE-0417.
final class RequestExecutor: TaskExecutor {
  let queue: LoopQueue
  /// The request that is being answered, for the watchdog.
  let current = Mutex<RequestLifetime?>(nil)

  init(_ queue: LoopQueue) { self.queue = queue }

  func enqueue(_ job: consuming ExecutorJob) { queue.enqueue(UnownedJob(job), self) }
}

/// The queues of a group of event loops.
struct LoopQueues: Sendable {
  private let queues: [ObjectIdentifier: LoopQueue]

  init(_ group: any EventLoopGroup) {
    var queues: [ObjectIdentifier: LoopQueue] = [:]
    for loop in group.makeIterator() { queues[ObjectIdentifier(loop)] = LoopQueue(loop) }
    self.queues = queues
  }

  var all: [LoopQueue] { Array(queues.values) }
  subscript(_ loop: any EventLoop) -> LoopQueue { queues[ObjectIdentifier(loop)] ?? LoopQueue(loop) }
}
