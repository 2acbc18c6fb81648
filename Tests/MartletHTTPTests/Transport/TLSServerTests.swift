import Foundation
import MartletCore
import Testing

@testable import MartletHTTP

@Suite(.timeLimit(.minutes(2))) struct TLSServerTests {
  /// What curl prints, the version and the status; nothing where it does not run.
  private static func curl(_ port: Int, _ arguments: String...) -> String {
    let process = Process(), pipe = Pipe()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments =
      ["curl", "-sk", "--max-time", "20", "-w", " %{http_version} %{http_code}"] + arguments.dropLast()
      + ["https://localhost:\(port)\(arguments.last ?? "/")"]
    process.standardOutput = pipe
    guard (try? process.run()) != nil else { return "" }
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: output, as: UTF8.self)
  }

  @RoutesBuilder private var routes: RouteList {
    Get("a") { request in "\(request.scheme) \(request.host ?? "")" }
    Post("echo") { request in "\(try await request.body.collect().count)" }
    Get("big") { _ in
      Response(body: .stream { for _ in 0..<64 { try await $0.write([UInt8](repeating: 120, count: 65_536)) } })
    }
    Get("wait") { _ -> String in
      try await Task.sleep(for: .seconds(1))
      return "done"
    }
  }

  /// The routes on a server with a certificate of its own.
  private func withTLS(
    _ configure: (inout HTTPServerConfiguration) -> Void = { _ in },
    use: @escaping @Sendable (Int, RunningServer) async throws -> Void
  ) async throws {
    let certificate = try TestCertificate()
    try await withServer {
      $0.tls = certificate.files
      configure(&$0)
    } routes: {
      routes
    } use: { port, server in
      try await use(port, server)
      withExtendedLifetime(certificate) {}
    }
  }

  @Test("a client gets HTTP/2 where it can, HTTP/1.1 where it cannot, and both know that they are secure")
  func negotiation() async throws {
    try await withTLS { port, _ in
      #expect(Self.curl(port, "--http2", "/a") == "https localhost:\(port) 2 200")
      #expect(Self.curl(port, "--http1.1", "/a") == "https localhost:\(port) 1.1 200")
      #expect(Self.curl(port, "--http2", "--data-binary", String(repeating: "x", count: 100_000), "/echo") == "100000 2 200")
      #expect(Self.curl(port, "--http2", "/big").utf8.count == 64 * 65_536 + 6)
      #expect(Self.curl(port, "--http2", "-I", "/a").hasSuffix(" 2 200"))
      #expect(Self.curl(port, "--http2", "/nothing").hasSuffix(" 2 404"))
      // Clients that would speak it all the same.
      #expect(Self.curl(port, "--tls-max", "1.1", "--ciphers", "DEFAULT@SECLEVEL=0", "/a") == " 0 000")
      #expect(Self.curl(port, "--tls-max", "1.2", "--ciphers", "DEFAULT@SECLEVEL=0", "/a") == "https localhost:\(port) 2 200")
    }
  }

  @Test("plain bytes where TLS is due, and a handshake that stops, end the connection")
  func brokenHandshake() async throws {
    try await withTLS {
      $0.headerTimeout = .seconds(1)
    } use: { port, _ in
      try await SocketClient.connect(port) { client in
        try await client.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n")
        _ = try? await client.ends()
      }
      try await SocketClient.connect(port) { client in
        try await client.send([0x16, 0x03, 0x01])
        #expect(try await client.ends())
      }
    }
  }

  @Test("a renewed certificate is shown to new connections; one that does not fit is refused, and the old one stays")
  func reload() async throws {
    let certificate = try TestCertificate(), log = CapturedLog()
    let certificates = try ServerCertificates(certificate.files)
    let first = certificates.context
    certificates.reload(log.logger)
    #expect(certificates.context === first && log.lines.isEmpty)
    try certificate.renew(name: "localhost")
    certificates.reload(log.logger)
    let second = certificates.context
    #expect(second !== first && log.lines.count == 1)
    try certificate.folder.write("key.pem", "no key")
    for _ in 0..<3 { certificates.reload(log.logger) }
    #expect(certificates.context === second)
    #expect(log.lines.count == 2 && log.lines[1].contains("cannot be used; the old one stays"), "\(log.lines)")
  }

  @Test("a server says which file is wrong before it listens")
  func wrongFiles() throws {
    let error = #expect(throws: HTTPError.self) {
      try ServerCertificates(TLSFiles(certificate: "/nowhere/cert.pem", key: "/nowhere/key.pem"))
    }
    #expect(error?.kind == .invalidConfiguration && error?.message.contains("/nowhere/cert.pem") == true)
  }

  // MARK: HTTP/2

  @Test("a shutdown says goodbye to HTTP/2 clients once their requests are answered")
  func goAway() async throws {
    try await withTLS { port, server in
      try await FrameClient.connect(port) { frames in
        try await frames.client.send(FrameClient.get("/wait", 1))
        try await Task.sleep(for: .milliseconds(200))
        await server.shutDown()
        var kinds: [UInt8] = [], isAnswered = false
        while let frame = try await frames.next() {
          kinds.append(frame.kind)
          if frame.kind == FrameClient.Kind.ping, frame.flags == 0 {
            try await frames.send(FrameClient.Kind.ping, 0, frame.payload, flags: 1)
          }
          if frame.stream == 1, frame.endsStream { isAnswered = true }
        }
        #expect(isAnswered && kinds.contains(FrameClient.Kind.goAway), "\(kinds)")
      }
    }
  }

  @Test("more streams than allowed are refused, the others are answered")
  func streamLimit() async throws {
    try await withTLS {
      $0.http2.concurrentStreams = 3
    } use: { port, _ in
      try await FrameClient.connect(port) { frames in
        let settings = try #require(try await frames.next(FrameClient.Kind.settings))
        #expect(settings.payload.starts(with: [0, 3, 0, 0, 0, 3]))
        // The server holds us to its limit once we have said that we know it.
        try await frames.send(FrameClient.Kind.settings, 0, [], flags: 1)
        try await frames.client.send((0..<6).flatMap { FrameClient.get("/wait", UInt32($0 * 2 + 1)) })
        var ended = 0, refused = 0, isGone = false
        while ended + refused < 6, !isGone, let frame = try await frames.next() {
          if frame.endsStream { ended += 1 }
          if frame.kind == FrameClient.Kind.reset { refused += 1 }
          isGone = frame.kind == FrameClient.Kind.goAway
        }
        #expect(ended <= 3 && (refused > 0 || isGone))
      }
    }
  }

  @Test("a client that opens and resets streams for ever loses its connection (CVE-2023-44487)")
  func rapidReset() async throws {
    try await withTLS { port, _ in
      try await FrameClient.connect(port) { frames in
        let sending = Task {
          for number in 0..<5000 {
            let stream = UInt32(number * 2 + 1)
            try await frames.client.send(
              FrameClient.get("/wait", stream) + FrameClient.bytes(FrameClient.Kind.reset, stream, [0, 0, 0, 8]))
          }
        }
        let goodbye = try await frames.next(FrameClient.Kind.goAway)
        sending.cancel()
        // ENHANCE_YOUR_CALM
        #expect(goodbye?.errorCode == 11)
      }
    }
  }

  @Test("an idle HTTP/2 connection is told to go")
  func idle() async throws {
    try await withTLS {
      $0.idleTimeout = .milliseconds(500)
    } use: { port, _ in
      try await FrameClient.connect(port) { frames in
        try await frames.client.send(FrameClient.get("/a", 1))
        #expect(try await frames.next(FrameClient.Kind.goAway) != nil)
      }
    }
  }

  @Test("fields that are about a connection are malformed in HTTP/2: RFC 9113 §8.2.2")
  func connectionFields() async throws {
    try await withTLS { port, _ in
      for field in [("transfer-encoding", "chunked"), ("connection", "keep-alive"), ("Upper", "case"), ("a", "b\r\nc: d")] {
        try await FrameClient.connect(port) { frames in
          try await frames.client.send(FrameClient.get("/a", 1, extra: [field]))
          var isRefused = false
          while !isRefused, let frame = try await frames.next() {
            isRefused = frame.kind == FrameClient.Kind.reset || frame.kind == FrameClient.Kind.goAway
            #expect(frame.kind != FrameClient.Kind.headers, "\(field)")
            if frame.kind == FrameClient.Kind.headers { break }
          }
          #expect(isRefused, "\(field)")
        }
      }
    }
  }

  @Test("a stream whose body stalls is told 408, one whose client takes nothing is dropped, and the others go on")
  func stalledStreams() async throws {
    try await withTLS {
      $0.bodyTimeout = .milliseconds(500)
    } use: { port, _ in
      try await FrameClient.connect(port) { frames in
        // A POST that announces a body and sends none: HEADERS without END_STREAM.
        try await frames.client.send(FrameClient.request("POST", "/echo", 1, isWhole: false))
        let head = try await frames.next(FrameClient.Kind.headers)
        #expect(head?.stream == 1)
        // 64 KiB of the window go out, then nobody takes the rest.
        try await frames.client.send(FrameClient.get("/big", 3))
        var isDropped = false
        while !isDropped, let frame = try await frames.next() {
          isDropped = frame.kind == FrameClient.Kind.reset && frame.stream == 3
        }
        #expect(isDropped)
        try await frames.client.send(FrameClient.get("/a", 5))
        let answer = try await frames.next(FrameClient.Kind.headers)
        #expect(answer?.stream == 5)
      }
    }
  }

  @Test("a renewed certificate is noticed by itself")
  func watch() async throws {
    let certificate = try TestCertificate(), log = CapturedLog()
    let certificates = try ServerCertificates(certificate.files)
    let first = certificates.context
    let watching = Task { await certificates.watch(every: .milliseconds(20), log.logger) }
    try certificate.renew(name: "localhost")
    for _ in 0..<500 where certificates.context === first { try await Task.sleep(for: .milliseconds(10)) }
    watching.cancel()
    #expect(certificates.context !== first)
  }

  @Test("a connection that is old enough is told to go")
  func age() async throws {
    try await withTLS {
      $0.http2.maximumAge = .milliseconds(300)
    } use: { port, _ in
      let start = ContinuousClock.now
      try await FrameClient.connect(port) { frames in
        let goodbye = try await frames.next(FrameClient.Kind.goAway)
        #expect(goodbye != nil)
      }
      #expect(ContinuousClock.now - start < .seconds(10))
    }
  }

  @Test("a shutdown does not wait for a handshake")
  func shutdownWithinHandshake() async throws {
    try await withTLS { port, server in
      try await SocketClient.connect(port) { client in
        try await client.send([0x16, 0x03, 0x01])
        try await Task.sleep(for: .milliseconds(200))
        let start = ContinuousClock.now
        await server.shutDown()
        #expect(try await client.ends())
        #expect(ContinuousClock.now - start < .seconds(8))
      }
    }
  }
}
