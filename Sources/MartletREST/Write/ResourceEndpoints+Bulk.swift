import MartletCore
import MartletHTTP
import MartletORM
import MartletSQL

extension ResourceEndpoints {
  /// `POST` with a list: 201 with the rows in the same order, `null` for those that the viewer may not read.
  func createMany(_ items: [JSONTree], _ request: Request, _ db: Database) async throws -> Response {
    try checkCount(items.count)
    if Preference(request).isLenient {
      return try await leniently(request, db, .created) { context in
        var drafts: [RowDraft<M>] = []
        for item in items { drafts.append(try await newDraft(item, context)) }
        return drafts
      } write: { drafts, parts, context in
        try await insert(drafts, parts, context)
      }
    }
    let (rows, readable) = try await db.transaction { tx in
      let context = ResourceContext(request, tx)
      var drafts: [RowDraft<M>] = []
      for (index, item) in items.enumerated() {
        drafts.append(try await newDraft(item, context, prefix: "\(index)."))
      }
      let parts = try await check(&drafts, context)
      if let failure = try await failure(drafts, tx) { throw failure }
      let rows = try await insert(drafts, parts, context)
      return (rows, try await permitted(rows, .read, context))
    }
    return try await answer(rows, readable, .created, request, db)
  }

  /// `PATCH` with a list of objects that hold their keys: 200 with the rows.
  func updateMany(_ request: Request) async throws -> Response {
    try await answering(request) { db in
      if isNever(.update, request.viewer) { throw refusal(request.viewer) }
      try refuseUnconditional()
      _ = try selection(of: request)
      guard case .array(let items) = try JSONParser.parse(try await request.jsonBytes()) else {
        throw ValidationError("", code: "not_a_list", "Expected a list of items.")
      }
      try checkCount(items.count)
      if Preference(request).isLenient {
        return try await leniently(request, db, .ok) { context in
          try await changedDrafts(items, context) { _ in "" }
        } write: { drafts, parts, context in
          try await authorize(drafts.compactMap(\.original), .update, at: drafts.map(\.prefix), context)
          return try await save(drafts, parts, context)
        }
      }
      let (rows, readable) = try await db.transaction { tx in
        let context = ResourceContext(request, tx)
        var drafts = try await changedDrafts(items, context) { "\($0)." }
        let there = drafts.filter { $0.original != nil }
        try await authorize(there.compactMap(\.original), .update, at: there.map(\.prefix), context)
        let parts = try await check(&drafts, context)
        if let failure = try await failure(drafts, tx) { throw failure }
        let rows = try await save(drafts, parts, context)
        return (rows, try await permitted(rows, .read, context))
      }
      return try await answer(rows, readable, .ok, request, db)
    }
  }

  /// `DELETE` with a list of keys in the query string: 204.
  func deleteMany(_ request: Request) async throws -> Response {
    try await answering(request) { db in
      if isNever(.delete, request.viewer) { throw refusal(request.viewer) }
      try refuseUnconditional()
      let keys = try listedKeys(request)
      if Preference(request).isLenient {
        return try await leniently(request, db, .noContent) { context in
          try await storedRows(keys, context).map {
            RowDraft(original: $1, row: $1, errors: $1 == nil ? [missingKey("", $0)] : [])
          }
        } write: { drafts, _, context in
          let rows = drafts.compactMap(\.original)
          try await remove(rows, at: drafts.map(\.prefix), context)
          return rows
        }
      }
      try await db.transaction { tx in
        let context = ResourceContext(request, tx), rows = try await storedRows(keys, context)
        let missing = rows.enumerated().filter { $1.row == nil }.map { missingKey("\($0).", $1.key) }
        if !missing.isEmpty { throw ValidationError(Array(missing.prefix(InputLimits.errors))) }
        try await remove(rows.compactMap(\.row), at: rows.indices.map { "\($0)." }, context)
      }
      return Response(status: .noContent)
    }
  }

  // MARK: Input

  private func checkCount(_ count: Int) throws {
    if count == 0 { throw ValidationError("", code: "empty", "This list may not be empty.") }
    if let limit = writing.bulkLimit, count > limit {
      throw ValidationError("", code: "max_length", "Ensure this list has no more than \(limit) items.")
    }
  }

  private var keyName: String { shape.keyName }

