public import Foundation
public import Logging
public import MartletCore

/// Writes the log as one line an entry: readable text, or JSON for collectors.
///
/// Each line is one write to standard error, so that the lines of two threads do not mix.
public struct LogOutput: LogHandler {
  /// The least important level that is written.
  public var logLevel: Logger.Level
  /// Facts that every line carries.
  public var metadata: Logger.Metadata = [:]
  private let label: String
  private let format: LogFormat
  private let timeSource: TimeSource
  private let sink: @Sendable (String) -> Void

  /// A handler for the logger called `label`.
  public init(
    label: String, format: LogFormat, level: Logger.Level, timeSource: TimeSource = .system,
    sink: @escaping @Sendable (String) -> Void = { try? FileHandle.standardError.write(contentsOf: Data(($0 + "\n").utf8)) }
  ) {
    self.label = label
    self.format = format
    logLevel = level
    self.timeSource = timeSource
    self.sink = sink
  }

  /// One fact that every line carries.
  public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  /// Writes an entry.
  public func log(event: LogEvent) {
    var facts = metadata
    if let own = event.metadata { facts.merge(own) { $1 } }
    if let error = event.error { facts["error"] = .string(String(reflecting: error)) }
    let sorted = facts.sorted { $0.key < $1.key }
    sink(format == .json ? json(event, sorted) : text(event, sorted))
  }

  private var now: Int64 { timeSource.now().microsecondsSince1970 }

  private func text(_ event: LogEvent, _ facts: [(key: String, value: Logger.MetadataValue)]) -> String {
    let level = event.level.rawValue.padding(toLength: 8, withPad: " ", startingAt: 0)
    let tail = facts.map { " \($0.key)=\(LogOutput.oneLine("\($0.value)"))" }.joined()
    return "\(TimestampText.rfc3339(microseconds: now)) \(level) \(label): \(LogOutput.oneLine(event.message.description))\(tail)"
  }

  private func json(_ event: LogEvent, _ facts: [(key: String, value: Logger.MetadataValue)]) -> String {
    var json = JSONWriter()
    json.object {
      $0.key("time")
      $0.timestamp(microseconds: now)
      $0.key("level")
      $0.string(event.level.rawValue)
      $0.key("logger")
      $0.string(label)
      $0.key("message")
      $0.string(event.message.description)
      for (key, value) in facts {
        $0.key(key)
        LogOutput.write(value, to: &$0)
      }
    }
    return json.text
  }

  private static func write(_ value: Logger.MetadataValue, to json: inout JSONWriter) {
    switch value {
    case .string(let text): json.string(text)
    case .stringConvertible(let value): json.string(value.description)
    case .array(let values): json.array { for value in values { write(value, to: &$0) } }
    case .dictionary(let facts):
      json.object {
        for (key, value) in facts.sorted(by: { $0.key < $1.key }) {
          $0.key(key)
          write(value, to: &$0)
        }
      }
    }
  }

  /// What a client sent must not begin a line of its own.
  private static func oneLine(_ text: String) -> String {
    guard text.contains(where: \.isNewline) else { return text }
    return text.split(whereSeparator: \.isNewline).joined(separator: "\\n")
  }
}
