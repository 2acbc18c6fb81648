import CZlib
import Synchronization

/// A gzip stream: RFC 1952, by zlib.
final class Gzip: Sendable {
  // zlib keeps a pointer to its `z_stream`, so it lives at one address; the lock holds every call.
  private struct Stream: @unchecked Sendable { let pointer: UnsafeMutablePointer<z_stream> }
  private let stream: Mutex<Stream>

  /// - Parameter level: 1 (fast) to 9 (small).
  init(level: Int) throws {
    let pointer = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    pointer.initialize(to: z_stream())
    // 15 bits of window, and 16 for gzip's wrapper in place of zlib's.
    let code = deflateInit2_(
      pointer, Int32(min(max(level, 1), 9)), Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
      Int32(MemoryLayout<z_stream>.size))
    guard code == Z_OK else {
      pointer.deallocate()
      throw HTTPError(.internalError, "zlib could not begin: code \(code).")
    }
    stream = Mutex(Stream(pointer: pointer))
  }
  deinit {
    stream.withLock { stream in
      _ = deflateEnd(stream.pointer)
      stream.pointer.deallocate()
    }
  }

  /// What goes on the wire for these bytes. Everything up to here can be unpacked by the client: a
  /// streamed response shall not wait in a window.
  func compress(_ bytes: [UInt8]) throws -> [UInt8] { try run(bytes, Z_SYNC_FLUSH) }
  /// What ends the stream, after these last bytes.
  func finish(_ bytes: [UInt8] = []) throws -> [UInt8] { try run(bytes, Z_FINISH) }

  private func run(_ input: [UInt8], _ flush: Int32) throws -> [UInt8] {
    try stream.withLock { stream in
      let z = stream.pointer
      var input = input, output: [UInt8] = []
      try input.withUnsafeMutableBufferPointer { source in
        z.pointee.next_in = source.baseAddress
        z.pointee.avail_in = UInt32(source.count)
        repeat {
          let room = max(256, Int(deflateBound(z, UInt(z.pointee.avail_in))))
          let chunk = try [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
            z.pointee.next_out = buffer.baseAddress
            z.pointee.avail_out = UInt32(room)
            let code = deflate(z, flush)
            // Z_BUF_ERROR says only that nothing was left to do.
            guard code == Z_OK || code == Z_STREAM_END || code == Z_BUF_ERROR else {
              throw HTTPError(.internalError, "zlib could not go on: code \(code).")
            }
            count = room - Int(z.pointee.avail_out)
          }
          output.append(contentsOf: chunk)
        } while z.pointee.avail_out == 0
        z.pointee.next_in = nil
      }
      return output
    }
  }
}
