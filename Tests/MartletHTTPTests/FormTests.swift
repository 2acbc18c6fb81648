import Foundation
import MartletCore
import Synchronization
import Testing

@testable import MartletHTTP

@Suite struct FormTests {
  private let multipart = "multipart/form-data; boundary=\"b0un d\""

  private func body(_ parts: [(String, String)]) -> String {
    parts.map { "--b0un d\r\n\($0.0)\r\n\r\n\($0.1)\r\n" }.joined() + "--b0un d--\r\n"
  }

  @Test("a urlencoded form has fields, repeated ones too, and decodes into a type")
  func urlencoded() async throws {
    struct Input: Decodable, Encodable { var title: String, tags: [String], count: Int? }
    let app = try application {
      Post("a") { request in try await request.form().decode(Input.self) }
    }
    func send(_ body: String) async -> Response {
      await app.respond(to: request(.post, "/a", headers: ["Content-Type": "application/x-www-form-urlencoded"], body: body))
    }
    #expect(try await send("title=a+%C3%A9&tags=x&tags=y&count=").text == #"{"title":"a é","tags":["x","y"]}"#)
    #expect(await send("title=%ff").status == .badRequest)
    #expect(try await send("tags=x&count=z").problem.errors?.map(\.field) == ["title", "count"])
  }

  @Test("a multipart form has fields and files, whatever the chunks that it arrives in")
  func chunks() throws {
    let text = body([
      (#"Content-Disposition: form-data; name="title""#, "Hello"),
      ("content-disposition: form-data; name=\"f\"; filename=\"a.txt\"\r\nContent-Type: text/plain", "line\r\n--b0un\r\n-- no\r"),
    ])
    for size in [1, 2, 3, 7, 64, 4096] {
      var parser = MultipartParser(boundary: "b0un d"), content: [String] = [], names: [String] = []
      var rest = Array(("preamble\r\n" + text + "epilogue").utf8)[...]
      while !rest.isEmpty {
        for event in try parser.feed(Array(rest.prefix(size))) {
          switch event {
          case .part(let headers):
            names.append(headers["content-disposition"] ?? "")
            content.append("")
          case .data(let bytes): content[content.count - 1] += String(decoding: bytes, as: UTF8.self)
          case .endOfPart: break
          }
        }
        rest = rest.dropFirst(size)
      }
      #expect(parser.isComplete)
      #expect(content == ["Hello", "line\r\n--b0un\r\n-- no\r"], "chunks of \(size)")
      #expect(names.count == 2)
    }
  }

  @Test("a small file stays in memory, a large one goes to disk and is removed with the request")
  func spooling() async throws {
    let seen = Mutex<[String?]>([])
    let app = try application {
      $0.bodyLimits.uploadMemory = 100
    } _: {
      Post("a") { request in
        let form = try await request.form()
        #expect(try await request.form().files.count == form.files.count)
        var lines: [String] = []
        for file in form.files {
          seen.withLock { $0.append(file.temporaryPath) }
          let content = try await file.read()
          #expect(content.count == file.size)
          lines.append("\(file.field) \(file.filename) \(file.contentType) \(file.size)")
        }
        if let path = form.files.last?.temporaryPath {
          let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
          #expect(mode == 0o600)
        }
        return lines
      }
    }
    let large = String(repeating: "x", count: 5000)
    let sent = body([
      (#"Content-Disposition: form-data; name="s"; filename="C:\dir\small.txt""#, "small"),
      (#"Content-Disposition: form-data; name="none"; filename="""#, ""),
      ("Content-Disposition: form-data; name=\"l\"; filename=\"../../l%22.bin\"\r\nContent-Type: image/png", large),
    ])
    let response = await app.respond(to: request(.post, "/a", headers: ["Content-Type": multipart], body: sent))
    #expect(try await response.text == #"["s small.txt application/octet-stream 5","l l\".bin image/png 5000"]"#)
    let paths = seen.withLock { $0 }
    #expect(paths.count == 2 && paths[0] == nil)
    let path = try #require(paths[1])
    #expect(!FileManager.default.fileExists(atPath: path))
  }

  @Test("an upload can be kept under a path of the app")
  func move() async throws {
    let folder = try TemporaryFolder()
    let target = folder.path + "/kept.bin"
    let app = try application {
      $0.bodyLimits.uploadMemory = 10
    } _: {
      Post("a") { request in
        let form = try await request.form()
        try await form.file("f")?.move(to: target)
        return HTTPStatus.created
      }
    }
    let sent = body([(#"Content-Disposition: form-data; name="f"; filename="x""#, "longer than ten bytes")])
    #expect(await app.respond(to: request(.post, "/a", headers: ["Content-Type": multipart], body: sent)).status == .created)
    #expect(try String(contentsOfFile: target, encoding: .utf8) == "longer than ten bytes")
  }

  @Test("a malformed, cut, oversized or overfull form is refused precisely")
  func refused() async throws {
    let app = try application {
      $0.bodyLimits.memory = 50
      $0.bodyLimits.upload = 2000
      $0.bodyLimits.formFields = 3
    } _: {
      Post("a") { request in
        _ = try await request.form()
        return HTTPStatus.ok
      }
    }
    func send(_ body: String, type: String? = nil) async throws -> (Int, String) {
      let sent = request(.post, "/a", headers: ["Content-Type": type ?? multipart], body: body)
      let problem = try await app.respond(to: sent).problem
      return (problem.status, problem.detail ?? "")
    }
    let field = #"Content-Disposition: form-data; name="x""#
    #expect(try await send("--b0un d\r\n\(field)\r\n\r\nabc") == (400, "The form ends before its last boundary."))
    #expect(
      try await send(body([("X: y", "a")]))
        == (400, "A part has no “Content-Disposition: form-data” with a name."))
    #expect(try await send("--b0un dx\r\n").1 == "A boundary is followed by other text.")
    #expect(
      try await send(body([(field, String(repeating: "a", count: 60))]))
        == (413, "The fields of the form may have at most 50 bytes."))
    #expect(
      try await send(body([(field + "; filename=f", String(repeating: "a", count: 3000))])) == (
        413, "The body may have at most 2000 bytes."
      ))
    #expect(try await send(body(Array(repeating: (field, "a"), count: 4))) == (413, "The form may have at most 3 fields."))
    #expect(try await send("", type: "multipart/form-data").0 == 400)
    #expect(try await send("{}", type: "application/json").0 == 415)
  }
}
