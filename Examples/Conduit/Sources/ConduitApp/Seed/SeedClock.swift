import Martlet
import Synchronization

// `autoNowAdd` takes the time from the database's clock, so example data gets its past from a clock that walks: through
// the year 2025, one step for each time it is asked. Rows come out in order, and a day's articles are a day apart.

/// A clock that walks through a year.
final class SeedClock: Sendable {
  private let now: Mutex<Int64>
  private let step: Int64

  /// 2025-01-01T00:00:00Z, in microseconds since 1970.
  static let start: Int64 = 1_735_689_600_000_000
  /// 365 days.
  static let length: Int64 = 31_536_000_000_000

  /// A clock that reaches the year's end after so many questions.
  /// - Parameter wait: How far into the year it begins, in microseconds.
  init(questions: Int, after wait: Int64 = 0) {
    now = Mutex(SeedClock.start + wait)
    step = (SeedClock.length - wait) / Int64(max(1, questions))
  }

  var timeSource: TimeSource {
    TimeSource {
      self.now.withLock { now in
        now += self.step
        return Date(microsecondsSince1970: now)
      }
    }
  }
}
