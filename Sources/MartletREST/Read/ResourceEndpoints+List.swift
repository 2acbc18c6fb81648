import MartletCore
import MartletHTTP
import MartletORM
import MartletSQL

extension ResourceEndpoints {
  /// `GET` of the collection: a page, or all of it as an export.
  func list(_ request: Request, _ db: Database) async throws -> Response {
    var parameters = try ListParameters(request.query, shape: shape)
    if parameters.format == nil { parameters.format = try ListFormat.accepted(by: request, isExportable: shape.isExportable) }
    let query = M.query.filtered(parameters, for: request.viewer)
    do {
      if let format = parameters.format, format != .json {
        if parameters.cursor != nil {
          throw InputFault("invalid", "An export begins at the first row.").parameter("cursor")
        }
        return try export(query, as: format, parameters, request, db)
      }
      var page =
        shape.pagination == .cursor
        ? try await cursorPage(query, parameters, request, db) : try await numberedPage(query, parameters, request, db)
      if shape.isExportable { page.headers.addToken("Accept", to: "Vary") }
      return page
    } catch is TooManyRows {
      throw InputFault(
        "too_many_rows", "The answer would hold more than \(RowLimits.answer) rows: expand less, or ask for smaller pages."
      ).parameter("expand")
    } catch let fault as InputFault {
      throw fault.ofSelection
    }
  }

  // MARK: By number

  private func numberedPage(
    _ query: Query<M>, _ parameters: ListParameters, _ request: Request, _ db: Database
  ) async throws -> Response {
    let size = parameters.pageSize, byPage = shape.pagination == .page
    let (offset, overflow) =
      byPage ? (parameters.page - 1).multipliedReportingOverflow(by: size) : (parameters.offset, false)
    if overflow { throw missingPage(nil, size) }
    let isCounted = shape.count == .exact
    // Without the exact number, one row more tells whether there is a next page.
    let page = query.ordered(parameters, default: resource.defaultOrder, for: request.viewer)
      .limit(isCounted ? size : size + 1, offset: offset)
    let plan = ReadPlan(page, try rowShape(page, parameters.selection, request), counted: isCounted)
    let rows = try await plan.run(db, rowLimit: RowLimits.answer)
    var count = rows.total
    if shape.count == .estimated {
      let seen = rows.isEmpty ? 0 : offset + rows.count
      count = max(try await query.estimatedCount(db), seen)
    }
    if byPage, parameters.page > 1, rows.isEmpty { throw missingPage(isCounted ? count : nil, size) }
    let shown = min(rows.count, size), hasNext = isCounted ? (count ?? 0) - offset > size : rows.count > size
    let links = PageLinks(request, without: [byPage ? "page" : "offset"])
    func url(_ from: Int) -> String {
      byPage
        ? links.url("page", from <= 0 ? nil : String(from / size + 1)) : links.url("offset", from <= 0 ? nil : String(from))
    }
    return answer(
      rows, Array(0..<shown), count: count, next: hasNext ? url(offset + size) : nil,
      previous: offset > 0 ? url(offset - size) : nil, first: url(0))
  }

  private func missingPage(_ count: Int?, _ size: Int) -> HTTPError {
    HTTPError.notFound("Invalid page" + (count.map { ": there are \(($0 + size - 1) / size) pages." } ?? "."))
  }

  // MARK: By cursor

