import MartletCore
import Synchronization

/// What outlives the copies of a request until its response is sent.
final class RequestLifetime: Sendable {
  private struct State {
    var viewer: String?
    var route: RouteNode.Entry?
    var cleanups: [@Sendable () -> Void] = []
  }
  private let state = Mutex(State())

  func noteViewer(_ viewer: Viewer) {
    let name = viewer.id.map { viewer.name ?? $0.description }
    state.withLock { $0.viewer = name }
  }
  var viewer: String? { state.withLock { $0.viewer } }
  func noteRoute(_ route: RouteNode.Entry) { state.withLock { $0.route = route } }
  /// Where the route that answers was declared.
  var route: RouteSource? { state.withLock { $0.route?.source } }

  deinit {
    // A response that was never sent leaves nothing behind either.
    end()
  }

  /// Calls `action` when the response is sent or given up.
  func atEnd(_ action: @escaping @Sendable () -> Void) { state.withLock { $0.cleanups.append(action) } }
  func end() {
    let actions: [@Sendable () -> Void] = state.withLock { state in
      if state.cleanups.isEmpty { return [] }
      defer { state.cleanups = [] }
      return state.cleanups
    }
    for action in actions { action() }
  }
}
