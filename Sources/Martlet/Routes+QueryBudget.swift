public import MartletHTTP
import MartletCLI
import MartletCore
import MartletORM
package import MartletSQL

extension RouteComponent {
  /// The routes with a limit to the statements that one request may run, in transactions too.
  ///
  /// ```swift
  /// Group("feed") { Get("latest") { … } }.queryBudget(5)
  /// ```
  /// In development and in tests a request that ran more fails with ``QueryBudgetExceeded``, which names each statement, where
  /// it was written, and how often it ran. In production it is answered, and the same text goes to the log as a warning.
  /// What a response body runs while it is sent does not count.
  public func queryBudget(_ limit: Int, fileID: String = #fileID, line: UInt = #line) -> RouteList {
    middleware(QueryBudgetMiddleware(limit: limit, place: SourcePlace(fileID: fileID, line: line)))
  }
}

/// Counts the statements of a request.
package struct QueryBudgetMiddleware: Middleware {
  package var limit: Int
  package var place: SourcePlace

  package func handle(_ request: Request, next: RequestHandler) async throws -> Response {
    let budget = QueryBudget(max(0, limit), isStrict: false, place: place)
    var request = request
    request.db = request.db.counting(budget)
    let response = try await next(request)
    guard let overrun = budget.overrun else { return response }
    if request.settings?.environment == .production {
      request.logger.warning("\(overrun)")
      return response
    }
    throw overrun
  }
}
