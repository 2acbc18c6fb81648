// Example data must be the same for the same seed, on every machine and with every version of Swift. So the generator,
// and what is drawn with it, are written out here.

/// Random numbers by SplitMix64 (Steele, Lea and Flood, 2014).
struct SeedRandom {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// A number from 0 to below `bound`; 0 where there is none.
  mutating func below(_ bound: Int) -> Int { bound < 1 ? 0 : Int(next() % UInt64(bound)) }

  /// A number of the range.
  mutating func number(_ range: ClosedRange<Int>) -> Int { range.lowerBound + below(range.count) }

  /// True so many times in a hundred.
  mutating func chance(percent: Int) -> Bool { below(100) < percent }

  /// One of the list, which must not be empty.
  mutating func pick<T>(_ list: [T]) -> T { list[below(list.count)] }

  /// So many different numbers from 0 to below `bound`, or all of them; small ones more often, as a few people have most
  /// of the readers.
  mutating func skewed(_ count: Int, below bound: Int) -> [Int] {
    guard count < bound else { return Array(0..<max(0, bound)) }
    var chosen: [Int] = [], seen: Set<Int> = []
    while chosen.count < count {
      let one = min(below(bound), below(bound))
      if seen.insert(one).inserted { chosen.append(one) }
    }
    return chosen
  }
}
