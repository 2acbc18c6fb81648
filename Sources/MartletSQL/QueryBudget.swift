public import MartletCore
import Synchronization

/// How many statements a piece of work may run, and which it has run.
package final class QueryBudget: Sendable {
  private struct State {
    var count = 0
    /// By text and place, in the order of their first run.
    var statements: [QueryBudgetExceeded.Statement] = []
    var places: [Key: Int] = [:]
  }
  private struct Key: Hashable {
    var text: String
    var source: SourcePlace?
  }
  package let limit: Int
  /// Whether the statement that is too many is refused; otherwise it runs, and ``overrun`` tells of it.
  private let isStrict: Bool
  private let place: SourcePlace
  private let state = Mutex(State())

  package init(_ limit: Int, isStrict: Bool, place: SourcePlace) {
    self.limit = limit
    self.isStrict = isStrict
    self.place = place
  }

  func count(_ statement: SQLStatement) throws {
    state.withLock { state in
      state.count += 1
      let key = Key(text: statement.text, source: statement.source)
      if let found = state.places[key] {
        state.statements[found].times += 1
      } else if state.statements.count < Self.remembered {
        state.places[key] = state.statements.count
        state.statements.append(.init(sql: statement.text, source: statement.source, times: 1))
      }
    }
    if isStrict, let overrun { throw overrun }
  }

  /// What is wrong, where more statements ran than may.
  package var overrun: QueryBudgetExceeded? {
    state.withLock { state in
      guard state.count > limit else { return nil }
      return QueryBudgetExceeded(limit: limit, count: state.count, statements: state.statements, place: place)
    }
  }

  /// Different statements that are kept for the message; all are counted.
  private static let remembered = 100
}

/// More statements ran than the budget allows.
public struct QueryBudgetExceeded: Error, Sendable, Hashable, CustomStringConvertible {
  /// A statement, with how often it ran.
  public struct Statement: Sendable, Hashable {
    /// The text with placeholders.
    public var sql: String
    /// Where it was written, where known.
    public var source: SourcePlace?
    /// How often it ran.
    public var times: Int
  }
  /// How many were allowed.
  public var limit: Int
  /// How many ran, or were about to.
  public var count: Int
  /// The first hundred different ones, in the order of their first run.
  public var statements: [Statement]
  /// Where the budget was set.
  public var place: SourcePlace

  /// The count, each statement with its place, and a hint where one ran again and again.
  public var description: String {
    var text = "\(count) statements ran where \(limit) are allowed (budget set at \(place)):"
    for statement in statements {
      text += "\n  "
      if statement.times > 1 { text += "\(statement.times) × " }
      if let source = statement.source { text += "\(source): " }
      text += statement.sql
    }
    if let repeated = statements.max(by: { $0.times < $1.times }), repeated.times > 2 {
      let place = repeated.source.map { "the one at \($0)" } ?? "one of them"
      text += "\n\(place) ran \(repeated.times) times: load all rows at once with .with { … } or in(…)"
    }
    return text
  }
}

extension QueryBudgetExceeded: ProblemConvertible {
  /// 500: the program's mistake; never SQL.
  public var problem: ProblemDetails {
    ProblemDetails(status: 500, type: "internal-error", title: "Something went wrong on our side")
  }
}

extension Database {
  /// The same database, refusing the statement that would be one too many, in transactions too. BEGIN, COMMIT and
  /// savepoints are not counted.
  ///
  /// ```swift
  /// let db = db.budget(3)
  /// ```
  public func budget(_ limit: Int, fileID: String = #fileID, line: UInt = #line) -> Database {
    counting(QueryBudget(max(0, limit), isStrict: true, place: SourcePlace(fileID: fileID, line: line)))
  }

  /// Runs the closure and throws afterwards where it ran more statements: Django's `assertNumQueries`, with the statements,
  /// where each was written, and how often it ran.
  ///
  /// ```swift
  /// let page = try await db.budget(3) { db in try await feed(db) }
  /// ```
  /// - Throws: ``QueryBudgetExceeded``; what the closure throws.
  public func budget<Result: Sendable>(
    _ limit: Int, fileID: String = #fileID, line: UInt = #line, _ body: (Database) async throws -> Result
  ) async throws -> Result {
    let budget = QueryBudget(max(0, limit), isStrict: false, place: SourcePlace(fileID: fileID, line: line))
    let result = try await body(counting(budget))
    if let overrun = budget.overrun { throw overrun }
    return result
  }

  /// The same database, with each statement counted against the budget.
  package func counting(_ budget: QueryBudget) -> Database {
    var copy = self
    copy.budgets.append(budget)
    return copy
  }
  /// The same database; statements that know no place of their own were written here.
  package func from(_ source: SourcePlace?) -> Database {
    var copy = self
    copy.defaultSource = source
    return copy
  }
  func count(_ statement: SQLStatement) throws { for budget in budgets { try budget.count(statement) } }
}
