import MartletHTTP
import MartletORM
import MartletSQL

// The answers that hold one row: with its tag, and as much of it as the client wants.
extension ResourceEndpoints {
  /// `GET`: the row with its tag.
  func retrieved(_ row: M, for request: Request, in db: Database) async throws -> Response {
    try checkConditions(request, row)
    let bytes = try await representation(of: row, for: request, in: db)
    return .json(bytes: bytes).setting("ETag", tag(of: row, sentAs: bytes, for: request).description)
  }

  /// `POST`: 201 with the new row, or without it where it may not be read or is not wanted.
  func created(_ row: M, isReadable: Bool, for request: Request, in db: Database) async throws -> Response {
    try await written(row, .created, isReadable: isReadable, for: request, in: db)
  }

  /// `PUT` and `PATCH`: 200 with the row as it is now, 204 where it is not wanted.
  func changed(_ row: M, isReadable: Bool, for request: Request, in db: Database) async throws -> Response {
    try await written(row, .ok, isReadable: isReadable, for: request, in: db)
  }

  private func written(
    _ row: M, _ status: HTTPStatus, isReadable: Bool, for request: Request, in db: Database
  ) async throws -> Response {
    let wish = Preference(request).returned
    var response = Response(status: status)
    if wish == .minimal {
      if status == .ok { response.status = .noContent }
      if isReadable { response.headers["ETag"] = tag(of: row, sentAs: nil, for: request).description }
    } else if isReadable, let bytes = try await representations(of: [row], for: request, in: db)[0] {
      response = .json(bytes: bytes, status: status)
      response.headers["ETag"] = tag(of: row, sentAs: bytes, for: request).description
    }
    // What was not done is not named: a row that may not be read is not represented.
    if let wish, wish == .minimal || isReadable { response.headers["Preference-Applied"] = "return=\(wish.rawValue)" }
    return response
  }
}
