import Synchronization

/// The texts of the statements that ran. Guarded by its mutex.
final class StatementLog: Sendable {
  private let log = Mutex<[String]>([])
  func record(_ text: String) { log.withLock { $0.append(text) } }
  var texts: [String] { log.withLock { $0 } }
}
