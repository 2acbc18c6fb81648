import MartletCore
import Testing

@testable import MartletHTTP

/// Two programs that disagree where a request ends let a client hide one request in another: RFC 9112 §11.2.
@Suite(.timeLimit(.minutes(2))) struct SmugglingServerTests {
  @RoutesBuilder private var routes: RouteList {
    Post("a") { request in "a \(try await request.body.collect().count)" }
    Get("a") { _ in "a" }
    Get("smuggled") { _ in "smuggled" }
  }

  /// Requests that end differently for different readers, each with one hidden behind it.
  static let ambiguous: [(String, String)] = [
    ("both lengths", "Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nX"),
    ("both lengths, the other way round", "Transfer-Encoding: chunked\r\nContent-Length: 6\r\n\r\n0\r\n\r\nX"),
    ("two different lengths", "Content-Length: 0\r\nContent-Length: 44\r\n\r\n"),
    ("a list of lengths", "Content-Length: 0, 44\r\n\r\n"),
    ("a length with a sign", "Content-Length: +0\r\n\r\n"),
    ("a length in hex", "Content-Length: 0x0\r\n\r\n"),
    ("a length with a space in it", "Content-Length: 0 0\r\n\r\n"),
    ("a space before the colon", "Content-Length : 0\r\n\r\n"),
    ("a tab before the colon", "Transfer-Encoding\t: chunked\r\n\r\n0\r\n\r\n"),
    ("a folded field", "X-A: b\r\n Content-Length: 0\r\n\r\n"),
    ("a field that begins with a space", " Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    ("an unknown coding", "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"),
    ("chunked not last", "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n"),
    ("two codings", "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n"),
    ("a coding in quotes", "Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n"),
    ("a bare CR in a value", "X-A: a\rContent-Length: 0\r\n\r\n"),
    ("a NUL in a value", "X-A: a\0b\r\n\r\n"),
    ("a bare LF as the end of a line", "X-A: a\nContent-Length: 0\r\n\r\n"),
    ("an empty name", ": a\r\n\r\n"),
  ]

  @Test("a request with two ends is refused, and what hides behind it is not answered", arguments: ambiguous.indices)
  func ambiguousEnds(_ index: Int) async throws {
    let (name, rest) = Self.ambiguous[index]
    try await withServer {
      routes
    } use: { port, _ in
      try await SocketClient.connect(port) { client in
        try await client.send("POST /a HTTP/1.1\r\nHost: x\r\n" + rest + "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n")
        let answer = try await client.answer()
        #expect(answer?.status == 400, "\(name): \(answer?.body ?? "no answer")")
        #expect(answer?.headers["connection"] == "close", "\(name)")
        #expect(try await client.ends(), "\(name)")
      }
    }
  }

  @Test(
    "a broken chunk ends the connection",
    arguments: [
      "g\r\nabc\r\n0\r\n\r\n", "3\nabc\r\n0\r\n\r\n", "3\r\nabcd\r\n0\r\n\r\n", "-1\r\n\r\n", "3;\u{1}\r\nabc\r\n0\r\n\r\n",
      "FFFFFFFFFFFFFFFFF\r\nabc", " 3\r\nabc\r\n0\r\n\r\n", "3 \r\nabc\r\n0\r\n\r\n", "\r\nabc",
    ])
  func chunks(_ body: String) async throws {
    try await withServer {
      routes
    } use: { port, _ in
      try await SocketClient.connect(port) { client in
        try await client.send(
          "POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + body + "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
        )
        let answer = try await client.answer()
        #expect(answer?.status == 400, "\(answer?.body ?? "no answer")")
        #expect(try await client.ends())
      }
    }
  }

  @Test(
    "request lines that are none are refused",
    arguments: [
      "GET /a", "GET /a HTTP/1.1 x", "GET /a b HTTP/1.1", "G@T /a HTTP/1.1", "GET /a HTTP/1.1\u{b}",
      "GET\t/a\tHTTP/1.1",
      "GET /a http/1.1", "GET /a HTTP/2.0", " GET /a HTTP/1.1", "GET /\0a HTTP/1.1", "GET /a\r HTTP/1.1",
    ])
  func requestLines(_ line: String) async throws {
    try await withServer {
      routes
    } use: { port, _ in
      try await SocketClient.connect(port) { client in
        try await client.send(line + "\r\nHost: x\r\n\r\n")
        let answer = try await client.answer()
        #expect(answer?.status == 400, "\(answer?.body ?? "no answer")")
        #expect(try await client.ends())
      }
    }
  }

  @Test("chunks with extensions and trailer fields are a body like any other; trailers are no header fields")
  func trailers() async throws {
    try await withServer {
      Post("a") { request in "\(try await request.body.collect().count) \(request.headers["x-late"] ?? "none")" }
    } use: { port, _ in
      try await SocketClient.connect(port) { client in
        try await client.send(
          "POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b;c=\"d\"\r\nabc\r\n2\r\nde\r\n0\r\nX-Late: 1\r\n\r\n"
        )
        #expect(try await client.answer()?.body == "5 none")
        try await client.send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\na")
        #expect(try await client.answer()?.body == "1 none")
      }
    }
  }

  @Test("every byte of a request may come alone")
  func fragments() async throws {
    try await withServer {
      routes
    } use: { port, _ in
      try await SocketClient.connect(port) { client in
        for byte in Array("POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n".utf8) {
          try await client.send([byte])
          try await Task.sleep(for: .milliseconds(1))
        }
        #expect(try await client.answer()?.body == "a 3")
      }
    }
  }
}
