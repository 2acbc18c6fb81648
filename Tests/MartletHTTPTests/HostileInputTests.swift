import Foundation
import MartletCore
import Testing

@testable import MartletHTTP

@Suite(.timeLimit(.minutes(1))) struct HostileInputTests {
  @RoutesBuilder private var routes: RouteList {
    Get("a") { _ in "four" }
    Post("echo") { request in String(decoding: try await request.body.collect(), as: UTF8.self) }
  }

  @Test("a request to change the protocol is answered, and ends the connection: nothing after it could be read")
  func upgrade() async throws {
    try await withServer {
      $0.idleTimeout = .seconds(2)
    } routes: {
      routes
    } use: { port, _ in
      let hello = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n"
      for start in [
        "GET /a HTTP/1.1\r\nHost: x\r\n\(hello)\r\n", "POST /echo HTTP/1.1\r\nHost: x\r\n\(hello)Content-Length: 4\r\n\r\nfour",
        "CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n",
      ] {
        try await SocketClient.connect(port) { client in
          try await client.send(start)
          let answer = try #require(try await client.answer())
          #expect(answer.status == (start.hasPrefix("CONNECT") ? 400 : 200))
          #expect(answer.headers["connection"] == "close")
          #expect(try await client.ends())
        }
      }
    }
  }

  @Test("a length beyond every number is too large, not none")
  func endlessLength() async throws {
    try await withServer {
      $0.bodyTimeout = .seconds(1)
    } routes: {
      routes
    } use: { port, _ in
      try await SocketClient.connect(port) { client in
        try await client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 9223372036854775808\r\n\r\nabc")
        let answer = try #require(try await client.answer())
        #expect(answer.status == 413)
        #expect(answer.headers["connection"] == "close")
      }
    }
  }

  @Test("control characters in a field of the response become spaces: the response is sent all the same")
  func controlCharacters() async throws {
    try await withServer {
      Get("a") { _ in Response(headers: ["X-Echo": "a\u{1}b\tc\u{7F}d"]) }
    } use: { port, _ in
      try await SocketClient.connect(port) { client in
        try await client.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(try await client.answer()?.headers["x-echo"] == "a b\tc d")
      }
    }
  }

  @Test("a file's name holds no slash, also where a combining character follows it")
  func combiningSlash() async throws {
    let app = try application {
      Post("a") { request in try await request.form().files.map { Array($0.filename.utf8) } }
    }
    for name in ["../\u{301}x", "..\\\u{301}x", "..\\\\\u{301}x", "a/b\u{338}/\u{338}c", "..\u{200B}/.."] {
      let body =
        "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"\(name)\"\r\n\r\nx\r\n--b--\r\n"
      let response = await app.respond(
        to: request(.post, "/a", headers: ["Content-Type": "multipart/form-data; boundary=b"], body: body))
      let names = try JSONDecoder().decode([[UInt8]].self, from: Data(try await response.text.utf8))
      #expect(names.count == 1)
      for name in names {
        #expect(!name.contains(UInt8(ascii: "/")) && !name.contains(UInt8(ascii: "\\")))
        #expect(![".", ".."].contains(String(decoding: name, as: UTF8.self)))
      }
    }
  }

  @Test("no path leads upwards, also by escaped slashes; a plain escaped slash stays inside of its segment")
  func escapedSlashes() async throws {
    let app = try application {
      Get("files/{path...}") { (_: Request, path: String) in path }
    }
    for path in ["..%2F..%2Fetc/passwd", "a%2f..%2fb", "a/b%2F..", "%2E%2E%2Fb", ".%2Fa", "%2F..%2F%CC%81x"] {
      #expect(await app.respond(to: request(.get, "/files/\(path)")).status == .badRequest, "\(path)")
    }
    #expect(try await app.respond(to: request(.get, "/files/a%2Fb..c/..d")).text == "a/b..c/..d")
  }

  @Test("the white space after a boundary has a limit")
  func padding() throws {
    var parser = MultipartParser(boundary: "b")
    _ = try parser.feed(Array("--b".utf8))
    #expect(throws: HTTPError.self) {
      for _ in 0..<100 { _ = try parser.feed([UInt8](repeating: 32, count: 1000)) }
    }
  }
}
