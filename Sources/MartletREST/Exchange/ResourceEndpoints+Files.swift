import Foundation
import MartletCore
import MartletHTTP
import MartletORM
import MartletSQL

extension ResourceEndpoints {
  /// Answers one request to a file of a row.
  func respond(to request: Request, _ file: FileOperation) async throws -> Response {
    guard let db = request[DatabaseContext.self] else {
      throw RESTError(
        .missingDatabase, "the request to the resource “\(shape.path)” carries no database",
        hint: "answer it through an Application, or set request[DatabaseContext.self]")
    }
    guard let storage = request[FileStorageContext.self] else {
      throw RESTError(
        .missingFileStorage, "the request to \(shape.path)/{id}/\(file.field.segment) has no storage for files",
        hint: "set MEDIA_ROOT, or request[FileStorageContext.self] in a middleware")
    }
    do {
      try refuseAtOnce(file.action == .read ? .retrieve : .update, request.viewer)
      let row = try await visibleRow(request, db)
      switch file.action {
      case .read: return try await readFile(of: row, file.field, request, storage)
      case .write: return try await writeFile(of: row, file.field, request, storage, db)
      case .delete: return try await deleteFile(of: row, file.field, request, storage, db)
      }
    } catch let error as ORMError where error.kind == .forbidden {
      throw refusal(request.viewer)
    } catch let error as DatabaseError {
      throw writeFailure(error) ?? error
    }
  }

  // MARK: Reading

  private func readFile(
    of row: M, _ field: FileField, _ request: Request, _ storage: any FileStorage
  ) async throws -> Response {
    guard let path = path(of: row, field), let size = try await storage.size(of: path) else {
      throw HTTPError.notFound("This \(shape.schema.label) has no \(field.name).")
    }
    try checkConditions(request, Self.tag(of: path))
    let type = ContentTypes.type(forPath: path)
    let file = FileResponse(size: size, tag: Self.tag(of: path), contentType: type) { range, writer in
      try await storage.read(path, range: range, to: writer)
    }
    var response = file.response(for: request)
    let name = field.segment + (path.lastIndex(of: ".").map { String(path[$0...]) } ?? "")
    // What a browser would run in the app's name is only ever downloaded; nothing is guessed from the bytes.
    let isShown = FileSafety.isShown(type)
    response.headers["Content-Disposition"] = (isShown ? "inline" : "attachment") + "; filename=\"\(name)\""
    response.headers["X-Content-Type-Options"] = "nosniff"
    // A viewer of PDFs runs in no sandbox.
    response.headers["Content-Security-Policy"] = "default-src 'none'" + (type == "application/pdf" ? "" : "; sandbox")
    // Who may read it can change, so nobody else keeps it, and who does asks again.
    response.headers.setDefault("Cache-Control", "private, no-cache")
    return response
  }

  /// Names the file: its path is never used again.
  static func tag(of path: String) -> EntityTag { EntityTag(Digests.sha256(path.utf8, length: 12)) }

  private func path(of row: M, _ field: FileField) -> String? { path(of: row, at: field.index) }
  private func path(of row: M, at index: Int) -> String? {
    guard case .text(let path) = row.columnValue(at: index), !path.isEmpty else { return nil }
    return path
  }

  /// - Throws: ``HTTPError``: 412 where the request's conditions do not hold for the file, or for there being none.
  private func checkConditions(_ request: Request, _ tag: EntityTag?) throws {
    func fail() -> HTTPError { tag.map(HTTPError.preconditionFailed) ?? HTTPError(.preconditionFailed, "There is no file yet.") }
    if let match = request.headers["if-match"] {
      guard let tag, match == "*" || EntityTag.list(match).contains(where: { !$0.isWeak && $0.withoutCoding == tag.value }) else {
        throw fail()
      }
    }
    guard request.method != .get, request.method != .head, let noneMatch = request.headers["if-none-match"], let tag else {
      return
    }
    if noneMatch == "*" || EntityTag.list(noneMatch).contains(where: { $0.withoutCoding == tag.value }) { throw fail() }
  }

  // MARK: Writing

