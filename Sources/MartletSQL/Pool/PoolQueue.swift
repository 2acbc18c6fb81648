/// Someone who waits for a connection. `progress` and `isQueued` are guarded by the pool's lock.
final class PoolWaiter: @unchecked Sendable {
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

/// Who waits, in order. Who leaves early is passed over later: leaving costs no search.
struct PoolQueue: Sendable {
  private var waiters: [PoolWaiter] = []
  private var head = 0
  /// How many wait.
  private(set) var live = 0

  mutating func add(_ waiter: PoolWaiter, first: Bool) {
    waiter.isQueued = true
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

  /// The one who has waited longest.
  var first: PoolWaiter? {
    mutating get {
      while head < waiters.count, !waiters[head].isQueued { head += 1 }
      return head < waiters.count ? waiters[head] : nil
    }
  }

  /// The event loops of those at these places of the queue.
  func affinities(of places: Range<Int>) -> [ObjectIdentifier?] {
    waiters[head...].lazy.filter(\.isQueued).prefix(places.upperBound).dropFirst(places.lowerBound).map(\.request.affinity)
  }

  mutating func popFirst() -> PoolWaiter? {
    guard let waiter = first else {
      waiters.removeAll(keepingCapacity: true)
      head = 0
      return nil
    }
    head += 1
    remove(waiter)
    return waiter
  }

  mutating func remove(_ waiter: PoolWaiter) {
    guard waiter.isQueued else { return }
    waiter.isQueued = false
    live -= 1
    // Those who left are swept out once they are most of the queue.
    if waiters.count - live > 64 + live {
      waiters.removeAll { !$0.isQueued }
      head = 0
    }
  }
}
