import Synchronization

/// Something to be done once, by whoever comes first.
final class OnceAction: Sendable {
  private let action: Mutex<(@Sendable () async -> Void)?>
  init(_ action: @escaping @Sendable () async -> Void) { self.action = Mutex(action) }

  /// The action, for the first caller alone.
  func take() -> (@Sendable () async -> Void)? {
    action.withLock { action in
      defer { action = nil }
      return action
    }
  }
}
