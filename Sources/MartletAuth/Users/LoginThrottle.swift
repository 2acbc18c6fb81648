import Crypto
import Foundation
public import MartletCore
import Synchronization

/// Slows down guessing: after some failed logins of one name from one address, each further failure doubles the wait.
///
/// ```swift
/// let throttle = LoginThrottle()
/// let user = try await throttle.attempt(username: name, peer: request.peer) {
///   try await users.authenticate(username: name, password: password, in: db)
/// }
/// ```
/// In memory: each process counts for itself and forgets when it ends, and one attacker with many addresses, or many names from one
/// address, is not held up. Put a limit on requests in front of that.
public final class LoginThrottle: Sendable {
  private struct Entry {
    var failures: Int
    var last: Date
  }
  private struct Key: Hashable {
    var username: String
    var peer: String
  }

  private let freeFailures: Int
  private let firstWait: Duration
  private let longestWait: Duration
  private let capacity: Int
  private let timeSource: TimeSource
  private let entries = Mutex<[Key: Entry]>([:])

  /// A throttle.
  /// - Parameters:
  ///   - freeFailures: Failures without a wait.
  ///   - firstWait: The wait after the next one; doubled by each further one.
  ///   - longestWait: The longest wait. A name and address are forgotten after twice as long without a failure.
  ///   - capacity: Names and addresses to remember; the longest quiet ones are forgotten first.
  public init(
    freeFailures: Int = 5, firstWait: Duration = .seconds(1), longestWait: Duration = .seconds(900), capacity: Int = 10_000,
    timeSource: TimeSource = .system
  ) {
    self.freeFailures = freeFailures
    self.firstWait = firstWait
    self.longestWait = longestWait
    self.capacity = max(1, capacity)
    self.timeSource = timeSource
  }

  /// Runs a login unless it has to wait; `nil` from the closure counts as a failure, a value ends the count.
  ///
  /// A running attempt counts as failed until it succeeds, so that parallel guesses gain nothing. An error of the closure
  /// does not count.
  /// - Throws: ``AuthError`` of kind `tooManyAttempts` (429 with `Retry-After`); what the closure throws.
  public func attempt<Value: Sendable>(
    username: String, peer: String?, _ body: () async throws -> Value?
  ) async throws -> Value? {
    let key = Key(username: LoginThrottle.short(UserInput.normalized(username: username).lowercased()), peer: peer ?? "")
    let before = try admit(key)
    do {
      let value = try await body()
      if value != nil { entries.withLock { $0[key] = nil } }
      return value
    } catch {
      entries.withLock { entries in
        guard let now = entries[key] else { return }
        let others = now.failures - (before?.failures ?? 0) - 1
        // Failures that came in the meantime stay.
        if others <= 0 { entries[key] = before } else { entries[key]?.failures -= 1 }
      }
      throw error
    }
  }

  /// How many names and addresses are remembered.
  var count: Int { entries.withLock { $0.count } }
  /// The bytes of the longest name that is kept.
  var longestName: Int { entries.withLock { $0.keys.map(\.username.utf8.count).max() ?? 0 } }

  /// Counts an attempt; what was there before.
  private func admit(_ key: Key) throws -> Entry? {
    let now = timeSource.now()
    return try entries.withLock { entries in
      let known = entries[key].flatMap { now.timeIntervalSince($0.last) < 2 * (longestWait / .seconds(1)) ? $0 : nil }
      if let known {
        let left = wait(after: known.failures) - now.timeIntervalSince(known.last)
        guard left <= 0 else {
          throw AuthError(
            .tooManyAttempts, "Too many failed logins. Try again in \(Int(left.rounded(.up))) seconds.",
            retryAfter: Int(left.rounded(.up)))
        }
      } else if entries.count >= capacity {
        // One scan frees a tenth, so that a flood of names does not scan for each.
        for old in entries.sorted(by: { $0.value.last < $1.value.last }).prefix(max(1, capacity / 10)) { entries[old.key] = nil }
      }
      entries[key] = Entry(failures: (known?.failures ?? 0) + 1, last: now)
      return known
    }
  }

  /// A name that no user can have is kept as its digest: a flood of long ones must not fill the memory.
  private static func short(_ name: String) -> String {
    name.utf8.count <= 600 ? name : "#" + hex(Array(SHA256.hash(data: Data(name.utf8))))
  }

  /// Seconds to wait after so many failures.
  private func wait(after failures: Int) -> Double {
    guard failures > freeFailures else { return 0 }
    return min(firstWait / .seconds(1) * pow(2, Double(failures - freeFailures - 1)), longestWait / .seconds(1))
  }
}
