import Foundation
import MartletCore
import Testing

@testable import MartletHTTP

@Suite struct StaticFilesTests {
  private let folder: TemporaryFolder
  private let app: HTTPApplication

  init() throws {
    let folder = try TemporaryFolder()
    try folder.write("public/site.css", "body{}")
    try folder.write("public/app.1f0e9a7c44d2.js", "1")
    try folder.write("public/.env", "SECRET")
    try folder.write("public/docs/index.html", "<p>docs")
    try folder.write("public/digits.txt", "0123456789")
    try folder.write("public/empty.txt", "")
    try folder.write("outside.txt", "outside")
    let files = FileManager.default
    try files.createSymbolicLink(atPath: folder.path + "/public/out.txt", withDestinationPath: folder.path + "/outside.txt")
    try files.createSymbolicLink(atPath: folder.path + "/public/in.txt", withDestinationPath: folder.path + "/public/site.css")
    self.folder = folder
    app = try application {
      $0.staticFiles = [StaticFiles(at: "static", directory: folder.path + "/public", index: "index.html")]
    } _: {
      Get("other") { _ in "other" }
      Get("download") { request in
        try await Response.file(folder.path + "/outside.txt", for: request, downloadName: "ä \"b\".txt")
      }
    }
  }

  @Test("a file has its type, length, tag, date and cache time")
  func file() async throws {
    let response = await app.respond(to: request(.get, "/static/site.css"))
    #expect(response.status == .ok)
    #expect(try await response.text == "body{}")
    #expect(response.headers["content-type"] == "text/css; charset=utf-8")
    #expect(response.headers["content-length"] == "6")
    #expect(response.headers["cache-control"] == "public, max-age=60")
    let tag = try #require(response.headers["etag"])
    let date = try #require(response.headers["last-modified"])
    #expect(await app.respond(to: request(.get, "/static/site.css", headers: ["If-None-Match": tag])).status == .notModified)
    #expect(await app.respond(to: request(.get, "/static/site.css", headers: ["If-Modified-Since": date])).status == .notModified)
    let head = await app.respond(to: request(.head, "/static/site.css"))
    #expect(head.headers["content-length"] == "6")
    #expect(try await head.body.collect().isEmpty)
    #expect(try await app.respond(to: request(.get, "/static/docs")).text == "<p>docs")
    #expect(try await app.respond(to: request(.get, "/static/in.txt")).text == "body{}")
    #expect(await app.respond(to: request(.get, "/static/empty.txt")).headers["content-length"] == "0")
    #expect(try await app.respond(to: request(.get, "/other")).text == "other")
  }

  @Test("a name with a hash in it is cached for good")
  func hashed() async throws {
    let response = await app.respond(to: request(.get, "/static/app.1f0e9a7c44d2.js"))
    #expect(response.headers["cache-control"] == "public, max-age=31536000, immutable")
    #expect(StaticFolder.isHashed("index-4f9d21ab.js"))
    #expect(!StaticFolder.isHashed("site.css") && !StaticFolder.isHashed("jquery.min.js") && !StaticFolder.isHashed("a.deadbeef"))
  }

  @Test("what lies outside, is hidden or missing is not found")
  func outside() async throws {
    for path in [
      "/static/out.txt", "/static/.env", "/static/none.txt", "/static/docs%2f%2fsite.css", "/static//site.css",
      "/static/site.css/x",
    ] {
      #expect(await app.respond(to: request(.get, path)).status == .notFound, "\(path)")
    }
    #expect(await app.respond(to: request(.get, "/static/../outside.txt")).status == .badRequest)
    #expect(await app.respond(to: request(.get, "/static/%2e%2e/outside.txt")).status == .badRequest)
    #expect(await app.respond(to: request(.get, "/static/..%2foutside.txt")).status == .badRequest)
    #expect(await app.respond(to: request(.get, "/static/docs/%2e%2e%2fsite.css")).status == .badRequest)
    #expect(await app.respond(to: request(.post, "/static/site.css")).status == .notFound)
  }

  @Test("a range is a part, an impossible one 416, an outdated one the whole")
  func ranges() async throws {
    func ask(_ range: String, _ more: HeaderFields = HeaderFields()) async throws -> (Int, String, String?) {
      var headers = more
      headers["Range"] = range
      let response = await app.respond(to: request(.get, "/static/digits.txt", headers: headers))
      return (response.status.code, try await response.text, response.headers["content-range"])
    }
    #expect(try await ask("bytes=2-4") == (206, "234", "bytes 2-4/10"))
    #expect(try await ask("bytes=7-") == (206, "789", "bytes 7-9/10"))
    #expect(try await ask("bytes=-3") == (206, "789", "bytes 7-9/10"))
    #expect(try await ask("bytes=8-99") == (206, "89", "bytes 8-9/10"))
    #expect(try await ask("bytes=-99") == (206, "0123456789", "bytes 0-9/10"))
    #expect(try await ask("bytes=10-") == (416, "", "bytes */10"))
    #expect(try await ask("bytes=-0") == (416, "", "bytes */10"))
    #expect(try await ask("bytes=4-2") == (200, "0123456789", nil))
    #expect(try await ask("bytes=0-1,3-4") == (200, "0123456789", nil))
    #expect(try await ask("lines=0-1") == (200, "0123456789", nil))
    #expect(try await ask("bytes=0-1", ["If-Range": "\"other\""]) == (200, "0123456789", nil))
    let tag = try #require(await app.respond(to: request(.get, "/static/digits.txt")).headers["etag"])
    #expect(try await ask("bytes=0-1", ["If-Range": tag]) == (206, "01", "bytes 0-1/10"))
  }

  @Test("a handler sends a file under a name of any characters")
  func download() async throws {
    let response = await app.respond(to: request(.get, "/download"))
    #expect(try await response.text == "outside")
    #expect(response.headers["content-disposition"] == "attachment; filename*=UTF-8''%C3%A4%20%22b%22.txt")
  }

  @Test("a static folder that is not there is an error at the start")
  func missingFolder() throws {
    let error = #expect(throws: HTTPError.self) {
      try application {
        $0.staticFiles = [StaticFiles(at: "static", directory: "/nowhere/at/all")]
      } _: {
        Get("a") { _ in "a" }
      }
    }
    #expect(error?.kind == .invalidConfiguration)
  }
}
