import MartletCore
import MartletHTTP
import MartletORM
import MartletSQL

/// The policy does not let the viewer do something to these rows of the input.
struct RefusedRows: Error {
  /// Where they stand; empty for the one row of the request.
  var places: [String]

  /// 401 or 403, with the rows at fault where the request is about several.
  func answer(_ refusal: HTTPError) -> HTTPError {
    var refusal = refusal
    refusal.errors = places.filter { !$0.isEmpty }.prefix(InputLimits.errors).map {
      FieldError($0, code: "permission_denied", "You do not have permission to perform this action.")
    }
    return refusal
  }
}

extension ResourceEndpoints {
  /// Whether the viewer may act on each of the rows: by what is in memory, else by one statement for all the others.
  func permitted(_ rows: [M], _ action: PolicyAction, _ context: ResourceContext) async throws -> [Bool] {
    var answers: [Bool] = [], asked: [Int] = []
    for (index, row) in rows.enumerated() {
      do { answers.append(try row.permits(action, to: context.viewer)) } catch let error as ORMError
        where error.kind == .needsDatabase
      {
        answers.append(false)
        asked.append(index)
      }
    }
    for part in asked.slices(of: 500) {
      let query = M.query.permitted(action, to: context.viewer)
      let keys = Set(try await query.filter(node: .inList(query.keyNode, part.map { rows[$0].id.sqlValue })).keys(context.db))
      for index in part { answers[index] = keys.contains(rows[index].id) }
    }
    return answers
  }

  /// - Throws: ``RefusedRows`` where the viewer may not act on all of the rows.
  func authorize(_ rows: [M], _ action: PolicyAction, at prefixes: [String], _ context: ResourceContext) async throws {
    try refuse(try await permitted(rows, action, context), at: prefixes)
  }
  func refuse(_ answers: [Bool], at prefixes: [String]) throws {
    let refused = zip(answers, prefixes).filter { !$0.0 }.map { String($0.1.dropLast()) }
    if !refused.isEmpty { throw RefusedRows(places: refused) }
  }
}
