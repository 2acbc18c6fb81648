import MartletCore
import MartletHTTP
import MartletORM
import MartletSQL

extension ResourceEndpoints {
  /// All rows of a query as CSV or NDJSON, in constant memory; one page of them where the request names one.
  func export(
    _ query: Query<M>, as format: ListFormat, _ parameters: ListParameters, _ request: Request, _ db: Database
  ) throws -> Response {
    let sorting = query.sorting(parameters, default: resource.defaultOrder, for: request.viewer)
    var ordered = query.order(by: sorting.map(\.order))
    if let page = parameters.chosenPage(shape.pagination) { ordered = ordered.limit(page.limit, offset: page.offset) }
    let rowShape = try rowShape(ordered, parameters.selection, request), plan = ReadPlan(ordered, rowShape)
    // Lists need a connection besides one that streams: where there are some, short statements follow each other by their keys.
    let keys = plan.hasLists ? SortKeys(sorting, root: query.root) : nil
    if plan.hasLists, keys == nil || parameters.chosenPage(shape.pagination) != nil {
      throw InputFault("invalid_choice", "Lists of rows cannot be exported in this order, or by the page.").parameter("expand")
    }
    let header = format == .csv ? CSVText.line(rowShape.members.map(\.key.name)) : []
    var response = Response(headers: ["Content-Type": format.mediaType])
    response.headers["Content-Disposition"] = "attachment; filename=\"\(shape.path).\(format.rawValue)\""
    response.headers["Cache-Control"] = "no-store"
    response.body = .stream { writer in
      if !header.isEmpty { try await writer.write(header) }
      if let keys {
        try await Self.forEachBatch(of: query, keys, rowShape, db) { try await writer.write(format.lines($0)) }
      } else {
        try await plan.stream(db, batchSize: Self.batchSize).forEach { try await writer.write(format.lines($0)) }
      }
    }
    return response
  }

  private static var batchSize: Int { 500 }

  /// Batches in the order of the keys, each by statements of its own: between them nothing is held. Rows that come and go
  /// meanwhile neither repeat nor hide others.
  private static func forEachBatch(
    of query: Query<M>, _ keys: SortKeys, _ shape: RowShape, _ db: Database, _ body: (JSONRows) async throws -> Void
  ) async throws {
    let ordered = query.order(by: keys.orders).limit(batchSize)
    var rows = try await ReadPlan(ordered, shape, capturing: keys.captures).run(db)
    while !rows.isEmpty {
      try await body(rows)
      guard rows.count == batchSize else { return }
      let next = ordered.filter(node: keys.condition(after: rows.captured(rows.count - 1)))
      rows = try await ReadPlan(next, shape, capturing: keys.captures).run(db)
    }
  }
}

extension ListFormat {
  /// Rows as lines.
  fileprivate func lines(_ rows: JSONRows) -> [UInt8] {
    var lines: [UInt8] = [], object: [UInt8] = []
    for row in 0..<rows.count {
      if self == .csv {
        object.removeAll(keepingCapacity: true)
        rows.append(row, to: &object)
        CSVText.append(object: object, to: &lines)
      } else {
        rows.append(row, to: &lines)
        lines.append(UInt8(ascii: "\n"))
      }
    }
    return lines
  }
}
