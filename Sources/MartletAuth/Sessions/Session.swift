public import Foundation
import MartletCore
import Synchronization

/// What a visitor's requests share: values kept in the database under a random key that a cookie carries.
///
/// ```swift
/// let cart = try request.session.get("cart", as: [Int].self) ?? []
/// try request.session.set("cart", cart + [article])
/// ```
/// It is saved after the handler, only if something was set, and only if the response is no server error. A handler that throws
/// saves nothing; a ``flush()`` counts nevertheless.
public final class Session: Sendable {
  struct State {
    /// The key in the cookie; `nil` for a session that is not stored.
    var key: String?
    var data = SessionData()
    var isStored = false
    var isModified = false
    var isAccessed = false
    /// Keys whose rows go when the session is saved under its new key.
    var replaced: [String] = []
    /// Keys whose rows go in any case.
    var flushed: [String] = []
  }
  let keys: SecretKeys
  let timeSource: TimeSource
  let lifetime: Duration
  let state: Mutex<State>

  init(_ state: State, keys: SecretKeys, lifetime: Duration, timeSource: TimeSource) {
    self.state = Mutex(state)
    self.keys = keys
    self.lifetime = lifetime
    self.timeSource = timeSource
  }

  /// The key; `nil` for a session that was never stored.
  public var key: String? { state.withLock { $0.key } }
  /// The names of all values.
  public var names: [String] { read { $0.data.names } }
  /// Whether there are neither values nor a key.
  public var isEmpty: Bool { state.withLock { $0.key == nil && $0.data.isEmpty } }
  /// Whether something was set or removed.
  public var isModified: Bool { state.withLock { $0.isModified } }

  /// A value, or `nil` where there is none of this name and type.
  public func get<Value: Decodable>(_ name: String, as type: Value.Type = Value.self) -> Value? {
    read { $0.data }.get(name, as: type)
  }
  /// Sets a value; `nil` removes it. Names that begin with `_` are Django's and Martlet's own.
  /// - Throws: ``AuthError`` of kind `malformedPayload` where the value has no JSON.
  public func set(_ name: String, _ value: (some Encodable)?) throws {
    let encoded = try value.map { try PayloadValue(encoding: $0) }
    change { state in
      if let encoded { state.data.set(name, encoded) } else { state.data.remove(name) }
    }
  }
  /// Removes a value.
  public func remove(_ name: String) { change { $0.data.remove(name) } }
  /// Removes all values; the key stays.
  public func clear() { change { $0.data = SessionData() } }

  /// Removes all values and the row; what is set afterwards goes under a new key.
  public func flush() {
    change { state in
      if state.isStored, let key = state.key { state.flushed.append(key) }
      state.key = nil
      state.isStored = false
      state.data = SessionData()
    }
  }
  /// Keeps the values under a new key, so that a key that someone else knows becomes worthless. Done by every login.
  public func cycleKey() {
    change { state in
      if state.isStored, let key = state.key { state.replaced.append(key) }
      state.key = nil
      state.isStored = false
    }
  }

  /// How long a session lives.
  public enum Expiry: Sendable, Hashable {
    /// As the middleware's options say.
    case standard
    /// Until the browser closes.
    case atBrowserClose
    /// So long after the last change.
    case after(Duration)
    /// Until then.
    case at(Date)
  }
  /// How long this session lives. Kept in the session itself, as Django does (`_session_expiry`).
  public var expiry: Expiry {
    get {
      if let text = get(LoginKeys.expiry, as: String.self), let moment = TimestampText.parse(text) {
        return .at(Date(microsecondsSince1970: moment))
      }
      guard let seconds = get(LoginKeys.expiry, as: Int64.self) else { return .standard }
      return seconds == 0 ? .atBrowserClose : .after(.seconds(seconds))
    }
    set {
      let value: PayloadValue? =
        switch newValue {
        case .standard: nil
        case .atBrowserClose: .number("0")
        // 0 would mean the end of the browser.
        case .after(let duration): .number(String(max(1, duration.components.seconds)))
        // Python's isoformat.
        case .at(let date): .string(String(TimestampText.rfc3339(microseconds: date.microsecondsSince1970).dropLast()) + "+00:00")
        }
      change { state in
        if let value { state.data.set(LoginKeys.expiry, value) } else { state.data.remove(LoginKeys.expiry) }
      }
    }
  }

  /// From when on the row counts for nothing, and how long the browser keeps the cookie; `nil` until it closes.
  func lifespan() -> (expires: Date, maxAge: Duration?) {
    let now = timeSource.now()
    switch expiry {
    case .standard: return (now.addingTimeInterval(lifetime / .seconds(1)), lifetime)
    case .atBrowserClose: return (now.addingTimeInterval(lifetime / .seconds(1)), nil)
    case .after(let duration): return (now.addingTimeInterval(duration / .seconds(1)), duration)
    case .at(let date): return (date, .seconds(max(0, Int64(date.timeIntervalSince(now)))))
    }
  }

  private func read<Result>(_ body: (State) -> Result) -> Result {
    state.withLock { state in
      state.isAccessed = true
      return body(state)
    }
  }
  private func change(_ body: (inout State) -> Void) {
    state.withLock { state in
      state.isAccessed = true
      state.isModified = true
      body(&state)
    }
  }
}

extension SessionData {
  mutating func set(_ name: String, _ value: PayloadValue) {
    if let i = members.firstIndex(where: { $0.key == name }) {
      members[i].value = value
    } else {
      members.append(.init(key: name, value: value))
    }
  }
}