  /// The drafts of objects that hold the keys of rows; an error stands in the drafts of those that are not there.
  private func changedDrafts(
    _ items: [JSONTree], _ context: ResourceContext, _ prefix: (Int) -> String
  ) async throws -> [RowDraft<M>] {
    var seen: Set<SQLValue> = []
    let keys: [Result<SQLValue, InputFault>] = items.map { item in
      guard case .object = item else { return .failure(InputFault("invalid", "Invalid data. Expected an object.")) }
      guard let given = item[keyName], given != .null else { return .failure(InputFault("required", "This field is required.")) }
      return InputValue.read(given, for: shape.schema.primaryKey).flatMap { key in
        seen.insert(key).inserted ? .success(key) : .failure(InputFault("duplicate", "This row stands in the list already."))
      }
    }
    let stored = try await storedRows(keys.compactMap { try? $0.get() }, context)
    let rows = Dictionary(stored.map { ($0.key, $0.row) }) { first, _ in first }
    return try items.indices.map { index in
      switch keys[index] {
      case .failure(let fault):
        let field = if case .object = items[index] { prefix(index) + keyName } else { String(prefix(index).dropLast()) }
        return RowDraft(prefix: prefix(index), errors: [FieldError(field, code: fault.code, fault.message)])
      case .success(let key):
        guard let row = rows[key] ?? nil else {
          return RowDraft(prefix: prefix(index), errors: [missingKey(prefix(index), key)])
        }
        // The key has named the row.
        guard case .object(let members) = items[index] else { return RowDraft(prefix: prefix(index)) }
        let fields = JSONTree.object(members.filter { $0.name != keyName })
        return try changedDraft(row, by: fields, isPartial: true, prefix: prefix(index))
      }
    }
  }

  private func missingKey(_ prefix: String, _ key: SQLValue) -> FieldError { Self.missing(prefix + keyName, key) }

  /// The keys of `?id[in]=1,2,3`, which must be all that the query string says.
  private func listedKeys(_ request: Request) throws -> [SQLValue] {
    let name = keyName + "[in]"
    func refusal(_ code: String, _ message: String, _ field: String? = nil) -> HTTPError {
      HTTPError(
        .invalidParameter, "The rows to delete are named by “\(name)” alone: \(message)",
        errors: [FieldError(field ?? name, code: code, message)])
    }
    _ = try request.query.value(name, as: String.self)  // fails where the query string's escapes are broken
    if let other = request.query.items.first(where: { $0.name != name }) {
      throw refusal("unknown_parameter", "There is no such parameter. Allowed: \(name).", String(other.name.prefix(80)))
    }
    guard request.query.items.count == 1, let text = request.query.items.first?.value, !text.isEmpty else {
      throw refusal("required", "This parameter is required, once.")
    }
    let parts = text.split(separator: ",", omittingEmptySubsequences: false)
    guard let limit = writing.bulkLimit, parts.count <= limit else {
      throw refusal("max_length", "Ensure this list has no more than \(writing.bulkLimit ?? 0) values.")
    }
    var keys: [SQLValue] = [], seen: Set<SQLValue> = []
    for part in parts {
      switch QueryText.read(String(part), for: shape.schema.primaryKey) {
      case .success(let key): if seen.insert(key).inserted { keys.append(key) }
      case .failure(let fault): throw refusal(fault.code, fault.message)
      }
    }
    return keys
  }

  /// The rows that the viewer may read, locked, each with its key and in the order of the keys.
  private func storedRows(_ keys: [SQLValue], _ context: ResourceContext) async throws -> [(key: SQLValue, row: M?)] {
    var rows: [SQLValue: M] = [:]
    for part in keys.slices(of: 500) {
      let query = M.query.permitted(.read, to: context.viewer)
      // In the order of the keys, so that two lists do not wait for each other.
      let locked = query.filter(node: .inList(query.keyNode, part)).order(by: [Ordering(node: query.keyNode, isDescending: false)]
      )
      for row in try await locked.forUpdate().all(context.db) { rows[row.id.sqlValue] = row }
    }
    return keys.map { ($0, rows[$0]) }
  }

  // MARK: Answers

  private func answer(
    _ rows: [M], _ readable: [Bool], _ status: HTTPStatus, _ request: Request, _ db: Database
  ) async throws -> Response {
    var parts = try await representations(of: zip(rows, readable).filter(\.1).map(\.0), for: request, in: db)[...]
    var json = JSONWriter(capacity: 64 + rows.count * 256)
    json.array { json in
      for isReadable in readable { if isReadable, let part = parts.popFirst() ?? nil { json.raw(part) } else { json.null() } }
    }
    return .json(bytes: json.finish(), status: status)
  }
}
