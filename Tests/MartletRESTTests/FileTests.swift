import Foundation
import MartletCore
import MartletHTTP
import MartletORM
import MartletREST
import MartletSQL
import Synchronization
import TestDatabases
import Testing

/// A row with files.
@Model(table: "album")
struct Album {
  var id: ID
  @Field(maxLength: 40) var title: String
  var cover: StoredFile?
  var bookletPDF: StoredFile?
  var lost: StoredFile?

  static let constraints = MartletORM.constraints(Album.self) {
    check("no_cover_for_bare", $0.title != "bare" || $0.cover == nil)
  }
  static let policy = Policy(Album.self) {
    $0.allow(.read) { album, viewer in album.title != "secret" || viewer.isStaff }
    $0.allow(.create, .update, .delete) { album, viewer in album.title != "fixed" || viewer.isStaff }
  }
}

/// A folder for the files of one test, removed with it.
final class Folder: Sendable {
  let path: String
  init() throws {
    path = FileManager.default.temporaryDirectory.appendingPathComponent("files-\(UUID().uuidString)/media").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    try Data("outside".utf8).write(to: URL(fileURLWithPath: path + "/../outside.txt"))
  }
  deinit { try? FileManager.default.removeItem(atPath: path + "/..") }
  /// Every file below, hidden ones too.
  var files: [String] {
    let names = FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []
    return names.filter { name in
      var isFolder: ObjCBool = false
      return FileManager.default.fileExists(atPath: path + "/" + name, isDirectory: &isFolder) && !isFolder.boolValue
    }
  }
}

@Suite("files of rows", .onEveryDatabase)
struct FileTests {
  private let folder: Folder
  private let api: API

  init() async throws {
    let folder = try Folder()
    self.folder = folder
    api = try await API(Self.routes(folder.path), [Album.self])
    for title in ["a", "b"] { try await Album(title: title).insert(api.db) }
  }

  private static func routes(
    _ path: String, _ change: (Resource<Album>) -> Resource<Album> = { $0 }
  ) -> RouteList {
    let resource = change(Resource(Album.self))
    return REST("api") {
      resource
        .file(maxSize: .kilobytes(100), types: "image/*", "text/html", "text/plain") { $0.cover }
        .file { $0.bookletPDF }
    }
    .middleware(
      MiddlewareFunction { request, next in
        var request = request
        request[FileStorageContext.self] = LocalFileStorage(path)
        return try await next(request)
      })
  }

  private func put(
    _ path: String, _ body: String, type: String = "image/png", _ fields: KeyValuePairs<String, String> = [:]
  ) async -> Answer {
    var headers: HeaderFields = ["Host": "api.test", "Content-Type": type]
    for (name, value) in fields { headers[name] = value }
    return Answer(await api.application.respond(to: Request(.put, path, headers: headers, body: Array(body.utf8))))
  }
  private func read(_ path: String, _ fields: KeyValuePairs<String, String> = [:]) async throws -> (Answer, String) {
    let answer = await api.ask(.get, path, nil, fields)
    return (answer, String(decoding: try await answer.response.body.collect(), as: UTF8.self))
  }

