/// A connection over which both sides send messages when they like: RFC 6455. Iterate it to receive.
///
/// ```swift
/// WebSocketRoute("echo") { socket, request in
///   for try await message in socket {
///     switch message {
///     case .text(let text): try await socket.send(text)
///     case .binary(let bytes): try await socket.send(bytes)
///     }
///   }
/// }
/// ```
/// Messages are received by one iteration and may be sent from any task, each whole. Pings of the client are answered, and
/// the server asks for a sign of life itself.
public struct WebSocket: AsyncSequence, Sendable {
  /// What one side sends at a time.
  public enum Message: Sendable, Hashable {
    /// A text.
    case text(String)
    /// Bytes.
    case binary([UInt8])
  }
  /// Why a connection ends: RFC 6455 §7.4.
  public struct CloseCode: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
    /// The number that is sent.
    public let rawValue: UInt16
    /// A code by its number; 4000 to 4999 are the application's own.
    public init(rawValue: UInt16) { self.rawValue = rawValue }
    /// The number.
    public var description: String { String(rawValue) }

    /// 1000: all is said.
    public static let normal = CloseCode(rawValue: 1000)
    /// 1001: the server stops, or the page is left.
    public static let goingAway = CloseCode(rawValue: 1001)
    /// 1002: the other side does not keep to the protocol.
    public static let protocolError = CloseCode(rawValue: 1002)
    /// 1003: a kind of message that is not taken.
    public static let unsupportedData = CloseCode(rawValue: 1003)
    /// 1005: the other side gave no code. Never sent.
    public static let noCode = CloseCode(rawValue: 1005)
    /// 1006: the connection broke. Never sent.
    public static let abnormal = CloseCode(rawValue: 1006)
    /// 1007: a text that is not UTF-8.
    public static let invalidText = CloseCode(rawValue: 1007)
    /// 1008: what was sent is against the server's rules.
    public static let policyViolation = CloseCode(rawValue: 1008)
    /// 1009: a message that is too large.
    public static let messageTooLarge = CloseCode(rawValue: 1009)
    /// 1011: the handler failed.
    public static let internalError = CloseCode(rawValue: 1011)

    /// Whether one side may send the code to the other: RFC 6455 §7.4.1.
    var isSendable: Bool {
      switch rawValue {
      case 1000...1003, 1007...1014, 3000...4999: true
      default: false
      }
    }
  }
  /// What is received.
  public typealias Element = Message

  let handler: WebSocketHandler

  /// Sends a text; returns when the client's connection takes more.
  ///
  /// - Throws: `CancellationError` where the connection is over.
  public func send(_ text: String) async throws { try await handler.send(.text(text)) }
  /// Sends bytes; returns when the client's connection takes more.
  ///
  /// - Throws: `CancellationError` where the connection is over.
  public func send(_ bytes: [UInt8]) async throws { try await handler.send(.binary(bytes)) }

  /// Ends the connection, once what has been sent is on its way. Nothing more is received.
  ///
  /// - Parameter reason: A short text for the other side, 123 bytes at most; more is cut off.
  public func close(_ code: CloseCode = .normal, reason: String = "") async { await handler.close(code, reason) }

  /// Why the connection ended; `nil` while it lasts.
  public var closeCode: CloseCode? { get async { await handler.currentCloseCode() } }

  /// The messages, as they arrive; the end is that of the connection. What nobody has received yet holds the client back.
  public func makeAsyncIterator() -> Iterator { Iterator(handler: handler) }

  /// Receives messages.
  public struct Iterator: AsyncIteratorProtocol {
    let handler: WebSocketHandler
    /// The next message, `nil` when the connection is over.
    ///
    /// - Throws: `CancellationError`.
    public mutating func next() async throws -> Message? { try await handler.receive() }
  }
}

/// How a WebSocket behaves.
public struct WebSocketOptions: Sendable, Hashable {
  /// The most bytes of a message; more end the connection with 1009.
  public var messageLimit = 1_048_576
  /// How long the client may be silent before it is asked for a sign of life; after as long again without one the
  /// connection ends.
  public var pingInterval: Duration = .seconds(30)
  /// The subprotocols that the server speaks, the best first; the client's first common one is chosen.
  public var subprotocols: [String] = []
  /// The origins besides the server's own whose pages may connect, such as `https://app.example.com`; `*` for any. Browsers
  /// send cookies along from every site, so another origin is refused unless it is named here.
  public var allowedOrigins: [String] = []

  /// The defaults.
  public init() {}
}

/// A route whose requests become WebSockets.
///
/// ```swift
/// WebSocketRoute("rooms/{room}") { (socket, request, room: String) in
///   for try await message in socket { … }
/// }
/// ```
/// Middleware runs before the connection changes: what it refuses stays an answer of HTTP. The connection ends when the
/// closure returns, with 1011 where it throws.
public struct WebSocketRoute: RouteComponent {
  /// The route.
  public let description: RouteDescription
  /// The route.
  public var descriptions: [RouteDescription] { [description] }

  /// A route that calls `handler` with each connection.
  public init<each P: PathParameter>(
    _ path: String, name: String? = nil, options: WebSocketOptions = WebSocketOptions(), file: String = #fileID,
    line: Int = #line, handler: @escaping @Sendable (WebSocket, Request, repeat each P) async throws -> Void
  ) {
    description =
      Route(.get, path, name: name, file: file, line: line) { (request: Request, values: repeat each P) -> Response in
        try Response.webSocket(for: request, options: options) { socket in
          try await handler(socket, request, repeat each values)
        }
      }.description
  }
}