  private func writeFile(
    of visible: M, _ field: FileField, _ request: Request, _ storage: any FileStorage, _ db: Database
  ) async throws -> Response {
    let viewer = request.viewer
    // Before the body: nobody sends megabytes to be refused.
    try await visible.authorize(.update, to: viewer, in: db)
    try requireCondition(request, of: field.name)
    try checkConditions(request, path(of: visible, field).map(Self.tag))
    let type = MediaRange(request.headers["content-type"] ?? "")?.essence
    guard let type, !type.contains("*"), field.takes(type) else {
      let wanted = field.types.isEmpty ? "any media type; name it in “Content-Type”" : field.types.joined(separator: ", ")
      throw HTTPError(
        .unsupportedMediaType, "\(type.map { "The body is \($0)" } ?? "The body has no media type"); this takes \(wanted).")
    }
    let name = UUID().uuidString.lowercased().filter { $0 != "-" }
    let path = "\(Self.folder(shape.path))/\(name.prefix(2))/\(name).\(ContentTypes.fileExtension(for: type))"
    try await storage.write(request.body, to: path, limit: field.maxSize.bytes)
    do {
      let isNew = try await setFile(of: visible, field, path, request, storage, db) == nil
      return Response(status: isNew ? .created : .noContent, headers: ["ETag": Self.tag(of: path).description])
    } catch let error as DatabaseError where error.kind == .connection {
      // Whether COMMIT was carried out nobody knows: a file too many is better than a row without its file.
      throw error
    } catch {
      // No row has it.
      try? await storage.delete(path)
      throw error
    }
  }

  private func deleteFile(
    of visible: M, _ field: FileField, _ request: Request, _ storage: any FileStorage, _ db: Database
  ) async throws -> Response {
    try await visible.authorize(.update, to: request.viewer, in: db)
    try requireCondition(request, of: field.name)
    guard try await setFile(of: visible, field, nil, request, storage, db) != nil else {
      throw HTTPError.notFound("This \(shape.schema.label) has no \(field.name).")
    }
    return Response(status: .noContent)
  }

  /// Writes the path into the row; the file that it had goes once that is committed.
  ///
  /// - Returns: The path of the file that it had.
  private func setFile(
    of visible: M, _ field: FileField, _ path: String?, _ request: Request, _ storage: any FileStorage, _ db: Database
  ) async throws -> String? {
    try await db.transaction { tx in
      let original = try await lockedRow(visible.id, tx)
      try await original.authorize(.update, to: request.viewer, in: tx)
      let former = self.path(of: original, field)
      try checkConditions(request, former.map(Self.tag))
      var row = original
      try row.setColumn(field.index, path.map { .text($0) } ?? .null)
      try await row.save(tx, changedFrom: original, as: request.viewer)
      if let former { await tx.onCommit { try? await storage.delete(former) } }
      return former
    }
  }

  /// Once the row's deletion is committed, its files go too, those without a path of their own as well.
  func removeFiles(of row: M, _ context: ResourceContext) async {
    let columns = shape.schema.columns
    let paths = columns.indices.filter { columns[$0].isFile }.compactMap { path(of: row, at: $0) }
    guard !paths.isEmpty, let storage = context.request[FileStorageContext.self] else { return }
    await context.db.onCommit { for path in paths { try? await storage.delete(path) } }
  }

  /// The resource's folder: the name of its path with nothing in it that a file system could take for something else.
  private static func folder(_ path: String) -> String {
    let name = path.utf8.map { byte -> UInt8 in
      let isPlain = (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
      return isPlain ? byte : UInt8(ascii: "-")
    }
    return "r-" + String(decoding: name.prefix(40), as: UTF8.self)
  }
}

/// Which media types a browser may show in the app's name.
enum FileSafety {
  /// Pictures, sound, films, PDF and plain text. Not SVG, HTML or XML, which hold scripts.
  static func isShown(_ type: String) -> Bool {
    let essence = type.prefix { $0 != ";" }
    if essence == "image/svg+xml" { return false }
    return essence.hasPrefix("image/") || essence.hasPrefix("audio/") || essence.hasPrefix("video/")
      || essence == "application/pdf" || essence == "text/plain"
  }
}
