import NIOCore
import NIOPosix
import Synchronization

/// Threads that hash passwords, so that no event loop and no thread of the cooperative pool is held for a tenth of a second.
///
/// As many threads as processors, at least two: each Argon2id hash of Django's parameters holds 100 MiB, so the number of
/// threads bounds the memory too. What waits is bounded as well: past the bound the caller gets a 503 at once instead
/// of an answer after its patience.
final class HashingPool: Sendable {
  /// The process's pool; it lives as long as the process.
  static let shared = HashingPool(threads: max(2, System.coreCount), waiting: 256)

  private let pool: NIOThreadPool
  private let limit: Int
  private let admitted = Mutex(0)

  /// A pool of so many threads on which at most so many passwords run or wait.
  init(threads: Int, waiting: Int) {
    pool = NIOThreadPool(numberOfThreads: threads)
    pool.start()
    limit = threads + waiting
  }

  /// Runs the closure on one of the threads.
  /// - Throws: ``AuthError`` of kind `hashingOverloaded`; what the closure throws.
  func run<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
    let isAdmitted = admitted.withLock { count in
      guard count < limit else { return false }
      count += 1
      return true
    }
    guard isAdmitted else {
      throw AuthError(.hashingOverloaded, "\(limit) passwords are being hashed or wait for it; try again later", retryAfter: 2)
    }
    defer { admitted.withLock { $0 -= 1 } }
    return try await pool.runIfActive(body)
  }

  /// Ends the threads; for pools of tests.
  func shutdown() async throws { try await pool.shutdownGracefully() }
}
