/// The body of a response.
public struct ResponseBody: Sendable {
  /// Where the bytes come from.
  package enum Source: Sendable {
    case bytes([UInt8])
    case stream(length: Int?, @Sendable (BodyWriter) async throws -> Void)
  }
  package var source: Source

  /// No bytes.
  public static let empty = ResponseBody(source: .bytes([]))
  /// Bytes in memory.
  public static func bytes(_ bytes: [UInt8]) -> ResponseBody { ResponseBody(source: .bytes(bytes)) }
  /// A text as UTF-8.
  public static func text(_ text: String) -> ResponseBody { .bytes(Array(text.utf8)) }
  /// Bytes that `write` produces while they are sent; each write waits until the client takes more.
  ///
  /// - Parameter length: The number of bytes if it is known; without it the body is sent in chunks.
  public static func stream(length: Int? = nil, _ write: @escaping @Sendable (BodyWriter) async throws -> Void) -> ResponseBody {
    ResponseBody(source: .stream(length: length, write))
  }

  /// The number of bytes if it is known.
  public var length: Int? {
    switch source {
    case .bytes(let bytes): bytes.count
    case .stream(let length, _): length
    }
  }

  /// Sends the bytes into a writer.
  package func write(to writer: BodyWriter) async throws {
    switch source {
    case .bytes(let bytes): if !bytes.isEmpty { try await writer.write(bytes) }
    case .stream(_, let produce): try await produce(writer)
    }
  }

  /// All the bytes, for tests and for middleware that looks at a body.
  ///
  /// - Throws: What the stream throws; ``HTTPError`` past the limit.
  public func collect(_ limit: Int = .max) async throws -> [UInt8] {
    if case .bytes(let bytes) = source { return bytes }
    let sink = CollectedBytes(limit: limit)
    try await write(to: BodyWriter { try sink.append($0) })
    return sink.bytes
  }
}

/// Takes the bytes of a streamed body.
public struct BodyWriter: Sendable {
  private let sink: @Sendable ([UInt8]) async throws -> Void

  package init(_ sink: @escaping @Sendable ([UInt8]) async throws -> Void) { self.sink = sink }

  /// Sends bytes; returns when the client's connection takes more.
  ///
  /// - Throws: When the client is gone.
  public func write(_ bytes: [UInt8]) async throws { try await sink(bytes) }
  /// Sends a text as UTF-8.
  public func write(_ text: String) async throws { try await sink(Array(text.utf8)) }
}
