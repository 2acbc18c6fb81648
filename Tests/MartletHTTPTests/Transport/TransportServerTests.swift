import Foundation
import MartletCore
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import MartletHTTP

/// What the connection does for its requests, besides carrying them.
@Suite(.timeLimit(.minutes(2))) struct TransportServerTests {
  @Test("pipelined requests are answered one after another, in order")
  func pipelining() async throws {
    try await withServer {
      Get("wait/{ms}") { (_, ms: Int) in
        try await Task.sleep(for: .milliseconds(ms))
        return String(ms)
      }
    } use: { port, _ in
      try await SocketClient.connect(port) { client in
        let waits = (0..<40).map { $0 % 2 == 0 ? 20 : 0 }
        try await client.send(waits.map { "GET /wait/\($0) HTTP/1.1\r\nHost: x\r\n\r\n" }.joined())
        for wait in waits { #expect(try await client.answer()?.body == String(wait)) }
      }
    }
  }

  @Test("handlers run on their connection's event loop, and offload gets them off it")
  func threads() async throws {
    try await withServer {
      Get("loop") { _ in MultiThreadedEventLoopGroup.currentEventLoop == nil ? "elsewhere" : "loop" }
      Get("after") { _ in
        try await Task.sleep(for: .milliseconds(1))
        return MultiThreadedEventLoopGroup.currentEventLoop == nil ? "elsewhere" : "loop"
      }
      Get("offload") { _ in
        try await offload { MultiThreadedEventLoopGroup.currentEventLoop == nil ? "elsewhere" : "loop" }
      }
      Get("failing") { _ -> String in try await offload { throw HTTPError.conflict("as told") } }
    } use: { port, _ in
      try await SocketClient.connect(port) { client in
        for (path, body) in [("loop", "loop"), ("after", "loop"), ("offload", "elsewhere")] {
          try await client.send("GET /\(path) HTTP/1.1\r\nHost: x\r\n\r\n")
          #expect(try await client.answer()?.body == body)
        }
        try await client.send("GET /failing HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(try await client.answer()?.status == 409)
      }
    }
  }

  @Test("a handler that holds its loop is named in the log, once")
  func watchdog() async throws {
    let log = CapturedLog()
    try await withServer(log: log) {
      $0.blockingLimit = .milliseconds(100)
    } routes: {
      Get("block") { _ in
        usleep(600_000)
        return "done"
      }
      Get("patient") { _ in
        try await Task.sleep(for: .milliseconds(600))
        return "done"
      }
    } use: { port, _ in
      try await SocketClient.connect(port) { client in
        for path in ["block", "patient"] {
          try await client.send("GET /\(path) HTTP/1.1\r\nHost: x\r\n\r\n")
          #expect(try await client.answer()?.body == "done")
        }
      }
    }
    let warnings = log.lines.filter { $0.contains("has held its event loop") }
    #expect(warnings.count == 1 && warnings.first?.contains("TransportServerTests.swift") == true, "\(log.lines)")
  }

  @Test("a body that nobody reads yet holds its client back")
  func inboundPressure() async throws {
    let isReleased = Mutex(false), sent = Tally(), total = 64 << 20
    try await withServer {
      Post("slow") { request in
        while !isReleased.withLock({ $0 }) { try await Task.sleep(for: .milliseconds(5)) }
        var count = 0
        for try await chunk in request.body { count += chunk.count }
        return String(count)
      }
    } use: { port, _ in
      try await SocketClient.connect(port) { client in
        try await client.send("POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: \(total)\r\n\r\n")
        try await withThrowingTaskGroup(of: Void.self) { tasks in
          tasks.addTask {
            let piece = String(repeating: "x", count: 1 << 20)
            for _ in 0..<64 {
              try await client.send(piece)
              sent.add(1 << 20)
            }
          }
          try await Task.sleep(for: .seconds(1))
          // What the two sockets hold, and the bytes of one read.
          #expect(sent.count < 24 << 20)
          isReleased.withLock { $0 = true }
          try await tasks.waitForAll()
        }
        #expect(try await client.answer()?.body == String(total))
      }
    }
  }

  @Test("a response that its client does not read holds its handler back")
  func outboundPressure() async throws {
    let written = Mutex(0)
    try await withServer {
      Get("big") { _ in
        Response(
          body: .stream { writer in
            for _ in 0..<1024 {
              try await writer.write([UInt8](repeating: 120, count: 65_536))
              written.withLock { $0 += 65_536 }
            }
          })
      }
    } use: { port, _ in
      try await SocketClient.connect(port) { client in
        try await client.send("GET /big HTTP/1.1\r\nHost: x\r\n\r\n")
        try await Task.sleep(for: .seconds(1))
        #expect(written.withLock { $0 } < 32 << 20)
        #expect(try await client.answer()?.body.utf8.count == 64 << 20)
      }
    }
  }

  @Test("a large body in memory may take longer than every time-out, as long as it is taken")
  func slowDownload() async throws {
    try await withServer {
      $0.bodyTimeout = .seconds(1)
      $0.idleTimeout = .seconds(1)
    } routes: {
      Get("big") { _ in Response(body: .bytes([UInt8](repeating: 120, count: 32 << 20))) }
    } use: { port, _ in
      try await RawSocket.connect(port) { socket in
        try socket.send("GET /big HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        var count = 0
        // About 8 MB a second.
        while let chunk = try socket.read(262_144) {
          count += chunk
          try await Task.sleep(for: .milliseconds(30))
        }
        #expect(count > 32 << 20)
      }
    }
  }

  @Test("a body that drips is refused, though each piece comes in time")
  func drip() async throws {
    try await withServer {
      $0.bodyTimeout = .seconds(1)
      $0.slowestUpload = 100
    } routes: {
      Post("echo") { request in String(try await request.body.collect().count) }
    } use: { port, _ in
      try await SocketClient.connect(port) { client in
        try await client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n")
        let start = ContinuousClock.now
        let dripping = Task {
          while !Task.isCancelled {
            try await client.send("x")
            try await Task.sleep(for: .milliseconds(200))
          }
        }
        let answer = try await client.answer()
        dripping.cancel()
        #expect(answer?.status == 408)
        #expect(ContinuousClock.now - start < .seconds(20))
      }
    }
  }

  @Test("a handler is cancelled when its client goes, at once where it breaks off, after a moment where it closes")
  func clientGone() async throws {
    for breaksOff in [true, false] {
      let started = Mutex(false), gone = Mutex(ContinuousClock.now), cancelled = Mutex<ContinuousClock.Instant?>(nil)
      try await withServer {
        Get("wait") { _ -> String in
          started.withLock { $0 = true }
          do { try await Task.sleep(for: .seconds(60)) } catch {
            cancelled.withLock { $0 = .now }
            throw error
          }
          return "never"
        }
      } use: { port, _ in
        try await RawSocket.connect(port) { socket in
          try socket.send("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n")
          while !started.withLock({ $0 }) { try await Task.sleep(for: .milliseconds(5)) }
          if breaksOff { socket.reset() }
          gone.withLock { $0 = .now }
        }
        for _ in 0..<1000 where cancelled.withLock({ $0 }) == nil { try await Task.sleep(for: .milliseconds(10)) }
      }
      let wait = try #require(cancelled.withLock { $0 }) - gone.withLock { $0 }
      if breaksOff { #expect(wait < .milliseconds(900)) } else { #expect(wait > .milliseconds(900)) }
    }
  }

  @Test("a client that closes its half still reads its answer, however large")
  func halfClosed() async throws {
    try await withServer {
      Get("bytes/{count}") { (_, count: Int) in
        try await Task.sleep(for: .milliseconds(100))
        return Response(body: .bytes([UInt8](repeating: 120, count: count)))
      }
    } use: { port, _ in
      for count in [4, 200_000, 32 << 20] {
        try await RawSocket.connect(port) { socket in
          try socket.send("GET /bytes/\(count) HTTP/1.1\r\nHost: x\r\n\r\n")
          socket.finish()
          try await Task.sleep(for: .milliseconds(300))
          let answer = try socket.readAll()
          #expect(answer.starts(with: "HTTP/1.1 200 OK".utf8))
          #expect(answer.count { $0 == 120 } >= count && answer.count < count + 1000, "\(answer.count) of \(count)")
        }
      }
    }
  }

  @Test("a stream that runs when the server is told to stop comes to its end")
  func streamAtShutdown() async throws {
    let isBegun = Mutex(false), isReleased = Mutex(false)
    try await withServer {
      Get("stream") { _ in
        Response(
          body: .stream { writer in
            try await writer.write([UInt8](repeating: 120, count: 500_000))
            isBegun.withLock { $0 = true }
            while !isReleased.withLock({ $0 }) { try await Task.sleep(for: .milliseconds(5)) }
            try await writer.write([UInt8](repeating: 120, count: 500_000))
          })
      }
    } use: { port, server in
      try await SocketClient.connect(port) { client in
        try await client.send("GET /stream HTTP/1.1\r\nHost: x\r\n\r\n")
        while !isBegun.withLock({ $0 }) { try await Task.sleep(for: .milliseconds(5)) }
        await server.shutDown()
        try await Task.sleep(for: .milliseconds(200))
        isReleased.withLock { $0 = true }
        #expect(try await client.answer()?.body.utf8.count == 1_000_000)
        #expect(try await client.ends() && client.isClosed)
      }
    }
  }

  @Test("nobody is told to continue within a response")
  func continueWithinResponse() async throws {
    try await withServer {
      Post("echo") { request in
        Response(
          body: .stream { writer in
            try await writer.write("> ")
            for try await chunk in request.body { try await writer.write(chunk) }
          })
      }
    } use: { port, _ in
      try await SocketClient.connect(port) { client in
        try await client.send("POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n")
        try await Task.sleep(for: .milliseconds(200))
        try await client.send("abc")
        let answer = try #require(try await client.answer())
        #expect(answer.status == 200 && answer.body == "> abc")
      }
    }
  }

  @Test("a stream that is shorter or longer than announced breaks the connection, and none of the rest goes out")
  func wrongLength() async throws {
    try await withServer {
      Get("stream/{count}") { (_, count: Int) in
        Response(body: .stream(length: 10) { try await $0.write([UInt8](repeating: 120, count: count)) })
      }
      Get("own/{count}") { (_, count: Int) in
        Response(
          headers: ["Content-Length": "10", "Transfer-Encoding": "chunked"],
          body: .stream { for _ in 0..<count { try await $0.write("x") } })
      }
    } use: { port, _ in
      for (path, received) in [("stream/5", 5), ("stream/15", 0), ("own/5", 5), ("own/15", 10), ("own/10", 10)] {
        try await RawSocket.connect(port) { socket in
          try socket.send("GET /\(path) HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
          let text = String(decoding: try socket.readAll(), as: UTF8.self)
          #expect(!text.lowercased().contains("transfer-encoding"), "\(path)")
          // What is written in the same turn as the failure need not leave at all.
          let body = text.split(separator: "\r\n\r\n", maxSplits: 1).dropFirst().first.map(String.init) ?? ""
          #expect(body.utf8.count <= received && (path != "own/10" || body.utf8.count == 10), "\(path): \(body)")
        }
      }
    }
  }

  @Test("an old client that asks for it keeps its connection")
  func oldKeepAlive() async throws {
    try await withServer {
      Get("a") { _ in "four" }
    } use: { port, _ in
      try await SocketClient.connect(port) { client in
        for _ in 0..<2 {
          try await client.send("GET /a HTTP/1.0\r\nHost: x\r\nConnection: keep-alive\r\n\r\n")
          let answer = try #require(try await client.answer())
          #expect(answer.body == "four" && answer.headers["connection"] == "keep-alive")
        }
      }
    }
  }

  @Test("no response carries a line break in a field")
  func splitting() async throws {
    try await withServer {
      Get("a") { request in
        Response(headers: ["X-Echo": request.query["q"] ?? "", "X-\r\nSet-Cookie": "a"], body: .text("four"))
      }
    } use: { port, _ in
      try await SocketClient.connect(port) { client in
        try await client.send("GET /a?q=a%0d%0aSet-Cookie:%20b=c HTTP/1.1\r\nHost: x\r\n\r\n")
        let answer = try #require(try await client.answer())
        #expect(answer.headers["set-cookie"] == nil && answer.body == "four")
      }
    }
  }

  @Test("more connections than allowed wait for their turn")
  func connectionLimit() async throws {
    try await withServer {
      $0.maximumConnections = 2
    } routes: {
      Get("a") { _ in "four" }
    } use: { port, _ in
      let answered = Tally()
      let third = Task {
        try await Task.sleep(for: .milliseconds(300))
        try await SocketClient.connect(port) { client in
          try await client.send("GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
          if try await client.answer()?.body == "four" { answered.add(1) }
        }
      }
      try await SocketClient.connect(port) { first in
        try await SocketClient.connect(port) { second in
          for client in [first, second] {
            try await client.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try await client.answer()?.body == "four")
          }
          try await Task.sleep(for: .milliseconds(800))
          #expect(answered.count == 0)
        }
      }
      try await third.value
      #expect(answered.count == 1)
    }
  }
}
