import Synchronization

/// What a borrower asks for.
package struct PoolRequest: Sendable {
  var isShared: Bool
  /// Whether it is shared for a look-up by key, which is over at once.
  var isLookup: Bool
  /// The identity of the caller's event loop.
  var affinity: ObjectIdentifier?
  var source: SourcePlace?
  /// Since when it asks.
  var since = ContinuousClock.Instant.now
  /// Whether it had a connection that turned out to be dead: it does not queue behind those who came later.
  var isRetry = false

  package init(isShared: Bool, isLookup: Bool = false, affinity: AnyObject?, source: SourcePlace? = nil) {
    self.isShared = isShared
    self.isLookup = isShared && isLookup
    self.affinity = affinity.map(ObjectIdentifier.init)
    self.source = source
  }
}

/// What a borrower gets when it asks.
package enum PoolAttempt: Sendable {
  /// A connection.
  case ready(any PoolableConnection)
  /// A connection that rested for so long that it has to give a sign of life first.
  case unproven(any PoolableConnection)
  /// A place in the queue.
  case wait(PoolWaiter)
}

/// An open connection. Every field is guarded by the pool's lock.
final class PoolEntry: @unchecked Sendable {  // each `var` is guarded by the pool's lock, `ConnectionPool.state`
  let connection: any PoolableConnection
  /// The identity of the event loop that it lives on.
  let affinity: ObjectIdentifier?
  /// When it is too old.
  let expires: ContinuousClock.Instant
  /// Since when it rests, or when it was last seen to live.
  var rested: ContinuousClock.Instant
  /// Statements that share it.
  var shares = 0
  /// Whether those are look-ups, all of them.
  var hasOnlyLookups = false
  /// Whether it is asked for a sign of life at the moment: nobody may join.
  var isBeingProved = false
  /// Who has it, and since when.
  var source: SourcePlace?
  var since: ContinuousClock.Instant

  init(_ connection: any PoolableConnection, expires: ContinuousClock.Instant, now: ContinuousClock.Instant) {
    self.connection = connection
    affinity = connection.affinity.map(ObjectIdentifier.init)
    self.expires = expires
    rested = now
    since = now
  }
}

/// What is to be done once the pool's lock is open again.
struct PoolWork: Sendable {
  var resumes: [(CheckedContinuation<any PoolableConnection, any Error>, Result<any PoolableConnection, any Error>)] = []
  var closes: [any PoolableConnection] = []
  /// For whom to open connections: the identity of the event loop that each had best live on.
  var connects: [ObjectIdentifier?] = []
  var emptied: [CheckedContinuation<Void, Never>] = []
  var events: [PoolEvent] = []
  /// When the timer must fire, and its generation.
  var timer: (ContinuousClock.Instant, UInt64)?
}

/// Everything that a pool knows, guarded by its lock. Nothing here waits or calls out.
///
/// Not generic, as ``ConnectionPool`` is: the compiler does not specialise one module's types for another's, and each use of a
/// generic one looks for its metadata while the program runs.
struct PoolState: Sendable {
  typealias Entry = PoolEntry
  typealias Waiter = PoolWaiter
  typealias Work = PoolWork
  typealias Instant = ContinuousClock.Instant

  let configuration: PoolConfiguration
  let label: String
  /// Every open connection.
  var entries: [Entry] = []
  /// Those that rest, the one used last at the end.
  var idle: [Entry] = []
  var queue = PoolQueue()
  /// Attempts to connect, and connections on their way out: both count as connections.
  var connecting = 0, closing = 0
  /// The event loops for which a connection was opened because they had none; not again while that one lives.
  var servedLoops: Set<ObjectIdentifier> = []
  /// Attempts that failed since the last one that did not.
  var failures = 0
  var nextAttempt: Instant
  var lastConnectError: (any Error)?
  /// A connection was found broken then: those that rest since before may be, too.
  var suspectBefore: Instant
  var isShutDown = false
  var whenEmpty: [CheckedContinuation<Void, Never>] = []
  var timer: Task<Void, Never>?
  var timerFires: Instant?
  var timerGeneration: UInt64 = 0
  var served: UInt64 = 0, timeouts: UInt64 = 0, opened: UInt64 = 0
  var totalWait: Duration = .zero, longestWait: Duration = .zero

  init(_ configuration: PoolConfiguration, label: String, now: Instant) {
    self.configuration = configuration
    self.label = label
    nextAttempt = now
    suspectBefore = now
  }

