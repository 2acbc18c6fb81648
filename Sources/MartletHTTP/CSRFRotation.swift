public import MartletCore

/// The slot that holds the way to rotate the request's CSRF token: CSRF protection puts it there, a login calls it.
///
/// A token from before the login must not serve after it, or whoever planted it could forge requests of the user.
public enum CSRFRotation: ContextKey {
  /// Gives the response a new token.
  public typealias Value = @Sendable () -> Void
}
