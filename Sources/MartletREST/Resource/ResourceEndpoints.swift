import MartletCore
import MartletHTTP
import MartletORM
import MartletSQL

/// Answers the requests to one resource.
struct ResourceEndpoints<M: Model>: Sendable {
  let shape: ResourceShape
  let challenge: String
  let resource: Resource<M>
  let directory: ResourceDirectory
  /// How a row in memory is written; `nil` where some fields need the database.
  let plainShape: RowShape?
  let idempotency: Idempotency?
  let writing: WritePlan<M>

  init(_ resource: Resource<M>, _ shape: ResourceShape, _ settings: RESTSettings) {
    self.shape = shape
    self.resource = resource
    challenge = settings.challenge
    directory = settings.directory
    idempotency = shape.exchange.idempotency.map { Idempotency($0) }
    writing = WritePlan(resource, shape, settings)
    let context = ShapeContext(viewer: .anonymous, directory: directory, isDecoded: true)
    plainShape =
      resource.reading.computed.allSatisfy(\.needsModel) && !shape.fields.contains(where: \.column.isFile)
      ? try? resource.rowShape(at: Path(M.self), shape, .plain, context) : nil
  }

  /// Answers one request.
  func respond(to request: Request, _ action: ResourceAction) async throws -> Response {
    try await answering(request) { db in
      try refuseAtOnce(action, request.viewer)
      if action != .list {
        if action != .delete { _ = try ContentNegotiation.json.choice(for: request) }
        _ = try selection(of: request)
      }
      switch action {
      case .list: return try await list(request, db)
      case .retrieve:
        return try await retrieved(try await visibleRow(request, db), for: request, in: db)
      case .create:
        guard let idempotency else { return try await create(request, db) }
        return try await idempotency.respond(to: request) { try await create($0, $0[DatabaseContext.self] ?? db) }
      case .replace, .update: return try await change(request, db, isPartial: action == .update)
      case .delete: return try await delete(request, db)
      }
    }
  }

  /// Runs what answers a request, and turns refusals into the API's answers.
  func answering(_ request: Request, _ body: (Database) async throws -> Response) async throws -> Response {
    guard let db = request[DatabaseContext.self] else {
      throw RESTError(
        .missingDatabase, "the request to the resource “\(shape.path)” carries no database",
        hint: "answer it through an Application, or set request[DatabaseContext.self]")
    }
    return try await answering(ResourceContext(request, db)) { try await body(db) }
  }

  /// Turns refusals into the API's answers.
  func answering<R>(_ context: ResourceContext, _ body: () async throws -> R) async throws -> R {
    do { return try await body() } catch let error as ORMError where error.kind == .forbidden {
      throw refusal(context.viewer)
    } catch let error as RefusedRows {
      throw error.answer(refusal(context.viewer))
    } catch let error as TakenValues {
      throw try await error.answer(context.db) ?? writeFailure(error.violation) ?? error.violation
    } catch let error as DatabaseError {
      throw writeFailure(error) ?? error
    }
  }

  // MARK: Reading

  /// The row of the path, if the viewer may read it: one that they may not read is not there.
  func visibleRow(_ request: Request, _ db: Database) async throws -> M {
    let missing = HTTPError.notFound("There is no such \(shape.schema.label).")
    guard let text = request.parameters["id"],
      case .success(let key) = QueryText.read(text, for: shape.schema.primaryKey)
    else { throw missing }
    let query = M.query.permitted(.read, to: request.viewer)
    guard let row = try await query.filter(node: .binary(.equal, query.keyNode, .value(key))).first(db) else { throw missing }
    return row
  }

  // MARK: Refusing

  /// Refuses what no row could allow: anonymous writes, for example, before anything is read or parsed.
  func refuseAtOnce(_ action: ResourceAction, _ viewer: Viewer) throws {
    if !M.policy.isDeclared {
      guard viewer.isStaff || viewer.isSuperuser else { throw refusal(viewer) }
    } else if action == .create, isNever(.create, viewer) {
      throw refusal(viewer)
    }
  }
  /// Whether the policy refuses the action on every row.
  func isNever(_ action: PolicyAction, _ viewer: Viewer) -> Bool {
    if case .value(.bool(false)) = M.policy.condition(action, M.query.fields, viewer) { return true }
    return false
  }
  /// 401 for an anonymous caller, who may log in; 403 for others.
  func refusal(_ viewer: Viewer) -> HTTPError {
    viewer.isAuthenticated
      ? .forbidden("You do not have permission to perform this action.")
      : .unauthorized("Authentication credentials were not provided.", challenge: challenge)
  }

  /// A database's refusal in the API's names; `nil` where it says enough itself.
  func writeFailure(_ error: DatabaseError) -> HTTPError? {
    guard case .uniqueViolation(_, let columns) = error.kind else { return nil }
    let names = columns.compactMap { shape.resolver.name(ofColumn: $0) }
    guard names.count == columns.count, !names.isEmpty else {
      return .conflict("A value that must be unique has already been taken.")
    }
    let message =
      names.count == 1
      ? "This field must be unique." : "The fields \(names.joined(separator: ", ")) must make a unique set."
    return HTTPError(
      .conflict, "Another \(shape.schema.label) has this \(names.joined(separator: ", ")) already.",
      errors: names.map { FieldError($0, code: "unique", message) })
  }
}