  /// Whether no connection is left, nor one on its way.
  var isEmpty: Bool { entries.isEmpty && connecting == 0 && closing == 0 }
  /// Whether one more connection may be opened.
  var hasRoom: Bool { entries.count + connecting + closing < configuration.maximumConnections }

  var currentMetrics: PoolMetrics {
    var metrics = PoolMetrics()
    metrics.inUse = entries.count - idle.count
    metrics.idle = idle.count
    metrics.waiting = queue.live
    metrics.maximum = configuration.maximumConnections
    metrics.served = served
    metrics.timeouts = timeouts
    metrics.opened = opened
    metrics.totalWait = totalWait
    metrics.longestWait = longestWait
    return metrics
  }

  // MARK: Lending

  mutating func acquire(_ request: PoolRequest, now: Instant, _ work: inout Work) throws -> PoolAttempt {
    guard !isShutDown else { throw shutDownError }
    if queue.live == 0 || request.isRetry, let entry = take(request, now: now, &work) {
      served += 1
      guard !entry.isBeingProved else { return .unproven(entry.connection) }
      return .ready(entry.connection)
    }
    let waiter = Waiter(request, deadline: request.since + configuration.acquireTimeout)
    queue.add(waiter, first: request.isRetry)
    startConnects(now: now, &work)
    return .wait(waiter)
  }

  private mutating func take(_ request: PoolRequest, now: Instant, _ work: inout Work) -> Entry? {
    if let affinity = request.affinity {
      if request.isLookup, let entry = joinLookups(request) { return entry }
      if let entry = takeIdle(request, strictly: true, now: now, &work) { return entry }
      if request.isShared, let entry = join(request, strictly: true) { return entry }
      connectFirst(on: affinity, now: now, &work)
    }
    if let entry = takeIdle(request, strictly: false, now: now, &work) { return entry }
    return request.isShared && !hasRoom ? join(request, strictly: false) : nil
  }

  private mutating func takeIdle(_ request: PoolRequest, strictly: Bool, now: Instant, _ work: inout Work) -> Entry? {
    while let place = strictly ? idle.lastIndex(where: { $0.isOn(request.affinity) }) : idle.indices.last {
      let entry = idle.remove(at: place)
      guard entry.connection.isUsable, now < entry.expires else {
        discard(entry, now: now, &work)
        continue
      }
      entry.isBeingProved = now - entry.rested > configuration.pingAfter || entry.rested < suspectBefore
      entry.source = request.source
      entry.since = now
      entry.shares = request.isShared ? 1 : 0
      entry.hasOnlyLookups = request.isLookup
      return entry
    }
    return nil
  }

  /// A loop that asks and has no connection gets one of its own, while another loop's serves: each statement over there wakes
  /// two threads up.
  private mutating func connectFirst(on affinity: ObjectIdentifier, now: Instant, _ work: inout Work) {
    guard hasRoom, failures == 0, !idle.isEmpty, !entries.contains(where: { $0.isOn(affinity) }) else { return }
    guard servedLoops.insert(affinity).inserted else { return }
    connecting += 1
    work.connects.append(affinity)
  }

  /// One more statement on a connection that others use, where it does not wait behind what runs.
  private func join(_ request: PoolRequest, strictly: Bool) -> Entry? {
    guard configuration.pipelineDepth > 1 else { return nil }
    var best: Entry?
    for entry in entries
    where entry.shares > 0 && entry.shares < min(configuration.pipelineDepth, best?.shares ?? .max)
      && (!strictly || entry.isOn(request.affinity)) && entry.isOpen
    {
      best = entry
    }
    best?.shares += 1
    if !request.isLookup { best?.hasOnlyLookups = false }
    return best
  }

  /// One more look-up for a connection that has some, has not sent them yet, and has nothing else: they cost less together than
  /// on several connections, and are over as soon.
  private func joinLookups(_ request: PoolRequest) -> Entry? {
    guard configuration.pipelineDepth > 1 else { return nil }
    let found = entries.first {
      $0.hasOnlyLookups && $0.shares > 0 && $0.shares < depth(of: $0, for: request) && $0.isOn(request.affinity) && $0.isOpen
    }
    found?.shares += 1
    return found
  }

  /// How many may share the connection once this one does.
  private func depth(of entry: Entry, for request: PoolRequest) -> Int {
    let isOfLookups = request.isLookup && (entry.hasOnlyLookups || entry.shares == 0)
    return configuration.pipelineDepth * (isOfLookups ? PoolConfiguration.lookupsForOne : 1)
  }

