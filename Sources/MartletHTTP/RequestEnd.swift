import Foundation
import Synchronization

/// When a request began: for the access log alone, so that nobody reads a clock without it.
struct RequestStart: Sendable {
  let instant = ContinuousClock.now
  let time = Date()
}

/// The end of a request whose body is a stream, once: its files are removed and its line is written, when the body is sent or
/// when a response that nobody sent is dropped.
final class RequestEnd: Sendable {
  private let log: AccessLog
  private let lifetime: RequestLifetime
  /// `nil` without an access log.
  private let entry: AccessLog.Entry?
  private let state = Mutex((bytes: 0, isOver: false))

  init(_ log: AccessLog, _ lifetime: RequestLifetime, _ entry: AccessLog.Entry?) {
    self.log = log
    self.lifetime = lifetime
    self.entry = entry
  }
  deinit { note(bytes: 0, isLast: true) }

  func note(bytes: Int, isLast: Bool) {
    let sent: Int? = state.withLock { state in
      guard !state.isOver else { return nil }
      state.bytes += bytes
      state.isOver = isLast
      return isLast ? state.bytes : nil
    }
    guard let sent else { return }
    lifetime.end()
    if let entry { log.write(entry, bytes: sent, viewer: lifetime.viewer) }
  }
}
