import Synchronization

/// The replicas of a database: which serve, and when each is looked at again.
final class ReplicaSet: Sendable {
  struct Replica: Sendable {
    var place: Int
    var driver: any DatabaseDriver
  }
  private struct Health {
    var isFit = false
    var isBeingChecked = false
    var failures = 0
    var nextCheck = ContinuousClock.Instant.now
  }
  private struct State {
    var health: [Health]
    var turn = 0
  }

  let members: [any DatabaseDriver]
  private let limits: ReplicatedDriver.Limits
  private let state: Mutex<State>

  init(_ members: [any DatabaseDriver], _ limits: ReplicatedDriver.Limits) {
    self.members = members
    self.limits = limits
    state = Mutex(State(health: members.map { _ in Health() }))
  }

  var healthy: [String] {
    state.withLock { state in members.indices.filter { state.health[$0].isFit }.map { members[$0].displayName } }
  }

  /// The next that serves, in turn; `nil` for the primary. Begins the checks that are due, and waits for none.
  func next() -> Replica? {
    guard !members.isEmpty else { return nil }
    let (place, due) = state.withLock { state -> (Int?, [Int]) in
      let now = ContinuousClock.now
      let due = members.indices.filter { !state.health[$0].isBeingChecked && state.health[$0].nextCheck <= now }
      for place in due { state.health[place].isBeingChecked = true }
      for _ in members.indices {
        state.turn = (state.turn + 1) % members.count
        if state.health[state.turn].isFit { return (state.turn, due) }
      }
      return (nil, due)
    }
    for place in due { Task { await self.check(place) } }
    return place.map { Replica(place: $0, driver: members[$0]) }
  }

  /// A replica did not serve: nobody asks it until it has been looked at.
  func leaveOut(_ replica: Replica, _ error: DatabaseError) {
    state.withLock { state in
      guard state.health[replica.place].isFit else { return }
      note(&state.health[replica.place], isFit: false)
    }
  }

  func checkAll() async {
    let due = state.withLock { state in
      let due = members.indices.filter { !state.health[$0].isBeingChecked }
      for place in due { state.health[place].isBeingChecked = true }
      return due
    }
    await withTaskGroup { group in
      for place in due { group.addTask { await self.check(place) } }
    }
  }

  private func check(_ place: Int) async {
    let isFit: Bool
    do {
      let lag = try await members[place].replicationLag()
      // A driver that cannot tell has to show at least that its server answers.
      if lag == nil { try await members[place].run(SQLStatement("SELECT 1", effect: .read)) { _ in } }
      isFit = (lag ?? .zero) <= limits.maximumLag
    } catch { isFit = false }
    state.withLock { state in
      state.health[place].isBeingChecked = false
      note(&state.health[place], isFit: isFit)
    }
  }

  private func note(_ health: inout Health, isFit: Bool) {
    health.isFit = isFit
    health.failures = isFit ? 0 : health.failures + 1
    let pause = limits.initialBackoff * Double(1 << min(max(health.failures - 1, 0), 30))
    health.nextCheck = .now + (isFit ? limits.checkInterval : min(pause, limits.maximumBackoff) * Double.random(in: 0.8...1.2))
  }
}
