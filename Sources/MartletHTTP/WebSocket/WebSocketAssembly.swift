import NIOCore
import NIOWebSocket

/// Puts messages together from frames, and refuses what RFC 6455 does: a client's frame without a mask (§5.1), reserved bits
/// and opcodes (§5.2), fragments out of order (§5.4), texts that are not UTF-8 (§8.1), close codes that nobody may send (§7.4).
struct WebSocketAssembly {
  /// What a frame amounts to.
  enum Outcome: Equatable {
    case more
    case message(WebSocket.Message, size: Int)
    case ping(ByteBuffer)
    case pong
    case close(WebSocket.CloseCode)
    case failure(WebSocket.CloseCode)
  }

  private let limit: Int
  private var opcode: WebSocketOpcode?
  private var bytes: [UInt8] = []
  /// How many of a text's bytes are known to be whole characters: each is looked at once, however many fragments there are.
  private var validCount = 0

  init(limit: Int) { self.limit = limit }

  mutating func take(_ frame: WebSocketFrame) -> Outcome {
    guard frame.maskKey != nil, !frame.rsv1, !frame.rsv2, !frame.rsv3 else { return .failure(.protocolError) }
    let data = frame.unmaskedData
    switch frame.opcode {
    case .ping: return .ping(data)
    case .pong: return .pong
    case .connectionClose: return WebSocketAssembly.close(data)
    case .text, .binary:
      guard opcode == nil else { return .failure(.protocolError) }
      opcode = frame.opcode
    case .continuation:
      guard opcode != nil else { return .failure(.protocolError) }
    default: return .failure(.protocolError)
    }
    guard bytes.count + data.readableBytes <= limit else { return .failure(.messageTooLarge) }
    bytes += Array(data.readableBytesView)
    guard frame.fin else {
      // A text that is broken already need not be waited for to its end.
      return opcode == .text && isBroken() ? .failure(.invalidText) : .more
    }
    defer {
      opcode = nil
      bytes = []
      validCount = 0
    }
    guard opcode == .text else { return .message(.binary(bytes), size: bytes.count) }
    guard let text = String(validating: bytes, as: UTF8.self) else { return .failure(.invalidText) }
    return .message(.text(text), size: bytes.count)
  }

  private static func close(_ data: ByteBuffer) -> Outcome {
    var data = data
    guard data.readableBytes > 0 else { return .close(.noCode) }
    guard let number = data.readInteger(as: UInt16.self) else { return .failure(.protocolError) }
    let code = WebSocket.CloseCode(rawValue: number)
    guard code.isSendable else { return .failure(.protocolError) }
    guard String(validating: Array(data.readableBytesView), as: UTF8.self) != nil else { return .failure(.invalidText) }
    return .close(code)
  }

  /// Whether no continuation makes the bytes UTF-8. The last character may be cut, by up to three bytes.
  private mutating func isBroken() -> Bool {
    let new = bytes[validCount...]
    for cut in 0...min(3, new.count) where String(validating: new.dropLast(cut), as: UTF8.self) != nil {
      validCount = bytes.count - cut
      return !WebSocketAssembly.isBeginning(new.suffix(cut))
    }
    return true
  }
  /// Whether the bytes may begin a character: RFC 3629 §4.
  private static func isBeginning(_ bytes: ArraySlice<UInt8>) -> Bool {
    guard let first = bytes.first else { return true }
    let second: ClosedRange<UInt8>
    switch first {
    case 0xC2...0xDF: return bytes.count == 1
    case 0xE0: second = 0xA0...0xBF
    case 0xED: second = 0x80...0x9F
    case 0xE1...0xEF: second = 0x80...0xBF
    case 0xF0: second = 0x90...0xBF
    case 0xF1...0xF3: second = 0x80...0xBF
    case 0xF4: second = 0x80...0x8F
    default: return false
    }
    guard bytes.count > 1 else { return true }
    guard second.contains(bytes[bytes.startIndex + 1]), bytes.count < (first >= 0xF0 ? 4 : 3) else { return false }
    return bytes.count == 2 || (0x80...0xBF).contains(bytes[bytes.startIndex + 2])
  }
}
