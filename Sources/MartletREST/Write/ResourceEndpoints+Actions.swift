import MartletCore
import MartletHTTP
import MartletORM
import MartletSQL

extension ResourceEndpoints {
  /// Answers a custom action.
  func respond(to request: Request, _ action: CustomAction<M>) async throws -> Response {
    try await answering(request) { db in
      switch action.body {
      case .row(let prepare): try await perform(action.shape, prepare, request, db)
      case .many(let prepare): try await performOnMany(action.shape.needs, prepare, request, db)
      }
    }
  }

  /// On one row: 200 with the row as it is then, or with what the action gives back.
  private func perform(
    _ action: ActionShape, _ prepare: @Sendable (Request) async throws -> CustomAction<M>.OnRow, _ request: Request,
    _ db: Database
  ) async throws -> Response {
    let viewer = request.viewer, needs = action.needs, visible = try await visibleRow(request, db)
    if isNever(needs, viewer) { throw refusal(viewer) }
    if action.needsCondition { try requireCondition(request) }
    var request = request
    if action.readsQuery { request[QueryInputContext.self] = true }
    if case .row = action.output { _ = try selection(of: request) }
    let answered = request, body = try await prepare(request)
    let (row, result, isReadable) = try await db.transaction { tx in
      let original = try await lockedRow(visible.id, isDeleted: true, tx)
      try await original.authorize(needs, to: viewer, in: tx)
      try checkConditions(answered, original)
      var changed = original
      let result = try await body(&changed, ResourceContext(answered, tx))
      let saved = try await keep(changed, original, needs, viewer, tx)
      let isReadable = if case .row = result { try await saved.permits(.read, to: viewer, in: tx) } else { false }
      return (try await stored(saved, tx), result, isReadable)
    }
    switch result {
    case .json(let bytes): return .json(bytes: bytes)
    case .status(let status): return Response(status: status)
    case .row: return try await self.changed(row, isReadable: isReadable, for: request, in: db)
    }
  }

  /// Saves what an action changed; the policy is asked for the row as it becomes, too.
  private func keep(_ row: M, _ original: M, _ needs: PolicyAction, _ viewer: Viewer, _ db: Database) async throws -> M {
    let saved = try await TakenValues.explaining(self, [RowDraft(original: original)], [row]) {
      var row = row
      return try await row.save(db, changedFrom: original) ? row : nil
    }
    guard let saved else { return row }
    if needs == .update { try await saved.authorize(.update, to: viewer, in: db) }
    return saved
  }

  /// On many rows: 204, or 200 with what the action gives back.
  private func performOnMany(
    _ needs: PolicyAction, _ prepare: @Sendable (Request) async throws -> CustomAction<M>.OnMany, _ request: Request,
    _ db: Database
  ) async throws -> Response {
    let viewer = request.viewer
    if isNever(needs, viewer) { throw refusal(viewer) }
    let body = try await prepare(request)
    let result = try await db.transaction { tx in
      let readable = M.query.permitted(.read, to: viewer)
      // A rule for new rows says nothing of those that are there.
      let rows = needs == .create || needs == .read ? readable : readable.permitted(needs, to: viewer)
      return try await body(rows, ResourceContext(request, tx))
    }
    return if case .json(let bytes) = result { .json(bytes: bytes) } else { Response(status: .noContent) }
  }
}