  private func cursorPage(
    _ query: Query<M>, _ parameters: ListParameters, _ request: Request, _ db: Database
  ) async throws -> Response {
    let size = parameters.pageSize, secret = request[RequestSecretContext.self] ?? .ofProcess
    let ordering = parameters.ordering.map { ($0.isDescending ? "-" : "") + $0.field.name }.joined(separator: ",")
    let sorted = query.sorting(parameters, default: resource.defaultOrder, for: request.viewer)
    guard let keys = SortKeys(sorted, root: query.root) else {
      throw InputFault("invalid_choice", "A list with cursors cannot be ordered by this.").parameter("ordering")
    }
    var cursor: Cursor?
    if let text = parameters.cursor {
      cursor = Cursor(text, ordering: ordering, keys: keys.keys.map(\.column), secret: secret)
      if cursor == nil { throw InputFault("invalid", "Invalid cursor.").parameter("cursor") }
    }
    let isBackward = cursor?.isBackward ?? false, direction = isBackward ? keys.reversed : keys
    var page = query.order(by: direction.orders).limit(size + 1)
    if let cursor { page = page.filter(node: direction.condition(after: cursor.values)) }
    let plan = ReadPlan(page, try rowShape(page, parameters.selection, request), capturing: keys.captures)
    let rows = try await plan.run(db, rowLimit: RowLimits.answer), hasMore = rows.count > size
    let places = Array(0..<min(rows.count, size)), shown = isBackward ? places.reversed() : places
    let links = PageLinks(request, without: ["cursor"])
    func url(_ row: Int?, isBackward: Bool) throws -> String? {
      try row.map {
        let cursor = Cursor(ordering: ordering, isBackward: isBackward, values: rows.captured($0))
        return links.url("cursor", try cursor.text(sealedWith: secret))
      }
    }
    // Where one came from the other side, there are rows on it.
    let hasNext = isBackward || hasMore, hasPrevious = isBackward ? hasMore : cursor != nil
    return answer(
      rows, shown, count: nil, next: hasNext ? try url(shown.last, isBackward: false) : nil,
      previous: hasPrevious ? try url(shown.first, isBackward: true) : nil, first: links.url("cursor", nil))
  }

  // MARK: The answer

  /// A page: Django REST framework's members, and the same links as a header field (RFC 8288).
  private func answer(
    _ rows: JSONRows, _ shown: [Int], count: Int?, next: String?, previous: String?, first: String
  ) -> Response {
    var head = JSONWriter(capacity: 256 + min(shown.count, 256) * 256)
    head.beginObject()
    if let count {
      head.key("count")
      head.number(count)
    }
    for (name, url) in [("next", next), ("previous", previous)] {
      head.key(name)
      if let url { head.string(url) } else { head.null() }
    }
    head.key("results")
    var response = Response(headers: ["Content-Type": "application/json"])
    let links = [("first", first), ("prev", previous), ("next", next)].compactMap { name, url in
      url.map { "<\($0)>; rel=\"\(name)\"" }
    }
    response.headers["Link"] = links.joined(separator: ", ")
    if shown.count <= ListStreaming.rowLimit {
      head.array { json in for row in shown { rows.write(row, to: &json) } }
      head.endObject()
      response.body = .bytes(head.finish())
    } else {
      let start = head.finish()
      response.body = .stream { try await ListStreaming.write(rows, shown, after: start, to: $0) }
    }
    return response
  }
}

/// How much one answer may hold.
enum RowLimits {
  /// Rows on all levels together: a few parameters must not make a gigabyte of relations of relations.
  static let answer = 200_000
}

/// Long pages go out in pieces, each when the client has taken the one before.
enum ListStreaming {
  /// Pages of more rows are streamed.
  static let rowLimit = 1000
  private static let pieceSize = 64 * 1024

  static func write(_ rows: JSONRows, _ shown: [Int], after head: [UInt8], to writer: BodyWriter) async throws {
    var piece = head
    piece.append(UInt8(ascii: "["))
    for (place, row) in shown.enumerated() {
      if place > 0 { piece.append(UInt8(ascii: ",")) }
      rows.append(row, to: &piece)
      if piece.count >= pieceSize {
        try await writer.write(piece)
        piece.removeAll(keepingCapacity: true)
      }
    }
    piece.append(contentsOf: [UInt8(ascii: "]"), UInt8(ascii: "}")])
    try await writer.write(piece)
  }
}
