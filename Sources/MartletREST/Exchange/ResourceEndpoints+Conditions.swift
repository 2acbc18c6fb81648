import MartletHTTP
import MartletORM
import MartletSQL

// RFC 9110 §13 for rows. A tag is "<state>-<representation>": the first part names the state of the row, the second the bytes
// that were sent. If-None-Match compares the whole, for a cache wants the bytes; If-Match compares the state, for a writer
// wants that nobody else wrote, however much of the row they asked for.
extension ResourceEndpoints {
  /// - Parameter what: What the condition is about; a row without it.
  /// - Throws: ``HTTPError``: 428 for an unconditional write where the resource wants conditions.
  func requireCondition(_ request: Request, of what: String? = nil) throws {
    guard shape.exchange.isMatchRequired, request.headers["if-match"] == nil, request.headers["if-none-match"] == nil else {
      return
    }
    throw HTTPError(
      .preconditionRequired,
      "Send “If-Match” with the ETag of the \(what ?? shape.schema.label) that you read, so that no change of others is lost.")
  }

  /// - Throws: ``HTTPError``: 428 where the resource wants conditions, which no request can state for many rows.
  func refuseUnconditional() throws {
    guard shape.exchange.isMatchRequired else { return }
    throw HTTPError(
      .preconditionRequired,
      "“If-Match” names the state of one \(shape.schema.label): change or delete each by its own path.")
  }

  /// - Throws: ``HTTPError``: 412 with the current tag where the request's conditions do not hold for the row.
  func checkConditions(_ request: Request, _ row: M) throws {
    let match = request.headers["if-match"]
    // For GET it is no condition but a cache's question, which the application answers with 304.
    let noneMatch = request.method == .get || request.method == .head ? nil : request.headers["if-none-match"]
    if match == nil, noneMatch == nil { return }
    let state = state(of: row, for: request)
    if let match, !Self.names(state, in: match, strong: true) { throw HTTPError.preconditionFailed(EntityTag(state)) }
    if let noneMatch, Self.names(state, in: noneMatch, strong: false) { throw HTTPError.preconditionFailed(EntityTag(state)) }
  }

  private static func names(_ state: String, in field: String, strong: Bool) -> Bool {
    if field == "*" { return true }
    return EntityTag.list(field).contains { tag in
      !(strong && tag.isWeak) && tag.value.prefix { $0 != "-" } == state
    }
  }

  /// The tag of a row as it was sent.
  func tag(of row: M, sentAs bytes: [UInt8]?, for request: Request) -> EntityTag {
    let state = state(of: row, for: request)
    guard let bytes else { return EntityTag(state) }
    return EntityTag(state + "-" + Digests.sha256(bytes, length: 8))
  }
}
