import Foundation
import MartletTesting

/// A blocking HTTP/1.1 connection, as bare as can be: what is sent, and when, is the test's own business.
final class Wire {
  private let socket: Int32
  private var buffer: [UInt8] = []

  struct Answer {
    var status: Int
    var body: [UInt8]
    /// The header fields as they were sent, a line each.
    var fields: [String] = []
  }

  /// Connects to a port of this machine. Reads give up after half a minute.
  init(port: Int) throws {
    socket = Foundation.socket(AF_INET, Wire.stream, 0)
    guard socket >= 0 else { throw TestFailure("no socket: errno \(errno)") }
    var limit = timeval(tv_sec: 30, tv_usec: 0)
    setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    var address = Wire.local(port)
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
    }
    // Nothing is left to initialise: deinit closes the socket, and a second close could hit another thread's file.
    guard result == 0 else { throw TestFailure("cannot connect to port \(port): errno \(errno)") }
  }

  deinit { close(socket) }

  func send(_ text: String) throws {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Foundation.send(socket, $0.baseAddress, $0.count, Wire.noSignal) }
      guard count > 0 else { throw TestFailure("cannot send: errno \(errno)") }
      rest = rest.dropFirst(count)
    }
  }

  /// The next response of the connection.
  func receive() throws -> Answer {
    let headEnd = try read { buffer in buffer.firstRange(of: Array("\r\n\r\n".utf8))?.upperBound }
    let head = String(decoding: buffer[..<headEnd], as: UTF8.self)
    buffer.removeFirst(headEnd)
    let lines = head.components(separatedBy: "\r\n")
    guard let status = lines.first?.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else {
      throw TestFailure("no status line: \(head)")
    }
    let length =
      lines.first { $0.lowercased().hasPrefix("content-length:") }
      .flatMap { Int($0.dropFirst("content-length:".count).trimmingCharacters(in: .whitespaces)) } ?? 0
    _ = try read { $0.count >= length ? length : nil }
    defer { buffer.removeFirst(length) }
    return Answer(status: status, body: Array(buffer[..<length]), fields: Array(lines.dropFirst()))
  }

  func request(_ method: String, _ path: String, token: String? = nil, json: String? = nil) throws -> Answer {
    try send(Wire.head(method, path, token: token, length: json?.utf8.count) + (json ?? ""))
    return try receive()
  }

  /// The head of a request.
  static func head(
    _ method: String, _ path: String, token: String? = nil, length: Int? = nil, fields: [String] = []
  ) -> String {
    "\(method) \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\n" + fields.map { $0 + "\r\n" }.joined()
      + (token.map { "Authorization: Token \($0)\r\n" } ?? "")
      + (length.map { "Content-Type: application/json\r\nContent-Length: \($0)\r\n" } ?? "") + "\r\n"
  }

  /// A port that nobody listens on.
  static func freePort() throws -> Int {
    let probe = Foundation.socket(AF_INET, stream, 0)
    defer { close(probe) }
    var address = local(0), length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let port: Int? = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        bind(probe, pointer, length) == 0 && getsockname(probe, pointer, &length) == 0
      } ? Int(UInt16(bigEndian: $0.pointee.sin_port)) : nil
    }
    guard let port else { throw TestFailure("no free port: errno \(errno)") }
    return port
  }

  private func read(_ isEnough: ([UInt8]) -> Int?) throws -> Int {
    while true {
      if let count = isEnough(buffer) { return count }
      var chunk = [UInt8](repeating: 0, count: 65_536)
      let count = recv(socket, &chunk, chunk.count, 0)
      guard count > 0 else { throw TestFailure("the connection ended before the answer was whole: \(count), errno \(errno)") }
      buffer += chunk[..<count]
    }
  }

  private static func local(_ port: Int) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    return address
  }

  #if os(Linux)
    private static let stream = Int32(SOCK_STREAM.rawValue)
    private static let noSignal = Int32(MSG_NOSIGNAL)
  #else
    private static let stream = SOCK_STREAM
    private static let noSignal: Int32 = 0
  #endif
}
