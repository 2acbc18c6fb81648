@testable import MartletHTTP

/// A WebSocket frame by frame, for what no well-behaved client does.
struct WebSocketClient: Sendable {
  let client: SocketClient

  struct Frame: Equatable {
    var opcode: UInt8, payload: [UInt8]
    var text: String { String(decoding: payload, as: UTF8.self) }
    var closeCode: UInt16 { payload.prefix(2).reduce(0) { $0 << 8 | UInt16($1) } }
  }

  static func connect(
    _ port: Int, _ path: String = "/echo", headers: String = "", _ use: @escaping @Sendable (WebSocketClient) async throws -> Void
  ) async throws {
    try await SocketClient.connect(port) { client in
      try await client.send(
        "GET \(path) HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
          + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\(headers)\r\n")
      let answer = try await client.answer()
      guard answer?.status == 101 else { throw HTTPError.badRequest("\(answer?.status ?? 0)") }
      // The example of RFC 6455 §1.3.
      guard answer?.headers["sec-websocket-accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" else {
        throw HTTPError.badRequest("accept")
      }
      try await use(WebSocketClient(client: client))
    }
  }

  func send(_ opcode: UInt8, _ payload: [UInt8], isLast: Bool = true, isMasked: Bool = true, reserved: UInt8 = 0) async throws {
    var bytes: [UInt8] = [(isLast ? 0x80 : 0) | reserved | opcode]
    let mask: UInt8 = isMasked ? 0x80 : 0
    switch payload.count {
    case ..<126: bytes.append(mask | UInt8(payload.count))
    case ..<65_536: bytes += [mask | 126, UInt8(payload.count >> 8), UInt8(payload.count & 255)]
    default: bytes += [mask | 127] + stride(from: 56, through: 0, by: -8).map { UInt8(payload.count >> $0 & 255) }
    }
    let key: [UInt8] = [0x12, 0x34, 0x56, 0x78]
    if isMasked { bytes += key + payload.enumerated().map { $1 ^ key[$0 % 4] } } else { bytes += payload }
    try await client.send(bytes)
  }
  func send(_ text: String) async throws { try await send(1, Array(text.utf8)) }

  /// The next frame, `nil` at the end of the connection.
  func next() async throws -> Frame? {
    let head = try await client.take(2)
    guard head.count == 2 else { return nil }
    var length = Int(head[1] & 0x7F)
    switch length {
    case 126: length = try await client.take(2).reduce(0) { $0 << 8 | Int($1) }
    case 127: length = try await client.take(8).reduce(0) { $0 << 8 | Int($1) }
    default: break
    }
    return Frame(opcode: head[0] & 15, payload: try await client.take(length))
  }
}
