import MartletCore
import MartletHTTP
import MartletORM
import MartletSQL

extension ResourceEndpoints {
  /// The row as JSON, as the request wants it.
  /// - Throws: ``HTTPError``: 404 where the row is gone by now; 400 for parameters that ask for what there is not.
  func representation(of row: M, for request: Request, in db: Database) async throws -> [UInt8] {
    guard let bytes = try await representations(of: [row], for: request, in: db)[0] else {
      throw HTTPError.notFound("There is no such \(shape.schema.label).")
    }
    return bytes
  }

  /// The rows as JSON, as the request wants them: by what is in memory where that suffices, else read again, all at once.
  ///
  /// - Returns: `nil` for rows that are gone by now.
  func representations(of rows: [M], for request: Request, in db: Database) async throws -> [[UInt8]?] {
    let selection = try selection(of: request)
    if selection.isPlain, let plainShape {
      return try rows.map { row in
        var json = JSONWriter()
        try plainShape.write(row, to: &json)
        return json.finish()
      }
    }
    guard !rows.isEmpty, let key = shape.schema.primaryKey.cell else { return [] }
    let query = M.query
    let chosen = query.filter(node: .inList(query.keyNode, rows.map(\.id.sqlValue)))
    let plan = ReadPlan(chosen, try rowShape(query, selection, request), capturing: [(query.keyNode, key)])
    let read: JSONRows
    do { read = try await plan.run(db, rowLimit: RowLimits.answer) } catch is TooManyRows {
      throw InputFault("too_many_rows", "The answer would hold more than \(RowLimits.answer) rows: expand less.").parameter(
        "expand")
    }
    var found: [SQLValue: [UInt8]] = [:]
    for row in 0..<read.count {
      var json = JSONWriter()
      read.write(row, to: &json)
      found[read.captured(row)[0]] = json.finish()
    }
    return rows.map { found[$0.id.sqlValue] }
  }

  /// What the request's parameters want of a row.
  /// - Throws: ``HTTPError`` (400, `invalid-parameter`).
  func selection(of request: Request) throws -> FieldSelection {
    if request.queryString.isEmpty { return .plain }
    if let isInput = request[QueryInputContext.self], isInput { return .plain }
    let selection = try ReadParameters(request.query, shape).selection
    do { _ = try rowShape(M.query, selection, request) } catch { throw error.ofSelection }
    return selection
  }

  /// - Throws: ``InputFault`` for a field or a relation that there is not.
  func rowShape(_ query: Query<M>, _ selection: FieldSelection, _ request: Request) throws(InputFault) -> RowShape {
    let context = ShapeContext(viewer: request.viewer, directory: directory, prefix: { request.path(above: shape) })
    return try resource.rowShape(at: query.root, shape, selection, context)
  }
}