  @Test("PUT stores the bytes, GET gives them back, the row names the path, DELETE removes them")
  func roundTrip() async throws {
    #expect(await api.ask(.get, "/api/albums/1/cover").status == 404)
    #expect(await api.ask(.get, "/api/albums/1").json["cover"] == .null)
    let stored = await put("/api/albums/1/cover", "picture")
    #expect(stored.status == 201 && stored.text.isEmpty)
    let (answer, text) = try await read("/api/albums/1/cover")
    #expect(answer.status == 200 && text == "picture")
    #expect(answer.header("content-type") == "image/png" && answer.header("content-length") == "7")
    #expect(answer.tag == stored.tag)
    #expect(await api.ask(.head, "/api/albums/1/cover").header("content-length") == "7")
    for (path, row) in [("/api/albums/1", \JSONTree.self), ("/api/albums?x", \.self)] {
      let json = await api.ask(.get, path.replacing("?x", with: "")).json[keyPath: row]
      let album = json["results"].flatMap { if case .array(let rows) = $0 { rows.first } else { nil } } ?? json
      #expect(album["cover"]?.plain == "/api/albums/1/cover")
      #expect(album["booklet_pdf"] == .null && album["lost"] == .null)
    }
    let patched = await api.ask(.patch, "/api/albums/1", #"{"title":"c"}"#)
    #expect(patched.json["cover"]?.plain == "/api/albums/1/cover")
    #expect(folder.files.count == 1)
    #expect(await api.ask(.delete, "/api/albums/1/cover").status == 204)
    #expect(folder.files.isEmpty)
    #expect(await api.ask(.delete, "/api/albums/1/cover").status == 404)
    #expect(await api.ask(.get, "/api/albums/1").json["cover"] == .null)
  }

  @Test("another file takes the place of the first, which is removed; the row's tag and the file's change")
  func replaced() async throws {
    let first = await put("/api/albums/1/cover", "one"), row = await api.ask(.get, "/api/albums/1").tag
    let second = await put("/api/albums/1/cover", "two!", type: "image/jpeg; x=y")
    #expect(second.status == 204 && second.tag != first.tag)
    #expect(await api.ask(.get, "/api/albums/1").tag != row)
    #expect(folder.files.count == 1)
    let (answer, text) = try await read("/api/albums/1/cover", ["If-None-Match": first.tag])
    #expect(text == "two!" && answer.header("content-type") == "image/jpeg")
    #expect(await put("/api/albums/1/booklet-pdf", "pdf", type: "application/pdf").status == 201)
    #expect(folder.files.count == 2)
    #expect(await api.ask(.delete, "/api/albums/1").status == 204)
    #expect(folder.files.isEmpty)
  }

  @Test("conditions hold for the file: what was not seen is neither replaced nor removed")
  func conditions() async throws {
    #expect(await put("/api/albums/1/cover", "x", ["If-Match": "*"]).status == 412)
    let stored = await put("/api/albums/1/cover", "one", ["If-None-Match": "*"])
    #expect(stored.status == 201)
    let refused = await put("/api/albums/1/cover", "two", ["If-None-Match": "*"])
    #expect(refused.status == 412 && refused.tag == stored.tag)
    #expect(await put("/api/albums/1/cover", "two", ["If-Match": "\"x\""]).status == 412)
    #expect(await api.ask(.delete, "/api/albums/1/cover", nil, ["If-Match": "\"x\""]).status == 412)
    #expect(try await read("/api/albums/1/cover").1 == "one")
    #expect(await api.ask(.get, "/api/albums/1/cover", nil, ["If-None-Match": stored.tag]).status == 304)
    #expect(await put("/api/albums/1/cover", "two", ["If-Match": stored.tag]).status == 204)
    #expect(await api.ask(.delete, "/api/albums/1/cover", nil, ["If-Match": stored.tag]).status == 412)
    #expect(folder.files.count == 1)
  }

  @Test("where a condition is required, a file is neither stored nor removed without one")
  func conditionsRequired() async throws {
    let strict = try await API(Self.routes(folder.path) { $0.requireMatch() }, [Album.self])
    try await Album(title: "a").insert(strict.db)
    func put(_ headers: HeaderFields = [:]) async throws -> Answer {
      try await strict.send(.put, "/api/albums/1/cover", "x", type: "image/png", headers: headers)
    }
    let refused = try await put()
    #expect(refused.status == 428 && refused.type == "/problems/precondition-required" && folder.files.isEmpty)
    let stored = try await put(["If-None-Match": "*"])
    #expect(stored.status == 201)
    #expect(try await put().status == 428)
    #expect(try await put(["If-Match": "\"x\""]).status == 412)
    #expect(await strict.ask(.delete, "/api/albums/1/cover").status == 428)
    #expect(await strict.ask(.get, "/api/albums/1/cover").status == 200)
    #expect(await strict.ask(.delete, "/api/albums/1/cover", nil, ["If-Match": stored.tag]).status == 204)
    let tree = OpenAPIDocument(Self.routes("/tmp") { $0.requireMatch() }).tree
    let path = tree["paths"]?["/api/albums/{id}/cover"]
    for method in ["put", "delete"] {
      #expect(path?[method]?["responses"]?["428"] != nil)
    }
    #expect(path?["get"]?["responses"]?["428"] == nil)
  }

  @Test("a file stays where the connection was lost during COMMIT: its row may be there")
  func lostCommit() async throws {
    let driver = LossyDriver(inner: api.db.driver), path = folder.path
    let router = try Router(
      Self.routes(path).middleware(
        MiddlewareFunction { request, next in
          var request = request
          request[DatabaseContext.self] = Database(driver)
          return try await next(request)
        }))
    let request = Request(.put, "/api/albums/1/cover", headers: ["Content-Type": "image/png"], body: Array("x".utf8))
    await #expect(throws: DatabaseError.self) { try await router.respond(to: request) }
    #expect(try await Album.get(1, api.db).cover != nil)
    #expect(folder.files.count == 1)
    #expect(try await read("/api/albums/1/cover").1 == "x")
  }

  @Test("parts are sent as they are asked for")
  func ranges() async throws {
    let tag = await put("/api/albums/1/cover", "0123456789").tag
    let (part, text) = try await read("/api/albums/1/cover", ["Range": "bytes=2-4"])
    #expect(part.status == 206 && text == "234" && part.header("content-range") == "bytes 2-4/10")
    #expect(try await read("/api/albums/1/cover", ["Range": "bytes=-3"]).1 == "789")
    #expect(try await read("/api/albums/1/cover", ["Range": "bytes=2-4", "If-Range": tag]).1 == "234")
    #expect(try await read("/api/albums/1/cover", ["Range": "bytes=2-4", "If-Range": "\"x\""]).1 == "0123456789")
    #expect(try await read("/api/albums/1/cover", ["Range": "bytes=99-"]).0.status == 416)
  }

  @Test("a body that is too large is 413, declared or not, and leaves nothing behind")
  func size() async throws {
    #expect(await put("/api/albums/1/cover", String(repeating: "x", count: 102_400)).status == 201)
    #expect(await put("/api/albums/1/cover", String(repeating: "x", count: 102_401)).status == 413)
    let read = Mutex(0)
    let request = Request(
      method: .put, target: "/api/albums/2/cover", headers: ["Host": "api.test", "Content-Type": "image/png"], peer: nil,
      declaredLength: nil
    ) {
      // A client that never stops.
      read.withLock { $0 += 1 }
      return [UInt8](repeating: 1, count: 10_000)
    }
    #expect(await api.application.respond(to: request).status == .contentTooLarge)
    #expect(read.withLock { $0 } == 11)
    #expect(folder.files.count == 1)
    #expect(try await Album.get(2, api.db).cover == nil)
  }

  @Test("a chunk is on the disk before the next is asked for, and a file is sent in small pieces")
  func streamed() async throws {
    let count = Mutex(0), folder = folder
    let request = Request(
      method: .put, target: "/api/albums/1/booklet-pdf", headers: ["Host": "api.test", "Content-Type": "application/pdf"],
      peer: nil, declaredLength: nil
    ) {
      let number = count.withLock {
        $0 += 1
        return $0
      }
      let uploads = folder.files.filter { $0.contains(".upload-") }
      let sizes = uploads.compactMap {
        (try? FileManager.default.attributesOfItem(atPath: folder.path + "/" + $0))?[.size] as? Int
      }
      #expect(sizes == [(number - 1) * 50_000])
      return number <= 20 ? [UInt8](repeating: UInt8(number), count: 50_000) : nil
    }
    #expect(await api.application.respond(to: request).status == .created)
    let answer = await api.ask(.get, "/api/albums/1/booklet-pdf")
    let pieces = Mutex<[Int]>([])
    try await answer.response.body.write(to: BodyWriter { chunk in pieces.withLock { $0.append(chunk.count) } })
    #expect(pieces.withLock { $0.reduce(0, +) } == 1_000_000 && pieces.withLock { $0.max() ?? 0 } <= 65_536)
  }

  @Test("a body that breaks off, and a row that refuses the file, leave no file")
  func brokenOff() async throws {
    struct Gone: Error {}
    let count = Mutex(0)
    let request = Request(
      method: .put, target: "/api/albums/1/cover", headers: ["Host": "api.test", "Content-Type": "image/png"], peer: nil,
      declaredLength: 50
    ) {
      if count.withLock({
        $0 += 1; return $0
      }) > 2 {
        throw Gone()
      }
      return [1, 2, 3]
    }
    #expect(await api.application.respond(to: request).status.code >= 400)
    try await Album(title: "bare").insert(api.db)
    #expect(await put("/api/albums/3/cover", "x").status >= 400)
    #expect(folder.files.isEmpty)
  }

  @Test(
    "another media type than is taken is 415",
    arguments: ["application/pdf", "image", "image/*", "", "*/*", "application/x-www-form-urlencoded"])
  func types(_ type: String) async throws {
    let answer = await put("/api/albums/1/cover", "x", type: type)
    #expect(answer.status == 415)
    #expect(answer.json["detail"]?.plain.hasSuffix("this takes image/*, text/html, text/plain.") == true)
    #expect(folder.files.isEmpty)
  }

  @Test("what a browser would run is only downloaded, nothing is sniffed, and no cache shares it")
  func hostile() async throws {
    for (type, disposition) in [
      ("image/png", "inline; filename=\"cover.png\""), ("image/svg+xml", "attachment; filename=\"cover.svg\""),
      ("text/html", "attachment; filename=\"cover.htm\""), ("text/plain", "inline; filename=\"cover.txt\""),
      ("image/unheard-of", "attachment; filename=\"cover.bin\""),
    ] {
      _ = await put("/api/albums/1/cover", "<script>alert(1)</script>", type: type)
      let answer = await api.ask(.get, "/api/albums/1/cover")
      #expect(answer.header("content-disposition") == disposition)
      #expect(answer.header("x-content-type-options") == "nosniff")
      #expect(answer.header("content-security-policy") == "default-src 'none'; sandbox")
      #expect(answer.header("cache-control") == "private, no-cache")
    }
  }

  @Test("who may not read the row may not read its file; who may not update it may not write one, and no byte is read")
  func policies() async throws {
    for title in ["secret", "fixed"] { try await Album(title: title).insert(api.db) }
    let staff = Viewer(id: .int(9), isStaff: true)
    _ = try await api.send(.put, "/api/albums/3/cover", "x", as: staff, type: "image/png")
    #expect(try await api.get("/api/albums/3/cover", as: staff).status == 200)
    #expect(try await api.get("/api/albums/3/cover").status == 404)
    #expect(try await api.send(.put, "/api/albums/3/cover", "x", type: "image/png").status == 404)
    #expect(try await api.send(.put, "/api/albums/4/cover", "x", type: "image/png").status == 401)
    #expect(try await api.send(.delete, "/api/albums/4/cover").status == 401)
    #expect(try await api.send(.put, "/api/albums/4/cover", "x", as: Viewer(id: .int(1)), type: "image/png").status == 403)
    #expect(try await api.get("/api/albums/99/cover").status == 404)
    #expect(try await api.get("/api/albums/x/cover").status == 404)
  }

  @Test("the path is no client's to choose: JSON cannot write the field")
  func readOnly() async throws {
    #expect(await api.ask(.post, "/api/albums", #"{"title":"x","cover":"a.png"}"#).errors == ["cover: read_only"])
    #expect(await api.ask(.patch, "/api/albums/1", #"{"cover":"../outside.txt"}"#).errors == ["cover: read_only"])
    #expect(await api.ask(.patch, "/api/albums/1", #"{"lost":"x"}"#).errors == ["lost: read_only"])
    #expect(await api.ask(.put, "/api/albums/1", #"{"title":"x","cover":null}"#).status == 200)
  }

  @Test(
    "whatever path a row holds, nothing outside of the folder is read or removed",
    arguments: [
      "../outside.txt", "/etc/passwd", "a/../../outside.txt", "..", ".", "", "a//b", ".hidden", "a\\..\\b", "link.txt",
      "folder/x",
      "a\u{1}b",
    ])
  func traversal(_ path: String) async throws {
    try Data("hidden".utf8).write(to: URL(fileURLWithPath: folder.path + "/.hidden"))
    try FileManager.default.createSymbolicLink(
      atPath: folder.path + "/link.txt", withDestinationPath: folder.path + "/../outside.txt")
    try FileManager.default.createSymbolicLink(atPath: folder.path + "/folder", withDestinationPath: "/etc")
    var album = try await Album.get(1, api.db)
    try await album.save(api.db) { $0.cover = StoredFile(path: path) }
    #expect(await api.ask(.get, "/api/albums/1/cover").status == 404)
    #expect(await [204, 404].contains(api.ask(.delete, "/api/albums/1/cover").status))
    let storage = LocalFileStorage(folder.path)
    try await storage.delete(path)
    #expect(try await storage.size(of: path) == nil)
    await #expect(throws: (any Error).self) {
      try await storage.read(path, range: 0..<1, to: BodyWriter { _ in })
    }
    let body = Request(.put, "/", body: Array("x".utf8)).body
    if path != "link.txt" { await #expect(throws: (any Error).self) { try await storage.write(body, to: path, limit: 10) } }
    #expect(try String(contentsOfFile: folder.path + "/../outside.txt", encoding: .utf8) == "outside")
    #expect(FileManager.default.fileExists(atPath: folder.path + "/.hidden"))
  }

  @Test("a renamed file has its name in rows and errors, and its path stays")
  func renamed() async throws {
    let renamed = try await API(Self.routes(folder.path) { $0.renamed("picture") { $0.cover } }, [Album.self])
    try await Album(title: "a").insert(renamed.db)
    let missing = await renamed.ask(.get, "/api/albums/1/cover")
    #expect(missing.status == 404 && missing.json["detail"]?.plain == "This album has no picture.", "\(missing.text)")
    #expect(await renamed.ask(.get, "/api/albums/1").json["picture"]?.plain == "null")
  }

  @Test("a row that Django wrote without a file has none")
  func django() async throws {
    var album = try await Album.get(1, api.db)
    try await album.save(api.db) { $0.cover = StoredFile(path: "") }
    #expect(await api.ask(.get, "/api/albums/1").json["cover"] == .null)
    #expect(await api.ask(.get, "/api/albums/1/cover").status == 404)
    #expect(await put("/api/albums/1/cover", "x").status == 201)
  }

  @Test("of 10 files that are stored at once one is kept, and no other is left")
  func atOnce() async throws {
    await withTaskGroup(of: Void.self) { group in
      for index in 0..<10 { group.addTask { #expect(await put("/api/albums/1/cover", "\(index)").status < 300) } }
    }
    #expect(folder.files.count == 1)
    #expect(try await read("/api/albums/1/cover").0.status == 200)
  }

  @Test("the document describes the routes, and mistakes are findings")
  func documents() throws {
    let routes = Self.routes("/tmp"), tree = OpenAPIDocument(routes).tree
    let path = tree["paths"]?["/api/albums/{id}/cover"]
    guard case .object(let types)? = path?["put"]?["requestBody"]?["content"] else {
      Issue.record("no body")
      return
    }
    #expect(types.map(\.name).sorted() == ["image/*", "text/html", "text/plain"])
    #expect(path?["get"]?["responses"]?["206"] != nil && path?["get"]?["operationId"]?.string == "readAlbumsCoverFile")
    #expect(path?["delete"]?["responses"]?["204"] != nil)
    let field = tree["components"]?["schemas"]?["Album"]?["properties"]?["cover"]
    #expect(field?["readOnly"] == true && field?["format"] == "uri-reference")
    // What was read may come back.
    #expect(tree["components"]?["schemas"]?["AlbumUpdate"]?["properties"]?["cover"]?["readOnly"] == true)
    #expect(REST.check(routes, hasFileStorage: false).map(\.id) == ["rest.W024", "rest.W024"])
    #expect(REST.check(routes, hasFileStorage: true).isEmpty && REST.check(routes).isEmpty)
    #expect(Album.schema.columns.map(\.isFile) == [false, false, true, true, true])
    #expect(Router.check(routes).isEmpty)
  }
}

/// Carries out COMMIT and loses the answer.
private struct LossyDriver: DatabaseDriver {
  let inner: any DatabaseDriver
  var dialect: any SQLDialect { inner.dialect }
  var displayName: String { inner.displayName }

  func run(_ statement: SQLStatement, onRow: @escaping @Sendable (inout Row) throws -> Void) async throws -> StatementResult {
    try await inner.run(statement, onRow: onRow)
  }
  func lease(_ access: DatabaseAccess, source: SourcePlace?) async throws -> ConnectionLease {
    let lease = try await inner.lease(access, source: source)
    return ConnectionLease(Connection(inner: lease.connection)) { await lease.end() }
  }
  func shutdown() async { await inner.shutdown() }

  struct Connection: DatabaseConnection {
    let inner: any DatabaseConnection
    func run(_ statement: SQLStatement, onRow: @escaping @Sendable (inout Row) throws -> Void) async throws -> StatementResult {
      let result = try await inner.run(statement, onRow: onRow)
      if statement.text == "COMMIT" { throw DatabaseError(.connection, "the connection was lost") }
      return result
    }
    func openCursor(_ statement: SQLStatement) async throws -> any DatabaseCursor { try await inner.openCursor(statement) }
  }
}
