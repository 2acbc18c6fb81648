import Foundation
import MartletCore
import Synchronization
import Testing

@testable import MartletHTTP

@Suite(.timeLimit(.minutes(2))) struct ServerTests {
  @RoutesBuilder private var routes: RouteList {
    Get("a") { _ in "four" }
    Get("none") { _ in HTTPStatus.noContent }
    Post("echo") { request in String(decoding: try await request.body.collect(), as: UTF8.self) }
    Post("ignore") { _ in "ignored" }
    Get("stream") { _ in
      Response(
        headers: ["Content-Type": "text/plain"],
        body: .stream { writer in
          for part in ["one ", "two ", "three"] { try await writer.write(part) }
        })
    }
    Get("broken") { _ in
      Response(
        body: .stream { writer in
          try await writer.write("half")
          throw HTTPError(.internalError, "broken")
        })
    }
    Get("big") { _ in
      Response(
        body: .stream { writer in
          let chunk = [UInt8](repeating: 120, count: 65_536)
          for _ in 0..<1000 { try await writer.write(chunk) }
        })
    }
  }

  @Test("one connection carries many requests, pipelined ones in order")
  func keepAlive() async throws {
    try await withServer {
      routes
    } use: { port, _ in
      try await SocketClient.connect(port) { client in
        for _ in 0..<3 {
          try await client.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n")
          let answer = try #require(try await client.answer())
          #expect(answer.status == 200 && answer.body == "four")
          #expect(answer.headers["connection"] == nil)
          #expect(answer.headers["date"]?.hasSuffix("GMT") == true)
        }
        try await client.send(
          "GET /none HTTP/1.1\r\nHost: x\r\n\r\nPOST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabcGET /stream HTTP/1.1\r\nHost: x\r\n\r\n"
            + "HEAD /a HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(try await client.answer()?.status == 204)
        #expect(try await client.answer()?.body == "abc")
        let stream = try #require(try await client.answer())
        #expect(stream.headers["transfer-encoding"] == "chunked" && stream.body == "one two three")
        let head = try #require(try await client.answer(toHead: true))
        #expect(head.headers["content-length"] == "4")
        try await client.send("HEAD /stream HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(try await client.answer(toHead: true)?.headers["content-length"] == nil)
        try await client.send("GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        #expect(try await client.answer()?.headers["connection"] == "close")
        #expect(try await client.ends())
      }
    }
  }

  @Test("HTTP/1.0 gets neither chunks nor a connection that stays")
  func oldVersion() async throws {
    try await withServer {
      routes
    } use: { port, _ in
      try await SocketClient.connect(port) { client in
        try await client.send("GET /stream HTTP/1.0\r\nHost: x\r\n\r\n")
        let answer = try #require(try await client.answer())
        #expect(answer.headers["transfer-encoding"] == nil)
        #expect(answer.body == "one two three")
      }
    }
  }

  @Test("a chunked body arrives whole, and a body nobody read does not disturb the next request")
  func bodies() async throws {
    try await withServer {
      routes
    } use: { port, _ in
      try await SocketClient.connect(port) { client in
        try await client.send(
          "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
        #expect(try await client.answer()?.body == "abcde")
        try await client.send(
          "POST /ignore HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n12345GET /a HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(try await client.answer()?.body == "ignored")
        #expect(try await client.answer()?.body == "four")
      }
    }
  }

  @Test("a client that asks first is told to continue, once the body is wanted")
  func expectContinue() async throws {
    try await withServer {
      routes
    } use: { port, _ in
      try await SocketClient.connect(port) { client in
        try await client.send("POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n")
        #expect(try await client.answer()?.status == 100)
        try await client.send("abc")
        #expect(try await client.answer()?.body == "abc")
        try await client.send("POST /ignore HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n")
        let answer = try #require(try await client.answer())
        #expect(answer.body == "ignored" && answer.headers["connection"] == "close")
      }
    }
  }

  @Test("a too large body is refused with 413 while it is still coming, and the refusal is read")
  func tooLarge() async throws {
    try await withServer {
      $0.bodyLimits.memory = 1000
    } routes: {
      routes
    } use: { port, _ in
      try await SocketClient.connect(port) { client in
        try await client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000\r\n\r\n")
        for _ in 0..<20 { try await client.send(String(repeating: "x", count: 10_000)) }
        let answer = try #require(try await client.answer())
        #expect(answer.status == 413 && answer.headers["connection"] == "close")
        #expect(answer.body.contains("/problems/content-too-large"))
      }
    }
  }

  @Test("bytes that are no HTTP, and too large heads, are refused with a problem, one line and a close")
  func malformed() async throws {
    let cases = [
      ("GARBAGE\r\n\r\n", 400), ("GET /a HTTP/9.9\r\n\r\n", 400), ("GET /a HTTP/1.1\r\nBad Header: x\r\n\r\n", 400),
      ("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 400),
      ("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
      ("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
      ("GET /a HTTP/1.1\r\nHost: x\r\nHost: y\r\nConnection: close\r\n\r\n", 400),
      ("CONNECT x:80 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 400),
      ("GET /a HTTP/1.1\r\nConnection: close\r\n\r\n", 400), ("GET /a HTTP/1.1\r\nHost: x\r\n folded: y\r\n\r\n", 400),
      ("GET /a HTTP/1.1\r\nHost: x\r\nX-Large: \(String(repeating: "y", count: 40_000))\r\n\r\n", 431),
      ("GET /\(String(repeating: "y", count: 40_000)) HTTP/1.1\r\nHost: x\r\n\r\n", 431),
      ("GET /a HTTP/1.1\r\nHost: x\r\n\(String(repeating: "X-A: y\r\n", count: 200))\r\n", 431),
    ]
    for (bytes, status) in cases {
      let log = CapturedLog()
      try await withServer(log: log) {
        $0.accessLog = .text
        $0.accessLogSink = { log.append($0) }
        $0.idleTimeout = .seconds(5)
      } routes: {
        routes
      } use: { port, _ in
        try await SocketClient.connect(port) { client in
          try await client.send(bytes)
          let answer = try await client.answer()
          #expect(answer?.status == status, "\(bytes.prefix(60))")
          #expect(answer?.headers["content-type"] == "application/problem+json")
          #expect(answer?.headers["connection"] == "close")
          #expect(try await client.ends())
        }
      }
      #expect(log.lines.count { !$0.hasPrefix("info:") } == 1, "\(log.lines)")
    }
  }

  @Test("a body with broken framing is a 400 and ends the connection")
  func brokenChunks() async throws {
    try await withServer {
      routes
    } use: { port, _ in
      try await SocketClient.connect(port) { client in
        try await client.send("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n")
        let answer = try #require(try await client.answer())
        #expect(answer.status == 400 && answer.headers["connection"] == "close")
      }
    }
  }

  @Test("a stream that fails breaks the connection instead of looking complete")
  func brokenStream() async throws {
    try await withServer {
      routes
    } use: { port, _ in
      try await SocketClient.connect(port) { client in
        try await client.send("GET /broken HTTP/1.1\r\nHost: x\r\n\r\n")
        _ = try await client.answer()
        #expect(client.isClosed)
      }
    }
  }

  @Test("a slow head is answered with 408, a slow body too, an idle connection is closed silently")
  func timeouts() async throws {
    try await withServer {
      $0.headerTimeout = .seconds(1)
      $0.bodyTimeout = .seconds(2)
      $0.idleTimeout = .seconds(1)
    } routes: {
      routes
    } use: { port, _ in
      try await SocketClient.connect(port) { client in
        try await client.send("GET /a HTTP/1.1\r\nHo")
        let answer = try #require(try await client.answer())
        #expect(answer.status == 408 && answer.body.contains("/problems/request-timeout"))
        #expect(try await client.ends())
      }
      try await SocketClient.connect(port) { client in
        try await client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc")
        let answer = try #require(try await client.answer())
        #expect(answer.status == 408 && answer.headers["connection"] == "close")
      }
      try await SocketClient.connect(port) { client in
        try await client.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(try await client.answer()?.status == 200)
        let start = ContinuousClock.now
        #expect(try await client.ends())
        #expect(ContinuousClock.now - start > .milliseconds(400))
      }
      // A body that keeps coming may take longer than the time-out in all.
      try await SocketClient.connect(port) { client in
        try await client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1800\r\n\r\n")
        for _ in 0..<6 {
          try await Task.sleep(for: .milliseconds(500))
          try await client.send(String(repeating: "x", count: 300))
        }
        #expect(try await client.answer()?.body.utf8.count == 1800)
      }
    }
  }

  @Test("a handler may take longer than every time-out")
  func slowHandler() async throws {
    try await withServer {
      $0.headerTimeout = .seconds(2)
      $0.bodyTimeout = .seconds(2)
      $0.idleTimeout = .seconds(2)
    } routes: {
      Post("slow") { request in
        _ = try await request.body.collect()
        try await Task.sleep(for: .milliseconds(2500))
        return "done"
      }
      Post("lazy") { request in
        try await Task.sleep(for: .milliseconds(2500))
        return String(try await request.body.collect().count)
      }
    } use: { port, _ in
      try await SocketClient.connect(port) { client in
        try await client.send("POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\na")
        #expect(try await client.answer()?.body == "done")
        try await client.send(
          "POST /lazy HTTP/1.1\r\nHost: x\r\nContent-Length: 300000\r\n\r\n" + String(repeating: "x", count: 300_000))
        #expect(try await client.answer()?.body == "300000")
      }
    }
  }

  @Test("a client that stops reading is dropped")
  func slowReader() async throws {
    try await withServer {
      $0.bodyTimeout = .milliseconds(300)
    } routes: {
      routes
    } use: { port, _ in
      try await SocketClient.connect(port) { client in
        try await client.send("GET /big HTTP/1.1\r\nHost: x\r\n\r\n")
        // Long past the time-out, also on a busy machine: what the sockets have buffered by then is all there is.
        try await Task.sleep(for: .seconds(5))
        let answer = try? await client.answer()
        #expect(client.isClosed || (answer?.body.utf8.count ?? 0) < 65_536_000)
      }
    }
  }

  @Test("a file arrives whole over the socket")
  func file() async throws {
    let folder = try TemporaryFolder()
    let content = String(repeating: "0123456789", count: 30_000)
    try folder.write("big.txt", content)
    try await withServer {
      $0.staticFiles = [StaticFiles(at: "static", directory: folder.path)]
    } routes: {
      routes
    } use: { port, _ in
      try await SocketClient.connect(port) { client in
        try await client.send("GET /static/big.txt HTTP/1.1\r\nHost: x\r\n\r\n")
        let answer = try #require(try await client.answer())
        #expect(answer.headers["content-length"] == "300000" && answer.body == content)
        try await client.send("GET /static/../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(try await client.answer()?.status == 400)
      }
    }
  }

  @Test("the client's address is the connection's")
  func peer() async throws {
    try await withServer {
      Get("peer") { request in request.peer ?? "none" }
    } use: { port, _ in
      try await SocketClient.connect(port) { client in
        try await client.send("GET /peer HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(try await client.answer()?.body == "127.0.0.1")
      }
    }
  }

  @Test("a port that is taken is an error that says so")
  func portTaken() async throws {
    try await withServer {
      routes
    } use: { port, _ in
      let second = try application {
        $0.port = port
      } _: {
        Get("a") { _ in "a" }
      }
      let error = await #expect(throws: HTTPError.self) {
        try await HTTPServer(application: second, logger: CapturedLog().logger).run()
      }
      #expect(error?.message.contains("127.0.0.1:\(port). Another program listens there already.") == true)
    }
  }
}
