import MartletCore
import MartletHTTP
import MartletORM
import MartletSQL

/// Answers the requests to one resource.
struct ResourceEndpoints<M: Model>: Sendable {
  let shape: ResourceShape
  let challenge: String
  let defaultOrder: [@Sendable (M.Fields) -> Ordering]
  let writer: RowWriter<M>

  init(resource: Resource<M>, shape: ResourceShape, challenge: String) {
    self.shape = shape
    self.challenge = challenge
    defaultOrder = resource.defaultOrder
    writer = RowWriter(shape.fields)
  }

  /// Answers one request.
  func respond(to request: Request, _ action: ResourceAction) async throws -> Response {
    guard let db = request[DatabaseContext.self] else {
      throw RESTError(
        .missingDatabase, "the request to the resource “\(shape.path)” carries no database",
        hint: "answer it through an Application, or set request[DatabaseContext.self]")
    }
    do {
      try refuseAtOnce(action, request.viewer)
      switch action {
      case .list: return try await list(request, db)
      case .retrieve:
        let row = try await visibleRow(request, db)
        return .json(bytes: try await representation(of: row, for: request, in: db))
      case .create: return try await create(request, db)
      case .replace, .update: return try await change(request, db, isPartial: action == .update)
      case .delete: return try await delete(request, db)
      }
    } catch let error as ORMError where error.kind == .forbidden {
      throw refusal(request.viewer)
    } catch let error as DatabaseError {
      throw writeFailure(error) ?? error
    }
  }

  // MARK: Reading

  private func list(_ request: Request, _ db: Database) async throws -> Response {
    let parameters = try ListParameters(request.query, shape: shape)
    let query = M.query.filtered(parameters, for: request.viewer)
    let count = try await query.count(db)
    let (offset, overflow) = (parameters.page - 1).multipliedReportingOverflow(by: parameters.pageSize)
    guard parameters.page == 1 || (!overflow && offset < count) else {
      throw HTTPError.notFound("Invalid page: there are \((count + parameters.pageSize - 1) / parameters.pageSize) pages.")
    }
    let rows =
      count == 0
      ? []
      : try await query.ordered(parameters, default: defaultOrder, for: request.viewer)
        .limit(parameters.pageSize, offset: offset).all(db)
    let links = PageLinks(request)
    var json = JSONWriter(capacity: 256 + rows.count * 256)
    json.object {
      $0.key("count")
      $0.number(count)
      $0.key("next")
      if count - offset > parameters.pageSize { $0.string(links.url(page: parameters.page + 1)) } else { $0.null() }
      $0.key("previous")
      if parameters.page > 1 { $0.string(links.url(page: parameters.page - 1)) } else { $0.null() }
      $0.key("results")
      $0.array { for row in rows { writer.write(row, to: &$0) } }
    }
    return .json(bytes: json.bytes)
  }

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

  /// The row as JSON, as the request wants it.
  func representation(of row: M, for request: Request, in db: Database) async throws -> [UInt8] {
    var json = JSONWriter()
    writer.write(row, to: &json)
    return json.bytes
  }

  // MARK: Refusing

  /// Refuses what no row could allow: anonymous writes, for example, before anything is read or parsed.
  private func refuseAtOnce(_ action: ResourceAction, _ viewer: Viewer) throws {
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
  private func writeFailure(_ error: DatabaseError) -> HTTPError? {
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
