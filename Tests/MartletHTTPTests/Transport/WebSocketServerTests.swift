import MartletCore
import Synchronization
import Testing

@testable import MartletHTTP

@Suite(.timeLimit(.minutes(2))) struct WebSocketServerTests {
  @RoutesBuilder private var routes: RouteList {
    WebSocketRoute("echo") { socket, _ in
      for try await message in socket {
        switch message {
        case .text(let text): try await socket.send(text)
        case .binary(let bytes): try await socket.send(bytes)
        }
      }
    }
    WebSocketRoute("rooms/{room}") { (socket, request, room: Int) in
      try await socket.send("room \(room), \(request.query["name"] ?? "nobody")")
    }
    WebSocketRoute("fails") { _, _ in throw HTTPError.conflict("as told") }
    Get("a") { _ in "four" }
  }

  @Test("messages of every length come back as they were sent")
  func echo() async throws {
    try await withServer {
      routes
    } use: { port, _ in
      try await WebSocketClient.connect(port) { socket in
        for length in [0, 1, 125, 126, 127, 65_535, 65_536, 1_000_000] {
          let payload = [UInt8](repeating: 120, count: length)
          try await socket.send(2, payload)
          #expect(try await socket.next() == .init(opcode: 2, payload: payload), "\(length)")
        }
        try await socket.send("κόσμε 🐦")
        #expect(try await socket.next()?.text == "κόσμε 🐦")
        // Fragments, with a ping between them, which is answered first.
        try await socket.send(1, Array("one ".utf8), isLast: false)
        try await socket.send(9, Array("ping".utf8))
        try await socket.send(0, Array("two ".utf8), isLast: false)
        try await socket.send(0, Array("three".utf8))
        #expect(try await socket.next() == .init(opcode: 10, payload: Array("ping".utf8)))
        #expect(try await socket.next()?.text == "one two three")
        try await socket.send(8, [0x03, 0xE8])
        #expect(try await socket.next()?.closeCode == 1000)
        #expect(try await socket.next() == nil)
      }
    }
  }

  @Test("placeholders and the request reach the handler; its end is the connection's, its failure is told as 1011")
  func handler() async throws {
    try await withServer {
      routes
    } use: { port, _ in
      try await WebSocketClient.connect(port, "/rooms/7?name=ann") { socket in
        let greeting = try await socket.next()?.text
        #expect(greeting == "room 7, ann")
        #expect(try await socket.next()?.closeCode == 1000)
      }
      try await WebSocketClient.connect(port, "/fails") { socket in
        let code = try await socket.next()?.closeCode
        #expect(code == 1011)
      }
    }
  }

  struct Fault: Sendable {
    var name: String, code: UInt16
    var send: @Sendable (WebSocketClient) async throws -> Void
  }
  /// RFC 6455's rules for frames, as Autobahn's cases 2 to 7 have them.
  static let faults: [Fault] = [
    Fault(name: "no mask", code: 1002) { try await $0.send(1, [97], isMasked: false) },
    Fault(name: "reserved bit", code: 1002) { try await $0.send(1, [97], reserved: 0x40) },
    Fault(name: "reserved opcode", code: 1002) { try await $0.send(3, []) },
    Fault(name: "reserved control opcode", code: 1002) { try await $0.send(11, []) },
    Fault(name: "fragmented ping", code: 1002) { try await $0.send(9, [], isLast: false) },
    Fault(name: "long ping", code: 1002) { try await $0.send(9, [UInt8](repeating: 97, count: 126)) },
    Fault(name: "continuation of nothing", code: 1002) { try await $0.send(0, [97]) },
    Fault(name: "text within fragments", code: 1002) {
      try await $0.send(1, [97], isLast: false)
      try await $0.send(1, [97])
    },
    Fault(name: "invalid UTF-8", code: 1007) { try await $0.send(1, [0xCE, 0xBA, 0xED, 0xA0, 0x80]) },
    Fault(name: "UTF-8 that is broken before its end", code: 1007) { try await $0.send(1, [0xF4, 0x90], isLast: false) },
    Fault(name: "UTF-8 that stops", code: 1007) { try await $0.send(1, [0xCE]) },
    Fault(name: "close with one byte", code: 1002) { try await $0.send(8, [3]) },
    Fault(name: "close with 1005", code: 1002) { try await $0.send(8, [0x03, 0xED]) },
    Fault(name: "close with 999", code: 1002) { try await $0.send(8, [0x03, 0xE7]) },
    Fault(name: "close with invalid UTF-8", code: 1007) { try await $0.send(8, [0x03, 0xE8, 0xFF]) },
    Fault(name: "too large", code: 1009) { try await $0.send(2, [UInt8](repeating: 0, count: 1_048_577)) },
    Fault(name: "too large in fragments", code: 1009) { socket in
      for opcode: UInt8 in [2, 0, 0] { try await socket.send(opcode, [UInt8](repeating: 0, count: 700_000), isLast: false) }
    },
  ]

  @Test("what is against the protocol is told by its code", arguments: faults.indices)
  func fault(_ index: Int) async throws {
    let fault = Self.faults[index]
    try await withServer {
      routes
    } use: { port, _ in
      try await WebSocketClient.connect(port) { socket in
        try? await fault.send(socket)
        let frame = try await socket.next()
        #expect(frame?.opcode == 8 && frame?.closeCode == fault.code, "\(fault.name): \(String(describing: frame))")
      }
    }
  }

  @Test("a close code of the application's own is answered with itself")
  func ownCode() async throws {
    try await withServer {
      routes
    } use: { port, _ in
      try await WebSocketClient.connect(port) { socket in
        try await socket.send(8, [0x0F, 0xA0] + Array("bye".utf8))
        #expect(try await socket.next()?.closeCode == 4000)
      }
    }
  }

  @Test("what asks for no WebSocket, or asks wrongly, is told so by HTTP")
  func refusals() async throws {
    let good =
      "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    try await withServer {
      routes
    } use: { port, _ in
      let cases = [
        ("", 426), (good.replacing("13", with: "8"), 426), (good.replacing("dGhl", with: ""), 400),
        (good + "Origin: https://evil.example\r\n", 403), (good.replacing("Connection: Upgrade\r\n", with: ""), 426),
      ]
      for (fields, status) in cases {
        try await SocketClient.connect(port) { client in
          try await client.send("GET /echo HTTP/1.1\r\nHost: x\r\n\(fields)\r\n")
          let answer = try #require(try await client.answer())
          #expect(answer.status == status, "\(fields)")
          if status == 426 { #expect(answer.headers["sec-websocket-version"] == "13") }
        }
      }
      // Its own pages may connect.
      try await WebSocketClient.connect(port, headers: "Origin: http://x\r\n") { socket in
        try await socket.send("a")
        #expect(try await socket.next()?.text == "a")
      }
    }
  }

  @Test("the best common subprotocol is chosen, a silent client is asked for a sign of life and dropped without one")
  func options() async throws {
    var options = WebSocketOptions()
    options.subprotocols = ["v2", "v1"]
    options.pingInterval = .milliseconds(300)
    options.allowedOrigins = ["https://app.example"]
    let ended = Mutex<WebSocket.CloseCode?>(nil)
    try await withServer { [options] in
      WebSocketRoute("chosen", options: options) { socket, _ in
        for try await _ in socket {}
        let code = await socket.closeCode
        ended.withLock { $0 = code }
      }
    } use: { port, _ in
      try await SocketClient.connect(port) { client in
        try await client.send(
          "GET /chosen HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            + "Origin: https://app.example\r\nSec-WebSocket-Protocol: v1, v2\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        #expect(try await client.answer()?.headers["sec-websocket-protocol"] == "v2")
        let socket = WebSocketClient(client: client)
        #expect(try await socket.next()?.opcode == 9)
        try await socket.send(10, [])
        #expect(try await socket.next()?.opcode == 9)
        #expect(try await socket.next() == nil)
      }
    }
    #expect(ended.withLock { $0 } == .abnormal)
  }

  @Test("a shutdown tells WebSockets that the server goes away")
  func shutdown() async throws {
    try await withServer {
      routes
    } use: { port, server in
      try await WebSocketClient.connect(port) { socket in
        try await socket.send("a")
        #expect(try await socket.next()?.text == "a")
        await server.shutDown()
        #expect(try await socket.next()?.closeCode == 1001)
      }
    }
  }

  @Test("a handler that does not receive holds the client back")
  func pressure() async throws {
    let sent = Tally(), isReleased = Mutex(false), received = Mutex(0)
    try await withServer {
      WebSocketRoute("slow") { socket, _ in
        while !isReleased.withLock({ $0 }) { try await Task.sleep(for: .milliseconds(5)) }
        for try await message in socket { if case .binary(let bytes) = message { received.withLock { $0 += bytes.count } } }
      }
    } use: { port, _ in
      try await WebSocketClient.connect(port, "/slow") { socket in
        try await withThrowingTaskGroup(of: Void.self) { tasks in
          tasks.addTask {
            let piece = [UInt8](repeating: 1, count: 500_000)
            for _ in 0..<100 {
              try await socket.send(2, piece)
              sent.add(piece.count)
            }
            try await socket.send(8, [0x03, 0xE8])
          }
          try await Task.sleep(for: .seconds(1))
          #expect(sent.count < 24_000_000)
          isReleased.withLock { $0 = true }
          try await tasks.waitForAll()
        }
        #expect(try await socket.next()?.closeCode == 1000)
      }
    }
    #expect(received.withLock { $0 } == 50_000_000)
  }

  @Test("a text in thousands of empty fragments is looked at once; one that is cut within a character is not broken")
  func manyFragments() async throws {
    try await withServer {
      routes
    } use: { port, _ in
      try await WebSocketClient.connect(port) { socket in
        let text = String(repeating: "κ", count: 400_000), bytes = Array(text.utf8)
        try await socket.send(1, Array(bytes.prefix(399_999)), isLast: false)
        let start = ContinuousClock.now
        for _ in 0..<5000 { try await socket.send(0, [], isLast: false) }
        try await socket.send(0, Array(bytes.dropFirst(399_999)))
        #expect(try await socket.next()?.text == text)
        // Validating all of it for each fragment took minutes.
        #expect(ContinuousClock.now - start < .seconds(30))
      }
    }
  }

  @Test("a client that pings and never reads is held back, and dropped")
  func pingsWithoutReading() async throws {
    var options = WebSocketOptions()
    options.pingInterval = .seconds(1)
    let ended = Mutex<WebSocket.CloseCode?>(nil), sent = Tally()
    try await withServer { [options] in
      WebSocketRoute("echo", options: options) { socket, _ in
        for try await _ in socket {}
        let code = await socket.closeCode
        ended.withLock { $0 = code }
      }
    } use: { port, _ in
      try await WebSocketClient.connect(port) { socket in
        // 64 MB of pongs, if nobody stopped it.
        let flood = Task {
          for _ in 0..<512 {
            for _ in 0..<1000 { try await socket.send(9, [UInt8](repeating: 1, count: 125)) }
            sent.add(125_000)
          }
        }
        for _ in 0..<1500 where ended.withLock({ $0 }) == nil { try await Task.sleep(for: .milliseconds(20)) }
        flood.cancel()
        #expect(ended.withLock { $0 } == .abnormal)
        #expect(sent.count < 60_000_000)
      }
    }
  }

  @Test("of two who send to a client that takes nothing, the one that is cancelled stops, and the other goes on")
  func cancelledSender() async throws {
    let results = Mutex<[String]>([])
    try await withServer {
      WebSocketRoute("echo") { socket, _ in
        let piece = [UInt8](repeating: 7, count: 8 << 20)
        let first = Task { try await socket.send(piece) }, second = Task { try await socket.send(piece) }
        try await Task.sleep(for: .milliseconds(300))
        first.cancel()
        let stopped = await first.result
        results.withLock { $0.append((try? stopped.get()) == nil ? "stopped" : "sent") }
        let sent = await second.result
        results.withLock { $0.append((try? sent.get()) == nil ? "stopped" : "sent") }
      }
    } use: { port, _ in
      try await RawSocket.connect(port) { socket in
        try socket.send(
          "GET /echo HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
        for _ in 0..<500 where results.withLock({ $0.isEmpty }) { try await Task.sleep(for: .milliseconds(20)) }
        try await Task.sleep(for: .milliseconds(100))
        #expect(results.withLock { $0 } == ["stopped"])
        var count = 0
        while count < 16 << 20, let read = try socket.read(1 << 20) { count += read }
        for _ in 0..<500 where results.withLock({ $0.count }) < 2 { try await Task.sleep(for: .milliseconds(20)) }
      }
    }
    #expect(results.withLock { $0 } == ["stopped", "sent"])
  }

  @Test("a handler that is cancelled before it receives hears of it")
  func cancelledBefore() async throws {
    try await withServer {
      WebSocketRoute("echo") { socket, _ in
        let receiving = Task {
          while !Task.isCancelled { await Task.yield() }
          var iterator = socket.makeAsyncIterator()
          return try await iterator.next()
        }
        receiving.cancel()
        let result = await receiving.result
        try await socket.send((try? result.get()) == nil ? "cancelled" : "received")
      }
    } use: { port, _ in
      try await WebSocketClient.connect(port) { socket in
        let text = try await socket.next()?.text
        #expect(text == "cancelled")
      }
    }
  }
}
