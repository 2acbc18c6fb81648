import Foundation
import MartletCore
import Testing

@testable import MartletHTTP

@Suite struct ContentTests {
  @Test("a JSON answer gets a tag, and 304 for a client that has it")
  func automaticTag() async throws {
    let app = try application {
      Get("a") { _ in ["x": 1] }
      Get("private") { _ in Response.text("x").setting("Cache-Control", "no-store") }
      Post("a") { _ in ["x": 1] }
    }
    let first = await app.respond(to: request(.get, "/a"))
    let tag = try #require(first.headers["etag"])
    #expect(tag.hasPrefix("W/\""))
    let second = await app.respond(to: request(.get, "/a", headers: ["If-None-Match": "\"other\", " + tag]))
    #expect(second.status == .notModified)
    #expect(second.headers["etag"] == tag)
    #expect(second.headers["content-length"] == nil && second.headers["content-type"] == nil)
    #expect(try await second.body.collect().isEmpty)
    #expect(await app.respond(to: request(.head, "/a", headers: ["If-None-Match": tag])).status == .notModified)
    #expect(await app.respond(to: request(.get, "/private")).headers["etag"] == nil)
    #expect(await app.respond(to: request(.post, "/a", headers: ["If-None-Match": tag])).status == .ok)
  }

  @Test("If-None-Match wins over If-Modified-Since")
  func precedence() async throws {
    let date = HTTPDate.text(secondsSince1970: 1_000_000)
    let app = try application {
      Get("a") { _ in Response.text("x").setting("ETag", "\"1\"").setting("Last-Modified", date) }
    }
    #expect(await app.respond(to: request(.get, "/a", headers: ["If-Modified-Since": date])).status == .notModified)
    let older = HTTPDate.text(secondsSince1970: 999_999)
    #expect(await app.respond(to: request(.get, "/a", headers: ["If-Modified-Since": older])).status == .ok)
    let both: HeaderFields = ["If-Modified-Since": date, "If-None-Match": "\"2\""]
    #expect(await app.respond(to: request(.get, "/a", headers: both)).status == .ok)
  }

  @Test("a compressible body of some size is gzipped for who takes it, and unpacks to the same")
  func compression() async throws {
    let text = String(repeating: "Martlets never land. ", count: 100)
    let app = try application {
      Get("a") { _ in Response.text(text).setting("ETag", "\"strong\"") }
      Get("small") { _ in "small" }
      Get("image") { _ in Response(headers: ["Content-Type": "image/png"], body: .text(text)) }
      Get("stream") { _ in
        Response(
          headers: ["Content-Type": "text/plain"],
          body: .stream { writer in
            for _ in 0..<100 { try await writer.write("Martlets never land. ") }
          })
      }
    }
    let gzip: HeaderFields = ["Accept-Encoding": "gzip"]
    let packed = await app.respond(to: request(.get, "/a", headers: gzip))
    #expect(packed.headers["content-encoding"] == "gzip")
    #expect(packed.headers["vary"] == "Accept-Encoding")
    #expect(packed.headers["etag"] == "\"strong-gzip\"")
    let bytes = try await packed.body.collect()
    #expect(packed.headers["content-length"] == String(bytes.count))
    #expect(bytes.count < 200)
    #expect(try gunzip(bytes) == text)
    let plain = await app.respond(to: request(.get, "/a"))
    #expect(plain.headers["content-encoding"] == nil && plain.headers["vary"] == "Accept-Encoding")
    #expect(await app.respond(to: request(.get, "/small", headers: gzip)).headers["content-encoding"] == nil)
    #expect(await app.respond(to: request(.get, "/image", headers: gzip)).headers["vary"] == nil)
    let stream = await app.respond(to: request(.get, "/stream", headers: gzip))
    #expect(stream.headers["content-encoding"] == "gzip")
    #expect(stream.headers["content-length"] == nil)
    #expect(try gunzip(try await stream.body.collect()) == text)
  }

  private func gunzip(_ bytes: [UInt8]) throws -> String {
    let folder = try TemporaryFolder()
    try Data(bytes).write(to: URL(fileURLWithPath: folder.path + "/x.gz"))
    let process = Process(), pipe = Pipe()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["gunzip", "-c", folder.path + "/x.gz"]
    process.standardOutput = pipe
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    return String(decoding: output, as: UTF8.self)
  }
}
