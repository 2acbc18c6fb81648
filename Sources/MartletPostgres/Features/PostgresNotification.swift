/// What one session said with NOTIFY and another heard with LISTEN.
public struct PostgresNotification: Sendable, Hashable {
  /// The channel it was sent on.
  public var channel: String
  /// What was said; empty where nothing was.
  public var payload: String
  /// The server process of the session that sent it.
  public var processID: Int32

  /// A notification.
  public init(channel: String, payload: String, processID: Int32) {
    self.channel = channel
    self.payload = payload
    self.processID = processID
  }
}