  /// The connection answered.
  func proved(_ connection: any PoolableConnection, now: Instant) {
    guard let entry = entry(of: connection) else { return }
    entry.isBeingProved = false
    entry.rested = now
  }

  // MARK: Taking back

  func entry(of connection: any PoolableConnection) -> Entry? { entries.first { $0.connection === connection } }
  func isTooOld(_ connection: any PoolableConnection, now: Instant) -> Bool {
    entry(of: connection).map { now >= $0.expires } ?? false
  }

  /// Takes back what one borrower had alone.
  mutating func returned(_ connection: any PoolableConnection, isSound: Bool, now: Instant, _ work: inout Work) {
    guard let entry = entry(of: connection) else { return }
    entry.shares = 0
    entry.isBeingProved = false
    release(entry, isSound: isSound, now: now, &work)
  }

  /// Takes one share back; whether the connection has to be reset now, and is lent to nobody until then.
  mutating func endShare(_ connection: any PoolableConnection, now: Instant, _ work: inout Work) -> Bool {
    guard let entry = entry(of: connection), entry.shares > 0 else { return false }
    entry.shares -= 1
    guard entry.shares == 0 else { return false }
    if connection.isUsable, connection.needsReset, !isShutDown, now < entry.expires { return true }
    release(entry, isSound: true, now: now, &work)
    return false
  }

  /// To who is next in the queue, or to rest, or away.
  mutating func release(_ entry: Entry, isSound: Bool, now: Instant, _ work: inout Work) {
    guard isSound, !isShutDown, entry.connection.isUsable, now < entry.expires else {
      return discard(entry, now: now, &work)
    }
    entry.rested = now
    guard let waiter = queue.popNext(on: entry.affinity) else {
      entry.source = nil
      idle.append(entry)
      return armTimer(&work)
    }
    grant(entry, to: waiter, now: now, &work)
    guard waiter.request.isShared else { return }
    // Those right behind join, as many as make all connections equally full.
    let demand = entries.reduce(queue.live) { $0 + $1.shares }
    let fair = (demand + entries.count - 1) / max(1, entries.count)
    while let next = queue.next(on: entry.affinity), next.request.isShared,
      entry.shares < min(depth(of: entry, for: next.request), fair)
    {
      queue.remove(next)
      grant(entry, to: next, now: now, &work)
    }
  }

  private mutating func grant(_ entry: Entry, to waiter: Waiter, now: Instant, _ work: inout Work) {
    entry.source = waiter.request.source
    entry.since = now
    if entry.shares == 0 || !waiter.request.isLookup { entry.hasOnlyLookups = waiter.request.isLookup }
    entry.shares += waiter.request.isShared ? 1 : 0
    let wait = now - waiter.request.since
    served += 1
    totalWait += wait
    longestWait = max(longestWait, wait)
    work.events.append(.waited(wait))
    finish(waiter, .success(entry.connection), &work)
  }

  /// Closes it, for good.
  mutating func discard(_ entry: Entry, now: Instant, _ work: inout Work) {
    guard let place = entries.firstIndex(where: { $0 === entry }) else { return }
    if !entry.connection.isUsable { suspectBefore = now }
    entries.remove(at: place)
    if let affinity = entry.affinity { servedLoops.remove(affinity) }
    closing += 1
    work.closes.append(entry.connection)
  }

  // MARK: Waiting

  /// Ends a wait, with whatever result.
  func finish(_ waiter: Waiter, _ result: Result<any PoolableConnection, any Error>, _ work: inout Work) {
    switch waiter.progress {
    case .new: waiter.progress = .decided(result)
    case .suspended(let continuation):
      waiter.progress = .over
      work.resumes.append((continuation, result))
    case .decided, .over: break
    }
  }

  /// Takes a waiter out of the queue; nothing where its wait has ended already.
  mutating func cancel(_ waiter: Waiter, _ work: inout Work) {
    guard waiter.isQueued else { return }
    queue.remove(waiter)
    finish(waiter, .failure(CancellationError()), &work)
  }

  mutating func refuseAll(_ error: any Error, _ work: inout Work) {
    while let waiter = queue.popFirst() { finish(waiter, .failure(error), &work) }
  }
}

extension PoolEntry {
  /// Whether a statement that joins now goes out with those that it has.
  var isOpen: Bool { !isBeingProved && connection.isUsable && !connection.needsReset && connection.isBatchOpen }
  func isOn(_ affinity: ObjectIdentifier?) -> Bool { affinity != nil && affinity == self.affinity }
}
