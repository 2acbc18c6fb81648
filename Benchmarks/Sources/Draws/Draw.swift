import Synchronization

/// Random numbers for many threads, without asking the system for each: `Int.random(in:)` is a system call, which the peers'
/// generators are not.
public enum Draw {
  private static let state = Atomic<UInt64>(UInt64.random(in: 0 ... .max))

  /// From 1 to `bound`, by SplitMix64 (Steele, Lea and Flood, 2014).
  public static func number(upTo bound: Int64 = 10_000) -> Int64 {
    var z = state.wrappingAdd(0x9E37_79B9_7F4A_7C15, ordering: .relaxed).newValue
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return Int64((z ^ (z >> 31)) % UInt64(max(1, bound))) + 1
  }

  /// So many different ones, in order, so that two updates cannot wait for each other.
  public static func different(_ count: Int) -> [Int64] {
    var numbers: Set<Int64> = []
    while numbers.count < count { numbers.insert(number()) }
    return numbers.sorted()
  }
}
