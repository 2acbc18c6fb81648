@testable import MartletHTTP

/// HTTP/2 frame by frame, for what no well-behaved client does.
struct FrameClient: Sendable {
  enum Kind {
    static let data: UInt8 = 0, headers: UInt8 = 1, reset: UInt8 = 3, settings: UInt8 = 4, ping: UInt8 = 6, goAway: UInt8 = 7
  }
  struct Frame {
    var kind: UInt8, flags: UInt8, stream: UInt32, payload: [UInt8]
    var endsStream: Bool { flags & 1 != 0 && (kind == Kind.data || kind == Kind.headers) }
    /// The number behind the first four bytes of GOAWAY, or at the start of RST_STREAM.
    var errorCode: UInt32 {
      let bytes = kind == Kind.goAway ? payload.dropFirst(4).prefix(4) : payload.prefix(4)
      return bytes.reduce(0) { $0 << 8 | UInt32($1) }
    }
  }
  let client: SocketClient

  /// Connects and says which protocol is spoken.
  static func connect(_ port: Int, _ use: @escaping @Sendable (FrameClient) async throws -> Void) async throws {
    try await SocketClient.connect(port, protocols: ["h2"]) { client in
      try await client.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
      let frames = FrameClient(client: client)
      try await frames.send(Kind.settings, 0, [])
      try await use(frames)
    }
  }

  static func bytes(_ kind: UInt8, _ stream: UInt32, _ payload: [UInt8], flags: UInt8 = 0) -> [UInt8] {
    let length = payload.count
    return [UInt8(length >> 16 & 255), UInt8(length >> 8 & 255), UInt8(length & 255), kind, flags]
      + [24, 16, 8, 0].map { UInt8(stream >> $0 & 255) } + payload
  }
  func send(_ kind: UInt8, _ stream: UInt32, _ payload: [UInt8], flags: UInt8 = 0) async throws {
    try await client.send(Self.bytes(kind, stream, payload, flags: flags))
  }
  /// A GET, its fields as literals (RFC 7541 §6.2.2).
  static func get(_ path: String, _ stream: UInt32, extra: [(String, String)] = []) -> [UInt8] {
    request("GET", path, stream, extra: extra)
  }
  /// - Parameter isWhole: Whether no body follows.
  static func request(
    _ method: String, _ path: String, _ stream: UInt32, extra: [(String, String)] = [], isWhole: Bool = true
  ) -> [UInt8] {
    let fields = [(":method", method), (":scheme", "https"), (":authority", "localhost"), (":path", path)] + extra
    var block: [UInt8] = []
    for (name, value) in fields {
      block += [0, UInt8(name.utf8.count)] + Array(name.utf8)
      block += [UInt8(value.utf8.count)] + Array(value.utf8)
    }
    return bytes(Kind.headers, stream, block, flags: isWhole ? 0x5 : 0x4)
  }

  /// The next frame, `nil` at the end of the connection.
  func next() async throws -> Frame? {
    let head = try await client.take(9)
    guard head.count == 9 else { return nil }
    let payload = try await client.take(Int(head[0]) << 16 | Int(head[1]) << 8 | Int(head[2]))
    return Frame(kind: head[3], flags: head[4], stream: head[5...8].reduce(0) { $0 << 8 | UInt32($1) }, payload: payload)
  }
  /// The next frame of a kind.
  func next(_ kind: UInt8) async throws -> Frame? {
    while let frame = try await next() { if frame.kind == kind, kind != Kind.settings || frame.flags == 0 { return frame } }
    return nil
  }
}
