import MartletCore
import MartletHTTP
import MartletORM
import MartletSQL

/// What became of one row of a lenient request.
private enum BulkOutcome<M: Model>: Sendable {
  case written(M)
  case refused(ProblemDetails)

  var row: M? { if case .written(let row) = self { row } else { nil } }
}

extension ResourceEndpoints {
  /// Writes the rows that can be written, and answers 207 with what became of each.
  ///
  /// All good rows are tried together first, by few statements; where that fails, one after the other, each in a savepoint.
  func leniently(
    _ request: Request, _ db: Database, _ status: HTTPStatus,
    read: @escaping @Sendable (ResourceContext) async throws -> [RowDraft<M>],
    write: @escaping @Sendable ([RowDraft<M>], [NestedPart<M>], ResourceContext) async throws -> [M]
  ) async throws -> Response {
    let (outcomes, readable) = try await db.transaction { tx -> ([BulkOutcome<M>], [Bool]) in
      let context = ResourceContext(request, tx)
      var drafts = try await read(context)
      let refused = try await checkEach(&drafts, context)
      if drafts.contains(where: { !$0.errors.isEmpty }) { try await addTaken(&drafts, tx) }
      let outcomes = try await attempts(drafts, refused, context, write)
      let rows = outcomes.compactMap(\.row)
      return (outcomes, status == .noContent ? [] : try await permitted(rows, .read, context))
    }
    let rows = outcomes.compactMap(\.row)
    let shown = zip(rows, readable).filter(\.1).map(\.0)
    let parts = shown.isEmpty ? [] : try await representations(of: shown, for: request, in: db)
    var response = Response.json(bytes: Self.results(outcomes, readable, parts, status), status: HTTPStatus(207))
    response.headers["Preference-Applied"] = "handling=lenient"
    return response
  }

  /// Checks the drafts together; where that fails, one after the other, to tell which are refused.
  private func checkEach(_ drafts: inout [RowDraft<M>], _ context: ResourceContext) async throws -> [Int: ProblemDetails] {
    @Sendable func checked(_ drafts: [RowDraft<M>]) async throws -> [RowDraft<M>] {
      try await context.db.transaction { _ in
        var drafts = drafts
        _ = try await check(&drafts, context)
        return drafts
      }
    }
    var refused: [Int: ProblemDetails] = [:]
    do { drafts = try await checked(drafts) } catch {
      for index in drafts.indices {
        do { drafts[index] = try await checked([drafts[index]])[0] } catch {
          refused[index] = try await problem(error, context)
        }
      }
    }
    return refused
  }

  private func attempts(
    _ drafts: [RowDraft<M>], _ refused: [Int: ProblemDetails], _ context: ResourceContext,
    _ write: @escaping @Sendable ([RowDraft<M>], [NestedPart<M>], ResourceContext) async throws -> [M]
  ) async throws -> [BulkOutcome<M>] {
    let good = drafts.enumerated().filter { $1.errors.isEmpty && refused[$0] == nil }.map(\.element)
    @Sendable func attempt(_ drafts: [RowDraft<M>]) async throws -> [M] {
      try await context.db.transaction { tx in
        var drafts = drafts
        let inner = ResourceContext(context.request, tx), parts = try await nestedParts(&drafts, inner)
        // What was right before other rows were written may not be any more.
        if let failure = try await failure(drafts, tx) { throw failure }
        return try await write(drafts, parts, inner)
      }
    }
    var written: [BulkOutcome<M>] = []
    do { if !good.isEmpty { written = try await attempt(good).map { .written($0) } } } catch {
      for draft in good {
        do { written.append(.written(try await attempt([draft])[0])) } catch {
          written.append(.refused(try await problem(error, context)))
        }
      }
    }
    var next = written.makeIterator()
    return drafts.enumerated().compactMap { index, draft in
      if let problem = refused[index] { return .refused(problem) }
      guard let failure = failure(draft.errors) else { return next.next() }
      return .refused((failure as? any ProblemConvertible)?.problem ?? ValidationError(draft.errors).problem)
    }
  }

  /// What a client is told of an error that is its own.
  /// - Throws: Any other error, which ends the whole request.
  private func problem(_ error: any Error, _ context: ResourceContext) async throws -> ProblemDetails {
    do { _ = try await answering(context) { throw error } } catch let error as any ProblemConvertible
      where error.problem.status < 500
    {
      return error.problem
    }
    throw error
  }

  private static func results(
    _ outcomes: [BulkOutcome<M>], _ readable: [Bool], _ parts: [[UInt8]?], _ status: HTTPStatus
  ) -> [UInt8] {
    var json = JSONWriter(capacity: 64 + outcomes.count * 256), parts = parts[...], readable = readable[...]
    json.beginObject()
    json.key("results")
    json.array { json in
      for (index, outcome) in outcomes.enumerated() {
        json.object { json in
          json.key("index")
          json.number(index)
          json.key("status")
          switch outcome {
          case .written:
            json.number(status.code)
            if readable.popFirst() == true, let part = parts.popFirst() ?? nil {
              json.key("data")
              json.raw(part)
            }
          case .refused(let problem): write(problem, to: &json)
          }
        }
      }
    }
    json.endObject()
    return json.finish()
  }

  private static func write(_ problem: ProblemDetails, to json: inout JSONWriter) {
    json.number(problem.status)
    json.key("type")
    json.string("/problems/" + problem.type)
    if let detail = problem.detail {
      json.key("detail")
      json.string(detail)
    }
    json.key("errors")
    json.array { json in
      for error in problem.errors {
        json.object { json in
          json.key("field")
          json.string(error.field)
          json.key("code")
          json.string(error.code)
          json.key("message")
          json.string(error.message)
        }
      }
    }
  }
}
