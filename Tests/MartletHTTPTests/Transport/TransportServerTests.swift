import Foundation
import MartletCore
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import MartletHTTP

/// What the connection does for its requests, besides carrying them.
@Suite(.timeLimit(.minutes(2))) struct TransportServerTests {
  @Test("pipelined requests are answered in order, though the later ones are done first")
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
      let started = Mutex(false), cancelled = Mutex(false)
      try await withServer {
        Get("wait") { _ -> String in
          started.withLock { $0 = true }
          do { try await Task.sleep(for: .seconds(60)) } catch {
            cancelled.withLock { $0 = true }
            throw error
          }
          return "never"
        }
      } use: { port, _ in
        try await RawSocket.connect(port) { socket in
          try socket.send("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n")
          while !started.withLock({ $0 }) { try await Task.sleep(for: .milliseconds(5)) }
          if breaksOff { socket.reset() }
        }
        for _ in 0..<1000 where !cancelled.withLock({ $0 }) { try await Task.sleep(for: .milliseconds(10)) }
      }
      #expect(cancelled.withLock { $0 }, "\(breaksOff)")
    }
  }

  @Test("a client that closes its half still reads its answer")
  func halfClosed() async throws {
    try await withServer {
      Get("a") { _ in
        try await Task.sleep(for: .milliseconds(100))
        return "four"
      }
    } use: { port, _ in
      try await RawSocket.connect(port) { socket in
        try socket.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n")
        socket.finish()
        var text = ""
        while let bytes = try socket.readBytes(4096) { text += String(decoding: bytes, as: UTF8.self) }
        #expect(text.hasPrefix("HTTP/1.1 200 OK") && text.hasSuffix("four"))
      }
    }
  }

  @Test("a stream that is shorter or longer than announced breaks the connection")
  func wrongLength() async throws {
    try await withServer {
      Get("stream/{count}") { (_, count: Int) in
        Response(body: .stream(length: 10) { try await $0.write([UInt8](repeating: 120, count: count)) })
      }
    } use: { port, _ in
      for count in [5, 15] {
        try await SocketClient.connect(port) { client in
          try await client.send("GET /stream/\(count) HTTP/1.1\r\nHost: x\r\n\r\nGET /stream/10 HTTP/1.1\r\nHost: x\r\n\r\n")
          let answer = try await client.answer()
          #expect((answer?.body.utf8.count ?? 0) <= 10)
          #expect(try await client.answer()?.status == nil)
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
      try await withThrowingTaskGroup(of: Bool.self) { tasks in
        for _ in 0..<12 {
          tasks.addTask {
            try await SocketClient.connect(port) { client in
              try await client.send("GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
              return try await client.answer()?.body == "four"
            }
          }
        }
        for try await good in tasks { #expect(good) }
      }
    }
  }
}
