public import Logging

extension Database {
  /// The same database, writing each statement to the log: its SQL, its bindings (secret ones redacted) and its time.
  ///
  /// Statements that fail, or take at least `slow`, are logged as warnings; others at `level`.
  public func logging(to logger: Logger, level: Logger.Level = .debug, slow: Duration = .seconds(1)) -> Database {
    observing { event in
      let isSlow = event.duration >= slow
      let level: Logger.Level = isSlow || event.error != nil ? .warning : level
      guard level >= logger.logLevel else { return }
      let (seconds, attoseconds) = event.duration.components
      let milliseconds = Double(seconds) * 1000 + Double(attoseconds / 1_000_000_000_000) / 1000
      var metadata: Logger.Metadata = ["sql": "\(event.sql)", "ms": "\(milliseconds)", "rows": "\(event.rows)"]
      if !event.bindings.isEmpty { metadata["bindings"] = .array(event.bindings.map { .string($0) }) }
      if let source = event.source { metadata["source"] = "\(source)" }
      if let error = event.error { metadata["error"] = "\(error)" }
      logger.log(
        level: level, isSlow ? "slow statement" : event.error == nil ? "statement" : "failed statement", metadata: metadata)
    }
  }
}
