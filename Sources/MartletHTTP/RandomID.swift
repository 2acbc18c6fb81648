import Foundation
import MartletCore
import Synchronization

/// Random ids of requests: 32 hexadecimal digits of the system's randomness.
///
/// The system is asked for several ids at once: each question is a call into the kernel, and costs more than all else about an
/// id.
enum RandomID {
  private struct Pool {
    var words = [UInt64](repeating: 0, count: RandomID.wordCount)
    /// How many of the words were handed out.
    var used = RandomID.wordCount
  }
  private static let pool = Mutex(Pool())
  /// 256 bytes: the most that getentropy(3) gives at once.
  private static let wordCount = 32

  /// A new id.
  static func next() -> String {
    let words = pool.withLock { pool in
      if pool.used == wordCount {
        fill(&pool.words)
        pool.used = 0
      }
      pool.used += 2
      return (pool.words[pool.used - 2], pool.words[pool.used - 1])
    }
    return String(unsafeUninitializedCapacity: 32) { buffer in
      withUnsafeBytes(of: words) { HexDigits.write($0, to: buffer) }
      return 32
    }
  }

  private static func fill(_ words: inout [UInt64]) {
    let failed = words.withUnsafeMutableBytes { getentropy($0.baseAddress, $0.count) != 0 }
    guard failed else { return }
    var generator = SystemRandomNumberGenerator()
    for place in words.indices { words[place] = generator.next() }
  }
}
