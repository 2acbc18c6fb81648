public import MartletSQL
import Synchronization

/// Remembers every statement that a database runs.
///
/// ```swift
/// let recorder = StatementRecorder()
/// let db = db.observing { recorder.record($0) }
/// ```
public final class StatementRecorder: Sendable {
  private let state = Mutex<[StatementEvent]>([])

  /// An empty recorder.
  public init() {}

  /// Adds a statement.
  public func record(_ event: StatementEvent) { state.withLock { $0.append(event) } }
  /// The statements in order.
  public var events: [StatementEvent] { state.withLock { $0 } }
  /// Their texts.
  public var sql: [String] { events.map(\.sql) }
  /// Forgets them.
  public func reset() { state.withLock { $0 = [] } }
}

extension Database {
  /// Fails unless `body` runs exactly `count` statements on the database it is given.
  ///
  /// ```swift
  /// let posts = try await db.expectStatements(2) { try await Post.query.with { $0.comments }.all($0) }
  /// ```
  /// - Throws: ``UnexpectedStatements`` naming them all; what `body` throws.
  @discardableResult
  public func expectStatements<Result>(
    _ count: Int, file: String = #fileID, line: UInt = #line, _ body: (Database) async throws -> Result
  ) async throws -> Result {
    let recorder = StatementRecorder()
    let result = try await body(observing { recorder.record($0) })
    try UnexpectedStatements.check(recorder.events, count, file: file, line: line)
    return result
  }
}

/// More or fewer statements than expected: an N+1, most of the time.
public struct UnexpectedStatements: Error, Sendable, CustomStringConvertible {
  /// How many were expected.
  public var expected: Int
  /// Those that ran.
  public var events: [StatementEvent]
  /// Where they were expected.
  public var place: String

  static func check(_ events: [StatementEvent], _ expected: Int, file: String, line: UInt) throws(UnexpectedStatements) {
    if events.count != expected { throw UnexpectedStatements(expected: expected, events: events, place: "\(file):\(line)") }
  }

  /// The counts, then every statement on a line of its own.
  public var description: String {
    let lines = events.enumerated().map { "  \($0 + 1). \($1.sql) [\($1.bindings.joined(separator: ", "))]" }
    return (["\(place): expected \(expected) statements, \(events.count) ran:"] + lines).joined(separator: "\n")
  }
}
