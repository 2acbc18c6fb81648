import Foundation
import MartletCore

/// Writes one line for each request.
struct AccessLog: Sendable {
  /// What a line says.
  struct Entry: Sendable {
    var time: Date
    var method: String
    var path: String
    var status: Int
    var duration: Duration
    var bytes: Int
    var requestID: String
    var viewer: String?
    var peer: String?
  }
  let format: HTTPServerConfiguration.AccessLogFormat
  let sink: @Sendable (String) -> Void

  init(_ configuration: HTTPServerConfiguration) {
    format = configuration.accessLog
    sink =
      configuration.accessLogSink ?? { line in
        // One write of a whole line: lines of two threads do not mix.
        try? FileHandle.standardOutput.write(contentsOf: Data((line + "\n").utf8))
      }
  }

  func write(_ entry: Entry) {
    switch format {
    case .off: break
    case .json: sink(AccessLog.json(entry))
    case .text: sink(AccessLog.text(entry))
    }
  }

  private static func milliseconds(_ duration: Duration) -> String {
    let micros = Int(duration / .microseconds(1))
    let fraction = String(micros % 1000)
    return "\(micros / 1000)." + String(repeating: "0", count: 3 - fraction.count) + fraction
  }

  private static func text(_ e: Entry) -> String {
    "\(TimestampText.rfc3339(microseconds: e.time.microsecondsSince1970)) \(clean(e.method)) \(clean(e.path)) \(e.status) "
      + "\(milliseconds(e.duration))ms \(e.bytes)B \(e.requestID) \(clean(e.viewer ?? "-")) \(clean(e.peer ?? "-"))"
  }

  /// A client chooses its method and path: nothing of them may end a line or look like another field.
  private static func clean(_ text: String) -> String {
    String(
      decoding: text.utf8.prefix(2000).flatMap { $0 > 32 && $0 != 127 ? [$0] : percentEncoded($0) }, as: UTF8.self)
  }

  private static func json(_ e: Entry) -> String {
    struct Line: Encodable {
      var time: String, method: String, path: String, status: Int, durationMs: Double, bytes: Int
      var requestId: String, viewer: String?, peer: String?
    }
    let line = Line(
      time: TimestampText.rfc3339(microseconds: e.time.microsecondsSince1970), method: e.method,
      path: String(e.path.prefix(2000)), status: e.status, durationMs: Double(Int(e.duration / .microseconds(1))) / 1000,
      bytes: e.bytes, requestId: e.requestID, viewer: e.viewer, peer: e.peer)
    return (try? JSONCoding.encode(line)).map { String(decoding: $0, as: UTF8.self) } ?? ""
  }
}
