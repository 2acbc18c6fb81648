import CZlib

/// The zlib format (RFC 1950), as Python's `zlib.compress` and `zlib.decompress`.
enum ZlibStream {
  /// A larger payload is refused: only what carries our own signature is inflated, so this bounds mistakes, not attacks.
  static let limit = 16 << 20

  static func deflate(_ bytes: [UInt8]) throws -> [UInt8] {
    var length = compressBound(uLong(bytes.count))
    var result = [UInt8](repeating: 0, count: Int(length))
    let code = compress2(&result, &length, bytes, uLong(bytes.count), Z_DEFAULT_COMPRESSION)
    guard code == Z_OK else { throw AuthError(.malformedPayload, "zlib could not compress the payload: code \(code)") }
    result.removeLast(result.count - Int(length))
    return result
  }

  static func inflate(_ bytes: [UInt8]) throws -> [UInt8] {
    var capacity = max(1024, bytes.count * 4)
    while capacity <= limit {
      var result = [UInt8](repeating: 0, count: capacity)
      var length = uLong(capacity)
      switch uncompress(&result, &length, bytes, uLong(bytes.count)) {
      case Z_OK:
        result.removeLast(result.count - Int(length))
        return result
      case Z_BUF_ERROR: capacity *= 4
      case let code: throw AuthError(.malformedPayload, "zlib could not decompress the payload: code \(code)")
      }
    }
    throw AuthError(.malformedPayload, "the payload is incomplete or larger than \(limit) bytes")
  }
}
