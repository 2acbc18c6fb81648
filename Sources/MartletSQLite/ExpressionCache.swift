import Foundation
import Synchronization

/// Compiled regular expressions, the latest few. Guarded by its mutex.
final class ExpressionCache: Sendable {
  static let shared = ExpressionCache()
  private struct Entry {
    let pattern: String
    let ignoringCase: Bool
    let expression: NSRegularExpression?
  }
  private let entries = Mutex<[Entry]>([])

  /// `nil` where the pattern is none.
  func expression(_ pattern: String, ignoringCase: Bool) -> NSRegularExpression? {
    entries.withLock { entries in
      if let entry = entries.first(where: { $0.pattern == pattern && $0.ignoringCase == ignoringCase }) {
        return entry.expression
      }
      let expression = try? NSRegularExpression(pattern: pattern, options: ignoringCase ? [.caseInsensitive] : [])
      if entries.count >= 16 { entries.removeFirst() }
      entries.append(Entry(pattern: pattern, ignoringCase: ignoringCase, expression: expression))
      return expression
    }
  }
}
