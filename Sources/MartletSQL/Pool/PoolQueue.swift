/// Someone who waits for a connection.
package final class PoolWaiter: @unchecked Sendable {  // each `var` is guarded by the pool's lock, `ConnectionPool.state`
  enum Progress {
    /// It has not begun to wait yet.
    case new
    case suspended(CheckedContinuation<any PoolableConnection, any Error>)
    /// The wait ended before it began.
    case decided(Result<any PoolableConnection, any Error>)
    case over
  }
  let request: PoolRequest
  let deadline: ContinuousClock.Instant
  var progress = Progress.new
  var isQueued = false

  init(_ request: PoolRequest, deadline: ContinuousClock.Instant) {
    self.request = request
    self.deadline = deadline
  }
}

/// Who waits, in order, all together and those of each event loop. Who leaves early is passed over later: leaving costs no
/// search.
struct PoolQueue: Sendable {
  /// Waiters in order, among them some that have left.
  private struct Line: Sendable {
    private(set) var waiters: [PoolWaiter] = []
    private var head = 0
    private var live = 0

    var first: PoolWaiter? {
      mutating get {
        while head < waiters.count, !waiters[head].isQueued { head += 1 }
        return head < waiters.count ? waiters[head] : nil
      }
    }
    var queued: some Sequence<PoolWaiter> { waiters[head...].lazy.filter(\.isQueued) }

    mutating func add(_ waiter: PoolWaiter, first: Bool) {
      live += 1
      if !first {
        waiters.append(waiter)
      } else if head > 0 {
        head -= 1
        waiters[head] = waiter
      } else {
        waiters.insert(waiter, at: 0)
      }
    }
    /// One has left. They are swept out once they are most of the line.
    mutating func noteLeft() {
      live -= 1
      guard waiters.count - live > 64 + live else { return }
      waiters.removeAll { !$0.isQueued }
      head = 0
    }
  }
  private var all = Line()
  private var loops: [ObjectIdentifier: Line] = [:]
  /// How many wait.
  private(set) var live = 0

  mutating func add(_ waiter: PoolWaiter, first: Bool) {
    waiter.isQueued = true
    live += 1
    all.add(waiter, first: first)
    if let loop = waiter.request.affinity { loops[loop, default: Line()].add(waiter, first: first) }
  }

  /// The one who has waited longest.
  var first: PoolWaiter? { mutating get { all.first } }

  /// Whom a connection that lives on `loop` serves next: who has waited longest, unless somebody of its own loop came soon
  /// after. A statement of another loop wakes two threads up, so that among many who wait one half would cost more than they get.
  mutating func next(on loop: ObjectIdentifier?) -> PoolWaiter? {
    guard let longest = all.first, let loop, longest.request.affinity != loop, let near = loops[loop]?.first,
      near.request.since - longest.request.since < Self.patience
    else { return all.first }
    return near
  }
  /// How much later than the one who has waited longest somebody may have come who is served before.
  static let patience = Duration.milliseconds(20)

  /// The event loops of those at these places of the queue.
  func affinities(of places: Range<Int>) -> [ObjectIdentifier?] {
    all.queued.prefix(places.upperBound).dropFirst(places.lowerBound).map(\.request.affinity)
  }

  mutating func popFirst() -> PoolWaiter? { popNext(on: nil) }
  mutating func popNext(on loop: ObjectIdentifier?) -> PoolWaiter? {
    guard let waiter = next(on: loop) else { return nil }
    remove(waiter)
    return waiter
  }

  mutating func remove(_ waiter: PoolWaiter) {
    guard waiter.isQueued else { return }
    waiter.isQueued = false
    live -= 1
    all.noteLeft()
    if let loop = waiter.request.affinity { loops[loop]?.noteLeft() }
  }
}
