import MartletCore
import MartletHTTP
import MartletORM
import MartletSQL

extension ResourceEndpoints {
  /// All rows of a query as CSV or NDJSON, in constant memory.
  func export(_ query: Query<M>, as format: ListFormat, _ parameters: ListParameters, _ request: Request, _ db: Database) throws
    -> Response
  {
    let ordered = query.ordered(parameters, default: resource.defaultOrder, for: request.viewer)
    let rowShape = try rowShape(ordered, parameters.selection, request)
    let plan = ReadPlan(ordered, rowShape), isCSV = format == .csv
    let header = isCSV ? CSVText.line(rowShape.members.map(\.key.name)) : []
    var response = Response(headers: ["Content-Type": format.mediaType])
    response.headers["Content-Disposition"] = "attachment; filename=\"\(shape.path).\(format.rawValue)\""
    response.headers["Cache-Control"] = "no-store"
    response.body = .stream { writer in
      if isCSV { try await writer.write(header) }
      try await plan.stream(db, batchSize: 500).forEach { rows in
        var piece: [UInt8] = [], object: [UInt8] = []
        for row in 0..<rows.count {
          if isCSV {
            object.removeAll(keepingCapacity: true)
            rows.append(row, to: &object)
            CSVText.append(object: object, to: &piece)
          } else {
            rows.append(row, to: &piece)
            piece.append(UInt8(ascii: "\n"))
          }
        }
        try await writer.write(piece)
      }
    }
    return response
  }
}
