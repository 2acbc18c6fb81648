/// One difference between two OpenAPI documents.
package struct APIChange: Sendable, Hashable {
  /// What it means for those who call the API.
  package enum Severity: String, Sendable, Hashable, CaseIterable {
    /// A client that worked may stop to.
    case breaking
    /// More people may do something than before.
    case exposed
    /// A client that worked goes on to.
    case safe
  }
  package var severity: Severity
  /// What kind of change, for programs: `field-removed`.
  package var code: String
  /// Where: `GET /api/articles, response 200` or `Article, in responses`.
  package var place: String
  /// What changed, for people.
  package var message: String
}

extension [APIChange] {
  /// The changes as text: a line each, the worst first, and their numbers.
  package var text: String {
    let lines = map { change in
      let word = change.severity == .safe ? "safe" : change.severity.rawValue.uppercased()
      return word.padded(to: 10) + change.place + ": " + change.message
    }
    let counts = APIChange.Severity.allCases.map { severity in "\(count(of: severity)) \(severity.rawValue)" }
    return (lines + [isEmpty ? "No changes." : counts.joined(separator: ", ")]).joined(separator: "\n") + "\n"
  }
  /// The changes as JSON.
  package var tree: JSONTree {
    let counts = APIChange.Severity.allCases.map { JSONTree.Member($0.rawValue, .number(String(count(of: $0)))) }
    let list = map { change -> JSONTree in
      [
        "severity": .string(change.severity.rawValue), "code": .string(change.code), "place": .string(change.place),
        "message": .string(change.message),
      ]
    }
    return .object(counts + [.init("changes", .array(list))])
  }
  package func count(of severity: APIChange.Severity) -> Int { count { $0.severity == severity } }
}

extension String {
  fileprivate func padded(to width: Int) -> String { self + String(repeating: " ", count: Swift.max(1, width - count)) }
}
