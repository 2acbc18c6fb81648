import Foundation
import MartletCore

/// Writes one line for each request.
struct AccessLog: Sendable {
  private let format: HTTPServerConfiguration.AccessLogFormat
  private let sink: (@Sendable (String) -> Void)?

  init(_ configuration: HTTPServerConfiguration) {
    format = configuration.accessLog
    sink = configuration.accessLogSink
  }

  /// Whether there are lines at all.
  var isOn: Bool { format != .off }

  /// What a line says, but for what is known at the end alone.
  struct Entry: Sendable {
    let start: RequestStart
    let method: String
    let path: String
    let status: Int
    let requestID: String
    let peer: String?
  }
  private struct Ending {
    let microseconds: Int
    let bytes: Int
    let viewer: String?
  }

  func write(_ entry: Entry, bytes: Int, viewer: String?) {
    let microseconds = max(0, Int((ContinuousClock.now - entry.start.instant) / .microseconds(1)))
    let end = Ending(microseconds: microseconds, bytes: bytes, viewer: viewer)
    var line: [UInt8]
    switch format {
    case .off: return
    case .json: line = AccessLog.json(entry, end)
    case .text: line = AccessLog.text(entry, end)
    }
    if let sink { return sink(String(decoding: line, as: UTF8.self)) }
    line.append(UInt8(ascii: "\n"))
    StandardOutput.write(line)
  }

  // MARK: Text

  private static func text(_ entry: Entry, _ end: Ending) -> [UInt8] {
    var line: [UInt8] = []
    line.reserveCapacity(192 + entry.path.utf8.count)
    line.append(contentsOf: TimestampText.rfc3339(microseconds: entry.start.time.microsecondsSince1970).utf8)
    appendWord(entry.method, to: &line)
    appendWord(entry.path, to: &line)
    line.append(UInt8(ascii: " "))
    append(entry.status, to: &line)
    line.append(UInt8(ascii: " "))
    append(end.microseconds / 1000, to: &line)
    line.append(UInt8(ascii: "."))
    let fraction = end.microseconds % 1000
    line.append(48 + UInt8(fraction / 100))
    line.append(48 + UInt8(fraction / 10 % 10))
    line.append(48 + UInt8(fraction % 10))
    line.append(contentsOf: "ms ".utf8)
    append(end.bytes, to: &line)
    line.append(contentsOf: "B ".utf8)
    line.append(contentsOf: entry.requestID.utf8)
    appendWord(end.viewer ?? "-", to: &line)
    appendWord(entry.peer ?? "-", to: &line)
    return line
  }

  private static func append(_ number: Int, to line: inout [UInt8]) {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { buffer in
      var text = DigitText(buffer)
      text.append(number: UInt64(number.magnitude))
      line.append(contentsOf: UnsafeMutableBufferPointer(rebasing: buffer[..<text.count]))
    }
  }

  /// A space and a text. A client chooses its method and path: nothing of them may end a line or look like another field.
  private static func appendWord(_ text: String, to line: inout [UInt8]) {
    line.append(UInt8(ascii: " "))
    // Cut in the middle of a character, the rest becomes U+FFFD.
    var text = text.utf8.count <= 2000 ? text : String(decoding: text.utf8.prefix(2000), as: UTF8.self)
    text.withUTF8 { bytes in
      if bytes.allSatisfy({ $0 > 32 && $0 != 127 }) { return line.append(contentsOf: bytes) }
      for byte in bytes {
        if byte > 32, byte != 127 { line.append(byte) } else { line.append(contentsOf: percentEncoded(byte)) }
      }
    }
  }

  // MARK: JSON

  private static let keys: [JSONKey] = [
    "time", "method", "path", "status", "durationMs", "bytes", "requestId", "viewer", "peer",
  ]

  private static func json(_ entry: Entry, _ end: Ending) -> [UInt8] {
    var json = JSONWriter(capacity: 320 + entry.path.utf8.count)
    json.object { json in
      json.key(keys[0])
      json.timestamp(microseconds: entry.start.time.microsecondsSince1970)
      json.key(keys[1])
      json.string(entry.method)
      json.key(keys[2])
      json.string(entry.path.utf8.count <= 2000 ? entry.path : String(entry.path.prefix(2000)))
      json.key(keys[3])
      json.number(entry.status)
      json.key(keys[4])
      if end.microseconds % 1000 == 0 {
        json.number(end.microseconds / 1000)
      } else {
        json.number(Double(end.microseconds) / 1000)
      }
      json.key(keys[5])
      json.number(end.bytes)
      json.key(keys[6])
      json.string(entry.requestID)
      if let viewer = end.viewer {
        json.key(keys[7])
        json.string(viewer)
      }
      if let peer = entry.peer {
        json.key(keys[8])
        json.string(peer)
      }
    }
    return json.finish()
  }
}

/// The process's standard output, for whole lines.
enum StandardOutput {
  /// One write(2) of a whole line, so that lines of two threads do not mix. Nothing waits in a buffer: a line is out before its
  /// response is, even if the process is killed then.
  static func write(_ line: [UInt8]) {
    line.withUnsafeBytes { bytes in
      var rest = bytes[...]
      while !rest.isEmpty {
        let count = Foundation.write(STDOUT_FILENO, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
        if count > 0 {
          rest = rest.dropFirst(count)
        } else if errno == EAGAIN {
          // Somebody set the terminal or pipe to non-blocking: wait for room.
          var descriptor = pollfd(fd: STDOUT_FILENO, events: Int16(POLLOUT), revents: 0)
          _ = poll(&descriptor, 1, 1000)
        } else if errno != EINTR {
          return
        }
      }
    }
  }
}
