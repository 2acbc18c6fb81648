import Foundation

import Synchronization

@testable import MartletHTTP

#if canImport(Glibc)
  private let stream = Int32(SOCK_STREAM.rawValue)
#else
  private let stream = SOCK_STREAM
#endif

/// A blocking socket with small buffers, for clients that read slowly or break off.
final class RawSocket: @unchecked Sendable {
  // Confined: one test task uses it from beginning to end.
  private let descriptor: Int32

  struct Failure: Error { var code = errno }

  private init(_ port: Int) throws {
    descriptor = socket(AF_INET, stream, 0)
    var size: Int32 = 65_536, timeout = timeval(tv_sec: 30, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    let result = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Foundation.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard result == 0 else { throw Failure() }
  }

  static func connect(_ port: Int, _ use: (RawSocket) async throws -> Void) async throws {
    let socket = try RawSocket(port)
    defer { close(socket.descriptor) }
    try await use(socket)
  }

  func send(_ text: String) throws {
    let bytes = Array(text.utf8)
    guard Foundation.send(descriptor, bytes, bytes.count, 0) == bytes.count else { throw Failure() }
  }
  /// What has arrived, `nil` at the end.
  func readBytes(_ limit: Int) throws -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: limit)
    let count = recv(descriptor, &bytes, limit, 0)
    guard count >= 0 else { throw Failure() }
    return count == 0 ? nil : Array(bytes.prefix(count))
  }
  func read(_ limit: Int) throws -> Int? { try readBytes(limit)?.count }
  /// All that comes until the other side closes or breaks off.
  func readAll() throws -> [UInt8] {
    var all: [UInt8] = []
    while let bytes = try? readBytes(262_144) { all += bytes }
    return all
  }
  /// Says that nothing more comes.
  func finish() { shutdown(descriptor, Int32(SHUT_WR)) }
  /// Makes the close that follows break the connection off.
  func reset() {
    var linger = linger(l_onoff: 1, l_linger: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
  }
}

/// A number that several tasks count up.
final class Tally: Sendable {
  private let value = Mutex(0)
  var count: Int { value.withLock { $0 } }
  func add(_ more: Int) { value.withLock { $0 += more } }
}
