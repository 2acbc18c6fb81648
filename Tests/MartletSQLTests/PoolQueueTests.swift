import Testing

@testable import MartletSQL

@Suite("Who waits for a connection")
struct PoolQueueTests {
  private final class Loop: Sendable {}
  private let start = ContinuousClock.now, own = Loop(), other = Loop()

  private func waiter(_ loop: Loop?, at milliseconds: Int) -> PoolWaiter {
    var request = PoolRequest(isShared: true, affinity: loop)
    request.since = start + .milliseconds(milliseconds)
    return PoolWaiter(request, deadline: request.since + .seconds(1))
  }
  private func order(_ queue: inout PoolQueue, on loop: Loop?) -> [ObjectIdentifier] {
    var found: [ObjectIdentifier] = []
    while let next = queue.popNext(on: loop.map { ObjectIdentifier($0) }) { found.append(ObjectIdentifier(next)) }
    return found
  }

  @Test("a connection serves its own loop first, but nobody is overtaken by who came much later")
  func ownLoopFirst() {
    let early = waiter(other, at: 0), soon = waiter(own, at: 10), nowhere = waiter(nil, at: 12), late = waiter(own, at: 25)
    var queue = PoolQueue()
    for waiter in [early, soon, nowhere, late] { queue.add(waiter, first: false) }
    #expect(order(&queue, on: own) == [soon, early, late, nowhere].map { ObjectIdentifier($0) })
    #expect(queue.live == 0 && queue.first == nil)
    for waiter in [early, soon, nowhere, late] { queue.add(waiter, first: false) }
    #expect(order(&queue, on: nil) == [early, soon, nowhere, late].map { ObjectIdentifier($0) })
  }

  @Test("who leaves is passed over in every line, who comes again stands in front, and thousands leave nothing behind")
  func leaving() {
    var queue = PoolQueue()
    let all = (0..<5000).map { waiter($0 % 2 == 0 ? own : other, at: 0) }
    for waiter in all { queue.add(waiter, first: false) }
    for (place, waiter) in all.enumerated() where place % 100 != 7 && place % 100 != 8 { queue.remove(waiter) }
    queue.remove(all[0])
    #expect(queue.live == 100)
    let again = waiter(own, at: 0)
    queue.add(again, first: true)
    #expect(queue.first === again && queue.next(on: ObjectIdentifier(own)) === again)
    #expect(queue.affinities(of: 1..<3) == [ObjectIdentifier(other), ObjectIdentifier(own)])
    let served = order(&queue, on: own)
    #expect(
      served.count == 101
        && served.prefix(51).dropFirst() == all.indices.filter { $0 % 100 == 8 }.map { ObjectIdentifier(all[$0]) }[...])
    #expect(queue.live == 0)
  }
}
